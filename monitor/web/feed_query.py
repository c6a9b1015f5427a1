"""What the address of a feed or calendar narrows it to: the wishes of a reader who gives no address of hers."""

from collections.abc import Iterable
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from monitor.service import Service
from monitor.settings import Misconfigured
from monitor.standing.filters import Filters, filters_from
from monitor.standing.unaccepted import Unaccepted
from monitor.telling.wishes import Wish, granted, notifier_named
from monitor.web.queries import Search, Since, Source, State
from store.states import PUBLISHED, Level, Wording
from store.tables import Subscription

Some = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=50)]
DOORS, HIDDEN = "doors", "hidden"


class FeedQuery(BaseModel):
    """Filters of a feed, each as often as wanted: as those of a subscription, and where it began and who tells."""

    model_config = ConfigDict(frozen=True)

    therapy: Some = Field(default_factory=list, description="therapies by any of their names")
    place: Some = Field(default_factory=list, description="places; what is told of trials has none and always comes")
    type: Some = Field(default_factory=list, description="kinds of events")
    level: str = Field(Level.INFO, max_length=20, description="the lowest level, or doors: only what opens a door")
    mute: Some = Field(default_factory=list, description="topics that are left out")
    wording: str = Field(Wording.PLAIN, max_length=20, description="plain or technical")
    outcomes: str = Field("", max_length=20, description="hidden: how a trial went stands behind the link only")
    since: Since = Field(None, description="found at or after this moment, or since this day")
    source: Source = Field(None, description="a source or watch")
    state: State = Field(None, description="the state of the event")
    tier: Some = Field(
        default_factory=list, description="how near to the act its best teller is: 1 regulator ... 4 press"
    )
    search: Search = Field(None, description="words that all have to be there; the first 200 characters count")

    @classmethod
    def asking(cls, wish: Wish) -> "FeedQuery":
        """The query that asks for a wish."""
        return cls(
            therapy=list(wish.therapies),
            place=list(wish.places),
            type=list(wish.types),
            tier=[str(tier) for tier in wish.tiers],
            level=DOORS if wish.only_doors else wish.level,
            mute=list(wish.muted),
            wording=wish.wording,
            outcomes=HIDDEN if wish.hide_outcomes else "",
        )

    def query(self) -> str:
        """The query of an address that asks for this; what is as usual is left out."""
        usual = FeedQuery().model_dump(mode="json")
        asked = {name: value for name, value in self.model_dump(mode="json").items() if value != usual[name]}
        return urlencode(asked, doseq=True)

    def reader(self, service: Service) -> Subscription:
        """Who would be told this: a subscription that is not stored. Raises Misconfigured naming what is wrong."""
        wish = Wish(
            therapies=_given(self.therapy),
            types=_given(self.type),
            places=_given(self.place),
            tiers=_given(self.tier),
            level=Level.INFO if self.level in ("", DOORS) else self.level,
            only_doors=self.level == DOORS,
            muted=_given(self.mute),
            wording=self.wording or Wording.PLAIN,
            hide_outcomes=self.outcomes == HIDDEN,
        )
        columns = granted(service, notifier_named(service, "email"), wish)
        return Subscription(channel="email", address="", created_at=service.now(), **columns)

    def narrowed(self, service: Service) -> tuple[Subscription, Filters]:
        """The same, and what can be asked of the database; the reader decides. Raises Unaccepted."""
        try:
            reader = self.reader(service)
        except Misconfigured as problem:
            field, _, said = str(problem).partition(": ")
            raise Unaccepted(field, said) from None
        asked: dict[str, Any] = {name: getattr(self, name) for name in ("since", "source", "state", "search")}
        for name, values in (("therapy", reader.therapies), ("type", reader.types), ("tier", reader.tiers)):
            asked[name] = values[0] if len(values) == 1 else None
        asked["level"] = None if reader.only_doors else reader.level
        return reader, filters_from(service.pack, asked, among=PUBLISHED)


def _given(values: Iterable[str]) -> list[str]:
    """The values that a form or an address has filled in."""
    return [value for value in values if value.strip()]
