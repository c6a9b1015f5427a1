"""Score the encoder out of its folds: `python -m benchmarks.reader [--kept FOLDER] [--rules] [--threshold T]`.

Reads what `python -m training cross --fold N` has kept (probabilities by sentence, never texts) and prints, for the
real items of each part that is there: precision, recall and F1 by type, items with news read as nothing, false alerts,
a table by type, and how far a stated probability is from the truth. The threshold is the one that is best on the other
parts. The drug of a reading is not scored here: that is for the judge to say. Nor is the hold-out.
"""

import argparse
import json
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from monitor.reading.prose.classified import classify_line
from monitor.vocabulary.event_types import TYPES
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.therapies import Therapies
from training.folds import PARTS
from training.items import ROOT, SHARED, Labelled, pool_items, real_items
from training.out_of_part import FOLDER, values_kept

THRESHOLDS = tuple(round(0.2 + 0.05 * n, 2) for n in range(11))
BINS = 10


@dataclass(frozen=True, slots=True)
class Part:
    """The items of a part, and for each the highest probability of each type."""

    items: list[Labelled]
    highest: NDArray[np.float32]


def part_at(path: Path, items: dict[str, Labelled]) -> Part:
    """What was kept of a part; of the items only the real ones. Raises ValueError where it knows other types."""
    types, kept = values_kept(path)
    if types != tuple(TYPES):
        raise ValueError(f"{path}: expected the types of today in their order, found others; fit it anew")
    found = [(items[id_], some.values.max(0)) for id_, some in kept if id_ in items]
    real = [(item, value) for item, value in found if item.origin == "real"]
    return Part([item for item, _ in real], np.array([value for _, value in real]))


def said(part: Part, threshold: float) -> list[set[str]]:
    """The types read in each item; tolerated ones left out."""
    names = list(TYPES)
    return [
        {names[n] for n in np.flatnonzero(value > threshold)} - item.accept
        for item, value in zip(part.items, part.highest, strict=True)
    ]


def line(items: Sequence[Labelled], read: Sequence[set[str]]) -> str:
    """The figures of some items in one line."""
    right = sum(len(got & item.types) for item, got in zip(items, read, strict=True))
    found, wanted = sum(map(len, read)), sum(len(item.types) for item in items)
    news = [got for item, got in zip(items, read, strict=True) if item.types]
    quiet = [got for item, got in zip(items, read, strict=True) if not item.types]
    alerts = [got for got in quiet if any(TYPES[name].level in ("critical", "major") for name in got)]
    return (
        f"items {len(items):5}  P {right / max(found, 1):.3f}  R {right / max(wanted, 1):.3f}  "
        f"F1 {2 * right / max(found + wanted, 1):.3f}  silent {sum(not got for got in news) / max(len(news), 1):.3f}  "
        f"false alerts {sum(map(bool, quiet)) / max(len(quiet), 1):.3f} "
        f"(critical or major {len(alerts) / max(len(quiet), 1):.3f})"
    )


def f1(part: Part, threshold: float) -> float:
    """Micro-F1 by type."""
    read = said(part, threshold)
    right = sum(len(got & item.types) for item, got in zip(part.items, read, strict=True))
    return 2 * right / max(sum(map(len, read)) + sum(len(item.types) for item in part.items), 1)


def calibration(parts: Sequence[Part]) -> str:
    """How far a probability of a reading is from how often such readings are right, over those above 0.2."""
    pairs = [
        (float(p), name in item.types)
        for part in parts
        for item, value in zip(part.items, part.highest, strict=True)
        for name, p in zip(TYPES, value, strict=True)
        if p > THRESHOLDS[0] and name not in item.accept
    ]
    error = 0.0
    for n in range(BINS):
        some = [(p, ok) for p, ok in pairs if n / BINS <= p < (n + 1) / BINS]
        if some:
            error += abs(sum(p for p, _ in some) - sum(ok for _, ok in some)) / len(pairs)
    yes, no = (np.array([p for p, ok in pairs if ok is side]) for side in (True, False))
    auc = float((yes[:, None] > no).mean() + 0.5 * (yes[:, None] == no).mean())
    return f"readings above {THRESHOLDS[0]}: {len(pairs)}, expected calibration error {error:.3f}, AUC {auc:.3f}"


def main() -> None:
    """Print the figures of the parts that are there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kept", type=Path, default=FOLDER)
    parser.add_argument("--rules", action="store_true", help="score the rules on the same items")
    parser.add_argument("--threshold", type=float, help="one for all parts, instead of the best on the others")
    options = parser.parse_args()
    items = {item.id: item for item in (*real_items(), *pool_items())}
    files = {n: options.kept / f"fold_{n}.npz" for n in range(PARTS)}
    parts = {n: part_at(file, items) for n, file in files.items() if file.exists()}
    if not items or not parts:
        raise SystemExit("nothing to score: it takes ../shared/events and fits kept by `python -m training cross`")
    texts: list[Labelled] = []
    read: list[set[str]] = []
    for n, part in parts.items():
        others = [other for m, other in parts.items() if m != n] or [part]
        best = options.threshold or max(THRESHOLDS, key=lambda t: sum(f1(other, t) for other in others))
        some = said(part, best)
        print(f"part {n} above {best:.2f}  {line(part.items, some)}")
        texts += part.items
        read += some
    print(f"all parts         {line(texts, read)}")
    for sample in sorted({item.sample for item in texts}):
        chosen = [n for n, item in enumerate(texts) if item.sample == sample]
        print(f"  {sample:15} {line([texts[n] for n in chosen], [read[n] for n in chosen])}")
    print(calibration(list(parts.values())))
    if options.rules:
        rules(texts)
    table(texts, read)


def rules(texts: Sequence[Labelled]) -> None:
    """The rules on the same items."""
    pack = tomllib.loads((ROOT / "monitor" / "packs" / "als.toml").read_text(encoding="utf-8"))
    therapies = Therapies(Pack.model_validate(pack))
    wanted = {item.id for item in texts}
    rows = [json.loads(text) for text in (SHARED / "real.jsonl").read_text(encoding="utf-8").splitlines()]
    events = {row["id"]: classify_line(row, therapies)["events"] for row in rows if row["id"] in wanted}
    read = [{event["type"] for event in events[item.id]} - item.accept for item in texts]
    print(f"the rules         {line(texts, read)}")


def table(texts: Sequence[Labelled], read: Sequence[set[str]]) -> None:
    """Counts by type; critical ones are marked."""
    want = Counter(name for item in texts for name in item.types)
    got = Counter(name for some in read for name in some)
    hits = Counter(name for item, some in zip(texts, read, strict=True) for name in some & item.types)
    print(f"{'type':28} {'expected':>8} {'found':>6} {'hits':>5} {'recall':>7}")
    for name in sorted({*want, *got}, key=lambda name: -want[name]):
        recall = f"{hits[name] / want[name]:7.2f}" if want[name] else "      -"
        mark = "  critical" if TYPES[name].level == "critical" else ""
        print(f"{name:28} {want[name]:8} {got[name]:6} {hits[name]:5} {recall}{mark}")


if __name__ == "__main__":
    main()
