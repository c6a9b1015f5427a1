"""The latest news, asked of the log from its end."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, String, case
from sqlalchemy import cast as sql_cast
from sqlmodel import Session, col, func, select

from monitor.standing.conditions import begun
from monitor.standing.status import known
from monitor.standing.timeline import RANKS, in_order, once_each
from monitor.vocabulary.event_types import LEVELS
from store.states import EventState
from store.tables import Event

MARGIN = 8
"""So many times more events are read than are shown: some are rungs of an alert, some have been corrected."""


def recent(session: Session, *, as_of: date, known_at: datetime | None, lowest: str, limit: int) -> list[Event]:
    """The latest events of a level or above that had begun by a day and count, each once, the newest first."""
    query = (
        select(Event)
        .where(col(Event.level).in_(LEVELS[LEVELS.index(lowest) :]), col(Event.state) != EventState.HELD, begun(as_of))
        .order_by(_end().desc(), case(RANKS, value=col(Event.step), else_=-1).desc(), col(Event.id).desc())
    )
    if known_at:
        query = query.where(func.coalesce(Event.released_at, Event.detected_at) <= known_at)
    read = limit
    while True:
        read *= MARGIN
        found = session.exec(query.limit(read)).all()
        corrections = session.exec(select(Event).where(col(Event.corrects).in_([event.id for event in found]))).all()
        listed = {event.id for event in found}
        counting = known({event.id: event for event in (*found, *corrections)}.values(), known_at)
        latest = once_each(in_order(event for event in counting if event.id in listed))
        if len(latest) >= limit or len(found) < read:
            return latest[-limit:][::-1]


def _end() -> ColumnElement[str]:
    """The day from which an event surely is past, as text that sorts."""
    when = col(Event.occurred_on)
    length = func.length(when)
    detected = func.substr(sql_cast(col(Event.detected_at), String), 1, 10)
    return case((when.is_(None), detected), (length == 4, when + "-12-31"), (length == 7, when + "-31"), else_=when)
