"""The form in which a reader says what she wants: its fields, the words beside them, and the wish that comes out."""

from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import BaseModel, Field

from monitor.settings import Misconfigured
from monitor.telling.wishes import Wish
from monitor.vocabulary.event_types import LEVELS
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.places import PLACES
from monitor.web import labels as words
from monitor.web.rendering import display_name
from store.states import Cadence
from store.tables import Subscription

CADENCES = {
    Cadence.WEEKLY: ("Once a week", "on Mondays, also when nothing happened: then three lines say so"),
    Cadence.DAILY: ("Once a day", "only on days with news"),
    Cadence.IMMEDIATE: ("At once", "six times a day at most; small news wait for your hour"),
}
LEVELS_SAID = {
    "critical": "Only the weightiest: approvals, refusals, withdrawals, warnings, results and halts of trials",
    "major": "Also applications, opinions, shortages, stopped trials, what payers decide",
    "minor": "Also small steps: trials that start, fill up or are late, results posted, designations",
    "info": "Everything that is told",
}
FIELDS = {"to": "Your mail address", "therapy": "Drugs", "place": "Places", "level": "How much", "cadence": "How often",
          "hour": "Hour", "timezone": "Time zone"}  # fmt: skip


class Asked(BaseModel):
    """The form as it was sent; what is wrong with it is said beside it, so nothing is refused here but sheer size."""

    to: str = Field("", max_length=400)
    therapy: list[Annotated[str, Field(max_length=200)]] = Field(default_factory=list, max_length=200)
    place: list[Annotated[str, Field(max_length=20)]] = Field(default_factory=list, max_length=50)
    level: str = Field("minor", max_length=20)
    cadence: str = Field(Cadence.WEEKLY, max_length=20)
    hour: str = Field("8", max_length=4)
    timezone: str = Field("UTC", max_length=60)
    neutral: str = Field("", max_length=10)
    act: str = Field("", max_length=20)

    def wish(self) -> Wish:
        """What is asked for. Raises Misconfigured for an hour that is no number."""
        if not (self.hour.isascii() and self.hour.isdigit()):
            raise Misconfigured(f"hour: expected a number from 0 to 23, found {self.hour!r}")
        return Wish(
            therapies=self.therapy,
            places=self.place,
            level=self.level,
            cadence=self.cadence,
            at_hour=int(self.hour),
            timezone=self.timezone,
        )

    @property
    def options(self) -> dict[str, Any]:
        """What is asked of the mail notifier."""
        return {"neutral_subject": bool(self.neutral)}


def asked_of(subscription: Subscription) -> Asked:
    """A subscription as the form shows it."""
    return Asked(
        therapy=subscription.therapies,
        place=subscription.places,
        level=subscription.level,
        cadence=subscription.cadence,
        hour=str(subscription.at_hour),
        timezone=subscription.timezone,
        neutral="1" if subscription.options.get("neutral_subject") else "",
    )


def choices(pack: Pack) -> dict[str, Any]:
    """What can be chosen, in the order in which it is shown: values with their words."""
    return {
        "therapies": [(one.name, display_name(pack, one.name) or one.name) for one in pack.therapies],
        "places": [(code, words.word(code, "place")) for code in PLACES],
        "levels": [(level, LEVELS_SAID[level]) for level in reversed(LEVELS)],
        "cadences": [(name, *said) for name, said in CADENCES.items()],
        "hours": [(str(hour), f"{hour:02}:00") for hour in range(24)],
        "zones": [
            "UTC",
            *sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")),
        ],
    }
