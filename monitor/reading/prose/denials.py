"""How a text says of an act that it has not happened: the table `denials.rules`."""

import re
from collections.abc import Iterable

from monitor.reading.prose.patterns import compiled, rows_of

NOT_DONE = ("was not done", "neither did it")
"""Ways that stand in the words of the act itself, which say it of nothing but a no."""
_ROWS = [(way, text) for way, text in rows_of("denials.rules")]


def _any_of(texts: Iterable[str]) -> re.Pattern[str]:
    made = compiled("|".join(f"(?:{text})" for text in texts))
    assert made is not None
    return made


DISOWNED = _any_of(text for way, text in _ROWS if way not in NOT_DONE)
"""How somebody says of what a text tells that it is not so."""
NEVER_DONE = _any_of(text for way, text in _ROWS if way in NOT_DONE)
"""How a text says of a no (a refusal, a recall, a halt) that nobody did it."""
