"""The latest news, asked of the log from its end."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, String, and_, case, or_
from sqlalchemy import cast as sql_cast
from sqlmodel import Session, col, func, select

from monitor.standing.conditions import begun, looked_up
from monitor.standing.status import known
from monitor.standing.timeline import RANKS, in_order, once_each
from monitor.vocabulary.event_types import LEVELS
from store.states import EventState
from store.tables import Event

MARGIN = 8
"""So many times more events are read than are shown: some are rungs of an alert, some have been corrected."""


WHOLE_DAY = len("2025-08-29")


def recent(session: Session, *, as_of: date, known_at: datetime | None, lowest: str, limit: int) -> list[Event]:
    """The latest events of a level or above that had begun by a day and count, each once, the newest first."""
    level = looked_up(col(Event.level)).in_(LEVELS[LEVELS.index(lowest) :])
    where = [level, looked_up(col(Event.state)) != EventState.HELD, begun(as_of)]
    if known_at:
        where.append(func.coalesce(Event.released_at, Event.detected_at) <= known_at)
    query = (
        select(Event)
        .where(*where)
        .order_by(_end().desc(), case(RANKS, value=col(Event.step), else_=-1).desc(), col(Event.id).desc())
    )
    read = limit
    while True:
        read *= MARGIN
        found = session.exec(query.where(*_late_enough(session, where, read)).limit(read)).all()
        corrections = session.exec(select(Event).where(col(Event.corrects).in_([event.id for event in found]))).all()
        listed = {event.id for event in found}
        counting = known({event.id: event for event in (*found, *corrections)}.values(), known_at)
        latest = once_each(in_order(event for event in counting if event.id in listed))
        if len(latest) >= limit or len(found) < read:
            return latest[-limit:][::-1]


def _late_enough(session: Session, where: Sequence[ColumnElement[bool]], count: int) -> list[ColumnElement[bool]]:
    """What the latest so many meet and few others do: an index leads to the day from which on so many are listed. A
    date without a day stands under the beginning of its month or year, and may end later."""
    by_day = select(Event.day).where(*where).order_by(col(Event.day).desc(), col(Event.sequence).desc())
    since = session.exec(by_day.offset(count - 1).limit(1)).first()
    if since is None:
        return []
    inexact = and_(func.length(col(Event.day)) < WHOLE_DAY, col(Event.day) >= since[:4])
    return [or_(col(Event.day) >= since, inexact)]


def _end() -> ColumnElement[str]:
    """The day from which an event surely is past, as text that sorts."""
    when = col(Event.occurred_on)
    length = func.length(when)
    detected = func.substr(sql_cast(col(Event.detected_at), String), 1, 10)
    return case((when.is_(None), detected), (length == 4, when + "-12-31"), (length == 7, when + "-31"), else_=when)
