"""Places and dates as they are said in a sentence, and the blanks that sentences have for them.   (pure)"""

from dataclasses import dataclass
from datetime import date

PLACE_NAMES = {
    "US": "the US", "EU": "the EU", "CA": "Canada", "UK": "the UK", "JP": "Japan", "CN": "China",
    "KR": "South Korea", "CH": "Switzerland", "AU": "Australia",
}  # fmt: skip

PLACE_ADJECTIVES = {
    "US": "US", "EU": "EU", "CA": "Canadian", "UK": "UK", "JP": "Japanese", "CN": "Chinese",
    "KR": "South Korean", "CH": "Swiss", "AU": "Australian",
}  # fmt: skip


@dataclass(frozen=True)
class Blanks:
    """What the sentences of one event are filled with."""

    name: str
    place: str | None
    trial: str | None
    occurred_on: str | None
    planned_start: str | None = None

    def values(self) -> dict[str, str]:
        """The placeholders of the tables."""
        on = spoken(self.occurred_on)
        place = PLACE_NAMES.get(self.place or "", "")
        return {
            "name": self.name,
            "trial": self.trial or "named in the source",
            "where": f" in {place}" if place else "",
            "adj": f"{PLACE_ADJECTIVES[self.place]} " if self.place in PLACE_ADJECTIVES else "",
            "on": f" {on}" if on else "",
            "on_or_now": f" {on}" if on else " now",
            "from": f", from {short(self.occurred_on)}" if on else "",
            "planned": f" {spoken(self.planned_start)}" if self.planned_start else "",
        }


def spoken(day: str | None) -> str:
    """`on 29 August 2025`, `in September 2024`, `in 2024`, as precise as told; empty when not known."""
    moment = _parts(day)
    if moment is None:
        return ""
    year, month, number = moment
    if number:
        return f"on {number} {date(year, month, 1):%B} {year}"
    return f"in {date(year, month, 1):%B} {year}" if month else f"in {year}"


def short(day: str | None) -> str:
    """`29 Aug 2025`, `Sep 2024`, `2024`; empty when not known."""
    moment = _parts(day)
    if moment is None:
        return ""
    year, month, number = moment
    return f"{number or ''} {date(year, month, 1):%b} {year}".strip() if month else str(year)


def _parts(day: str | None) -> tuple[int, int, int] | None:
    if not day:
        return None
    year, month, number = (int(part) for part in (day[:10] + "-0-0").split("-")[:3])
    return year, month, number
