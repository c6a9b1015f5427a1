"""What an address asks for, checked: a wrong word answers 400 and says what was expected and what was found."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from monitor.reading.routine.kinds import KINDS
from monitor.vocabulary.event_types import LEVELS, TYPES
from monitor.vocabulary.places import PLACES

STATES = ("held", "released", "dismissed", "corrected", "imported")
RULES = ("substance", "act", "formulation")
PAGE_SIZE = 25
LAST_PAGE = 400
"""Pages are counted from the newest; what lies deeper is found by narrowing the filters."""
LONGEST = 200
"""Longest text a filter may hold."""


def _blank(value: Any) -> Any:
    """An empty field of a form asks for nothing."""
    return (value.strip() or None) if isinstance(value, str) else value


def _one_of(words: Iterable[str]) -> Callable[[Any], Any]:
    accepted = tuple(words)

    def check(value: Any) -> Any:
        value = _blank(value)
        if value is not None and value not in accepted:
            raise ValueError(f"expected one of {', '.join(accepted)}; found {_short(value)}")
        return value

    return check


def _schema(words: Iterable[str]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": ["", *words]})


def _short(value: Any) -> str:
    text = str(value)
    return repr(text if len(text) <= 80 else text[:80] + "…")


def _day(value: Any) -> Any:
    value = _blank(value)
    if not isinstance(value, str):
        return value
    try:
        if len(value) != 10:
            raise ValueError
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"expected a day such as 2025-08-31; found {_short(value)}") from None


def _moment(value: Any) -> Any:
    """A moment; a day stands for its end, a moment without zone is UTC."""
    value = _blank(value)
    if not isinstance(value, str):
        return value
    try:
        if len(value) == 10:
            return datetime.combine(date.fromisoformat(value), time(23, 59, 59), UTC)
        # a plus sign in an address arrives as a blank
        moment = datetime.fromisoformat(value.replace(" ", "+") if "T" in value else value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            f"expected a moment such as 2025-08-31T12:00:00Z or a day such as 2025-08-31; found {_short(value)}"
        ) from None


def _text(value: Any) -> Any:
    value = _blank(value)
    if isinstance(value, str) and (len(value) > LONGEST or "\x00" in value):
        raise ValueError(f"expected at most {LONGEST} characters of plain text; found {_short(value)}")
    return value


def _page(value: Any) -> Any:
    value = _blank(value)
    if value is None:
        return 1
    whole = isinstance(value, int) or (value.isascii() and value.isdigit() and len(value) <= 9)
    if not whole or not 1 <= int(value) <= LAST_PAGE:
        raise ValueError(f"expected a whole number from 1 to {LAST_PAGE}; found {_short(value)}")
    return int(value)


Place = Annotated[str | None, BeforeValidator(_one_of(PLACES)), _schema(PLACES)]
Level = Annotated[str | None, BeforeValidator(_one_of(LEVELS)), _schema(LEVELS)]
State = Annotated[str | None, BeforeValidator(_one_of(STATES)), _schema(STATES)]
Type = Annotated[str | None, BeforeValidator(_one_of(TYPES)), _schema(TYPES)]
RoutineKind = Annotated[str | None, BeforeValidator(_one_of(KINDS)), _schema(KINDS)]
Rule = Annotated[str | None, BeforeValidator(_one_of(RULES)), _schema(RULES)]
Text = Annotated[str | None, BeforeValidator(_text), WithJsonSchema({"type": "string", "maxLength": LONGEST})]
Day = Annotated[date | None, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Moment = Annotated[datetime | None, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})]
Page = Annotated[int, BeforeValidator(_page), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": LAST_PAGE})]


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True)


class StatusAsked(_Asked):
    """Which place, seen on which day, known by when."""

    place: Place = Field(None, description="the place the answer is for")
    as_of: Day = Field(None, description="the day whose state is shown; default: today")
    known_at: Moment = Field(None, description="only what was known here by then; default: now")


class NewestAsked(StatusAsked):
    """As StatusAsked, with the rule that decides."""

    rule: Rule = Field("substance", description="what counts as newest")


class ListAsked(_Asked):
    """Filters of a list; each narrows it."""

    since: Moment = Field(None, description="found at or after this moment")
    therapy: Text = Field(None, description="a therapy as the pack names it")
    type: Type = Field(None, description="what happened")
    level: Level = Field(None, description="the lowest level shown")
    source: Text = Field(None, description="a source or watch")
    state: State = Field(None, description="the state of the event")
    place: Place = Field(None, description="where it happened")
    page: Page = Field(1, description="page of the list, newest first")


class ChangesAsked(ListAsked):
    """As ListAsked, with the kind of a routine change."""

    routine: RoutineKind = Field(None, description="only changes with a routine change of this kind")


class EventsAsked(ListAsked):
    """As ListAsked, with the two clocks."""

    as_of: Day = Field(None, description="only what had happened by the end of this day")
    known_at: Moment = Field(None, description="only what was known here by then")
