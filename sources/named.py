"""Whether an official text names a drug that is followed."""

import re
from collections.abc import Iterable

from sources.signs import plain_signs


def names_one(words: Iterable[str], text: str) -> bool:
    """Whether one of these words or phrases stands in a text, by itself and in whichever case."""
    text = _bare(text)
    return any(re.search(rf"(?<!\w){re.escape(_bare(word))}(?!\w)", text, re.IGNORECASE) for word in words)


def _bare(text: str) -> str:
    return " ".join(plain_signs(text).split())
