"""Send what is owed and due: claim, send, settle. A kill at any point leads to the same message with the same id.

    waiting --claim (a lease)--> attempted --settle--> sent | waiting until the next try | failed | void

Whether a delivery is due is judged at the service's moment; leases and signatures go by the real clock. Nothing is
sent inside a transaction.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from monitor.kill_points import kill_point
from monitor.service import Service
from monitor.settings import Misconfigured
from monitor.telling.channels import linked, open_channel
from monitor.telling.compose.contents import PERIOD, build, digest_of, unpacked
from monitor.telling.compose.news import gather
from monitor.telling.failures import failed_again, recovered
from monitor.telling.match import insert_once, new_delivery, wants
from monitor.telling.pause import end_past_pauses, sending_paused
from monitor.telling.secrets import Keyring, open_keyring
from monitor.telling.slots import due_on, next_day
from notifiers.base import Channel, Notifier, Undeliverable
from notifiers.digest import Digest, EventBody
from store.database import reading, writing
from store.states import Cadence, DeliveryKind, DeliveryState, EventState, Notice
from store.tables import Delivery, Event, Subscription

log = structlog.get_logger()

RETRY_AFTER = (1.0, 86400.0)
"""Bounds in seconds of what the other side may ask for."""

MAIL = "email"
JITTER = 0.1
CHANNEL_WAIT = 300.0
"""Seconds until a channel that was down is tried again."""


@dataclass(frozen=True)
class Claimed:
    """A delivery that is ours until its lease ends, with its contents fixed."""

    delivery: Delivery
    subscription: Subscription
    message: Digest | EventBody | None  # None: nothing left to say


def deliver(service: Service) -> Iterator[dict[str, Any]]:
    """Send every delivery that is due and yield a line for each. A channel found down is left alone for the round."""
    end_past_pauses(service)
    channel, keyring, down = open_channel(service), open_keyring(service.settings), set[str]()
    for delivery_id, name in _due(service):
        if name in down or sending_paused(service):
            continue
        line, broken = _attempt(service, channel, keyring, delivery_id)
        if broken:
            down.add(name)
        if line is not None:
            yield line


def send_test(service: Service, subscription_id: int) -> dict[str, Any]:
    """Send a message marked as a test, now, and return its line.

    Raises Misconfigured when there is no such subscription.
    """
    with writing(service.engine) as session:
        if session.get(Subscription, subscription_id) is None:
            raise Misconfigured(f"expected the number of a subscription, found {subscription_id}")
        values = new_delivery(subscription_id, DeliveryKind.TEST, f"test/{uuid4().hex}", service.now())
        insert_once(session, Delivery, values)
    channel, keyring = open_channel(service), open_keyring(service.settings)
    line, _ = _attempt(service, channel, keyring, values["id"])
    assert line is not None, "a test that was just put down can be claimed"
    return line


def preview(service: Service, subscription_id: int, since: datetime | None = None) -> Digest:
    """The digest that would be sent: all that passes the filters from `since` (default: one period) until now.

    Raises Misconfigured when there is no such subscription.
    """
    now = service.now()
    with reading(service.engine) as session:
        subscription = session.get(Subscription, subscription_id)
        if subscription is None:
            raise Misconfigured(f"expected the number of a subscription, found {subscription_id}")
        start = since or now - PERIOD[subscription.cadence]
        events = session.exec(
            select(Event)
            .where(Event.state == EventState.RELEASED, col(Event.detected_at) >= start, col(Event.detected_at) <= now)
            .order_by(col(Event.sequence))
        ).all()
        wanted = [(event, Notice.NEWS) for event in events if wants(subscription, event)]
        cadence = Cadence.DAILY if subscription.cadence == Cadence.IMMEDIATE else subscription.cadence
        day = next_day(now, subscription.at_hour, subscription.timezone, cadence)
        due = due_on(day, subscription.at_hour, ZoneInfo(subscription.timezone))
        delivery = Delivery(
            id="preview",
            subscription_id=subscription_id,
            kind=DeliveryKind.DIGEST,
            slot=day.isoformat(),
            created_at=now,
            due_at=due,
        )
        digest = digest_of(service, session, gather(session, wanted), delivery, subscription)
    return linked(digest, open_keyring(service.settings), service.settings.base_url, now)


def _due(service: Service) -> list[tuple[str, str]]:
    active = col(Subscription.paused_at).is_(None)
    with reading(service.engine) as session:
        rows = session.exec(
            select(Delivery.id, Delivery.kind, Subscription.channel)
            .join(Subscription, col(Subscription.id) == col(Delivery.subscription_id))
            .where(*_claimable(service.now()), or_(active, col(Delivery.kind) == DeliveryKind.PAUSED))
            .order_by(col(Delivery.due_at), col(Delivery.id))
        ).all()
        return [(delivery_id, channel_of(DeliveryKind(kind), channel)) for delivery_id, kind, channel in rows]


def channel_of(kind: DeliveryKind, channel: str) -> str:
    """By which notifier a delivery goes: its subscription's, but the owner of a paused webhook gets a mail."""
    return MAIL if kind == DeliveryKind.PAUSED else channel


def _claimable(now: datetime) -> tuple[Any, ...]:
    lease = col(Delivery.leased_until)
    return (
        Delivery.state == DeliveryState.WAITING,
        col(Delivery.due_at) <= now,
        or_(lease.is_(None), lease <= datetime.now(UTC)),
    )


def _attempt(
    service: Service, channel: Channel, keyring: Keyring, delivery_id: str
) -> tuple[dict[str, Any] | None, bool]:
    """One delivery from claim to outcome: its line, and whether the channel as a whole is down."""
    claimed = _claim(service, delivery_id)
    if claimed is None:
        return None, False
    kill_point("K9")
    notifier = service.notifiers[channel_of(claimed.delivery.kind, claimed.subscription.channel)](channel)
    problem: Undeliverable | None = None
    if claimed.message is not None:
        try:
            notifier.send(_addressed(claimed, keyring, channel, service.now()), datetime.now(UTC))
        except Undeliverable as told:
            problem = told
        except Misconfigured as told:  # the secret was written with another key: no webhook can be signed
            problem = Undeliverable(str(told), channel=True)
        kill_point("K11")
    line = _settle(service, claimed, notifier, problem)
    kill_point("K12")
    log.info("delivery", **{name: value for name, value in line.items() if value is not None})
    return line, problem is not None and problem.channel


def _claim(service: Service, delivery_id: str) -> Claimed | None:
    """Take the lease in one guarded UPDATE, commit, then fix the contents: a fault there holds up no other."""
    lease = datetime.now(UTC) + timedelta(seconds=service.settings.lease_seconds)
    with writing(service.engine) as session:
        claim = (
            update(Delivery)
            .where(col(Delivery.id) == delivery_id, *_claimable(service.now()))
            .values(attempts=col(Delivery.attempts) + 1, leased_until=lease)
        )
        if session.exec(claim).rowcount != 1:
            return None
    with writing(service.engine) as session:
        delivery = session.get(Delivery, delivery_id)
        assert delivery is not None, delivery_id
        subscription = session.get(Subscription, delivery.subscription_id)
        assert subscription is not None, delivery.subscription_id
        if not _still_wanted(delivery, subscription):
            return Claimed(delivery, subscription, None)
        if delivery.body is None:
            delivery.body = build(service, session, delivery, subscription)
            delivery.first_attempt_at = service.now()
            session.add(delivery)
        return Claimed(delivery, subscription, _message(service, delivery, subscription))


def _still_wanted(delivery: Delivery, subscription: Subscription) -> bool:
    if delivery.kind == DeliveryKind.OPT_IN:
        return subscription.confirmed_at is None and subscription.ended_at is None
    if delivery.kind == DeliveryKind.PAUSED:
        return subscription.paused_at is not None and subscription.ended_at is None
    return subscription.ended_at is None


def _message(service: Service, delivery: Delivery, subscription: Subscription) -> Digest | EventBody | None:
    if delivery.body is None:
        return None
    if service.notifiers[channel_of(delivery.kind, subscription.channel)].payload == "digest":
        return unpacked(delivery.body)
    assert subscription.id is not None
    secrets = tuple((subscription.secret or "").split())
    return EventBody(
        id=delivery.id,
        subscription=subscription.id,
        address=subscription.address,
        secrets=secrets,
        body=delivery.body,
        test=delivery.kind == DeliveryKind.TEST,
    )


def _addressed(claimed: Claimed, keyring: Keyring, channel: Channel, now: datetime) -> Digest | EventBody:
    """Secrets and links are opened only for the moment of sending."""
    message = claimed.message
    if isinstance(message, EventBody):
        return message.model_copy(update={"secrets": tuple(keyring.decrypt(one) for one in message.secrets)})
    assert message is not None
    return linked(message, keyring, channel.base_url, now, confirm=claimed.delivery.kind == DeliveryKind.OPT_IN)


def _settle(service: Service, claimed: Claimed, notifier: Notifier, problem: Undeliverable | None) -> dict[str, Any]:
    """Note the outcome, unless the lease ran out and someone else has the delivery by now."""
    with writing(service.engine) as session:
        delivery = session.get(Delivery, claimed.delivery.id)
        subscription = session.get(Subscription, claimed.delivery.subscription_id)
        assert delivery is not None, claimed.delivery.id
        assert subscription is not None, claimed.delivery.subscription_id
        ours = delivery.attempts == claimed.delivery.attempts and delivery.state == DeliveryState.WAITING
        if claimed.message is None and ours:
            delivery.state, delivery.error = DeliveryState.VOID, None
        elif problem is None and delivery.state != DeliveryState.SENT:
            delivery.state, delivery.error, delivery.sent_at = DeliveryState.SENT, None, service.now()
            if delivery.kind != DeliveryKind.PAUSED:
                recovered(session, subscription)
        elif problem is not None and ours:
            _postpone(service, session, delivery, subscription, notifier, problem)
        if ours:
            delivery.leased_until = None
        session.add(delivery)
        session.add(subscription)
        return line(delivery, subscription)


def _postpone(
    service: Service,
    session: Session,
    delivery: Delivery,
    subscription: Subscription,
    notifier: Notifier,
    problem: Undeliverable,
) -> None:
    """Later, or never again. A channel that is down is not counted against an address or its delivery."""
    now = service.now()
    delivery.error = str(problem)
    if problem.channel:
        delivery.attempts -= 1
        delivery.due_at = now + timedelta(seconds=CHANNEL_WAIT)
        return
    because = None
    if delivery.kind != DeliveryKind.PAUSED:
        because = failed_again(session, subscription, notifier, problem, now)
    if because is not None and subscription.paused_at is None:
        _pause(session, subscription, because, now)
    wait = _wait(notifier, delivery.attempts, problem)
    if wait is None:
        delivery.state = DeliveryState.WAITING if because is not None else DeliveryState.FAILED
    else:
        delivery.due_at = now + timedelta(seconds=wait)


def _pause(session: Session, subscription: Subscription, because: str, now: datetime) -> None:
    """Until a person resumes it. The owner of a webhook is told when there is a mail address of theirs."""
    subscription.paused_at, subscription.paused_because = now, because
    if subscription.options.get("owner"):
        assert subscription.id is not None
        slot = f"paused/{now:%Y-%m-%dT%H:%M:%SZ}"
        insert_once(session, Delivery, new_delivery(subscription.id, DeliveryKind.PAUSED, slot, now))


def _wait(notifier: Notifier, attempts: int, problem: Undeliverable) -> float | None:
    """Seconds until the next attempt; None when there is none."""
    if attempts > len(notifier.retries):
        return None
    if problem.permanent and notifier.refusal_days > 1:
        return RETRY_AFTER[1]  # it only counts when it comes again on another day
    wait = notifier.retries[attempts - 1] * (1 + random.uniform(-JITTER, JITTER))
    if problem.retry_after is not None:
        return min(max(problem.retry_after, RETRY_AFTER[0]), RETRY_AFTER[1])
    return wait


def line(delivery: Delivery, subscription: Subscription) -> dict[str, Any]:
    """A delivery as `therawatch deliver --json` prints it."""
    return {
        "delivery": delivery.id,
        "subscription": delivery.subscription_id,
        "channel": channel_of(delivery.kind, subscription.channel),
        "state": delivery.state,
        "attempts": delivery.attempts,
        "error": delivery.error,
    }
