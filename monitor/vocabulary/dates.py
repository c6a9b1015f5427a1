"""Dates as precise as sources tell them: `2024-09-24`, `2024-09`, `2024`. A missing day is not invented.

Months are named in English, whatever the locale. The leaves (`sources`, `notifiers`) may not import this file:
`sources/moments.py` and `sources/noise` read the dates of their pages with tables of their own.
"""

import calendar
from datetime import date, timedelta
from functools import lru_cache

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
SHORT_MONTHS = tuple(month[:3] for month in MONTHS)
ANY_MONTH = "|".join(MONTHS)
"""The months as the inside of a group of a regular expression."""

MADE_KNOWN = "P"
"""Mark of a date that is the day on which an act was made known; the act may lie before it."""
AT_LATEST = "L"
"""Mark of a date that is the day on which the outcome of an act was seen; nobody has told the day of the act yet."""

NEWS_AGE = timedelta(days=90)
"""An act further back than this is background or history, not news (decision rules 1 and 31)."""


DAYS = 8192
"""Dates of which it is known what days they mean: those of twenty years, and a long log asks for each many times."""


def month_number(name: str) -> int:
    """1 for January. Raises ValueError where the word is no English month, written out."""
    return MONTHS.index(name.capitalize()) + 1


@lru_cache(maxsize=DAYS)
def first_day(partial: str) -> date:
    """The earliest day a date can mean. Raises ValueError naming what was found."""
    year, month, day = _parts(partial)
    return date(year, month or 1, day or 1)


@lru_cache(maxsize=DAYS)
def last_day(partial: str) -> date:
    """The latest day a date can mean: the end of its month or year. Raises ValueError naming what was found."""
    year, month, day = _parts(partial)
    month = month or 12
    return date(year, month, day or calendar.monthrange(year, month)[1])


def in_words(partial: str | None) -> str:
    """`on 29 August 2025`, `in September 2024`, `in 2024`, as precise as known; empty for None.

    Raises ValueError naming what was found where it is no date.
    """
    if not partial:
        return ""
    year, month, day = _parts(partial)
    if not month:
        return f"in {year}"
    return f"on {day} {MONTHS[month - 1]} {year}" if day else f"in {MONTHS[month - 1]} {year}"


def short(partial: str | None) -> str:
    """`29 Aug 2025`, `Sep 2024`, `2024`; empty for None. Raises ValueError as `in_words` does."""
    if not partial:
        return ""
    year, month, day = _parts(partial)
    return f"{day or ''} {SHORT_MONTHS[month - 1]} {year}".strip() if month else str(year)


def precision(partial: str) -> str:
    """How precisely a date is known: to the `day`, the `month` or the `year`."""
    return {4: "year", 7: "month"}.get(len(partial), "day")


def _parts(partial: str) -> tuple[int, int | None, int | None]:
    parts = partial[:10].split("-")
    if not 1 <= len(parts) <= 3 or not all(part.isdigit() for part in parts):
        raise ValueError(f"expected a date such as 2024, 2024-09 or 2024-09-24, found {partial!r}")
    numbers = [int(part) for part in parts]
    if len(numbers) > 1 and not 1 <= numbers[1] <= 12:
        raise ValueError(f"expected a month from 01 to 12, found {partial!r}")
    return numbers[0], numbers[1] if len(numbers) > 1 else None, numbers[2] if len(numbers) > 2 else None
