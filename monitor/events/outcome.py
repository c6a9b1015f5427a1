"""What a verdict would make of the log, without making it: for who wants to know before she gives it."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, func, select

from monitor.events import review
from monitor.events.intents import NewEvent
from monitor.events.record import event_of, retold
from monitor.events.review_decisions import AS_ROLE, Wish, must_be_possible
from monitor.vocabulary.pack import Pack
from store.states import EventState
from store.states import Verdict as Ruling
from store.tables import Event


@dataclass(frozen=True, slots=True)
class Outcome:
    """What would come of a verdict on an event: the events that would be told, and whether it would count itself."""

    event: Event
    told: tuple[Event, ...] = ()
    stands: bool = False


def outcome(session: Session, event: Event, wish: Wish, now: datetime, pack: Pack) -> Outcome:
    """What would come of a wish that took effect now; nothing is stored. Raises Overruled where it cannot."""
    must_be_possible(session, event, wish)
    verdict = review.Verdict(AS_ROLE, now, wish.note)
    if wish.verdict == Ruling.CONFIRMED:
        given = {"state": EventState.RELEASED, "held_because": None, "released_at": now, "confirmed_at": now}
        let_out = (event, *review.rungs_elsewhere(session, event))
        return Outcome(event, tuple(retold(one, matched_at=None, **given) for one in let_out), stands=True)
    if wish.verdict == Ruling.CORRECTED:
        return Outcome(event, (_made(session, review.put_right(session, event, verdict, dict(wish.amended)), pack),))
    if wish.verdict == Ruling.DISMISSED and (back := review.taken_back(session, event, verdict)):
        return Outcome(event, (_made(session, back, pack),))
    return Outcome(event)


def _made(session: Session, new: NewEvent, pack: Pack) -> Event:
    last = session.exec(select(func.max(Event.sequence))).one() or 0
    return event_of(new, last + 1, pack)
