"""The blanks that the sentences of the tables have for a name, a place, a trial and a day."""

from dataclasses import dataclass

from monitor.vocabulary.dates import in_words, short
from monitor.vocabulary.places import BY_CODE


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
        on = in_words(self.occurred_on)
        place = BY_CODE.get(self.place or "")
        return {
            "name": self.name,
            "trial": self.trial or "named in the source",
            "where": f" in {place.brief}" if place else "",
            "adj": f"{place.adjective} " if place else "",
            "on": f" {on}" if on else "",
            "on_or_now": f" {on}" if on else " now",
            "from": f", from {short(self.occurred_on)}" if on else "",
            "planned": f" {in_words(self.planned_start)}" if self.planned_start else "",
        }
