"""How often the whole numbers that ship decide as the full weights do: `python -m benchmarks.rounding --fold N`.

Writes the encoders of `python -m training cross --fold N` both ways into a folder of its own and asks both about texts
of part N, which these fits have not seen. It takes what `make train` installs, and some minutes of one core.
"""

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from monitor.reading.prose.clean import cleaned
from monitor.reading.prose.encoder import Encoder
from monitor.reading.prose.judge import judge
from monitor.vocabulary.claims import RELEASE
from training.__main__ import CACHE, part, training_set
from training.cases import labelled_rows, seen_by
from training.folds import PARTS, read_folds
from training.items import Labelled, real_items
from training.onnx_file import export
from training.out_of_part import FOLDER, Kept, words_kept
from training.plan import SEEDS

ASKED = 500
THRESHOLDS = (0.3, 0.4, 0.45, 0.5, 0.55, 0.6)
SMALL = 0.05


def kept_of(encoder: Encoder, items: list[Labelled]) -> list[Kept]:
    """What is heard in each text."""
    found = []
    for item in items:
        units = [unit for unit in cleaned(item.title, item.text).units if unit] or [""]
        found.append(Kept.of(encoder.read(units[0], units[1:])))
    return found


def decided(items: list[Labelled], values: list[Kept]) -> list[frozenset[tuple[str, str]]]:
    """What the judge releases and holds in each text, by these values."""
    known, counted = labelled_rows(), dict(words_kept(FOLDER))
    views = [
        replace(seen_by(known[item.id], value, None), counted=counted[item.id])
        for item, value in zip(items, values, strict=True)
    ]
    return [frozenset((one.candidate.type, one.decision) for one in judge().verdicts(each)) for each in views]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rounding", description=__doc__.splitlines()[0])
    parser.add_argument("--fold", type=int, choices=range(PARTS), default=0)
    parser.add_argument("--cache", type=Path, default=CACHE)
    options = parser.parse_args()
    parts = read_folds()
    items = [item for item in real_items() if part(item, parts) == options.fold][:ASKED]
    with tempfile.TemporaryDirectory() as folder:
        whole, full = Path(folder, "whole"), Path(folder, "full")
        export(
            [options.cache / f"fold_{options.fold}" / f"seed_{seed}" for seed in SEEDS],
            training_set({options.fold}),
            whole,
            full=full,
        )
        both = [kept_of(Encoder(where), items) for where in (whole, full)]
    rounded, exact = (np.array([kept.values.max(0) for kept in values]) for values in both)
    for threshold in THRESHOLDS:
        same = ((rounded > threshold) == (exact > threshold)).all(1).mean()
        print(f"above {threshold:.2f}: the same types in {same:.3f} of {len(items)} texts")
    ways = [decided(items, values) for values in both]
    told = [[{type_ for type_, decision in each if decision == RELEASE} for each in way] for way in ways]
    kept = [[bool(each) for each in way] for way in ways]
    for name, (one, other) in (("what is released", told), ("whether anything is", kept), ("every reading", ways)):
        same = np.mean([a == b for a, b in zip(one, other, strict=True)])
        print(f"the judge decides the same, {name}: in {same:.3f}")
    some = np.maximum(rounded, exact) > SMALL
    print(f"values above {SMALL}: {some.sum()}, off by {np.abs(rounded - exact)[some].mean():.3f} on average")


if __name__ == "__main__":
    main()
