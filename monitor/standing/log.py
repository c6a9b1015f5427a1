"""The change log and the events as lines of contract.md, read from the store; and how the watches fare."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, case, literal
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, desc, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from monitor.standing.routine_log import routines, telling
from monitor.standing.status import known
from monitor.standing.timeline import evidence_line, stamp
from monitor.vocabulary.event_types import LEVELS
from monitor.watching.freshness import in_time
from store.states import Certainty
from store.tables import Change, Event, Evidence, Item, Review, Run, Watch

Line = dict[str, Any]
Condition = ColumnElement[bool]

CHUNK = 500
"""Rows read together: their evidence comes in one query, and a long log is never held whole."""

RUNS = 5
"""Runs of late that are shown of each watch."""


def changes(
    session: Session,
    *,
    since: datetime | None = None,
    therapy: str | None = None,
    type: str | None = None,
    level: str | None = None,
    source: str | None = None,
    state: str | None = None,
    routine: str | None = None,
    limit: int | None = None,
) -> Iterator[Line]:
    """The change log, oldest first; `limit` keeps the latest ones.

    `source` is the name of a source or a watch. `therapy`, `type`, `level` (this one or a higher) and `state` keep
    the changes that tell of such an event, `routine` those with a routine change of this kind.
    """
    wanted = _told_of(therapy=therapy, type_=type, level=level, state=state)
    where: list[Condition] = []
    if since:
        where.append(col(Change.detected_at) >= since)
    if source:
        where.append(or_(col(Item.source) == source, col(Watch.name) == source))
    if wanted:
        tellers = select(Evidence.change_id).join(Event, col(Event.id) == col(Evidence.event_id)).where(*wanted)
        where.append(col(Change.id).in_(tellers.where(col(Evidence.change_id).is_not(None))))
    key = cast(Mapped[int], col(Change.id))  # an integer as soon as it is stored
    query = _joined(select(key)).where(*where)
    if routine:
        yield from _of_kind(session, query.where(*telling(routine)), key, routine, limit)
        return
    last = _floor(session, query, key, limit) - 1
    while ids := session.exec(query.where(key > last).order_by(key).limit(CHUNK)).all():
        yield from change_lines(session, ids)
        last = ids[-1]


def _of_kind(
    session: Session, query: SelectOfScalar[int], key: Mapped[int], kind: str, limit: int | None
) -> Iterator[Line]:
    """The changes of a query that hold a routine change of this kind, the latest `limit` of them, oldest first.

    Their words are read before they are told apart, so it is done from the end, and no further than needed.
    """
    found: list[Line] = []
    below = query
    while (limit is None or len(found) < limit) and (ids := session.exec(below.order_by(desc(key)).limit(CHUNK)).all()):
        lines = list(change_lines(session, ids))
        found += [line for line in reversed(lines) if any(one["kind"] == kind for one in line["routine"])]
        below = query.where(key < ids[-1])
    yield from reversed(found[:limit])


def _joined(query: SelectOfScalar[Any]) -> SelectOfScalar[Any]:
    return query.join(Item, col(Item.id) == col(Change.item_id)).join(Watch, col(Watch.id) == col(Change.watch_id))


def change_lines(session: Session, ids: Sequence[int]) -> Iterator[Line]:
    """The lines of these changes, oldest first."""
    events_of: dict[int | None, list[str]] = defaultdict(list)
    pairs = select(Evidence.change_id, Evidence.event_id).where(col(Evidence.change_id).in_(ids))
    for change_id, event_id in session.exec(pairs.order_by(col(Evidence.id))):
        if event_id not in events_of[change_id]:
            events_of[change_id].append(event_id)
    rows = (
        select(Change, Item, Watch)
        .join(Item, col(Item.id) == col(Change.item_id))
        .join(Watch, col(Watch.id) == col(Change.watch_id))
        .where(col(Change.id).in_(ids))
        .order_by(col(Change.id))
    )
    told = session.exec(rows).all()
    routine = routines(session, [(change, item) for change, item, _ in told])
    for change, item, watch in told:
        yield {
            "change": change.id,
            "detected_at": stamp(change.detected_at),
            "source": item.source,
            "watch": watch.name,
            "item": item.key,
            "kind": change.kind,
            "title": item.title,
            "url": item.url,
            "fields": change.differences,
            "event_ids": events_of[change.id],
            "routine": [one.as_json() for one in routine.get(change.id or 0, ())],
        }


def events(
    session: Session,
    *,
    since: datetime | None = None,
    therapy: str | None = None,
    type: str | None = None,
    level: str | None = None,
    source: str | None = None,
    state: str | None = None,
    place: str | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
    limit: int | None = None,
) -> Iterator[Line]:
    """What happened, one line per event, in the order in which it was detected; `limit` keeps the latest ones.

    `level` means at least this one; `source` is the name of a source or a watch among the tellers; `since` is about
    detection, `as_of` about the day of the act (a date without a day counts from the end of its month or year), and
    `known_at` leaves out events and evidence that came later.
    """
    where = _told_of(therapy=therapy, type_=type, level=level, state=state)
    if since:
        where.append(col(Event.detected_at) >= since)
    if source:
        tellers = select(Evidence.event_id).where(or_(col(Evidence.source) == source, col(Evidence.watch) == source))
        where.append(col(Event.id).in_(tellers))
    if place:
        where.append(col(Event.place) == place)
    if as_of:
        where.append(_past(as_of))
    if known_at:
        where.append(col(Event.detected_at) <= known_at)
    query = select(Event).where(*where).order_by(col(Event.sequence))
    last = _floor(session, select(Event.sequence).where(*where), col(Event.sequence), limit) - 1
    while rows := session.exec(query.where(col(Event.sequence) > last).limit(CHUNK)).all():
        evidence = evidence_of_events(session, [row.id for row in rows], known_at=known_at)
        yield from (_event_line(row, evidence.get(row.id, []), then=known_at is not None) for row in rows)
        last = rows[-1].sequence


def event(session: Session, id: str) -> Line | None:
    """One event with all that is known of it: its line, its details, the ladder of its thread and its reviews.

    None when there is no such event.
    """
    found = session.get(Event, id)
    if found is None:
        return None
    line = _event_line(found, evidence_of_events(session, [id]).get(id, []))
    ladder = session.exec(select(Event).where(Event.thread == found.thread).order_by(col(Event.occurred_on)))
    reviews = session.exec(select(Review).where(Review.event_id == id).order_by(col(Review.id)))
    return line | {
        **{name: getattr(found, name) for name in DETAILS},
        "released_at": stamp(found.released_at),
        "event_mark": found.mark_event,
        "date_mark": found.mark_date,
        "ladder": [
            {"event": e.id, "step": e.step, "on": e.occurred_on, "tier": e.tier, "title": e.title, "state": e.state}
            for e in ladder
        ],
        "reviews": [{"verdict": r.verdict, "by": r.by, "at": stamp(r.at), "note": r.note} for r in reviews],
    }


DETAILS = (
    "sequence", "drug", "agency", "kind", "subtype", "phase", "planned_start", "marketed_from", "step", "alert",
    "level_reasons", "note", "rule", "confidence", "held_because", "corrects",
)  # fmt: skip
"""Fields of an event that its line leaves out."""


def what_is_known(session: Session, known_at: datetime | None = None) -> tuple[list[Event], dict[str, list[Evidence]]]:
    """The events that count and the evidence of each, oldest first; all of it, or as known at a moment."""
    query = select(Evidence).order_by(col(Evidence.id))
    if known_at:
        query = query.where(col(Evidence.at) <= known_at)
    evidence: dict[str, list[Evidence]] = defaultdict(list)
    for proof in session.exec(query):
        evidence[proof.event_id].append(proof)
    return known(session.exec(select(Event)), known_at), dict(evidence)


def evidence_of_events(
    session: Session, ids: Sequence[str], *, known_at: datetime | None = None
) -> dict[str, list[Evidence]]:
    """The evidence of these events in one query, in the order in which it came."""
    query = select(Evidence).where(col(Evidence.event_id).in_(ids))
    if known_at:
        query = query.where(col(Evidence.at) <= known_at)
    found: dict[str, list[Evidence]] = defaultdict(list)
    for one in session.exec(query.order_by(col(Evidence.id))):
        found[one.event_id].append(one)
    return dict(found)


def watches(session: Session, now: datetime, *, titles: Mapping[str, str] | None = None) -> list[Line]:
    """How each active watch fares at a moment. `titles` are the names of sources for readers.

    `stale`: the last success is too old to vouch for anything (`monitor.watching.freshness`), or there was none.
    """
    recent: dict[int, list[Line]] = defaultdict(list)
    place = func.row_number().over(partition_by=col(Run.watch_id), order_by=desc(col(Run.id))).label("place")
    ranked = select(col(Run.id).label("id"), place).subquery()
    late = select(Run).join(ranked, ranked.c.id == col(Run.id)).where(ranked.c.place <= RUNS)
    for run in session.exec(late.order_by(desc(col(Run.id)))):
        recent[run.watch_id].append(_run_line(run))
    rows = session.exec(select(Watch).where(col(Watch.active)).order_by(Watch.name))
    return [_watch_line(watch, now, titles or {}, recent.get(watch.id or 0, [])) for watch in rows]


def _watch_line(watch: Watch, now: datetime, titles: Mapping[str, str], runs: list[Line]) -> Line:
    return {
        "watch": watch.name,
        "source": watch.source,
        "title": titles.get(watch.source) or watch.source,
        "url": watch.url,
        "therapies": watch.therapies,
        "every_seconds": watch.every_seconds,
        "last_success_at": stamp(watch.last_success_at),
        "health": watch.health,
        "problem": watch.problem,
        "failures": watch.failures,
        "next_check_at": stamp(watch.next_check_at),
        "stale": not in_time(watch, now),
        "runs": runs,
    }


def _run_line(run: Run) -> Line:
    counts = {name: getattr(run, name) for name in ("outcome", "pages", "records", "changes", "events", "note", "ms")}
    return {"started_at": stamp(run.started_at), "finished_at": stamp(run.finished_at), **counts}


def _event_line(event: Event, evidence: Sequence[Evidence], *, then: bool = False) -> Line:
    """`then`: the evidence is that of an earlier moment, and says how sure the event was at that time."""
    tier, certainty = event.tier, event.certainty
    if then and evidence:
        tier = min(one.tier for one in evidence)
        certainty = Certainty.REPORTED if certainty == Certainty.STATED and tier > 2 else certainty
    return {
        "event": event.id,
        "type": event.type,
        "therapy": event.therapy,
        "place": event.place,
        "trial": event.trial,
        "polarity": event.polarity,
        "occurred_on": event.occurred_on,
        "detected_at": stamp(event.detected_at),
        "level": event.level,
        "certainty": certainty,
        "tier": tier,
        "thread": event.thread,
        "title": event.title,
        "evidence": [evidence_line(one) for one in evidence],
        "state": event.state,
    }


def _told_of(*, therapy: str | None, type_: str | None, level: str | None, state: str | None) -> list[Condition]:
    where: list[Condition] = []
    if therapy:
        where.append(func.lower(col(Event.therapy)) == therapy.lower())
    if type_:
        where.append(col(Event.type) == type_)
    if level:
        where.append(col(Event.level).in_(LEVELS[LEVELS.index(level) :]))
    if state:
        where.append(col(Event.state) == state)
    return where


def _past(as_of: date) -> Condition:
    """That an act had surely happened by a day, told from text: `2024-09` is past from 2024-09-30 on."""
    last = monthrange(as_of.year, as_of.month)[1] == as_of.day
    bound = f"{as_of:%Y-%m}-31" if last else as_of.isoformat()  # so that a month of 30 days ends with its last day
    told = col(Event.occurred_on)
    end = case((func.length(told) == 4, told + "-12-31"), (func.length(told) == 7, told + "-31"), else_=told)
    seen = col(Event.detected_at) < datetime.combine(as_of + timedelta(days=1), time(), UTC)
    return case((told.is_(None), seen), else_=end <= literal(bound))


def _floor(session: Session, query: SelectOfScalar[Any], key: Any, limit: int | None) -> int:
    """The smallest key among the latest `limit` rows; 0 when all are wanted."""
    if limit is None:
        return 0
    if limit < 1:
        raise ValueError(f"expected a limit of at least 1, found {limit}")
    return session.exec(query.order_by(desc(key)).offset(limit - 1).limit(1)).first() or 0
