"""How often the whole numbers that ship decide as the full weights do: `python -m benchmarks.rounding --fold N`.

Writes the encoders of `python -m training cross --fold N` both ways into a folder of its own and asks both about texts
of part N, which these fits have not seen. It takes what `make train` installs, and some minutes of one core.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from monitor.reading.prose.clean import cleaned
from monitor.reading.prose.encoder import Encoder
from training.__main__ import CACHE, part, training_set
from training.folds import PARTS, read_folds
from training.items import Labelled, real_items
from training.onnx_file import export
from training.plan import SEEDS

ASKED = 500
THRESHOLDS = (0.3, 0.4, 0.45, 0.5, 0.55, 0.6)
SMALL = 0.05


def highest(encoder: Encoder, items: list[Labelled]) -> NDArray[np.float32]:
    """The value of each type in each text."""
    found = []
    for item in items:
        units = [unit for unit in cleaned(item.title, item.text).units if unit] or [""]
        found.append(encoder.read(units[0], units[1:]).max(0))
    return np.array(found, np.float32)


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
        rounded, exact = highest(Encoder(whole), items), highest(Encoder(full), items)
    for threshold in THRESHOLDS:
        same = ((rounded > threshold) == (exact > threshold)).all(1).mean()
        print(f"above {threshold:.2f}: the same types in {same:.3f} of {len(items)} texts")
    some = np.maximum(rounded, exact) > SMALL
    print(f"values above {SMALL}: {some.sum()}, off by {np.abs(rounded - exact)[some].mean():.3f} on average")


if __name__ == "__main__":
    main()
