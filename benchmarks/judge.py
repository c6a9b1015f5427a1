"""Score the judge out of its parts: `python -m benchmarks.judge [--kept FOLDER] [--plot FILE]`.

Reads what `python -m training cross --fold N` has kept and prints, cross-fitted by part and never of the hold-out: F1
by type and with the drug, decisions, calibration, what each group of features is worth, how many of each critical type
are found. Twice: without a pack, and with one that follows every medicine that labels name.

`--holdout` scores what ships on the part on which nothing was fitted nor chosen. Who changes anything by what that
prints has spent the part: another one must be labelled first. `--items FILE` scores it on labelled items of a file: of
rare types the parts have too few, and `benchmarks/items/rare.jsonl` twenty of each.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from monitor.reading.prose.judge import Judge, judge
from monitor.reading.prose.objections import is_dropped
from monitor.reading.prose.second_look import looked_again, share
from monitor.vocabulary.event_types import TYPES
from training.ablation import ablation, told_without_rules
from training.any_news import held_by, whole_texts
from training.cases import (
    NO_PART,
    Case,
    Text,
    cases_of,
    followed,
    holdout_rows,
    labelled_rows,
    names_followed,
    own_texts,
    seen_as_shipped,
    texts_of,
)
from training.figures import calibration, f1, plot
from training.items import elsewhere_items, pool_items, real_items, rows
from training.judge import (
    Flags,
    Floats,
    Readings,
    as_decided,
    crossed,
    crossed_whole,
    models,
    shares,
    table_of,
    thresholds,
)
from training.out_of_part import FOLDER


def part_of(some: set[int], of: set[int]) -> float:
    """What part of these items is among the others."""
    return len(some & of) / max(len(of), 1)


def decisions(texts: Sequence[Text], cases: Sequence[Case], chosen: Flags, released: Flags, kept: Flags) -> str:
    """What is released, held and left."""
    item, right, kin, kind = (
        np.array([getattr(case, name) for case in cases]) for name in ("item", "right", "kin", "news")
    )
    loud = np.array([TYPES[case.one.type].level in ("critical", "major") for case in cases])
    go = released & chosen
    here = set(range(len(texts)))
    told = {n for n in here if texts[n].row["expected"]}
    quiet, named = here - told, {n for n in here if texts[n].views.drugs}
    mine = {n for n in here if names_followed(texts[n].views)}
    held = set(item[kept & chosen]) - set(item[go])  # a tolerated reading is none to blame
    silent = told - set(item[kept])
    return (
        f"released {go.sum()}: right by type {kind[go].mean():.3f}, with drug {right[go].mean():.3f} ("
        f"whichever way of one yes {kin[go].mean():.3f}); of items with "
        f"news released {part_of(set(item[go]), told):.3f}, neither {part_of(silent, told):.3f} ("
        f"naming a followed medicine {part_of(silent & mine, told & mine):.3f}); of items "
        f"without: held {part_of(held, quiet):.3f} (naming a drug {part_of(held, quiet & named):.3f}), "
        f"critical or major released {part_of(set(item[go & loud]), quiet):.4f}"
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """Texts with their cases, and of each case whether it is news and whether its medicine is right, how probably;
    whether it is released, and whether it is that or held."""

    texts: Sequence[Text]
    cases: Sequence[Case]
    news: Floats
    subject: Floats
    released: Flags
    kept: Flags

    def of(self, items: Sequence[int]) -> "Judged":
        """Those of the texts of these numbers."""
        place = {item: number for number, item in enumerate(items)}
        mine = [n for n, case in enumerate(self.cases) if case.item in place]
        cases = [replace(self.cases[n], item=place[self.cases[n].item]) for n in mine]
        looks = (self.news[mine], self.subject[mine], self.released[mine], self.kept[mine])
        return Judged([self.texts[item] for item in items], cases, *looks)


def report(name: str, one: Judged) -> None:
    """The figures of some texts."""
    table, wanted = table_of(one.cases), sum(len({e["type"] for e in text.row["expected"]}) for text in one.texts)
    counts, both = table.counts, one.news * one.subject
    error, area = calibration(one.news[counts], table.news[counts])
    drug_error, drug_area = calibration(both[counts], table.right[counts])
    by_type, with_drug = (f1(one.news, right, counts, wanted) for right in (table.news, table.right))
    print(f"{name}: {len(one.texts)} texts, type F1 {by_type}, with drug {with_drug}")
    print(f"  confidence: calibration error {error:.3f}, AUC {area:.3f}; with drug {drug_error:.3f}, {drug_area:.3f}")
    print("  " + decisions(one.texts, one.cases, counts, one.released, one.kept))


def released_by(cases: Sequence[Case], both: Floats, chosen: Mapping[str, Mapping[str, Mapping[str, float]]]) -> Flags:
    """Which cases the thresholds release."""
    known = np.array([case.one.followed for case in cases])
    readings = Readings.of(cases, both)
    followed, others = (readings.released(chosen["release"][name]) for name in ("followed", "any"))
    released: Flags = np.where(known, followed, others)
    return released


def kept_by(texts: Sequence[Text], cases: Sequence[Case], news: Floats, held: Flags, released: Flags) -> Flags:
    """Which cases are released or held."""
    stands = np.array([case.stands for case in cases])
    dropped = np.array(
        [
            case.why is not None and is_dropped(case.why, case.one, own, texts[case.item].views)
            for case, own in zip(cases, news, strict=True)
        ]
    )
    kept: Flags = released | ((held | stands) & ~dropped)
    return kept


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.judge", description=__doc__.splitlines()[0])
    parser.add_argument("--kept", type=Path, default=FOLDER)
    parser.add_argument("--plot", type=Path, default=Path("reliability.svg"))
    parser.add_argument("--holdout", action="store_true", help="score what ships on the hold-out instead, once")
    parser.add_argument("--items", type=Path, help="score what ships on these labelled items instead")
    options = parser.parse_args()
    if options.holdout or options.items:
        of_what_ships(list(rows(options.items)) if options.items else holdout_rows())
        return
    plain, pack = texts_of(options.kept), texts_of(options.kept, followed(labelled_rows()))
    score(plain, pack, own_texts(options.kept), options.plot)


def score(plain: list[Text], pack: list[Text], own: list[Text], path: Path) -> None:
    """Everything that is printed."""
    texts = [*plain, *pack, *own]
    cases = cases_of(texts)
    table = table_of(cases)
    news, subject = crossed(table)
    whole, of_text = crossed_whole(texts, cases, news)
    chosen = thresholds(texts, cases, (news, subject), (whole, of_text))
    print(f"thresholds {chosen}; weights {[len(model) for model in models(table, whole).values()]}")
    released = released_by(cases, as_decided(cases, news) * subject, chosen)
    held = held_by(cases, whole, as_decided(cases, news), of_text, chosen["hold"])
    kept = kept_by(texts, cases, news, held, released)
    every = Judged(texts, cases, news, subject, released, kept)
    real = real_items()
    shared = [*real, *pool_items()]
    samples = {"real.jsonl": real, "real.jsonl and the pool": shared, "elsewhere": elsewhere_items()}
    for name, some, first in (("no pack", plain, 0), ("all followed", pack, len(plain))):
        report(name, every.of(range(first, first + len(some))))
        for sample, items in samples.items():
            ids = {item.id for item in items}
            if alone := [first + n for n, text in enumerate(some) if text.row["id"] in ids]:
                report(f"{name}, {sample} alone", every.of(alone))
    plot(news[table.counts & (table.item < len(plain))], table.news[table.counts & (table.item < len(plain))], path)
    critical(plain, cases, kept)
    ablation(plain, cases)
    told_without_rules(len(plain), texts, cases)


def of_what_ships(labelled: Sequence[Mapping[str, Any]]) -> None:
    """The figures of the encoder and the judge that ship, on labelled items."""
    print(f"{len(labelled)} items, {sum(bool(row['expected']) for row in labelled)} with news")
    every = followed(labelled_rows() | {row["id"]: row for row in labelled})
    for name, therapies in (("no pack", None), ("all followed", every)):
        shipped(name, [Text(NO_PART, row, seen_as_shipped(row, therapies)) for row in labelled])


def shipped(name: str, texts: list[Text]) -> None:
    """The figures of the judge that ships, on texts as the readers that ship see them."""
    made, cases = judge(), cases_of(texts)
    news, subject = looks_of(made, cases), np.array([share(made.subject, case.features) for case in cases])
    released = released_by(cases, as_decided(cases, news) * subject, {"release": made.release})
    whole = whole_texts(texts, cases, news)
    of_text = shares(whole.values, np.array([made.text.get(name, 0.0) for name in whole.names]))
    held = held_by(cases, whole, as_decided(cases, news), of_text, made.hold)
    kept = kept_by(texts, cases, news, held, released)
    report(name, Judged(texts, cases, news, subject, released, kept))
    critical(texts, cases, kept)


def looks_of(made: Judge, cases: Sequence[Case]) -> Floats:
    """What the judge that ships makes of each case, beside the others of its text."""
    news = np.zeros(len(cases))
    for item in dict.fromkeys(case.item for case in cases):
        numbers = [n for n, case in enumerate(cases) if case.item == item]
        some = [cases[n] for n in numbers]
        seen = looked_again([case.one for case in some], [case.features for case in some], made.news)
        news[numbers] = [made.likely(features) for features in seen]
    return news


def critical(texts: Sequence[Text], cases: Sequence[Case], kept: Flags) -> None:
    """Of each critical type how many items are released or held as that type, and as anything."""
    as_type = {(case.item, case.one.type) for case, yes in zip(cases, kept, strict=True) if yes}
    seen = {item for item, _ in as_type}
    for name, spec in TYPES.items():
        items = [n for n, text in enumerate(texts) if any(e["type"] == name for e in text.row["expected"])]
        if spec.level == "critical" and items:
            found, some = sum((n, name) in as_type for n in items), sum(n in seen for n in items)
            shares = f"found {found / len(items):.2f}, held as anything {some / len(items):.2f}"
            print(f"  critical {name:22} {len(items):4} items, {shares}")


if __name__ == "__main__":
    main()
