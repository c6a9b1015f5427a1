"""Whether an official text names a drug that is followed."""

import re
from collections.abc import Iterable


def names_one(words: Iterable[str], text: str) -> bool:
    """Whether one of these words or phrases stands in a text, by itself and in whichever case."""
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) for word in words)
