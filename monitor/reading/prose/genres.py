"""Kinds of text that seldom announce anything, told by their title: a feature of the item, never a gate."""

import re

from monitor.reading.prose.patterns import rows_of
from monitor.vocabulary.dates import ANY_MONTH

GENRES = tuple((kind, re.compile(pattern)) for kind, pattern in rows_of("genres.rules"))
"""Kind of text and what is looked for in its title."""
QUARTER = "quarterly report"
"""The kind in which what was done of late is told among figures, in the words of history."""

NEWS = re.compile(
    rf"\bon (?:the )?(?:\d{{1,2}} )?(?:{ANY_MONTH})\b(?! (?:19|20)\d\d)|"
    r"\b(?:today|(?:has|have) (?:just |now )?announced|announce[sd]|this (?:week|morning|afternoon)|yesterday|"
    r"on (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|said (?:on )?(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b",
    re.I,
)
"""How a sentence says that it tells news, whatever the kind of text around it."""


def genres_of(title: str) -> tuple[str, ...]:
    """The kinds of text a title belongs to; most belong to none."""
    return tuple(kind for kind, pattern in GENRES if pattern.search(title))
