"""Lines that say the same in other words: sponsors put outcomes in the past tense, and in capitals, when they hand in
results. Pure."""

import re
from collections import Counter
from collections.abc import Iterable

WORD = re.compile(r"\w+|[<>≤≥=%±+]")
ENDING = re.compile(r"(?:ing|ed|es|s|d|e)$")
SHORT = 4
"""Letters up to which a word has no ending that may differ."""


def bare(line: str) -> str:
    """A line without the case, the punctuation and the endings of its words."""
    words = WORD.findall(line.casefold())
    return " ".join(word if len(word) <= SHORT else ENDING.sub("", word) for word in words)


def reworded(before: Iterable[str], after: Iterable[str]) -> bool:
    """Whether the lines are the same but for case, punctuation and the endings of words."""
    return Counter(map(bare, before)) == Counter(map(bare, after))
