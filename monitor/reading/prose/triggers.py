"""Which words a pattern cannot do without, so that most patterns need not be searched at all. Pure.

To find these words a pattern is taken apart, which costs half of what compiling it costs. They are kept in
`triggers.json`, with a digest of the patterns they are of; of other patterns they are found anew.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from importlib.resources import files
from re import _constants as op  # type: ignore[attr-defined, unused-ignore]
from re import _parser as parser  # type: ignore[attr-defined, unused-ignore]
from typing import Any

SHORTEST = 3
"""Letters a word must have to be looked for."""

Words = frozenset[str]
KEPT = files("monitor.reading.prose").joinpath("triggers.json")


def needed_by(patterns: Sequence[str]) -> Sequence[Sequence[Iterable[str]]]:
    """For each pattern what `needed` finds, out of the file where that was written for these patterns."""
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    return kept["needed"] if kept["of"] == digest_of(patterns) else [needed(pattern) for pattern in patterns]


def digest_of(patterns: Sequence[str]) -> str:
    """By what patterns are known as the same."""
    return hashlib.sha256("\n".join(patterns).encode()).hexdigest()


def needed(pattern: str) -> list[Words]:
    """Sets of words in small letters; every match holds a word of each set."""
    return _of_sequence(parser.parse(pattern, re.IGNORECASE))


def _of_sequence(parts: Iterable[Any]) -> list[Words]:
    found: list[Words] = []
    run = ""
    for code, value in [*parts, (None, None)]:
        if code is op.LITERAL:
            run += chr(value).lower()
            continue
        if len(run) >= SHORTEST:
            found.append(frozenset({run}))
        run = ""
        if code is not None:
            found += _of_part(code, value)
    return found


def _of_part(code: Any, value: Any) -> list[Words]:
    if code is op.SUBPATTERN:
        return _of_sequence(value[3])
    if code in (op.MAX_REPEAT, op.MIN_REPEAT) and value[0] > 0:
        return _of_sequence(value[2])
    if code is op.BRANCH:
        branches = [_of_sequence(branch) for branch in value[1]]
        if all(branches):
            return [frozenset().union(*(min(sets, key=len) for sets in branches))]
    return []


class Triggers:
    """The numbers of those patterns that a sentence may match, found by one walk over its letters."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._words: defaultdict[str, list[tuple[str, list[tuple[int, int]]]]] = defaultdict(list)
        self._sets: list[int] = []
        uses: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for number, sets in enumerate(needed_by(patterns)):
            self._sets.append(len(sets))
            for place, words in enumerate(sets):
                for word in words:
                    uses[word].append((number, place))
        for word, places in uses.items():
            self._words[word[:SHORTEST]].append((word, places))

    def candidates(self, sentence: str) -> list[int]:
        """The patterns that may match, in order."""
        low, words = sentence.lower(), self._words
        met: set[tuple[int, int]] = set()
        for key in {low[i : i + SHORTEST] for i in range(len(low) - SHORTEST + 1)} & words.keys():
            for word, places in words[key]:
                if word in low:
                    met.update(places)
        counts = [0] * len(self._sets)
        for number, _ in met:
            counts[number] += 1
        return [number for number, count in enumerate(counts) if count == self._sets[number]]
