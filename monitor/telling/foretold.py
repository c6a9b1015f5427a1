"""What a decision would send and to how many: found by taking it, matching it and taking all of it back.

So the figure is the one that comes about: the same functions, the same readers, the same slots.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from monitor.events.review_decisions import Rules, Wish, carry_out, decide, undo, waiting_for
from monitor.people.audit import TOLD_IN_ADVANCE
from monitor.service import Service
from monitor.standing.answers import note_changed_answers
from monitor.telling.match import CADENCE_ORDER, match_all
from monitor.telling.slots import cadence_of
from store.database import writing
from store.states import Cadence, Notice
from store.tables import Delivery, Enclosure, Event, Subscription


@dataclass(frozen=True, slots=True)
class Sent:
    """Messages that go the same way at the same pace: so many mails at once, in daily digests, ..."""

    channel: str
    cadence: Cadence
    count: int


@dataclass(frozen=True, slots=True)
class Foretold:
    """What would be sent: the events that are told, and the deliveries in which they would be."""

    told: tuple[tuple[str, Notice], ...] = ()  # title and notice, each once
    sent: tuple[Sent, ...] = ()

    @property
    def deliveries(self) -> int:
        """How many messages hold any of it."""
        return sum(way.count for way in self.sent)


class _TakenBack(Exception):
    """Nothing of it is kept."""


def foretell(service: Service, event_id: str, wish: Wish) -> Foretold:
    """What a wish would send if it took effect now. Raises Overruled where it cannot be."""
    found = Foretold()
    now = service.now()
    try:
        with writing(service.engine) as session:
            found = _done(service, session, event_id, wish, now)
            raise _TakenBack
    except _TakenBack:
        return found


def _done(service: Service, session: Session, event_id: str, wish: Wish, now: datetime) -> Foretold:
    match_all(service, session, now)  # what others wait for is theirs
    event = session.get_one(Event, event_id)
    if waiting_for(session, event_id) is not None:
        undo(session, event, TOLD_IN_ADVANCE, now)
    decision = decide(session, event, wish, TOLD_IN_ADVANCE, now, Rules(at_once=True))
    carry_out(session, decision, service.pack, now)
    note_changed_answers(service, session, now)
    ids = [told.id for told in match_all(service, session, now)]
    rows = session.exec(
        select(Event, Enclosure.notice, Delivery, Subscription)
        .join(Enclosure, col(Enclosure.event_id) == col(Event.id))
        .join(Delivery, col(Delivery.id) == col(Enclosure.delivery_id))
        .join(Subscription, col(Subscription.id) == col(Delivery.subscription_id))
        .where(col(Event.id).in_(ids))
        .order_by(col(Event.sequence))
    ).all()
    told = dict.fromkeys((told.title, Notice(notice)) for told, notice, _, _ in rows)
    ways = {
        delivery.id: (reader.channel, Cadence(cadence_of(reader, delivery.kind))) for _, _, delivery, reader in rows
    }
    sent = tuple(Sent(*way, count) for way, count in sorted(Counter(ways.values()).items(), key=_first_the_quick))
    return Foretold(tuple(told), sent)


def _first_the_quick(pair: tuple[tuple[str, Cadence], int]) -> tuple[int, str]:
    (channel, cadence), _ = pair
    return CADENCE_ORDER.index(cadence), channel
