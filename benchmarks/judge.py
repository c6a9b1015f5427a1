"""Score the judge out of its parts: `python -m benchmarks.judge [--kept FOLDER] [--plot FILE]`.

Reads what `python -m training cross --fold N` has kept and prints, cross-fitted by part and never of the hold-out: F1
by type and with the drug, decisions, calibration, what each group of features is worth, how many of each critical type
are found. Twice: without a pack, and with one that follows every medicine that labels name.

`--holdout` scores what ships on the part on which nothing was fitted nor chosen. Who changes anything by what that
prints has spent the part: another one must be labelled first.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from monitor.reading.prose.judge import judge
from monitor.reading.prose.judge import share as judged
from monitor.vocabulary.event_types import TYPES
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
from training.judge import Flags, Floats, Readings, as_decided, crossed, models, table_of, thresholds
from training.out_of_part import FOLDER

ANSWER = 0.5
BINS = 10
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


def f1(p: Floats, right: Flags, counts: Flags, wanted: int, least: float = ANSWER) -> str:
    """Micro-F1 of the readings above a probability, with precision and recall."""
    got = (p >= least) & counts
    hits = int((got & right).sum())
    return f"{2 * hits / (got.sum() + wanted):.3f} (P {hits / max(got.sum(), 1):.3f} R {hits / wanted:.3f})"


def calibration(p: Floats, right: Flags) -> tuple[float, float]:
    """Expected calibration error over ten bins, and the area under the curve."""
    error = 0.0
    for n in range(BINS):
        some = (p >= n / BINS) & ((p < (n + 1) / BINS) | (n == BINS - 1))
        if some.any():
            error += abs(p[some].sum() - right[some].sum()) / len(p)
    yes, no = p[right], p[~right]
    above = np.searchsorted(np.sort(no), yes, "left") + np.searchsorted(np.sort(no), yes, "right")
    return error, float(above.sum() / 2 / len(yes) / len(no))


def plot(p: Floats, right: Flags, path: Path) -> None:
    """A reliability plot: of readings at each probability, how many are right."""
    dots = []
    for n in range(BINS):
        some = (p >= n / BINS) & ((p < (n + 1) / BINS) | (n == BINS - 1))
        if some.any():
            x, y, size = 40 + 300 * p[some].mean(), 340 - 300 * right[some].mean(), 3 + np.sqrt(some.sum()) / 4
            note = f"stated {p[some].mean():.2f}, right {right[some].mean():.2f}, {some.sum()} readings"
            dots.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}"><title>{note}</title></circle>')
    frame = '<rect x="40" y="40" width="300" height="300" fill="none" stroke="#888"/>'
    line = '<line x1="40" y1="340" x2="340" y2="40" stroke="#888" stroke-dasharray="4"/>'
    words = '<text x="120" y="370">stated probability</text><text x="40" y="30">share that is right</text>'
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="380" height="390" font-family="sans-serif" font-size="13">'
    path.write_text("\n".join([head, frame, line, *dots, words, "</svg>", ""]), encoding="utf-8")


def share(some: set[int], of: set[int]) -> float:
    """What part of these items is among the others."""
    return len(some & of) / max(len(of), 1)


def decisions(
    texts: Sequence[Text], cases: Sequence[Case], chosen: Flags, news: Floats, released: Flags, hold: Floats
) -> str:
    """What is released, held and left."""
    item, right, kin, kind = (
        np.array([getattr(case, name) for case in cases]) for name in ("item", "right", "kin", "news")
    )
    loud = np.array([TYPES[case.one.type].level in ("critical", "major") for case in cases])
    go = released & chosen
    kept = go | (chosen & ((news >= hold) | np.array([case.stands for case in cases])))
    here = set(range(len(texts)))
    told = {n for n in here if texts[n].row["expected"]}
    quiet, named = here - told, {n for n in here if texts[n].views.drugs}
    mine = {n for n in here if names_followed(texts[n].views)}
    held = set(item[kept]) - set(item[go])
    return (
        f"released {go.sum()}: right by type {kind[go].mean():.3f}, with drug {right[go].mean():.3f} ("
        f"whichever way of one yes {kin[go].mean():.3f}); of items with "
        f"news released {share(set(item[go]), told):.3f}, neither {share(told - set(item[kept]), told):.3f} ("
        f"naming a followed medicine {share((told & mine) - set(item[kept]), told & mine):.3f}); of items "
        f"without: held {share(held, quiet):.3f} (naming a drug {share(held, quiet & named):.3f}), "
        f"critical or major released {share(set(item[go & loud]), quiet):.4f}"
    )


def report(
    name: str, texts: Sequence[Text], cases: Sequence[Case], both_ways: tuple[Floats, Floats], first: int
) -> None:
    """The figures of one reading of the texts; `first` is the number of its first text."""
    news, subject = both_ways
    last = first + len(texts)
    mine = np.array([first <= case.item < last for case in cases])
    table = table_of(cases)
    counts, wanted = table.counts & mine, sum(len({e["type"] for e in text.row["expected"]}) for text in texts)
    error, area = calibration(news[counts], table.news[counts])
    drug_error, drug_area = calibration((news * subject)[counts], table.right[counts])
    print(f"{name}: type F1 {f1(news, table.news, counts, wanted)}, with drug {f1(news, table.right, counts, wanted)}")
    print(f"  confidence: calibration error {error:.3f}, AUC {area:.3f}; with drug {drug_error:.3f}, {drug_area:.3f}")


def released_by(cases: Sequence[Case], both: Floats, chosen: Mapping[str, Mapping[str, Mapping[str, float]]]) -> Flags:
    """Which cases the thresholds release."""
    known = np.array([any(therapy for _, therapy in case.one.subjects) for case in cases])
    readings = Readings.of(cases, both)
    followed, others = (readings.released(chosen["release"][name]) for name in ("followed", "any"))
    released: Flags = np.where(known, followed, others)
    return released


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.judge", description=__doc__.splitlines()[0])
    parser.add_argument("--kept", type=Path, default=FOLDER)
    parser.add_argument("--plot", type=Path, default=Path("reliability.svg"))
    parser.add_argument("--holdout", action="store_true", help="score what ships on the hold-out instead, once")
    options = parser.parse_args()
    if options.holdout:
        hold_out()
        return
    plain, pack = texts_of(options.kept), texts_of(options.kept, followed(labelled_rows()))
    score(plain, pack, own_texts(options.kept), options.plot)


def score(plain: list[Text], pack: list[Text], own: list[Text], path: Path) -> None:
    """Everything that is printed."""
    texts = [*plain, *pack, *own]
    cases = cases_of(texts)
    table = table_of(cases)
    news, subject = crossed(table)
    chosen = thresholds(texts, cases, news, subject)
    print(f"thresholds {chosen}; weights {[len(model) for model in models(table).values()]}")
    released = released_by(cases, as_decided(cases, news) * subject, chosen)
    hold = np.array([chosen["hold"]["followed" if any(t for _, t in c.one.subjects) else "any"] for c in cases])
    for name, some, first in (("no pack", plain, 0), ("all followed", pack, len(plain))):
        report(name, some, cases, (news, subject), first)
        mine = table.counts & (table.item >= first) & (table.item < first + len(some))
        shown = [Text(text.part, text.row, text.views) for text in some]
        part = [n for n in range(len(cases)) if first <= cases[n].item < first + len(some)]
        moved = [replace(cases[n], item=cases[n].item - first) for n in part]
        print("  " + decisions(shown, moved, mine[part], news[part], released[part], hold[part]))
    plot(news[table.counts & (table.item < len(plain))], table.news[table.counts & (table.item < len(plain))], path)
    critical(plain, cases, released | (table.counts & ((news >= hold) | np.array([case.stands for case in cases]))))
    ablation(plain, cases)


def hold_out() -> None:
    """The figures of the encoder and the judge that ship, on the hold-out."""
    labelled, rows, made = labelled_rows(), holdout_rows(), judge()
    print(f"{len(rows)} items of the hold-out, {sum(bool(row['expected']) for row in rows)} with news")
    for name, therapies in (("no pack", None), ("all followed", followed(labelled))):
        texts = [Text(NO_PART, row, seen_as_shipped(row, therapies)) for row in rows]
        cases = cases_of(texts)
        news = np.array([judged(made.news, case.features) for case in cases])
        both = news * np.array([judged(made.subject, case.features) for case in cases])
        counts = np.array([case.counts for case in cases])
        released = released_by(cases, as_decided(cases, news) * both / news, {"release": made.release})
        hold = np.array([made.hold["followed" if any(t for _, t in c.one.subjects) else "any"] for c in cases])
        report(name, texts, cases, (news, both / news), 0)
        print("  " + decisions(texts, cases, counts, news, released, hold))
        critical(texts, cases, released | (counts & ((news >= hold) | np.array([case.stands for case in cases]))))


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


if __name__ == "__main__":
    main()
