"""The change log and the events as lines of contract.md, read from the store."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, String, and_, or_
from sqlalchemy import cast as sql_cast
from sqlmodel import Session, col, desc, select

from monitor.standing.conditions import change_query, event_conditions, of_states
from monitor.standing.contract import ChangeLine, DifferenceLine, EventInFull, EventLine
from monitor.standing.filter_values import STATES
from monitor.standing.filters import Filters
from monitor.standing.former import as_known
from monitor.standing.routine_log import routines
from monitor.standing.timeline import by_tier, evidence_line, in_order, stamp
from monitor.standing.told_by_then import as_told
from monitor.vocabulary.dates import precision
from store.states import UNCORRECTED, EventState, Verdict
from store.tables import Change, Event, Evidence, Item, Review, Watch

AUTHORISATION = "/authorisation"
"""How the threads of an approval end."""

NOTHING = Filters()
"""No filter: everything is listed."""

UNQUESTIONED = of_states(UNCORRECTED)

CHUNK = 500
"""Rows read together: their evidence comes in one query, and a long log is never held whole."""


def changes(session: Session, asked: Filters = NOTHING) -> Iterator[ChangeLine]:
    """The change log, oldest first. Raises Unaccepted.

    `therapy`, `type`, `level`, `place`, `tier` and `state` keep the changes that tell of such an event.
    """
    query, key = change_query(session, asked)
    last = 0
    while ids := session.exec(query.where(key > last).order_by(key).limit(CHUNK)).all():
        yield from (line for line in change_lines(session, ids, among=asked.among) if is_of_kind(line, asked.routine))
        if len(ids) < CHUNK:
            return
        last = ids[-1]


def is_of_kind(line: ChangeLine, kind: str | None) -> bool:
    """Whether a change holds a routine change of this kind, which its words alone say; without a kind, that it does."""
    return kind is None or any(routine["kind"] == kind for routine in line["routine"])


def change_lines(session: Session, ids: Sequence[int], *, among: tuple[str, ...] = STATES) -> Iterator[ChangeLine]:
    """The lines of these changes, oldest first, with the events of them whose state is among these."""
    query = (
        select(Change, Item, Watch)
        .join(Item, col(Item.id) == col(Change.item_id))
        .join(Watch, col(Watch.id) == col(Change.watch_id))
    )
    rows = session.exec(query.where(col(Change.id).in_(ids)).order_by(col(Change.id))).all()
    states_of_events = _events_by_change(session, ids)
    back = _taken_back(session, ids)
    titles = _titles(session, [(change, item) for change, item, _ in rows])
    routine = routines(session, [(change, item) for change, item, _ in rows])
    for change, item, watch in rows:
        assert change.id is not None
        states = states_of_events.get(change.id, {})
        yield {
            "change": change.id,
            "detected_at": stamp(change.detected_at),
            "source": item.source,
            "watch": watch.name,
            "item": item.key,
            "kind": change.kind,
            "title": titles[change.id],
            "url": item.url,
            "fields": cast(list[DifferenceLine], change.differences),
            "event_ids": [id for id, state in states.items() if state in among],
            "routine": [words.as_json() for words in routine.get(change.id, ())],
            "awaits_review": EventState.HELD in states.values(),
            "back_at": stamp(back.get(change.id)),
        }


def _taken_back(session: Session, ids: Sequence[int]) -> dict[int | None, datetime]:
    """Change to the moment at which its item was as before again, and has been since: of a flap that went on for some
    looks, every other one."""
    query = select(Change.folded_into, Change.detected_at).where(col(Change.folded_into).in_(ids))
    moments: dict[int | None, list[datetime]] = defaultdict(list)
    for change_id, at in session.exec(query.order_by(col(Change.id))):
        moments[change_id].append(at)
    return {change_id: times[-1] for change_id, times in moments.items() if len(times) % 2}


def _events_by_change(session: Session, ids: Sequence[int]) -> dict[int | None, dict[str, str]]:
    """Change to the events it tells of, in the order of their evidence, each with its state."""
    query = select(Evidence.change_id, Event.id, Event.state).join(Event, col(Event.id) == col(Evidence.event_id))
    events: dict[int | None, dict[str, str]] = defaultdict(dict)
    for change_id, event_id, state in session.exec(
        query.where(col(Evidence.change_id).in_(ids)).order_by(col(Evidence.id))
    ):
        events[change_id][event_id] = state
    return events


def _titles(session: Session, rows: Sequence[tuple[Change, Item]]) -> dict[int, str]:
    """Change to the title its item had then: what the next change of the title says stood before, else today's."""
    if not rows:
        return {}
    query = (
        select(Change.id, Change.item_id, Change.differences)
        .where(
            col(Change.item_id).in_({item.id for _, item in rows}),
            col(Change.id) > min(change.id or 0 for change, _ in rows),
            sql_cast(col(Change.differences), String).contains('"title"'),
        )
        .order_by(col(Change.id))
    )
    retitled: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for id, item_id, differences in session.exec(query):
        retitled[item_id] += [
            (id or 0, difference["before"]) for difference in differences if difference["field"] == "title"
        ]
    return {
        change.id or 0: next((was for id, was in retitled[change.item_id] if id > (change.id or 0) and was), item.title)
        for change, item in rows
    }


def events(session: Session, asked: Filters = NOTHING) -> Iterator[EventLine]:
    """What happened, one line per event, in the order in which it was detected. Raises Unaccepted."""
    query = select(Event).where(*event_conditions(session, asked)).order_by(col(Event.sequence))
    last = 0
    while rows := session.exec(query.where(col(Event.sequence) > last).limit(CHUNK)).all():
        yield from event_lines(session, rows, known_at=asked.known_at)
        last = rows[-1].sequence


def latest_events(session: Session, asked: Filters, *, limit: int) -> Sequence[Event]:
    """The events detected last, newest first. Raises Unaccepted."""
    query = select(Event).where(*event_conditions(session, asked))
    return session.exec(query.order_by(col(Event.sequence).desc()).limit(limit)).all()


def event_lines(session: Session, rows: Sequence[Event], *, known_at: datetime | None = None) -> Iterator[EventLine]:
    """The lines of these events, with the evidence there is, or was at a moment, in one query."""
    yield from (event_line(event, proofs) for event, proofs in as_they_were(session, rows, known_at))


def as_they_were(
    session: Session, rows: Sequence[Event], known_at: datetime | None
) -> Iterator[tuple[Event, list[Evidence]]]:
    """These events with their evidence as both were at a moment (None: as they are), in one query."""
    evidence = evidence_of_events(session, [row.id for row in rows])
    for row in rows:
        proofs = evidence.get(row.id, [])
        by_then = [proof for proof in proofs if known_at is None or proof.at <= known_at]
        then = as_known(row, known_at)
        yield as_told(then, by_then) if len(by_then) < len(proofs) else then, by_then


def event(session: Session, id: str, *, among: tuple[str, ...] = STATES) -> EventInFull | None:
    """One event with all that is known of it: its line, its details, the ladder of its matter and its reviews.

    None when there is no such event whose state is among these; other steps of the ladder are left out, too.
    """
    found = session.get(Event, id)
    if found is None or found.state not in among:
        return None
    line = event_line(found, evidence_of_events(session, [id]).get(id, []))
    ladder = in_order(session.exec(select(Event).where(matter_of(found), of_states(among))))
    reviews = session.exec(select(Review).where(Review.event_id == id).order_by(col(Review.id)))
    full = line | {
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
    return cast(EventInFull, full)


def matter_of(event: Event) -> ColumnElement[bool]:
    """The events of one matter: those of its thread, and for an authorisation the trial results it rests on."""
    own = col(Event.thread) == event.thread
    if event.therapy is None or not event.thread.endswith(AUTHORISATION):
        return own
    results = and_(col(Event.therapy) == event.therapy, col(Event.step) == "result")
    return or_(own, and_(results, col(Event.occurred_on) <= event.occurred_on) if event.occurred_on else results)


def matters_of(session: Session, events: Sequence[Event]) -> dict[str, list[Event]]:
    """To each of these events those of its matter that nobody has corrected or taken back, as they were recorded."""
    deciding = {event.therapy for event in events if event.therapy and event.thread.endswith(AUTHORISATION)}
    threads = {event.thread for event in events}
    results = and_(col(Event.therapy).in_(deciding), col(Event.step) == "result")
    where = or_(col(Event.thread).in_(threads), results) if deciding else col(Event.thread).in_(threads)
    of_thread: dict[str, list[Event]] = defaultdict(list)
    results_of: dict[str | None, list[Event]] = defaultdict(list)
    for rung in session.exec(select(Event).where(where, UNQUESTIONED).order_by(col(Event.sequence))):
        of_thread[rung.thread].append(rung)
        if rung.step == "result":
            results_of[rung.therapy].append(rung)
    return {event.id: _matter(event, of_thread[event.thread], results_of) for event in events}


def _matter(event: Event, own: Sequence[Event], results_of: Mapping[str | None, Sequence[Event]]) -> list[Event]:
    if event.therapy is None or not event.thread.endswith(AUTHORISATION):
        return list(own)
    until = event.occurred_on
    results = [
        r for r in results_of.get(event.therapy, ()) if until is None or (r.occurred_on and r.occurred_on <= until)
    ]
    matter = {rung.id: rung for rung in (*own, *results)}
    return sorted(matter.values(), key=lambda rung: rung.sequence)


def successor(session: Session, id: str, *, among: tuple[str, ...] = STATES) -> str | None:
    """The event that stands in the place of one that is not shown: its correction, or what it was merged into."""
    corrected = select(Event.id).where(Event.corrects == id, of_states(among)).order_by(col(Event.sequence))
    if correction := session.exec(corrected).first():
        return correction
    merged = (
        select(Review).where(Review.event_id == id, Review.verdict == Verdict.MERGED).order_by(desc(col(Review.id)))
    )
    review = session.exec(merged).first()
    into = session.get(Event, str(review.amended["into"])) if review else None
    return into.id if into and into.state in among else None


DETAILS = (
    "sequence", "drug", "agency", "kind", "subtype", "phase", "planned_start", "marketed_from", "step", "alert",
    "level_reasons", "note", "rule", "confidence", "held_because", "corrects",
)  # fmt: skip
"""Fields of an event that its line leaves out."""


def evidence_of_events(session: Session, ids: Sequence[str]) -> dict[str, list[Evidence]]:
    """The evidence of these events in one query, in the order in which it came."""
    evidence: dict[str, list[Evidence]] = defaultdict(list)
    for proof in session.exec(select(Evidence).where(col(Evidence.event_id).in_(ids)).order_by(col(Evidence.id))):
        evidence[proof.event_id].append(proof)
    return dict(evidence)


def event_line(event: Event, evidence: Sequence[Evidence]) -> EventLine:
    """The line of an event with its evidence, the best tier first."""
    return {
        "event": event.id,
        "type": event.type,
        "therapy": event.therapy,
        "place": event.place,
        "places": list(event.places) or ([event.place] if event.place else []),
        "trial": event.trial,
        "polarity": event.polarity,
        "occurred_on": event.occurred_on,
        "known_to": precision(event.occurred_on) if event.occurred_on else None,
        "detected_at": stamp(event.detected_at),
        "level": event.level,
        "certainty": event.certainty,
        "tier": event.tier,
        "thread": event.thread,
        "title": event.title,
        "evidence": [evidence_line(proof) for proof in by_tier(evidence)],
        "state": event.state,
    }
