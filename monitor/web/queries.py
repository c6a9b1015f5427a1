"""What an address asks for, checked: a wrong word answers 400 and says what was expected and what was found."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import partial
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from monitor.reading.routine.kinds import KINDS
from monitor.standing import pages
from monitor.standing.filter_values import LONGEST, read, short
from monitor.standing.filters import Filters, filters_from
from monitor.standing.status import RULES
from monitor.vocabulary.event_types import LEVELS, TIERS, TYPES
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.places import PLACES
from store.states import BELIEVED

PAGE_SIZE = 25
LARGEST_PAGE = 500
"""Most rows that a machine gets at once."""


def _reader(field: str) -> BeforeValidator:
    return BeforeValidator(partial(read, field))


def _words(words: Iterable[str]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": ["", *words]})


def _state(value: Any) -> Any:
    state = read("state", value)
    if state is not None and state not in BELIEVED:
        raise ValueError(f"expected one of {', '.join(BELIEVED)}; found {short(state)}")
    return state


def _mark(value: Any) -> Any:
    return pages.place(value.strip()) if isinstance(value, str) and value.strip() else None


def _limit(value: Any) -> Any:
    if value is None or not str(value).strip():
        return PAGE_SIZE
    whole = isinstance(value, int) or (value.isascii() and value.isdigit() and len(value) <= 9)
    if not whole or not 1 <= int(value) <= LARGEST_PAGE:
        raise ValueError(f"expected a whole number from 1 to {LARGEST_PAGE}; found {short(value)}")
    return int(value)


def _number(value: Any) -> Any:
    if value is None or not str(value).strip():
        return 1
    whole = isinstance(value, int) or (value.isascii() and value.isdigit() and len(value) <= 6)
    if not whole or int(value) < 1:
        raise ValueError(f"expected a whole number from 1 on; found {short(value)}")
    return int(value)


Place = Annotated[str | None, _reader("place"), _words(PLACES)]
Level = Annotated[str | None, _reader("level"), _words(LEVELS)]
Tier = Annotated[int | None, _reader("tier"), _words(map(str, TIERS))]
State = Annotated[str | None, BeforeValidator(_state), _words(BELIEVED)]
Type = Annotated[str | None, _reader("type"), _words(TYPES)]
RoutineKind = Annotated[str | None, _reader("routine"), _words(KINDS)]
Rule = Annotated[str | None, _reader("rule"), _words(RULES)]
Therapy = Annotated[str | None, _reader("therapy"), WithJsonSchema({"type": "string", "maxLength": LONGEST})]
Source = Annotated[str | None, _reader("source"), WithJsonSchema({"type": "string", "maxLength": LONGEST})]
Day = Annotated[date | None, _reader("as_of"), WithJsonSchema({"type": "string", "format": "date"})]
Since = Annotated[datetime | None, _reader("since"), WithJsonSchema({"type": "string", "format": "date-time"})]
KnownAt = Annotated[datetime | None, _reader("known_at"), WithJsonSchema({"type": "string", "format": "date-time"})]
Search = Annotated[str | None, _reader("search"), WithJsonSchema({"type": "string"})]
Mark = Annotated[
    pages.Place | None,
    BeforeValidator(_mark),
    PlainSerializer(str, when_used="unless-none"),
    WithJsonSchema({"type": "string", "pattern": f"^$|^{pages.MARK.pattern}$"}),
]
Limit = Annotated[
    int, BeforeValidator(_limit), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE})
]


From = Annotated[int, BeforeValidator(_number), WithJsonSchema({"type": "integer", "minimum": 1})]


PLACING = {"before", "after", "limit"}
"""What of a query says which rows of a list are shown, and how many."""


class _Query(BaseModel):
    model_config = ConfigDict(frozen=True)


class StatusQuery(_Query):
    """Which place, seen on which day, known by when."""

    place: Place = Field(None, description="the place the answer is for")
    as_of: Day = Field(None, description="the day whose state is shown; default: today")
    known_at: KnownAt = Field(None, description="only what was known here by then; default: now")


class FrontQuery(StatusQuery):
    """As StatusQuery, and which drugs the tables show."""

    drug: Search = Field(None, description="only drugs with this in a name; the first 200 characters count")
    drugs_from: From = Field(1, description="the number of the first drug shown, in the order of the pack")


class SourcesQuery(_Query):
    """Which watches the page of sources shows."""

    watches_from: From = Field(1, description="the number of the first watch shown; those in trouble come first")


class NewestQuery(StatusQuery):
    """As StatusQuery, with the rule that decides."""

    rule: Rule = Field("substance", description="what counts as newest")


class ListQuery(_Query):
    """Filters of a list; each narrows it."""

    since: Since = Field(None, description="found at or after this moment, or since this day")
    therapy: Therapy = Field(None, description="a therapy by any of its names")
    type: Type = Field(None, description="what happened")
    level: Level = Field(None, description="the lowest level shown")
    source: Source = Field(None, description="a source or watch")
    state: State = Field(None, description="the state of the event")
    place: Place = Field(None, description="where it happened")
    tier: Tier = Field(
        None, description="how near to the act its best teller is: 1 regulator, 2 registry, 3 sponsor, 4 press"
    )
    search: Search = Field(None, description="words that all have to be there; the first 200 characters count")
    before: Mark = Field(None, description="a place in the list: the rows older than that")
    after: Mark = Field(None, description="a place in the list: the rows newer than that")

    def filters(self, pack: Pack, among: tuple[str, ...] = BELIEVED) -> Filters:
        """What the list is narrowed to; nothing but events of these states is seen. Raises Unaccepted."""
        return filters_from(pack, self.model_dump(exclude=PLACING), among=among)

    def address(self) -> dict[str, Any]:
        """The query of this list, without the place in it."""
        return self.model_dump(mode="json", exclude=PLACING)

    def marks(self) -> dict[str, Any]:
        """The place in the list."""
        return {"before": self.before, "after": self.after}


class ChangesQuery(ListQuery):
    """As ListQuery, with the kind of a routine change."""

    routine: RoutineKind = Field(None, description="only changes with a routine change of this kind")


class EventsQuery(ListQuery):
    """As ListQuery, with the two clocks."""

    as_of: Day = Field(
        None, description="only what had begun by this day; an act known to its month counts from the month's first day"
    )
    known_at: KnownAt = Field(None, description="only what was known here by then")


class LargeChanges(ChangesQuery):
    """As ChangesQuery, so many rows at once."""

    limit: Limit = Field(PAGE_SIZE, description="how many rows at most")


class LargeEvents(EventsQuery):
    """As EventsQuery, so many rows at once."""

    limit: Limit = Field(PAGE_SIZE, description="how many rows at most")


class Status(StatusQuery, extra="forbid"):
    """As StatusQuery, and nothing else: who misspells a key gets no answer to another question."""


class Newest(NewestQuery, extra="forbid"):
    """As NewestQuery, and nothing else."""


class Changes(LargeChanges, extra="forbid"):
    """As LargeChanges, and nothing else."""


class Events(LargeEvents, extra="forbid"):
    """As LargeEvents, and nothing else."""
