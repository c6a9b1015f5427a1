"""What is kept of a reader: shown to her whole, and erased on her word. She is who holds a link out of her mails."""

import json
from typing import Any

from sqlmodel import Session, col, delete, select
from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from monitor.service import Service
from monitor.telling.secrets import address_seal, open_keyring
from monitor.telling.subscription_lines import SubscriptionLine, line
from monitor.telling.subscriptions import end
from store.database import reading, writing
from store.tables import Attempt, Delivery, Enclosure, Subscription

ERASED = "erased"
"""What stands in place of an address that was erased."""


class Message(TypedDict):
    """One message that was owed to a reader; moments are UTC."""

    delivery: str
    kind: str
    state: str
    created_at: str
    sent_at: str | None
    events: list[str]
    contents: Any  # as they were fixed at the first attempt; None before it


class Follow(SubscriptionLine):
    """One of her subscriptions, with what was owed to it."""

    messages: list[Message]


def follows_of(session: Session, subscription: Subscription, *, ended: bool = True) -> list[Subscription]:
    """The subscriptions of the same person: those with the same channel and address; the oldest first.

    Of a webhook its own alone: whoever gives its address is not known to be who gave it before, as the owner of a
    mailbox is. And of what was erased nothing is known that would tell whose it was.
    """
    if subscription.secret is not None or subscription.address == ERASED:
        own = session.get_one(Subscription, subscription.id)
        return [own] if ended or own.ended_at is None else []
    same = (Subscription.channel == subscription.channel, Subscription.address == subscription.address)
    rows = session.exec(select(Subscription).where(*same).order_by(col(Subscription.id))).all()
    return [row for row in rows if row.id == subscription.id or ended or row.ended_at is None]


def what_is_kept(service: Service, subscription: Subscription) -> list[Follow]:
    """Everything that is stored about who has this subscription, in all of hers."""
    with reading(service.engine) as session:
        return [
            {**line(each), "messages": [_message(session, delivery) for delivery in _deliveries(session, each)]}
            for each in follows_of(session, subscription)
        ]


def end_all(service: Service, subscription: Subscription) -> int:
    """End every subscription of this person; what they are owed is void. Returns how many were going on."""
    with writing(service.engine) as session:
        going_on = follows_of(session, session.get_one(Subscription, subscription.id), ended=False)
        going_on = [each for each in going_on if each.ended_at is None]
        for each in going_on:
            end(session, each, service.now())
    return len(going_on)


def erase(service: Service, subscription: Subscription) -> int:
    """End every subscription of this person and forget address, options, secret and the text of every message.

    That something was sent on a day stays, without to whom. Returns how many subscriptions there were.
    """
    keyring = open_keyring(service.settings)
    with writing(service.engine) as session:
        every = follows_of(session, session.get_one(Subscription, subscription.id))
        for each in every:
            end(session, each, service.now())
            for delivery in _deliveries(session, each):
                delivery.body, delivery.error = None, None
                session.exec(delete(Attempt).where(col(Attempt.delivery_id) == delivery.id))
                session.add(delivery)
            each.address, each.options, each.secret, each.paused_because = ERASED, {}, None, None
            each.seal = address_seal(keyring, each)
            session.add(each)
    return len(every)


def _deliveries(session: Session, subscription: Subscription) -> list[Delivery]:
    own = select(Delivery).where(Delivery.subscription_id == subscription.id).order_by(col(Delivery.created_at))
    return list(session.exec(own).all())


def _message(session: Session, delivery: Delivery) -> Message:
    events: Any = select(Enclosure.event_id).where(Enclosure.delivery_id == delivery.id).order_by(Enclosure.event_id)
    return {
        "delivery": delivery.id,
        "kind": delivery.kind,
        "state": delivery.state,
        "created_at": f"{delivery.created_at:%Y-%m-%dT%H:%M:%SZ}",
        "sent_at": f"{delivery.sent_at:%Y-%m-%dT%H:%M:%SZ}" if delivery.sent_at else None,
        "events": list(session.exec(events).all()),
        "contents": json.loads(delivery.body) if delivery.body else None,
    }
