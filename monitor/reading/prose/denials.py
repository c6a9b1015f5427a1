"""How a text says of an act that it has not happened: the table `denials.rules`."""

from functools import lru_cache

from monitor.reading.prose.patterns import compiled, rows_of

NOT_DONE = ("was not done", "neither did it")
"""Ways that stand in the words of the act itself, which say it of nothing but a no."""
_WAYS = tuple((way, pattern) for way, text in rows_of("denials.rules") if (pattern := compiled(text)))


@lru_cache(maxsize=256)
def is_disowned(text: str) -> bool:
    """Whether somebody says of what a text tells that it is not so."""
    return any(pattern.search(text) for way, pattern in _WAYS if way not in NOT_DONE)


@lru_cache(maxsize=256)
def was_not_done(text: str) -> bool:
    """Whether the text says of a no (a refusal, a recall, a halt) that nobody did it."""
    return any(pattern.search(text) for way, pattern in _WAYS if way in NOT_DONE)
