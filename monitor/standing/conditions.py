"""What is asked of the lists of changes and events, as conditions of a query.

A question whose answers are few is led by them; one with many is put to each row in the order of the list, until the
page is full. Either way a page of a long log costs little.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, String, false
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Mapped, aliased
from sqlmodel import Session, col, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from monitor.standing.filter_values import STATES, short
from monitor.standing.filters import Filters
from monitor.standing.routine_log import fields_of, telling
from monitor.standing.unaccepted import Unaccepted
from monitor.vocabulary.event_types import LEVELS
from store.search import holding, words_of
from store.states import EventState
from store.tables import Change, Event, Evidence, Item, Watch

Condition = ColumnElement[bool]

FEW, FEW_EVENTS = 2000, 5000
"""So many answers are looked up one by one; more are met on the way through the list. Changes are many more than the
events they tell of."""


COMMON = frozenset({EventState.RELEASED, EventState.IMPORTED})
"""States of most events: an index of them leads nowhere."""


def event_conditions(session: Session, asked: Filters) -> list[Condition]:
    """What an event has to meet. Raises Unaccepted for a source that the log does not know."""
    where = _of_events(asked)
    if asked.since:
        where.append(col(Event.detected_at) >= asked.since)
    if asked.source:
        _require_source(session, asked.source)
        where.append(_told_by(session, asked.source))
    if asked.as_of:
        where.append(begun(asked.as_of))
    if asked.known_at:
        where.append(func.coalesce(Event.released_at, Event.detected_at) <= asked.known_at)
    if asked.search:
        if not (words := words_of(asked.search)):
            return [false()]
        number, holds = holding(session.get_bind().dialect.name, "event", words)
        where.append(_among(session, col(Event.sequence), select(number).where(holds)))
    return where


def _of_events(asked: Filters) -> list[Condition]:
    """The conditions that are the same whether events are listed or changes that tell of one."""
    where: list[Condition] = []
    if asked.therapy:
        where.append(of_therapy(asked.therapy))
    if asked.type:
        where.append(col(Event.type) == asked.type)
    if asked.level:
        where.append(looked_up(col(Event.level)).in_(LEVELS[LEVELS.index(asked.level) :]))
    if asked.place:
        named = sql_cast(col(Event.places), String).contains(f'"{asked.place}"', autoescape=True)
        where.append(or_(col(Event.place) == asked.place, named))
    if asked.tier:
        where.append(looked_up(col(Event.tier)) == asked.tier)
    if asked.state or asked.among != STATES:
        where.append(of_states([asked.state] if asked.state else asked.among))
    return where


def of_states(states: Collection[str]) -> Condition:
    """That an event is in one of these states; of common ones no index leads to it."""
    state = looked_up(col(Event.state)) if COMMON & set(states) else col(Event.state)
    return cast(Condition, state.in_(states))


def of_therapy(name: str) -> Condition:
    """That an event is of this therapy, as packs of any time wrote its name."""
    therapy = aliased(Event).therapy
    return col(Event.therapy).in_(select(therapy).where(func.lower(therapy) == name.lower()).distinct())


def change_query(session: Session, asked: Filters) -> tuple[SelectOfScalar[int], Mapped[int]]:
    """The numbers of the changes asked for, and the key by which they are put in order. Raises Unaccepted."""
    key = cast(Mapped[int], col(Change.id))  # an integer as soon as it is stored
    query = select(key).join(Item, col(Item.id) == col(Change.item_id)).join(Watch, col(Watch.id) == Change.watch_id)
    words = words_of(asked.search or "")
    groups = [words_of(name) for name in fields_of(asked.routine)] if asked.routine else []
    if asked.search and not words:
        query = query.where(false())
    elif words or groups:
        number, holds = holding(session.get_bind().dialect.name, "change", words, groups)
        key = cast(Mapped[int], number)
        joined = query.join(number.table, number == col(Change.id)).where(holds)
        query = cast(SelectOfScalar[int], joined.with_only_columns(key))
    return query.where(*_change_conditions(session, asked, key)), key


def _change_conditions(session: Session, asked: Filters, key: Mapped[int]) -> list[Condition]:
    where: list[Condition] = [_has_its_line(asked.since)]
    if asked.since:
        # numbers and moments rise together, almost: what lies below the first number of that time needs no look
        found = select(func.min(cast(Any, Change.id) + 0)).where(col(Change.detected_at) >= asked.since)
        where += [col(Change.detected_at) >= asked.since, key >= (session.exec(found).one() or 0)]
    if asked.source:
        _require_source(session, asked.source)
        where.append(_of_watches(session, asked.source))
    if asked.therapy or asked.type or asked.level or asked.place or asked.tier or asked.state:
        where.append(_tells(session, _of_events(asked)))
    return where + (telling(asked.routine) if asked.routine else [])


def _of_watches(session: Session, name: str) -> Condition:
    """That a change was seen by the watch of this name, or by those of this source."""
    watches = session.exec(select(Watch.id).where(or_(Watch.name == name, Watch.source == name))).all()
    if len(watches) == 1:
        return col(Change.watch_id) == watches[0]
    own = col(Change.watch_id).in_(watches)
    return own if _are_few(session, select(Change.id).where(own)) else looked_up(col(Change.watch_id)).in_(watches)


def _tells(session: Session, of_event: Sequence[Condition]) -> Condition:
    """That a change tells of an event that meets conditions."""
    told = select(Evidence.change_id).where(col(Evidence.change_id).is_not(None))
    events = session.exec(select(Event.id).where(*of_event).limit(FEW_EVENTS + 1)).all()
    if len(events) <= FEW_EVENTS:
        return col(Change.id).in_(told.where(col(Evidence.event_id).in_(events)))
    joined = told.join(Event, col(Event.id) == col(Evidence.event_id)).where(*of_event)
    return joined.where(col(Evidence.change_id) == col(Change.id)).exists()


def _told_by(session: Session, name: str) -> Condition:
    """That this source or watch is among the tellers of an event."""
    told = select(Evidence.event_id).where(_teller(name))
    if _are_few(session, told):
        return col(Event.id).in_(told)
    return told.where(col(Evidence.event_id) == col(Event.id)).exists()


def _among(session: Session, column: Any, rows: SelectOfScalar[Any]) -> Condition:
    """That a column is among these rows."""
    led = column if _are_few(session, rows) else looked_up(column)
    return cast(Condition, led.in_(rows))


def _are_few(session: Session, rows: SelectOfScalar[Any]) -> bool:
    return session.exec(select(func.count()).select_from(rows.limit(FEW + 1).subquery())).one() <= FEW


def looked_up(column: Any) -> Any:
    """The column as a value of each row, so that no index of it decides the order in which rows are met."""
    return func.coalesce(column, None)


def _has_its_line(since: datetime | None) -> Condition:
    """That a change is a line of its own: not folded into one that is listed too, or it tells of an event."""
    folding = aliased(Change)
    listed = select(folding.id).where(folding.id == Change.folded_into)
    if since:
        listed = listed.where(col(folding.detected_at) >= since)
    tells = select(Evidence.id).where(Evidence.change_id == Change.id)
    return or_(col(Change.folded_into).is_(None), ~listed.exists(), tells.exists())


def begun(as_of: date) -> Condition:
    """That an act had begun by a day: one known to its month or year counts from the first day of it, which as text
    `2018-01` does, standing before `2018-01-01`."""
    return col(Event.day) <= as_of.isoformat()


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
