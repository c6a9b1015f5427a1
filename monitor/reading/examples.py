"""The labelled items of our own that stand nearest to a sentence: what somebody has said of such words before.

`examples.txt` holds an item a line: id, its types (none: it announces nothing), title and lead.
`python -m training.examples` writes it. Likeness is the cosine of the words, those counting most that tell most of what
is announced; a word that one item alone has, a name mostly, counts for nothing.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("examples.txt")
WORD = re.compile(r"[a-z][a-z'-]+|\d")
SHOWN = 3
"""So many are shown."""
LEAST = 0.2
"""What is less like is no example of anything."""
PRIOR = 3.0
"""So many items, of types as all of them have, are added to those with a word: one seen twice has told little."""


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled item: `types` is empty where it announces nothing."""

    id: str
    types: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Near(Example):
    """A labelled item with how like it is, from 0 to 1."""

    likeness: float


class Examples:
    """Labelled items by their words."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self.examples = examples
        seen = [Counter(WORD.findall(example.words.lower())) for example in examples]
        types: dict[str, Counter[tuple[str, ...]]] = defaultdict(Counter)
        for example, words in zip(examples, seen, strict=True):
            for word in words:
                types[word][example.types] += 1
        shares = {kind: many / len(seen) for kind, many in Counter(example.types for example in examples).items()}
        self._weights = {word: _told(found, shares) for word, found in types.items() if found.total() > 1}
        self._with: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, words in enumerate(seen):
            for word, weight in self._vector(words).items():
                self._with[word].append((number, weight))

    def nearest(self, text: str) -> list[Near]:
        """Those most like a text, the nearest first."""
        likeness: dict[int, float] = defaultdict(float)
        for word, weight in self._vector(Counter(WORD.findall(text.lower()))).items():
            for number, other in self._with[word]:
                likeness[number] += weight * other
        best = sorted(likeness.items(), key=lambda pair: (-pair[1], pair[0]))[:SHOWN]
        near = [(self.examples[number], round(value, 2)) for number, value in best if value >= LEAST]
        return [Near(one.id, one.types, one.words, value) for one, value in near]

    def _vector(self, words: Counter[str]) -> dict[str, float]:
        found = {word: self._weights[word] * math.sqrt(many) for word, many in words.items() if word in self._weights}
        length = math.sqrt(sum(weight * weight for weight in found.values())) or 1.0
        return {word: weight / length for word, weight in found.items()}


def _told(found: Counter[tuple[str, ...]], shares: Mapping[tuple[str, ...], float]) -> float:
    """How much a word says of the type: how far the types beside it are from those of all items."""
    whole = found.total() + PRIOR
    with_it = {kind: (found[kind] + PRIOR * share) / whole for kind, share in shares.items()}
    return sum(share * math.log(share / shares[kind]) for kind, share in with_it.items())


@cache
def examples() -> Examples:
    """Those that ship, read once."""
    rows = (line.split("\t") for line in FILE.read_text(encoding="utf-8").splitlines())
    return Examples([Example(id_, tuple(filter(None, types.split(","))), words) for id_, types, words in rows])
