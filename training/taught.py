"""What readers that had not seen a text made of it: a fit learns from it beside the labels.

A label says yes or no. How near a text is to another type, or how doubtful a label, says what fits without the part of
the text made of it (`python -m training teach --from FOLDER...`, of what `python -m training cross` keeps). Of own
texts there is none: every fit has seen them.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from training.folds import PARTS
from training.out_of_part import FOLDER, LEAST, Floats, keep_odds, odds_kept, values_kept

FILE = FOLDER / "taught.npz"


def write(folders: Sequence[Path], path: Path = FILE) -> None:
    """Keep the mean of the odds that the highest sentence of each text has in these folders; one named twice counts
    twice, and one that lacks a part counts for the others."""
    found: dict[str, list[Floats]] = {}
    types: tuple[str, ...] = ()
    for folder in folders:
        for part in (one for n in range(PARTS) if (one := folder / f"fold_{n}.npz").exists()):
            types, texts = values_kept(part)
            for id_, kept in texts:
                highest = np.clip(kept.values.max(0), LEAST, 1 - LEAST)
                found.setdefault(id_, []).append(np.log(highest / (1 - highest)))
    keep_odds(np.array([np.mean(some, axis=0) for some in found.values()]), list(found), types, path)


@cache
def taught() -> Mapping[str, Mapping[str, float]]:
    """The odds of each text by type; none where the file is missing."""
    return dict(odds_kept(FILE)) if FILE.exists() else {}
