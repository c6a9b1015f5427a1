"""What may be asked of the lists of changes and events: read once, for commands, pages, interface, feeds and export.

A reader takes the text of one filter and gives its value, or raises ValueError with what was expected and found.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, String, case, cast, literal
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, or_, select

from monitor.reading.routine.kinds import KINDS
from monitor.standing.status import RULES
from monitor.vocabulary.event_types import LEVELS, TYPES
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.places import PLACES
from store.states import EventState
from store.tables import Change, Event, Evidence, Item, Watch

Condition = ColumnElement[bool]

STATES: tuple[str, ...] = tuple(EventState)
LONGEST = 200
"""Longest text a filter may hold."""


class Unaccepted(ValueError):
    """A filter has a value that is not accepted. `field` names it, the text says what was expected and found."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(problem)
        self.field = field


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; None asks for nothing.

    `since` is about detection. `as_of` is about the day of the act: one known to its month or year counts from the
    first day of it, one without a date from its detection. `known_at` leaves out what came later. `level` means this
    one or a higher, `source` the name of a source or a watch among the tellers, `routine` a kind of routine change.
    `among` are the states that may be seen at all.
    """

    since: datetime | None = None
    therapy: str | None = None
    type: str | None = None
    level: str | None = None
    source: str | None = None
    state: str | None = None
    place: str | None = None
    routine: str | None = None
    as_of: date | None = None
    known_at: datetime | None = None
    among: tuple[str, ...] = STATES


def read(field: str, text: object) -> Any:
    """The value of one filter, whatever asks; blank text asks for nothing, and a value is taken as it is.

    Raises ValueError saying what was expected and what was found.
    """
    if isinstance(text, str):
        text = text.strip() or None
    return READERS[field](text) if isinstance(text, str) else text


def filters_from(pack: Pack, values: Mapping[str, object], *, among: tuple[str, ...] = STATES) -> Filters:
    """Filters from the texts asked, keyed by field; therapies by any of their names. Raises Unaccepted."""
    asked: dict[str, Any] = {}
    for field, text in values.items():
        try:
            asked[field] = read(field, text)
        except ValueError as problem:
            raise Unaccepted(field, str(problem)) from None
    if (state := asked.get("state")) and state not in among:
        raise Unaccepted("state", f"expected one of {', '.join(among)}; found {state!r}")
    if name := asked.get("therapy"):
        asked["therapy"] = therapy_named(pack, name)
    return Filters(**asked, among=among)


def therapy_named(pack: Pack, name: str) -> str:
    """The pack's name of a therapy asked for by any of its names. Raises Unaccepted."""
    if known := pack.named(name):
        return known.name
    accepted = ", ".join(therapy.name for therapy in pack.therapies)
    raise Unaccepted("therapy", f"expected a name of a therapy of this pack ({accepted}); found {short(name)}")


def event_conditions(session: Session, asked: Filters) -> list[Condition]:
    """What an event has to meet. Raises Unaccepted for a source that the log does not know."""
    where = _of_events(asked)
    if asked.since:
        where.append(col(Event.detected_at) >= asked.since)
    if asked.source:
        _require_source(session, asked.source)
        where.append(col(Event.id).in_(select(Evidence.event_id).where(_teller(asked.source))))
    if asked.as_of:
        where.append(begun(asked.as_of))
    if asked.known_at:
        where.append(func.coalesce(Event.released_at, Event.detected_at) <= asked.known_at)
    return where


def _of_events(asked: Filters) -> list[Condition]:
    """The conditions that are the same whether events are listed or changes that tell of one."""
    where: list[Condition] = []
    if asked.therapy:
        where.append(func.lower(col(Event.therapy)) == asked.therapy.lower())
    if asked.type:
        where.append(col(Event.type) == asked.type)
    if asked.level:
        where.append(col(Event.level).in_(LEVELS[LEVELS.index(asked.level) :]))
    if asked.place:
        named = cast(col(Event.places), String).contains(f'"{asked.place}"', autoescape=True)
        where.append(or_(col(Event.place) == asked.place, named))
    if asked.state or asked.among != STATES:
        where.append(col(Event.state).in_([asked.state] if asked.state else asked.among))
    return where


def change_conditions(session: Session, asked: Filters) -> list[Condition]:
    """What a change, joined with its item and watch, has to meet. Raises Unaccepted."""
    where: list[Condition] = [_has_its_line(asked.since)]
    if asked.since:
        where.append(col(Change.detected_at) >= asked.since)
    if asked.source:
        _require_source(session, asked.source)
        where.append(or_(col(Item.source) == asked.source, col(Watch.name) == asked.source))
    if asked.therapy or asked.type or asked.level or asked.place or asked.state:
        tellers = select(Evidence.change_id).join(Event, col(Event.id) == col(Evidence.event_id))
        of_events = tellers.where(*_of_events(asked), col(Evidence.change_id).is_not(None))
        where.append(col(Change.id).in_(of_events))
    return where


def _has_its_line(since: datetime | None) -> Condition:
    """That a change is a line of its own: not folded into one that is listed too, or it tells of an event."""
    folding = aliased(Change)
    listed = select(folding.id).where(folding.id == Change.folded_into)
    if since:
        listed = listed.where(col(folding.detected_at) >= since)
    tells = select(Evidence.id).where(Evidence.change_id == Change.id)
    return or_(col(Change.folded_into).is_(None), ~listed.exists(), tells.exists())


def begun(as_of: date) -> Condition:
    """That an act had begun by a day: one known to its month or year counts from the first day of it."""
    when = col(Event.occurred_on)
    length = func.length(when)
    first = case((length == 4, when + "-01-01"), (length == 7, when + "-01"), else_=when)
    detected = col(Event.detected_at) <= datetime.combine(as_of, time.max, UTC)
    return case((when.is_(None), detected), else_=first <= literal(as_of.isoformat()))


def _teller(name: str) -> Condition:
    return or_(col(Evidence.source) == name, col(Evidence.watch) == name)


def _require_source(session: Session, name: str) -> None:
    """That a source, a watch or a teller of history bears this name."""
    watches = session.exec(select(Watch.source, Watch.name)).all()
    known = sorted({word for pair in watches for word in pair})
    from_it = select(Evidence.id).where(_teller(name)).limit(1)
    if name in known or session.exec(from_it).first() is not None:
        return
    raise Unaccepted("source", f"expected a source or watch of this log ({', '.join(known)}); found {short(name)}")


def short(value: object) -> str:
    """A value as it was found, quoted, cut where it is long."""
    text = str(value)
    return repr(text if len(text) <= 80 else text[:80] + "…")


def _one_of(words: Iterable[str]) -> Callable[[str], str]:
    accepted = tuple(words)

    def check(text: str) -> str:
        if text not in accepted:
            raise ValueError(f"expected one of {', '.join(accepted)}; found {short(text)}")
        return text

    return check


def _day(text: str) -> date:
    try:
        if len(text) != 10:
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"expected a day such as 2025-08-31; found {short(text)}") from None


def _from(text: str) -> datetime:
    return _moment(text, time.min)


def _until(text: str) -> datetime:
    return _moment(text, time.max)


def _moment(text: str, of_day: time) -> datetime:
    """A moment; a day stands for its first or its last, one without zone is UTC."""
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), of_day, UTC)
        # a plus sign in an address arrives as a blank
        moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            f"expected a moment such as 2025-08-31T12:00:00Z or a day such as 2025-08-31; found {short(text)}"
        ) from None


def _text(text: str) -> str:
    if len(text) > LONGEST or "\x00" in text:
        raise ValueError(f"expected at most {LONGEST} characters of plain text; found {short(text)}")
    return text


READERS: Mapping[str, Callable[[str], Any]] = {
    "since": _from,
    "therapy": _text,
    "type": _one_of(TYPES),
    "level": _one_of(LEVELS),
    "source": _text,
    "state": _one_of(STATES),
    "place": _one_of(PLACES),
    "routine": _one_of(KINDS),
    "as_of": _day,
    "known_at": _until,
    "rule": _one_of(RULES),
}
"""Field to the reader of its text. `rule` is of the newest drug alone."""
