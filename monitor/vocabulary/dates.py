"""Dates as precise as sources tell them: `2024-09-24`, `2024-09`, `2024`. A missing day is not invented."""

import calendar
from datetime import date


def first_day(partial: str) -> date:
    """The earliest day a date can mean. Raises ValueError naming what was found."""
    year, month, day = _parts(partial)
    return date(year, month or 1, day or 1)


def last_day(partial: str) -> date:
    """The latest day a date can mean: the end of its month or year. Raises ValueError naming what was found."""
    year, month, day = _parts(partial)
    month = month or 12
    return date(year, month, day or calendar.monthrange(year, month)[1])


def _parts(partial: str) -> tuple[int, int | None, int | None]:
    parts = partial[:10].split("-")
    if not 1 <= len(parts) <= 3 or not all(part.isdigit() for part in parts):
        raise ValueError(f"expected a date such as 2024, 2024-09 or 2024-09-24, found {partial!r}")
    numbers = [int(part) for part in parts]
    return numbers[0], numbers[1] if len(numbers) > 1 else None, numbers[2] if len(numbers) > 2 else None
