"""Events to subscriptions: who is owed what, put down in the same transaction that marks the event as matched.

The keys of Delivery and Enclosure say that nobody is told twice, also when two matchers run at once: whoever comes
second finds the row and leaves it. An event is matched when it is released; held ones wait for a maintainer.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CompoundSelect, literal_column
from sqlmodel import Session, col, select

from monitor.events.passing import PASSES, UNBLEMISHED, approve_passing
from monitor.events.review_decisions import Rules, due
from monitor.kill_points import kill_point
from monitor.service import Service
from monitor.telling.decided import carry_out_all
from monitor.telling.slots import Owing, slot_of
from monitor.telling.waits import IS_NEWS, IS_QUIET, PASSING, TELLING
from monitor.vocabulary.countries import elsewhere
from monitor.vocabulary.event_types import ALERTING, TYPES, at_least
from monitor.vocabulary.topics import opens_door, topic_of
from notifiers.base import Notifier
from store.columns import CHOOSING, READER, Reader, Weighed, word
from store.database import LATER, writing
from store.states import About, Cadence, Certainty, DeliveryKind, DeliveryState, EventState, Notice
from store.tables import Delivery, Enclosure, Event, Subscription

DECIDING = ("type", "therapy", "level", "place", "places", "tier", "certainty", "polarity")
"""Fields of an event by which its readers are chosen, and by which a confirmation is known for one."""
AGAIN = "again"
"""Where `matched_as` keeps what decided each time that a nearer teller came, with the moment (`at`)."""

CADENCE_ORDER = tuple(Cadence)
RELEASED = (col(Event.matched_at).is_(None), col(Event.state) == word(EventState.RELEASED))
UNMATCHED = select(Event).where(*RELEASED).order_by(col(Event.sequence))
TAKEN = UNMATCHED.with_for_update()
NEARER = select(Event).where(col(Event.confirmation_due).is_not(None)).with_for_update()
LISTENING = (
    select(*CHOOSING).where(READER.c.confirmed_at.is_not(None), READER.c.ended_at.is_(None)).order_by(READER.c.id)
)

WAITS: CompoundSelect[Any] = IS_NEWS.union_all(
    IS_QUIET, select(literal_column(f"{PASSING}")).where(PASSES.order_by(None).exists())
)
"""Whether anything waits for the match: what is to be told (TELLING), the digest of a quiet week (QUIET), and (PASSING)
what was read by a rule that a maintainer lets pass."""


def match(service: Service) -> int:
    """Put every released, unmatched event into the deliveries of those who want it; return how many events. What people
    decided and nobody undid takes effect first.

    Then what a nearer teller says since: it is news to who asks for what he says and has not heard, and where it
    confirms, owed to who asked for that and had been told. Where nothing waits no writer's turn is taken.
    """
    now = service.now()
    with service.engine.connect() as connection:
        waits = set(connection.execute(WAITS, {"now": now, "since": now - UNBLEMISHED}).scalars())
    if not waits:
        return 0
    with writing(service.engine, LATER) as session:
        if PASSING in waits:
            approve_passing(session, now, Rules())
        if TELLING in waits and (decisions := due(session, now)):
            carry_out_all(service, session, decisions, now)
        count = len(_match(service, session, now, news=TELLING in waits))
    kill_point("K8")
    return count


def _match(service: Service, session: Session, now: datetime, *, news: bool) -> Sequence[Event]:
    """The same within a transaction of the caller's; returns the events that were matched."""
    events = session.exec(TAKEN).all() if news else ()
    nearer = session.exec(NEARER).all() if news else ()
    readers, chosen_by = readers_now(session), [deciding(event) for event in events]
    owed, owing = wanted(session, events, readers, service.notifiers), Owing(session, [*events, *nearer], now)
    for event in nearer:
        _owe_by_tier(session, event, readers, service.notifiers, owed, owing.told)
    confirmed = [(event, _to_confirm_to(session, event)) for event in nearer if is_confirmed(event)]
    for reader in readers:
        owing.owe(reader, owed.get(_id(reader), []), prose=is_prose(reader, service.notifiers))
    owing.write()
    for event, informed in confirmed:
        for reader in informed:
            _owe_confirmation(session, event, reader, now)
    kill_point("K7")
    for event, event.matched_as in zip(events, chosen_by, strict=True):
        event.matched_at = now
        session.add(event)
    for event in nearer:
        event.confirmation_due = None
        event.confirmation_matched_at = now if is_confirmed(event) else event.confirmation_matched_at
        if event.matched_as is not None:
            chosen = {"at": now.isoformat(), **deciding(event)}
            event.matched_as = {**event.matched_as, AGAIN: [*event.matched_as.get(AGAIN, ()), chosen]}
        session.add(event)
    return events


def is_confirmed(event: Event) -> bool:
    """Whether a regulator or registry stands for what had been told as somebody's word. A changed answer follows its
    cause, of which the confirmation is."""
    before = (event.matched_as or {}).get("certainty", Certainty.REPORTED)
    return before == Certainty.REPORTED and event.certainty == Certainty.STATED and event.cause is None


def _owe_by_tier(
    session: Session,
    event: Event,
    readers: Sequence[Reader],
    notifiers: Mapping[str, type[Notifier]],
    owed: dict[int, list[tuple[Event, Notice]]],
    told: Collection[tuple[int, str, str]],
) -> None:
    """Owe an event that a nearer teller stands for now to those who ask for what he says, and have not heard of it."""
    by_tier = [reader for reader in readers if reader.tiers]
    if not by_tier or event.state != EventState.RELEASED:
        return
    ids = {reader for reader, of, _ in told if of == event.id}
    heard = {person_of(reader, notifiers) for reader in readers if reader.id in ids}
    for reader, notice in readers_of(session, event, by_tier, notifiers):
        if person_of(reader, notifiers) not in heard:
            owed.setdefault(_id(reader), []).append((event, notice))


def _to_confirm_to(session: Session, event: Event) -> Sequence[Subscription]:
    """Who asked for confirmations and has been told the news."""
    informed = select(Enclosure.subscription_id).where(
        Enclosure.event_id == event.id, col(Enclosure.notice).in_((Notice.NEWS, Notice.CORRECTION))
    )
    return session.exec(
        select(Subscription).where(
            col(Subscription.id).in_(informed),
            col(Subscription.confirmations).is_(True),
            col(Subscription.ended_at).is_(None),
        )
    ).all()


def _owe_confirmation(session: Session, event: Event, reader: Reader, now: datetime) -> None:
    slot = slot_of(reader, DeliveryKind.CONFIRMATION, f"{event.id}/confirmation", now)
    slot.enclose(session, event, Notice.CONFIRMATION)


def wants(subscription: Reader, event: Weighed) -> bool:
    """Whether an event passes the filters, the one place where wishes meet events. Events of trials have no place, so a
    filter by place lets them through, but not an act in a country that nobody follows; an alert that speaks for several
    places is wanted by who follows one of them.
    What opens a door does so whatever its level: who wants only that is told of a new trial, too. The tier of an event
    is that of the nearest who tells of it."""
    return (
        subscription.about == About.NEWS
        and is_sent(event)
        and _is_weighty_enough(subscription, event)
        and (not subscription.muted or topic_of(event.type) not in subscription.muted)
        and (not subscription.therapies or event.therapy in subscription.therapies)
        and (not subscription.types or event.type in subscription.types)
        and (not subscription.tiers or event.tier in subscription.tiers)
        and (not subscription.places or _is_there(event, subscription.places))
    )


def _is_there(event: Weighed, places: Collection[str]) -> bool:
    if event.place is None:
        return elsewhere(event.agency) is None
    return not places_of(event).isdisjoint(places)


def _is_weighty_enough(subscription: Reader, event: Weighed) -> bool:
    if subscription.only_doors:
        return opens_door(event.type, event.polarity)
    return at_least(event.level, subscription.level)


def is_sent(event: Weighed) -> bool:
    """Whether anybody is told at all. Of what is no alert of its own, only what is small by its type is sent to those
    who asked for it: a step that completes an alert is seen in the ladder alone."""
    return event.alert or not at_least(TYPES[event.type].level, ALERTING)


def deciding(event: Event) -> dict[str, Any]:
    """What of an event decides who hears of it, for `verify`; `alert`: whether anybody does."""
    return event.model_dump(mode="json", include=set(DECIDING)) | {"alert": is_sent(event)}


def places_of(event: Weighed) -> set[str]:
    """All places that the alert speaks for; empty for trials."""
    return {event.place, *event.places} - {None} if event.place else set()


def unmatched(session: Session) -> Sequence[Event]:
    """What is released and waits for its match."""
    return session.exec(UNMATCHED).all()


def readers_now(session: Session) -> Sequence[Reader]:
    """Everybody who is told anything, now: rows of the columns by which is chosen, for making thousands of objects
    takes longer than the rest of choosing among them."""
    return cast(Sequence[Reader], session.connection().execute(LISTENING).all())


def wanted(
    session: Session,
    events: Iterable[Event],
    readers: Sequence[Reader],
    notifiers: Mapping[str, type[Notifier]],
) -> dict[int, list[tuple[Event, Notice]]]:
    """What each subscription is owed. One address in two subscriptions of mail hears of an event once."""
    owed: dict[int, list[tuple[Event, Notice]]] = {}
    for event in events:
        for reader, notice in readers_of(session, event, readers, notifiers):
            owed.setdefault(_id(reader), []).append((event, notice))
    return owed


def readers_of(
    session: Session,
    event: Event,
    readers: Sequence[Reader],
    notifiers: Mapping[str, type[Notifier]],
    *,
    by: datetime | None = None,
) -> list[tuple[Reader, Notice]]:
    """Who of these is owed an event, and as what. A correction is owed to all who may have got what it corrects, as far
    as that had been tried `by` a moment."""
    corrected = _recipients_of(session, event.corrects, by) if event.corrects else set()
    chosen = [
        (reader, Notice.CORRECTION if reader.id in corrected else Notice.NEWS)
        for reader in readers
        if reader.id in corrected or wants(reader, event)
    ]
    owed: list[tuple[Reader, Notice]] = []
    heard: set[tuple[str, str]] = set()
    for reader, notice in sorted(chosen, key=lambda pair: _priority(*pair)):
        person = (reader.channel, reader.address)
        if is_prose(reader, notifiers) and person in heard:
            continue
        heard.add(person)
        owed.append((reader, notice))
    return owed


def _priority(reader: Reader, notice: Notice) -> tuple[bool, int, int]:
    return notice != Notice.CORRECTION, CADENCE_ORDER.index(reader.cadence), _id(reader)


def _recipients_of(session: Session, event_id: str, by: datetime | None) -> set[int]:
    """Who may have got an event: everyone to whom a delivery with it was at least attempted."""
    before = () if by is None else (col(Delivery.first_attempt_at) <= by,)
    return set(
        session.exec(
            select(Enclosure.subscription_id)
            .join(Delivery, col(Delivery.id) == col(Enclosure.delivery_id))
            .where(
                Enclosure.event_id == event_id,
                Delivery.state != DeliveryState.VOID,
                col(Delivery.first_attempt_at).is_not(None),
                *before,
            )
        ).all()
    )


Person = tuple[str, str] | int | None


def person_of(reader: Reader, notifiers: Mapping[str, type[Notifier]]) -> Person:
    """Who hears: of mail the address, whatever the subscription; of a webhook the subscription."""
    return (reader.channel, reader.address) if is_prose(reader, notifiers) else reader.id


def is_prose(reader: Reader, notifiers: Mapping[str, type[Notifier]]) -> bool:
    """Whether a subscription is read by a person, not by a program."""
    kind = notifiers.get(reader.channel)
    return kind is not None and kind.payload == "digest"


def _id(reader: Reader) -> int:
    assert reader.id is not None, "a subscription is stored before it is matched"
    return reader.id
