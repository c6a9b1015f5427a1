"""What the store holds about the events of one message: evidence, ladder, verdicts, and what was looked at."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, cast
from sqlmodel import Session, col, func, select

from monitor.events.record import retold
from monitor.standing.conditions import of_states
from monitor.standing.log import matter_of
from monitor.vocabulary.agencies import place_of
from monitor.vocabulary.dates import short
from monitor.vocabulary.event_types import thread_of
from monitor.watching.freshness import age_of, in_time
from notifiers.digest import Looked
from sources.base import Source
from store.states import UNCORRECTED, Notice
from store.tables import Change, Event, Evidence, Item, Review, Watch


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


Follows = Callable[[Event], Collection[str]]
"""Says which places a reader follows as far as an event goes; none: all of them."""


def gather(session: Session, enclosed: Sequence[tuple[Event, Notice]], follows: Follows = lambda _: ()) -> list[News]:
    """Read what belongs to each event, as it concerns a reader who follows these places."""
    return [
        _gather(session, event, notice, follows(event) if len(event.places) > 1 else ()) for event, notice in enclosed
    ]


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


def _gather(session: Session, whole: Event, notice: Notice, places: Collection[str]) -> News:
    event = concerning(whole, places)
    evidence = session.exec(
        select(Evidence)
        .where(Evidence.event_id == event.id)
        .order_by(col(Evidence.tier), col(Evidence.published_on), col(Evidence.watch), col(Evidence.id))
    ).all()
    matters = session.exec(select(Event).where(matter_of(event), of_states(UNCORRECTED))).all()
    thread = [rung for rung in matters if event.place == whole.place or not _is_same_act(rung, event)]
    corrected = session.get(Event, event.corrects) if event.corrects else None
    changes = {proof.change_id for proof in evidence if proof.change_id is not None}
    keyed = session.exec(
        select(Change, Item.key).join(Item, col(Item.id) == col(Change.item_id)).where(col(Change.id).in_(changes))
    ).all()
    matter = [event.id] + ([event.corrects] if event.corrects else [])
    return News(
        event=event,
        notice=notice,
        evidence=tuple(evidence),
        thread=tuple(thread),
        differences=tuple(item for change, _ in keyed if change.kind == "changed" for item in change.differences),
        keys={change.id: key for change, key in keyed if change.id is not None},
        corrected=concerning(corrected, places) if corrected else None,
        reviews=tuple(session.exec(select(Review).where(col(Review.event_id).in_(matter)).order_by(col(Review.at)))),
        sequence=place_in_thread(session, event),
    )


def place_in_thread(session: Session, event: Event) -> int:
    """The place of an event among those of its thread, in the order in which they were recorded, whatever became of
    them. An event of several places has one in the thread of each."""
    earlier = col(Event.sequence) < event.sequence
    own = session.exec(select(func.count()).where(earlier, col(Event.thread) == event.thread)).one()
    several = cast(col(Event.places), Text).like("%,%")
    elsewhere = select(Event).where(
        earlier, several, col(Event.therapy) == event.therapy, col(Event.thread) != event.thread
    )
    return 1 + own + sum(event.thread in _threads(other) for other in session.exec(elsewhere))


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

    def title(watch: Watch) -> str:
        return titles.get(watch.name, watch.name)

    watches = session.exec(select(Watch).where(col(Watch.active).is_(True)).order_by(col(Watch.name))).all()
    ages = [(watch, age_of(watch, sources.get(watch.source), now)) for watch in watches if in_time(watch, now)]
    answered = [watch for watch, _ in ages]
    frozen = [f"{title(watch)} (data of {short(age.still_of.isoformat())})" for watch, age in ages if age.still_of]
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
    cited = select(Evidence.change_id).where(col(Evidence.change_id).is_not(None))
    return session.exec(
        select(func.count())
        .select_from(Change)
        .where(
            Change.kind == "changed",
            col(Change.detected_at) >= since,
            col(Change.detected_at) < until,
            col(Change.id).not_in(cited),
        )
    ).one()
