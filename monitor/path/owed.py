"""Whom every event was owed to, worked out anew from events and subscriptions, against the enclosures that are there.

What is worked out is what `match` saw: the subscriptions that were confirmed before an event was matched and not ended
by then (filters never change), and the event as it was: each holds what decided (`matched_as`), whatever evidence came
later, and holds it again for each nearer teller that came. Events of older databases do not, and are worked out where
nothing has been added to them since. A confirmation was owed to whoever had the news and asked for it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, and_, col, func, or_, select

from monitor.events.record import retold
from monitor.telling.match import AGAIN, Person, is_confirmed, person_of, readers_of, wants
from notifiers.base import Notifier
from store.states import EventState, Notice
from store.tables import Delivery, Enclosure, Event, Evidence, Review, Subscription

TOLD = (EventState.RELEASED, EventState.CORRECTED, EventState.DISMISSED)
"""What an event that was matched may have become."""


@dataclass(frozen=True)
class _Books:
    """Who reads here, and what was put into deliveries for them."""

    subscriptions: Mapping[int | None, Subscription]
    people: Mapping[int | None, Person]
    enclosed: Mapping[str, Sequence[Enclosure]]  # by event

    @classmethod
    def opened(cls, session: Session, notifiers: Mapping[str, type[Notifier]]) -> "_Books":
        subscriptions = {reader.id: reader for reader in session.exec(select(Subscription))}
        enclosed: dict[str, list[Enclosure]] = {}
        for enclosure in session.exec(select(Enclosure)):
            enclosed.setdefault(enclosure.event_id, []).append(enclosure)
        return cls(
            subscriptions, {key: person_of(reader, notifiers) for key, reader in subscriptions.items()}, enclosed
        )

    def of(self, event: Event, *notices: Notice) -> list[Enclosure]:
        return [enclosure for enclosure in self.enclosed.get(event.id, ()) if enclosure.notice in notices]

    def at(self, moment: datetime) -> list[Subscription]:
        """The subscriptions that were surely confirmed and not ended at a moment, and have asked for the same since."""
        return [
            reader
            for reader in self.subscriptions.values()
            if reader.confirmed_at
            and reader.confirmed_at < moment
            and _goes_on(reader, moment)
            and not _revised_since(reader, moment)
        ]


def enclosures_amiss(session: Session, notifiers: Mapping[str, type[Notifier]], now: datetime) -> Iterator[str]:
    """What is owed and not enclosed, and what is enclosed where it does not belong."""
    books = _Books.opened(session, notifiers)
    for event in matched_events(session, now):
        yield from _news_missing(session, event, books, notifiers)
        yield from _news_astray(event, books)
        yield from _confirmations_amiss(event, books, now)
    astray = (
        select(Enclosure)
        .join(Delivery, col(Delivery.id) == col(Enclosure.delivery_id), isouter=True)
        .where(or_(col(Delivery.id).is_(None), Delivery.subscription_id != Enclosure.subscription_id))
    )
    for enclosure in session.exec(astray):
        whose = f"enclosure of {enclosure.event_id} for subscription {enclosure.subscription_id}"
        yield f"{whose}: expected its delivery, found none"


def matched_events(session: Session, now: datetime) -> Iterator[Event]:
    """The events that were matched, and of older ones those that have not been touched since. A verdict on a held
    event ends it unmatched."""
    last_told = select(func.max(Evidence.at)).where(Evidence.event_id == Event.id).scalar_subquery()
    last_ruled = select(func.max(Review.at)).where(Review.event_id == Event.id).scalar_subquery()
    untouched = and_(
        or_(last_told.is_(None), last_told <= col(Event.matched_at)),
        or_(last_ruled.is_(None), last_ruled < col(Event.matched_at)),
    )
    query = select(Event).where(
        col(Event.state).in_(TOLD), col(Event.matched_at) <= now, or_(col(Event.matched_as).is_not(None), untouched)
    )
    yield from session.exec(query.order_by(col(Event.sequence)))


def _news_missing(
    session: Session, event: Event, books: _Books, notifiers: Mapping[str, type[Notifier]]
) -> Iterator[str]:
    there = {books.people.get(enclosure.subscription_id) for enclosure in books.enclosed.get(event.id, ())}
    for number, (at, then) in enumerate(_as_matched(event)):
        asked = [reader for reader in books.at(at) if reader.tiers or not number]  # later only who asks by tier
        for reader, _ in readers_of(session, then, asked, notifiers, by=at):
            if books.people[reader.id] not in there:
                yield f"event {event.id}: owed to subscription {reader.id} and in none of its deliveries"


def _news_astray(event: Event, books: _Books) -> Iterator[str]:
    """What was enclosed for somebody to whom it was not owed. A correction goes to whoever had got the error."""
    if event.matched_as is None or event.corrects:
        return
    for enclosure in books.of(event, Notice.NEWS):
        reader = books.subscriptions.get(enclosure.subscription_id)
        if reader is not None and event.matched_at is not None and _revised_since(reader, event.matched_at):
            continue  # she asked for something else then
        if reader is None or not any(wants(reader, then) for _, then in _as_matched(event)):
            yield f"event {event.id}: enclosed for subscription {enclosure.subscription_id}, to which it was not owed"


def _confirmations_amiss(event: Event, books: _Books, now: datetime) -> Iterator[str]:
    at, enclosed = event.confirmation_matched_at, books.of(event, Notice.CONFIRMATION)
    if at is None:
        if event.matched_as is not None and enclosed:
            yield f"event {event.id}: a confirmation is enclosed that was never owed"
        elif _was_confirmed(event) and event.confirmation_due is None:
            yield f"event {event.id}: was confirmed, and its confirmation is owed to nobody"
        return
    there = {enclosure.subscription_id for enclosure in enclosed}
    _, first = next(_as_matched(event))
    for enclosure in books.of(event, Notice.NEWS, Notice.CORRECTION) if at <= now else ():
        reader = books.subscriptions.get(enclosure.subscription_id)
        asked = reader is not None and reader.confirmations and _goes_on(reader, at)
        if reader is not None and reader.tiers and not wants(reader, first):
            continue  # the confirmation was her news
        if asked and enclosure.subscription_id not in there:
            whom = f"subscription {enclosure.subscription_id}"
            yield f"event {event.id}: its confirmation is owed to {whom}, in no delivery"


def _was_confirmed(event: Event) -> bool:
    """Whether a regulator or registry stands for what was told as somebody's word, as far as that is known."""
    return bool(event.matched_as) and is_confirmed(event) and event.state == EventState.RELEASED


def _as_matched(event: Event) -> Iterator[tuple[datetime, Event]]:
    """An event as it was each time that its readers were chosen, and when."""
    assert event.matched_at is not None, event.id
    first = {name: value for name, value in (event.matched_as or {}).items() if name != AGAIN}
    yield event.matched_at, retold(event, **first)
    for then in (event.matched_as or {}).get(AGAIN, ()):
        fields = {name: value for name, value in then.items() if name != "at"}
        yield datetime.fromisoformat(then["at"]), retold(event, **fields)


def _goes_on(reader: Subscription, at: datetime) -> bool:
    return reader.ended_at is None or reader.ended_at > at


def _revised_since(reader: Subscription, moment: datetime) -> bool:
    """Whether she has asked for something else since: what she asked for at a moment is known no more."""
    return reader.revised_at is not None and reader.revised_at >= moment
