"""How far a date has slipped, said no more precisely than the dates are. Pure.

A date may be a day, a month or a year. Two dates of which one lies within the other differ in precision only.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.vocabulary.dates import first_day, last_day

Sides = tuple[str | None, str | None]
"""A date before and after one change; None where there was none."""

ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


@dataclass(frozen=True, slots=True)
class Slip:
    """The way from one date to another in days; later is positive.

    `days` is reckoned from the last day that the old date can mean to the last day of the new one, and is 0 where one
    lies within the other. `least` and `most` are what it may truly be, without sign.
    """

    days: int
    least: int
    most: int

    @property
    def words(self) -> str:
        """`184 days`, or `185 to 578 days` where the two are not equally precise."""
        return counted(self.most, "day") if self.least == self.most else f"{self.least} to {counted(self.most, 'day')}"


NOWHERE = Slip(0, 0, 0)


def slip(before: str | None, after: str | None) -> Slip | None:
    """How far a date moved; None where one of the two is missing or is no date of the calendar.

    Dates of equal precision are reckoned from end to end, so that a month to the next month is its length.
    """
    if before is None or after is None:
        return None
    try:
        old, new = (first_day(before), last_day(before)), (first_day(after), last_day(after))
    except ValueError:
        return None
    if (old[0] <= new[0] and new[1] <= old[1]) or (new[0] <= old[0] and old[1] <= new[1]):
        return NOWHERE
    days = (new[1] - old[1]).days
    if len(before) == len(after):
        return Slip(days, abs(days), abs(days))
    ends = ((new[0] - old[1]).days, (new[1] - old[0]).days)
    least, most = sorted(abs(end) for end in ends)
    return Slip(days, least, most)


def moves(history: Sequence[Sides]) -> int:
    """How many of these changes moved the date; a mere change of precision is none."""
    return sum(1 for before, after in history if (slipped := slip(before, after)) and slipped.days)


def in_all(history: Sequence[Sides]) -> Slip | None:
    """From the first date known to the last; None where there is none at either end."""
    first = next((before or after for before, after in history if before or after), None)
    return slip(first, history[-1][1]) if history else None


def counted(number: int, thing: str) -> str:
    """`1 day`, `2 days`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def ordinal(number: int) -> str:
    """`third`; from eleven on `11th`, `21st`."""
    if number < len(ORDINALS):
        return ORDINALS[number]
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
