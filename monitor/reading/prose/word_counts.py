"""A third look at a text: which words and pairs of words it has, whatever their order.

    title, lead ──► words and pairs, hashed; medicines and figures are blanked ──► odds of any news, and of each type

A network hears what a sentence means, and is at times sure of what a count of its words speaks against: how trade news,
studies of practice, devices and animals are told shows in the choice of words. Only the judge looks at it, beside both
readers. Fitted by `python -m training words`, which takes a minute. The file holds hashes and weights, no words.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from monitor.reading.prose.drugs import Drug

FILE = Path(__file__).with_name("model") / "words.npz"
BUCKETS = 1 << 15
TITLE, BODY = 40, 110
"""Words of a title and of what stands below it that are counted."""
ANY = "any"
"""What stands for news of whatever type."""
WORD = re.compile(r"\w\w+")
Counts = tuple[list[int], list[float]]


def counts_of(units: Sequence[str], drugs: Iterable[Drug]) -> Counts:
    """Buckets of a text and how often each was met, on the scale of logarithms; the title counts apart."""
    names = sorted({drug.written for drug in drugs}, key=len, reverse=True)
    title = _words(units[0], names)[:TITLE]
    body = [word for unit in units[1:] for word in _words(unit, names)][:BODY]
    met = Counter(_hashed("t", title)) + Counter(_hashed("b", body))
    return list(met), [1 + math.log(count) for count in met.values()]


def _words(text: str, names: Sequence[str]) -> list[str]:
    for name in names:
        text = text.replace(name, " drugx ")
    return WORD.findall(re.sub(r"\d+", "00", text).lower())


def _hashed(where: str, words: Sequence[str]) -> list[int]:
    half = BUCKETS // 2
    pairs = [f"{one} {two}" for one, two in pairwise(words)]
    return [crc32(said.encode()) % half + half * (where == "t") for said in (*words, *pairs)]


def weighed(counts: Counts, rarity: NDArray[np.float32]) -> NDArray[np.float32]:
    """What each bucket counts: the rarer its words are, the more; title and body are each of length 1."""
    buckets, met = np.array(counts[0], np.int64), np.array(counts[1], np.float32)
    found: NDArray[np.float32] = met * rarity[buckets]
    for side in (buckets < BUCKETS // 2, buckets >= BUCKETS // 2):
        length = float(np.sqrt((found[side] ** 2).sum()))
        found[side] /= length or 1.0
    return found


@dataclass(frozen=True, slots=True)
class Words:
    """Weights in whole numbers by bucket and type, each type with its scale and its own odds."""

    types: tuple[str, ...]
    rarity: NDArray[np.float32]
    whole: NDArray[np.int8]
    scale: NDArray[np.float32]
    base: NDArray[np.float32]

    def odds(self, units: Sequence[str], drugs: Iterable[Drug]) -> Mapping[str, float]:
        """The logarithm of the odds of each type that it knows, and of any news."""
        counts = counts_of(units, drugs)
        found = weighed(counts, self.rarity) @ self.whole[counts[0]].astype(np.float32) * self.scale + self.base
        return dict(zip(self.types, found.tolist(), strict=True))


@cache
def words() -> Words:
    """The weights that ship, read once."""
    kept = np.load(FILE)
    rarity = kept["rarity"].astype(np.float32)
    return Words(tuple(kept["types"].tolist()), rarity, kept["whole"], kept["scale"], kept["base"])
