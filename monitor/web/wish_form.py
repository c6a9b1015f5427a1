"""The form in which a reader says what she wants: its fields, the words beside them, and the wish that comes out."""

from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import available_timezones

from pydantic import BaseModel, Field

from monitor.settings import Misconfigured
from monitor.telling.slots import WEEKDAYS
from monitor.telling.wishes import Wish
from monitor.vocabulary.event_types import LEVELS, TIERS
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.places import PLACES
from monitor.vocabulary.topics import TOPICS
from monitor.web import labels as words
from monitor.web.rendering import display_name
from store.states import Cadence, Level, Wording
from store.tables import Subscription

MAIL, WEBHOOK, FEED = "mail", "webhook", "feed"
WAYS = {MAIL: "By mail", WEBHOOK: "By webhook", FEED: "By feed or calendar"}
CHANNELS = {MAIL: "email", WEBHOOK: "webhook", FEED: "email"}
"""Way of following to the channel whose wishes it can ask for; a feed is read by people, as mail is."""

DOORS = "doors"
"""Stands among the levels: who asks for it is told of what opens a door, of any level, and of nothing else."""

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
DOORS_SAID = "Only what opens a door: approvals, early access, trials that are new or take new people"
WORDINGS = {
    Wording.PLAIN: ("Plain words", "short sentences, and what it means"),
    Wording.TECHNICAL: ("Technical words", "numbers of applications and trials, pathways, fields of the registers"),
}  # fmt: skip
DAYS = dict(zip(WEEKDAYS, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True))
ADDRESSES = {MAIL: "Your mail address", WEBHOOK: "Address of your webhook"}
FIELDS = {"to": "Address", "therapy": "Drugs", "place": "Places", "tier": "Who says so", "level": "How much",
          "mute": "Leave out", "wording": "Words", "cadence": "How often", "hour": "Hour", "timezone": "Time zone",
          "quiet_day": "Days without mail"}  # fmt: skip
FOLDED = ("tier", "mute", "wording", "hide", "neutral", "hour", "timezone", "quiet_day")
"""Fields that are shown once a reader asks for more choices, or has made one of them."""

Words = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=200)]


class Asked(BaseModel):
    """The form as it was sent; what is wrong with it is said beside it, so nothing is refused here but sheer size."""

    how: str = Field(MAIL, max_length=20)
    to: str = Field("", max_length=2000)
    therapy: Words = Field(default_factory=list)
    place: Words = Field(default_factory=list)
    tier: Words = Field(default_factory=list)
    level: str = Field(Level.MINOR, max_length=20)
    mute: Words = Field(default_factory=list)
    wording: str = Field(Wording.PLAIN, max_length=20)
    hide: str = Field("", max_length=10)
    neutral: str = Field("", max_length=10)
    cadence: str = Field(Cadence.WEEKLY, max_length=20)
    hour: str = Field("8", max_length=4)
    timezone: str = Field("UTC", max_length=60)
    quiet_day: Words = Field(default_factory=list)
    act: str = Field("", max_length=20)

    @property
    def way(self) -> str:
        """By which way: one that is not known is by mail."""
        return self.how if self.how in WAYS else MAIL

    def wish(self, channel: str = "email") -> Wish:
        """What is asked for, as far as a channel can grant it. Raises Misconfigured for an hour that is no number."""
        if not (self.hour.isascii() and self.hour.isdigit()):
            raise Misconfigured(f"hour: expected a number from 0 to 23, found {self.hour!r}")
        about: dict[str, Any] = {
            "therapies": [name for name in self.therapy if name],
            "places": [place for place in self.place if place],
            "tiers": [tier for tier in self.tier if tier],
            "level": Level.MINOR if self.level == DOORS else self.level,
            "only_doors": self.level == DOORS,
            "muted": [topic for topic in self.mute if topic],
        }
        if channel == WEBHOOK:
            return Wish(**about)
        return Wish(
            **about,
            wording=self.wording,
            hide_outcomes=bool(self.hide),
            cadence=self.cadence,
            at_hour=int(self.hour),
            timezone=self.timezone,
            quiet_days=[day for day in self.quiet_day if day],
        )

    def options(self, channel: str = "email") -> dict[str, Any]:
        """What is asked of the notifier of a channel."""
        return {"neutral_subject": bool(self.neutral)} if channel == "email" else {}

    def query(self) -> str:
        """What the news are narrowed to, as the query of an address; what is as usual is left out."""
        pairs = [
            (name, value) for name in ("therapy", "place", "tier", "mute") for value in getattr(self, name) if value
        ]
        pairs += [("level", self.level)] if self.level != Level.MINOR else []
        return urlencode(pairs)

    def more(self) -> bool:
        """Whether something is asked for that stands among the folded choices."""
        usual = Asked()
        return any(getattr(self, name) != getattr(usual, name) for name in FOLDED)


def asked_of(subscription: Subscription) -> Asked:
    """A subscription as the form shows it."""
    return Asked(
        therapy=subscription.therapies,
        place=subscription.places,
        tier=[str(tier) for tier in subscription.tiers],
        level=DOORS if subscription.only_doors else subscription.level,
        mute=subscription.muted,
        wording=subscription.wording,
        hide="1" if subscription.hide_outcomes else "",
        neutral="1" if subscription.options.get("neutral_subject") else "",
        cadence=subscription.cadence,
        hour=str(subscription.at_hour),
        timezone=subscription.timezone,
        quiet_day=subscription.quiet_days,
    )


def choices(pack: Pack) -> dict[str, Any]:
    """What can be chosen, in the order in which it is shown: values with their words."""
    levels: Sequence[tuple[str, str]] = [(level, LEVELS_SAID[level]) for level in reversed(LEVELS)]
    return {
        "therapies": [(one.name, display_name(pack, one.name) or one.name) for one in pack.therapies],
        "places": [(code, words.word(code, "place")) for code in PLACES],
        "tiers": [(str(tier), words.word(tier, "tier").capitalize()) for tier in TIERS],
        "levels": [(DOORS, DOORS_SAID), *levels],
        "topics": [(name, said) for name, said in TOPICS.items() if name != "other"],
        "wordings": [(name, *said) for name, said in WORDINGS.items()],
        "days": list(DAYS.items()),
        "cadences": [(name, *said) for name, said in CADENCES.items()],
        "hours": [(str(hour), f"{hour:02}:00") for hour in range(24)],
        "zones": _zones(),
    }


@cache
def _zones() -> list[str]:
    """Every time zone by its region; they are read from files."""
    return ["UTC", *sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))]
