"""What the store holds about the events of one message: evidence, ladder, verdicts, and what was looked at."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, bindparam, cast
from sqlalchemy import select as choose
from sqlmodel import Session, col, func, or_, select

from monitor.events.record import retold
from monitor.standing.log import matters_of
from monitor.vocabulary.agencies import place_of
from monitor.vocabulary.dates import short
from monitor.vocabulary.event_types import thread_of
from monitor.watching.freshness import in_time, still_of
from notifiers.digest import Looked
from sources.base import Source
from store.columns import Looking
from store.states import Notice
from store.tables import Change, Event, Evidence, Item, Review, metadata


@dataclass(frozen=True)
class News:
    """One event as it goes into one message, with everything the wording needs."""

    event: Event
    notice: Notice
    evidence: tuple[Evidence, ...] = ()
    thread: tuple[Event, ...] = ()
    differences: tuple[dict[str, Any], ...] = ()
    keys: Mapping[int, str] | None = None  # change -> key of its item
    corrected: Event | None = None
    reviews: tuple[Review, ...] = ()  # of this event and of the one it corrects
    sequence: int = 1  # its place in its thread


WATCH = metadata.tables["watch"]
TOLD_OF = ("name", "source", "every_seconds", "last_success_at", "stamp", "stamp_since")
LOOKING = choose(*(WATCH.c[name] for name in TOLD_OF)).where(WATCH.c.active.is_(True)).order_by(WATCH.c.name)
ROUTINE = (
    select(func.count())
    .select_from(Change)
    .where(
        Change.kind == "changed",
        col(Change.detected_at) >= bindparam("since"),
        col(Change.detected_at) < bindparam("until"),
        col(Change.id).not_in(select(Evidence.change_id).where(col(Evidence.change_id).is_not(None))),
    )
)

Follows = Callable[[Event], Collection[str]]
"""Says which places a reader follows as far as an event goes; none: all of them."""


def gather(session: Session, enclosed: Sequence[tuple[Event, Notice]], follows: Follows = lambda _: ()) -> list[News]:
    """Read what belongs to each event, as it concerns a reader who follows these places: as few questions for many
    events as for one."""
    if not enclosed:
        return []
    told = [(concerning(event, follows(event) if len(event.places) > 1 else ()), event, notice)
            for event, notice in enclosed]  # fmt: skip
    beside = _Beside(session, [event for event, _, _ in told])
    return [_news(beside, event, whole, notice, follows) for event, whole, notice in told]


def concerning(event: Event, places: Collection[str]) -> Event:
    """An event of several places as it concerns who follows these: it names no others, and belongs to the matter of the
    first of them. An event that names none of them stays as it is, and so does one that names no others."""
    named = list(event.places)
    kept = [place for place in named if place in places]
    if not kept or kept == named:
        return event
    if event.place in kept:
        return retold(event, places=kept)
    thread = thread_of(
        event.type, therapy=event.therapy, place=kept[0], trial=event.trial, drug=event.drug, step=event.step
    )
    agency = event.agency if place_of(event.agency) in (None, *kept) else None
    return retold(event, place=kept[0], places=kept, thread=thread, agency=agency)


class _Beside:
    """What the store holds beside some events, each kind of it read once."""

    def __init__(self, session: Session, events: Sequence[Event]) -> None:
        self.evidence = evidence_in_order(session, [event.id for event in events])
        self.matters = matters_of(session, events)
        self.places = places_in_threads(session, events)
        corrected = {event.corrects for event in events if event.corrects}
        found = session.exec(select(Event).where(col(Event.id).in_(corrected))) if corrected else ()
        self.corrected = {event.id: event for event in found}
        reviewed = {event.id for event in events} | corrected
        reviews = select(Review).where(col(Review.event_id).in_(reviewed)).order_by(col(Review.at), col(Review.id))
        self.reviews = session.exec(reviews).all()
        changes = {proof.change_id for own in self.evidence.values() for proof in own if proof.change_id is not None}
        keyed = select(Change, Item.key).join(Item, col(Item.id) == col(Change.item_id)).order_by(col(Change.id))
        rows = session.exec(keyed.where(col(Change.id).in_(changes))).all() if changes else ()
        self.changes = {change.id: (change, key) for change, key in rows}


def _news(beside: _Beside, event: Event, whole: Event, notice: Notice, follows: Follows) -> News:
    evidence = beside.evidence.get(event.id, [])
    told = {proof.change_id for proof in evidence}
    keyed = [(change, key) for id, (change, key) in beside.changes.items() if id in told]
    corrected = beside.corrected.get(event.corrects or "")
    places = follows(whole) if len(whole.places) > 1 else ()
    return News(
        event=event,
        notice=notice,
        evidence=tuple(evidence),
        thread=tuple(r for r in beside.matters[event.id] if event.place == whole.place or not _is_same_act(r, event)),
        differences=tuple(item for change, _ in keyed if change.kind == "changed" for item in change.differences),
        keys={change.id: key for change, key in keyed if change.id is not None},
        corrected=concerning(corrected, places) if corrected else None,
        reviews=tuple(review for review in beside.reviews if review.event_id in (event.id, event.corrects)),
        sequence=beside.places[event.id],
    )


def evidence_in_order(session: Session, ids: Collection[str]) -> dict[str, list[Evidence]]:
    """The evidence of these events, the best tier first, of one tier by when and where it was published."""
    query = select(Evidence).where(col(Evidence.event_id).in_(ids))
    found: dict[str, list[Evidence]] = defaultdict(list)
    order = (col(Evidence.tier), col(Evidence.published_on), col(Evidence.watch), col(Evidence.id))
    for proof in session.exec(query.order_by(*order)):
        found[proof.event_id].append(proof)
    return found


def place_in_thread(session: Session, event: Event) -> int:
    """The place of one event, as `places_in_threads` tells it."""
    return places_in_threads(session, [event])[event.id]


def places_in_threads(session: Session, events: Sequence[Event]) -> dict[str, int]:
    """The place of each event among those of its thread, in the order in which they were recorded, whatever became of
    them. An event of several places has one in the thread of each."""
    recorded: dict[str, list[int]] = defaultdict(list)
    own = select(Event.thread, Event.sequence).where(col(Event.thread).in_({event.thread for event in events}))
    for thread, sequence in session.exec(own):
        recorded[thread].append(sequence)
    several = cast(col(Event.places), Text).like("%,%")
    elsewhere: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    therapies = {event.therapy for event in events}
    named = col(Event.therapy).in_(therapies - {None})
    of_them = or_(named, col(Event.therapy).is_(None)) if None in therapies else named
    for other in session.exec(select(Event).where(several, of_them)):
        for thread in _threads(other) - {other.thread}:
            elsewhere[thread, other.therapy].append(other.sequence)
    return {
        event.id: 1 + _below(event.sequence, recorded[event.thread])
        + _below(event.sequence, elsewhere[event.thread, event.therapy])
        for event in events
    }  # fmt: skip


def _below(number: int, numbers: Iterable[int]) -> int:
    return sum(one < number for one in numbers)


def _threads(event: Event) -> set[str]:
    """The threads of an event of several places."""
    matter = {"therapy": event.therapy, "trial": event.trial, "drug": event.drug, "step": event.step}
    return {thread_of(event.type, place=place, **matter) for place in event.places}


def _is_same_act(rung: Event, event: Event) -> bool:
    """Whether a rung is that of an alert in another place that it speaks for."""
    return (rung.type, rung.step, rung.detected_at) == (event.type, event.step, event.detected_at)


def looked(
    session: Session,
    since: datetime,
    until: datetime,
    *,
    now: datetime,
    titles: Mapping[str, str],
    sources: Mapping[str, type[Source]],
) -> Looked:
    """Proof of looking in a period: which watches answered with data of these days, which showed old ones, which did
    not answer, and what was too small to tell. The watches are judged as they are `now`: a preview is made before its
    period ends.

    `titles` are the names of watches for readers.
    """

    def title(watch: Looking) -> str:
        return titles.get(watch.name, watch.name)

    watches: Sequence[Any] = session.connection().execute(LOOKING).all()
    stills = [(watch, still_of(watch, sources.get(watch.source), now)) for watch in watches if in_time(watch, now)]
    answered = [watch for watch, _ in stills]
    frozen = [f"{title(watch)} (data of {short(day.isoformat())})" for watch, day in stills if day]
    last = max((watch.last_success_at for watch in answered if watch.last_success_at), default=None)
    return Looked(
        watches=len(watches),
        succeeded=len(answered) - len(frozen),
        last_at=f"{last.day} {last:%b %H:%M} UTC" if last else None,
        silent=tuple(title(watch) for watch in watches if watch not in answered),
        frozen=tuple(frozen),
        routine_changes=_routine(session, since, until),
    )


def _routine(session: Session, since: datetime, until: datetime) -> int:
    """How many changes of a period no event tells of."""
    return session.exec(ROUTINE, params={"since": since, "until": until}).one()
