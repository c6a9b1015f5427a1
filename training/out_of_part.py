"""What the encoder and the counted words say of the texts of a part where they were fitted without it, as it is kept in
the repository: the judge can be fitted anew, and its figures made again, without five fits of the encoder.

Logarithms of odds in twentieths, with ids of texts and no text. Where labels or sentences have changed since, it is a
little older than they are: `python -m training cross --fold N` and `python -m training words` make it anew.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.reading.prose.encoder import Heard
from monitor.reading.prose.told_names import PART, key

FOLDER = Path(__file__).with_name("parts")
STEPS, NAME_STEPS = 20, 10
"""Steps of a logarithm of odds, of types and of names."""
LEAST = 1e-3
"""Probabilities are told from here to as far below one; the judge asks no further (`candidates.odds_of`)."""
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a text: probabilities of types, a row for the title and one for each sentence below, and of each
    of its words, in the order in which they first stand there, that of being part of the medicine's name."""

    values: Floats
    names: Floats

    @classmethod
    def of(cls, heard: Heard) -> "Kept":
        """What is kept of what an encoder heard."""
        return cls(heard.values, np.array(list(heard.names.values()), np.float32))

    def names_in(self, units: Sequence[str]) -> dict[str, float]:
        """The probabilities by word of these sentences; none where they have other words than those that were read."""
        words = dict.fromkeys(key(word) for unit in units for word in PART.findall(unit))
        return dict(zip(words, self.names.tolist(), strict=True)) if len(words) == len(self.names) else {}


def keep_values(rows: Sequence[Kept], ids: Sequence[str], types: Sequence[str], path: Path) -> None:
    """Keep what is said of some texts."""
    held, named = (np.clip(np.concatenate(some), LEAST, 1 - LEAST) for some in zip(*map(_parts, rows), strict=True))
    counts, words = (np.array([len(some) for some in each], np.int16) for each in zip(*map(_parts, rows), strict=True))
    steps = np.round(np.log(named / (1 - named)) * NAME_STEPS).astype(np.int8)
    _keep(path, np.log(held / (1 - held)), ids, types, counts=counts, names=steps, words=words)


def _parts(kept: Kept) -> tuple[Floats, Floats]:
    return kept.values, kept.names


def values_kept(path: Path) -> tuple[tuple[str, ...], list[tuple[str, Kept]]]:
    """The types in their order, and of each text its id and what is kept of it."""
    some: Any = np.load(path)
    values = np.split(_shares(some["odds"], STEPS), np.cumsum(some["counts"])[:-1])
    names = np.split(_shares(some["names"], NAME_STEPS), np.cumsum(some["words"])[:-1])
    kept = [Kept(*both) for both in zip(values, names, strict=True)]
    return tuple(some["types"].tolist()), list(zip(some["ids"].tolist(), kept, strict=True))


def _shares(steps: NDArray[np.integer[Any]], size: int) -> Floats:
    return (1 / (1 + np.exp(-steps.astype(np.float32) / size))).astype(np.float32)


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
