"""Whom every event was owed to, worked out anew from events and subscriptions, against the enclosures that are there.

What is worked out is what `match` saw: the subscriptions that were confirmed before an event was matched and not ended
by then (filters never change), and the event as it is, where nothing has been added to it since. Confirmations leave no
trace of when they were due, and are not worked out again.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, func, or_, select

from monitor.telling.match import is_prose, readers_of
from notifiers.base import Notifier
from store.states import EventState
from store.tables import Delivery, Enclosure, Event, Evidence, Review, Subscription

TOLD = (EventState.RELEASED, EventState.CORRECTED, EventState.DISMISSED)
"""What an event that was matched may have become."""


def enclosures_amiss(session: Session, notifiers: Mapping[str, type[Notifier]], now: datetime) -> Iterator[str]:
    """What is owed and not enclosed, and what is enclosed where it does not belong."""
    subscriptions = session.exec(select(Subscription)).all()
    people = {one.id: _person(one, notifiers) for one in subscriptions}
    there = {(people.get(one.subscription_id), one.event_id) for one in session.exec(select(Enclosure))}
    for event in matched_events(session, now):
        for reader in _owed(session, event, subscriptions, notifiers):
            if (people[reader.id], event.id) not in there:
                yield f"event {event.id}: owed to subscription {reader.id} and in none of its deliveries"
    astray = (
        select(Enclosure)
        .join(Delivery, col(Delivery.id) == col(Enclosure.delivery_id), isouter=True)
        .where(or_(col(Delivery.id).is_(None), Delivery.subscription_id != Enclosure.subscription_id))
    )
    for one in session.exec(astray):
        yield f"enclosure of {one.event_id} for subscription {one.subscription_id}: expected its delivery, found none"


def matched_events(session: Session, now: datetime) -> Iterator[Event]:
    """The events that were matched and have not been touched since. A verdict on a held event ends it unmatched."""
    told = select(func.max(Evidence.at)).where(Evidence.event_id == Event.id).scalar_subquery()
    ruled = select(func.max(Review.at)).where(Review.event_id == Event.id).scalar_subquery()
    query = select(Event).where(
        col(Event.state).in_(TOLD), col(Event.matched_at) <= now,
        or_(told.is_(None), told <= col(Event.matched_at)), or_(ruled.is_(None), ruled < col(Event.matched_at)),
    )  # fmt: skip
    yield from session.exec(query.order_by(col(Event.sequence)))


def _owed(
    session: Session, event: Event, subscriptions: Sequence[Subscription], notifiers: Mapping[str, type[Notifier]]
) -> list[Subscription]:
    at = event.matched_at
    assert at is not None, event.id
    then = [
        one
        for one in subscriptions
        if one.confirmed_at and one.confirmed_at < at and (one.ended_at is None or one.ended_at > at)
    ]
    return [reader for reader, _ in readers_of(session, event, then, notifiers, by=at)]


def _person(one: Subscription, notifiers: Mapping[str, type[Notifier]]) -> tuple[str, str] | int | None:
    """Who hears: of mail the address, whatever the subscription; of a webhook the subscription."""
    return (one.channel, one.address) if is_prose(one, notifiers) else one.id
