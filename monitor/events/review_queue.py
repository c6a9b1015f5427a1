"""What waits for a maintainer: the queue, what is put off, what is decided and may still be undone.

Held and unsure events come first, the weightiest before the others, the oldest first. What one run brought in great
number is one row: a list that was read anew has changed forty things at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, false, literal, or_, text, union_all
from sqlmodel import Session, col, func, select

from monitor.vocabulary.event_types import LEVELS
from store.states import Certainty, DecisionState, EventState
from store.tables import Audit, Change, Decision, Event, Evidence, Review, Run, Snooze, Watch

TOGETHER = 4
"""So many events of one run, or more, are one row."""

LATELY = timedelta(days=14)
"""How far back those views look that show what went out."""

MOST, MOST_SENT = 2_000, 200
"""Rows that are sorted and grouped, and of what went out; a longer queue is narrowed by its filters."""


class View(StrEnum):
    """Which part of the queue is shown."""

    WAITING = "waiting"
    CRITICAL = "critical"
    CONFLICTS = "conflicts"
    MINE = "mine"
    SNOOZED = "snoozed"
    DECIDED = "decided"
    SENT = "sent"


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the queue is asked for: a view, and what narrows it. `run` shows the events of one run one by one; `who`
    is whose the view `mine` is."""

    view: View = View.WAITING
    who: str | None = None
    level: str | None = None
    therapy: str | None = None
    type: str | None = None
    place: str | None = None
    watch: str | None = None
    text: str | None = None
    run: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the queue: an event, or the events of one run."""

    ids: tuple[str, ...]
    run: int | None

    @property
    def many(self) -> bool:
        """Whether it stands for a run that changed many things."""
        return len(self.ids) > 1


RUN_OF_EVENT = (
    select(func.min(Change.run_id))
    .join(Evidence, col(Evidence.change_id) == col(Change.id))
    .where(Evidence.event_id == Event.id)
    .correlate(Event)
    .scalar_subquery()
)
TELLERS = (
    select(func.count()).select_from(Evidence).where(Evidence.event_id == Event.id).correlate(Event).scalar_subquery()
)
DECIDED = col(Event.id).in_(select(Decision.event_id).where(Decision.state == DecisionState.WAITING))
REVIEWED = exists().where(col(Review.event_id) == col(Event.id))
HELD = col(Event.state) == EventState.HELD
ALL_HELD = select(Event.id).where(text(f"event.state = '{EventState.HELD}'"))
DISPUTED = text(f"event.certainty = '{Certainty.DISPUTED}'")
"""In the words of their indexes, which no parameter would meet."""
TO_AGREE = col(Decision.due_at).is_(None)
"""Of a decision that waits: that a second person is yet to agree."""
WEIGHT = case({level: number for number, level in enumerate(LEVELS)}, value=col(Event.level), else_=0)


def rows(session: Session, asked: Asked, now: datetime) -> list[Row]:
    """The queue in its order, one row for a run that brought many. Raises nothing: an odd filter finds nothing."""
    query = select(Event.id, RUN_OF_EVENT).where(*_conditions(asked, now))
    order: tuple[Any, ...] = (WEIGHT.desc(), col(Event.detected_at), col(Event.sequence))
    if asked.view == View.SENT:
        order = (col(Event.sequence).desc(),)
    elif asked.view == View.WAITING:
        order = (HELD.desc(), *order)
    elif asked.view == View.MINE and asked.who:
        order = (_asks(asked.who).desc(), _asleep(now).asc(), *order)
    most = MOST_SENT if asked.view == View.SENT else MOST
    return _grouped([(id, run) for id, run in session.exec(query.order_by(*order).limit(most))], asked)


def counts(session: Session, now: datetime, who: str | None = None) -> dict[View, int]:
    """How many events each view holds."""
    return {
        view: session.exec(select(func.count()).select_from(Event).where(*_conditions(Asked(view, who=who), now))).one()
        for view in View
        if view != View.SENT
    }


def next_after(session: Session, asked: Asked, now: datetime, event_id: str) -> str | None:
    """The event to look at after one: that below it in the queue, from its end the first."""
    ids = [id for row in rows(session, asked, now) for id in row.ids]
    if event_id in ids and (place := ids.index(event_id) + 1) < len(ids):
        return ids[place]
    return next((id for id in ids if id != event_id), None)


def one_by_one(session: Session, ids: Sequence[str]) -> dict[str, Event]:
    """The events of these rows, by id."""
    return {event.id: event for event in session.exec(select(Event).where(col(Event.id).in_(ids)))}


def runs(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, datetime]]:
    """The watch of each run, and when it began."""
    query = select(Run, Watch.name).join(Watch, col(Watch.id) == col(Run.watch_id)).where(col(Run.id).in_(ids))
    return {run.id: (name, run.started_at) for run, name in session.exec(query) if run.id is not None}


def decisions(session: Session, ids: Sequence[str]) -> dict[str, Decision]:
    """The decisions on these events that have not taken effect."""
    query = select(Decision).where(col(Decision.event_id).in_(ids), Decision.state == DecisionState.WAITING)
    return {decision.event_id: decision for decision in session.exec(query)}


def snoozes(session: Session, ids: Sequence[str]) -> dict[str, Snooze]:
    """How these events were put off."""
    return {row.event_id: row for row in session.exec(select(Snooze).where(col(Snooze.event_id).in_(ids)))}


def _grouped(found: Sequence[tuple[str, int | None]], asked: Asked) -> list[Row]:
    """Events in their order; a run that brought many stands where its first one would."""
    by_run: dict[int, list[str]] = {}
    for id, run in found:
        if run is not None:
            by_run.setdefault(run, []).append(id)
    grouped: list[Row] = []
    seen: set[int] = set()
    for id, run in found:
        if run is None or asked.run is not None or asked.view == View.MINE or len(by_run[run]) < TOGETHER:
            grouped.append(Row((id,), run))
        elif run not in seen:
            seen.add(run)
            grouped.append(Row(tuple(by_run[run]), run))
    return grouped


def _conditions(asked: Asked, now: datetime) -> list[ColumnElement[bool]]:
    where = [_of_view(asked.view, now, asked.who)]
    if asked.level:
        where.append(col(Event.level) == asked.level)
    if asked.therapy:
        where.append(func.lower(func.coalesce(col(Event.therapy), col(Event.drug), "")) == asked.therapy.lower())
    if asked.type:
        where.append(col(Event.type) == asked.type)
    if asked.place:
        where.append(col(Event.place) == asked.place)
    if asked.watch:
        told = or_(col(Evidence.watch) == asked.watch, col(Evidence.source) == asked.watch)
        where.append(exists().where(col(Evidence.event_id) == col(Event.id), told))
    if asked.text:
        where.append(col(Event.title).icontains(asked.text, autoescape=True))
    if asked.run is not None:
        where.append(RUN_OF_EVENT.in_([asked.run]))
    return where


def _asleep(now: datetime) -> ColumnElement[bool]:
    """That an event is put off and has not come back."""
    return exists().where(
        col(Snooze.event_id) == col(Event.id),
        or_(col(Snooze.until).is_(None), col(Snooze.until) > now),
        or_(col(Snooze.tellers).is_(None), col(Snooze.tellers) >= TELLERS),
    )


def _asks(who: str) -> ColumnElement[bool]:
    """That somebody else has decided an event, and asks for a second person."""
    waits = col(Decision.state) == DecisionState.WAITING
    return exists().where(col(Decision.event_id) == col(Event.id), waits, TO_AGREE, col(Decision.by) != who)


def _mine(who: str) -> ColumnElement[bool]:
    """What somebody has a hand in that is not done: what she decided, alone or as one of two, and what asks her to be
    the second; what she put off, also where it has come back; what she has reworded and not decided."""
    waits = col(Decision.state) == DecisionState.WAITING
    hers = or_(col(Decision.by) == who, col(Decision.second_by) == who)
    decided = select(Decision.event_id).where(waits, or_(hers, TO_AGREE))
    put_off = select(Snooze.event_id).join(Event, col(Event.id) == col(Snooze.event_id)).where(Snooze.by == who, HELD)
    matter = literal("event ").concat(col(Event.id))
    reworded = select(Event.id).where(
        text(f"event.state = '{EventState.HELD}'"), col(Event.sentence).is_not(None),
        exists().where(col(Audit.matter) == matter, col(Audit.act) == "edit wording", col(Audit.who) == who),
    )  # fmt: skip
    return col(Event.id).in_(union_all(decided, put_off, reworded))


def _of_view(view: View, now: datetime, who: str | None) -> ColumnElement[bool]:
    asleep = _asleep(now)
    lately = col(Event.released_at) > now - LATELY
    told = and_(col(Event.state) == EventState.RELEASED, lately, ~REVIEWED)
    disputed = select(Event.id).where(DISPUTED, or_(HELD, told))
    either = col(Event.id).in_(union_all(ALL_HELD, disputed))  # each by an index of its own
    open_ = and_(either, ~DECIDED, ~asleep)
    return {
        View.WAITING: open_,
        View.CRITICAL: and_(open_, WEIGHT.in_([len(LEVELS) - 1])),  # no index of all critical events: few are open
        View.CONFLICTS: and_(col(Event.id).in_(disputed), ~DECIDED),
        View.MINE: _mine(who) if who else false(),
        View.SNOOZED: and_(col(Event.id).in_(ALL_HELD), asleep, ~DECIDED),
        View.DECIDED: DECIDED,
        View.SENT: and_(col(Event.state) == EventState.RELEASED, lately),
    }[view]
