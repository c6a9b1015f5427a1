"""What the encoder and the counted words say of the texts of a part where they were fitted without it, as it is kept in
the repository: the judge can be fitted anew, and its figures made again, without five fits of the encoder.

Logarithms of odds in twentieths, with ids of texts and no text. Where labels or sentences have changed since, it is a
little older than they are: `python -m training cross --fold N` and `python -m training words` make it anew.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).with_name("parts")
STEPS = 20
"""Steps of a logarithm of odds."""
LEAST = 1e-3
"""Probabilities are told from here to as far below one; the judge asks no further (`candidates.odds_of`)."""
Floats = NDArray[np.float32]


def keep_values(rows: Sequence[Floats], ids: Sequence[str], types: Sequence[str], path: Path) -> None:
    """Keep the probabilities of each sentence of some texts, a row for the title and one for each sentence below."""
    held = np.clip(np.concatenate(rows), LEAST, 1 - LEAST)
    _keep(path, np.log(held / (1 - held)), ids, types, counts=np.array([len(some) for some in rows], np.int16))


def values_kept(path: Path) -> tuple[tuple[str, ...], list[tuple[str, Floats]]]:
    """The types in their order, and of each text its id and its rows of probabilities."""
    some: Any = np.load(path)
    shares = (1 / (1 + np.exp(-some["odds"].astype(np.float32) / STEPS))).astype(np.float32)
    rows = np.split(shares, np.cumsum(some["counts"])[:-1])
    return tuple(some["types"].tolist()), list(zip(some["ids"].tolist(), rows, strict=True))


def keep_odds(odds: Floats, ids: Sequence[str], types: Sequence[str], path: Path) -> None:
    """Keep the odds of some texts, a row each."""
    _keep(path, odds, ids, types)


def odds_kept(path: Path) -> Iterator[tuple[str, Mapping[str, float]]]:
    """The odds of each text by type, by its id."""
    some: Any = np.load(path)
    types, rows = some["types"].tolist(), (some["odds"] / STEPS).tolist()
    for id_, odds in zip(some["ids"].tolist(), rows, strict=True):
        yield id_, dict(zip(types, odds, strict=True))


def words_kept(folder: Path) -> Iterator[tuple[str, Mapping[str, float]]]:
    """The odds by words of each text, by its id."""
    for path in sorted(folder.glob("words_*.npz")):
        yield from odds_kept(path)


def _keep(path: Path, odds: Floats, ids: Sequence[str], types: Sequence[str], **more: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    steps = np.round(odds * STEPS).astype(np.int16)
    np.savez_compressed(path, odds=steps, ids=np.array(ids), types=np.array(types), **more)
