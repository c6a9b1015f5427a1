"""What each part of the reader of prose is worth: F1 by type of each reader alone, and of the judge without each group
of features, and how much of the news is told at once without the rules. `python -m benchmarks.judge` prints it."""

from collections.abc import Sequence

import numpy as np

from training.cases import NO_PART, Case, Text
from training.figures import calibration, f1
from training.judge import RIGHT, Flags, Floats, Readings, crossed, table_of

GROUPS = {
    "encoder": ("encoder_", "agree"),
    "rules": ("rule_", "meant_", "agree"),
    "counts": ("counted_",),
    "drug": ("drug_",),
    "words": ("words_",),
    "text": ("text_",),
    "history": ("history_",),
    "type": ("type_", "level_"),
}
"""Groups of features by the beginning of their names."""
ALONE = np.arange(0.5, 1.0, 0.005)
"""Thresholds that are tried where the encoder alone tells."""


def ablation(plain: Sequence[Text], cases: Sequence[Case]) -> None:
    """F1 by type of each reader alone, and of the judge without each group of features; no pack."""
    wanted = sum(len({e["type"] for e in text.row["expected"]}) for text in plain)
    whole = table_of(cases)
    mine = whole.counts & (whole.item < len(plain))
    alone = {
        "rules alone": np.array([float("rule_done" in case.features) for case in cases]),
        "encoder alone": np.array([1 / (1 + np.exp(-case.features.get("encoder_best", -9.0))) for case in cases]),
    }
    for name, p in alone.items():
        print(f"  {name:18} {f1(p, whole.news, mine, wanted)}, with drug {f1(p, whole.right, mine, wanted)}")
    for name, group in {"judge": (), **{f"without {n}": g for n, g in GROUPS.items()}}.items():
        table = table_of(cases, group)
        news, _ = crossed(table)
        print(
            f"  {name:18} {f1(news, table.news, mine, wanted)}, AUC {calibration(news[mine], table.news[mine])[1]:.3f}"
        )


def told_without_rules(plain: int, texts: Sequence[Text], cases: Sequence[Case]) -> None:
    """How much of the news is told at once where no rule is asked, neither as a feature nor beside the encoder: as
    rightly as what ships tells it. The first `plain` texts are without a pack, as many after them with one."""
    news, subject = crossed(table_of(cases, GROUPS["rules"]))
    both, item = news * subject, np.array([case.item for case in cases])
    known, free = np.array([case.one.followed for case in cases]), Readings.of(cases, both).free
    scored = free & np.array([case.counts and case.part != NO_PART for case in cases])
    least = {
        name: least_alone(cases, both, scored & some, RIGHT[name])
        for name, some in (("followed", known), ("any", ~known))
    }
    told = scored & (both >= np.where(known, least["followed"], least["any"]))
    right = np.array([case.right for case in cases])
    for name, first in (("no pack", 0), ("all followed", plain)):
        here = {n for n in range(first, first + plain) if texts[n].row["expected"]}
        go = told & (item >= first) & (item < first + plain)
        share, rightly = len(here & set(item[go])) / len(here), right[go].mean()
        print(f"  without rules, {name}: {go.sum()} released, {rightly:.3f} right, of items with news {share:.3f}")


def least_alone(cases: Sequence[Case], both: Floats, some: Flags, aims: tuple[float, float]) -> float:
    """From which probability on enough of these readings are right, by the way of a yes and whichever it is."""
    ways = [np.array([getattr(case, name) for case in cases]) for name in ("right", "kin")]
    for least in ALONE:
        go = some & (both >= least)
        if go.any() and all(yes[go].mean() >= aim for yes, aim in zip(ways, aims, strict=True)):
            return float(least)
    return 1.0
