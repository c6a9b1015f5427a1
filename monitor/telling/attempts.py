"""One delivery from claim to outcome, in short transactions of their own: nothing is sent inside one.

    waiting --claim (a lease)--> attempted --settle--> sent | waiting until the next try | failed | void

A claim is one guarded UPDATE that counts the attempt; the contents are fixed at the first one. A crash lets the lease
run out, and the same message goes out again under the same id. Leases go by the real clock.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import Connection, and_, bindparam, or_, update
from sqlmodel import Session, col, select
from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from monitor.service import Service
from monitor.telling.compose.contents import build
from monitor.telling.failures import failed_again, pause_for, recovered, take_up_again, warn_owner
from monitor.telling.lanes import Due
from monitor.telling.outages import came_back, went_down
from monitor.telling.retry import wait_after
from monitor.telling.secrets import Keyring, valid_secrets
from monitor.telling.slots import rests
from notifiers.base import Undeliverable
from notifiers.digest import Digest, EventBody
from store.columns import word
from store.database import noting, reading, writing
from store.seals import change
from store.states import DeliveryKind, DeliveryState
from store.tables import Delivery, Subscription, metadata

MAIL = "email"

TO_OWNER = (DeliveryKind.PAUSED, DeliveryKind.FAILING)
"""Messages about a webhook: they go by mail to its owner, also while the webhook itself is paused."""

NEWS = (DeliveryKind.ALERT, DeliveryKind.SUMMARY, DeliveryKind.CONFIRMATION, DeliveryKind.DIGEST)
"""Messages that can wait for another day; what a reader has asked for herself this minute cannot."""

LONGEST_LEASE = timedelta(days=1)
"""A lease that ends later than this from now was written by a clock that has been set back since."""


class OurFault(Undeliverable):
    """Not sent because of a fault of this service: an attempt of the delivery, but not held against its receiver."""


class DeliveryLine(TypedDict):
    """A delivery as `therawatch deliver --json` prints it."""

    delivery: str
    subscription: int
    channel: str
    state: str
    attempts: int
    error: str | None


@dataclass(frozen=True)
class Contents:
    """A claimed delivery with what is to be sent; the message is None when nothing is left to say."""

    delivery: Delivery
    subscription: Subscription
    message: Digest | EventBody | None


def channel_of(kind: DeliveryKind, channel: str) -> str:
    """By which notifier a delivery goes: its subscription's, but the owner of a webhook gets a mail."""
    return MAIL if kind in TO_OWNER else channel


WAITS = and_(col(Delivery.state) == word(DeliveryState.WAITING), col(Delivery.due_at) <= bindparam("now"))
WAITING_DUE = select(Delivery.id).where(WAITS).limit(1)
CLAIMABLE = and_(
    WAITS,
    or_(
        col(Delivery.leased_until).is_(None),
        col(Delivery.leased_until) <= bindparam("real"),
        col(Delivery.leased_until) > bindparam("longest"),
    ),
)
"""What must hold of a delivery that may be claimed at a moment: it waits, is due, and nobody has a lease on it."""
DELIVERY = metadata.tables["delivery"]
CLAIM = (
    update(DELIVERY)
    .where(col(Delivery.id) == bindparam("delivery"), CLAIMABLE)
    .values(attempts=col(Delivery.attempts) + 1, leased_until=bindparam("lease"))
    .returning(col(Delivery.attempts))
)
UNFIXED = update(DELIVERY).where(DELIVERY.c.id == bindparam("delivery"), DELIVERY.c.body.is_(None))
FIX = UNFIXED.values(body=bindparam("fixed"), first_attempt_at=bindparam("at"))
ATTEMPTED = metadata.tables["attempt"].insert()
STORED = (
    select(Delivery, Subscription)
    .join(Subscription, col(Subscription.id) == col(Delivery.subscription_id))
    .where(col(Delivery.id) == bindparam("delivery"))
)
DUE = (
    select(Delivery.id, Delivery.kind, Subscription)
    .join(Subscription, col(Subscription.id) == col(Delivery.subscription_id))
    .where(
        CLAIMABLE, or_(col(Subscription.paused_at).is_(None), col(Delivery.kind).in_([word(kind) for kind in TO_OWNER]))
    )
    .order_by(col(Delivery.due_at), col(Delivery.id))
)


def any_due(connection: Connection, now: datetime) -> bool:
    """Whether a delivery waits that is due, whoever has it: where none does, there is nothing to claim."""
    return connection.execute(WAITING_DUE, {"now": now}).first() is not None


def claimable_at(now: datetime) -> dict[str, datetime]:
    """What CLAIMABLE is asked with."""
    real = datetime.now(UTC)
    return {"now": now, "real": real, "longest": real + LONGEST_LEASE}


def due_now(service: Service, session: Session) -> list[Due]:
    """The deliveries that may be claimed now, the longest due first; those of paused subscriptions wait, and news for
    who has a quiet day."""
    now = service.now()
    rows = session.exec(DUE, params=claimable_at(now)).all()
    return [
        due_line(delivery_id, DeliveryKind(kind), reader)
        for delivery_id, kind, reader in rows
        if kind not in NEWS or not reader.quiet_days or not rests(reader, now)
    ]


def due_line(delivery_id: str, kind: DeliveryKind, reader: Subscription) -> Due:
    """By which channel a delivery goes, to whom and on which host."""
    channel = channel_of(kind, reader.channel)
    address = reader.options.get("owner") or "" if kind in TO_OWNER else reader.address
    host = urlsplit(address).netloc if "://" in address else ""
    return Due(delivery_id, channel, f"{channel} {address}", host or channel)


def claim(service: Service, delivery_id: str) -> int | None:
    """Take the lease and count the attempt; returns its number, or None when somebody else has the delivery."""
    lease = datetime.now(UTC) + timedelta(seconds=service.settings.lease_seconds)
    values = {"delivery": delivery_id, "lease": lease} | claimable_at(service.now())
    with noting(service.engine) as connection:  # neither lease nor attempts are sealed
        return connection.scalar(CLAIM, values)


def stored(session: Session, delivery_id: str) -> tuple[Delivery, Subscription]:
    """A delivery and whose it is."""
    return session.exec(STORED, params={"delivery": delivery_id}).one()


def contents_of(service: Service, delivery_id: str) -> Contents:
    """What a claimed delivery holds, fixed now unless an earlier attempt did. Nobody else writes to it meanwhile:
    what has been attempted takes in no more."""
    with reading(service.engine) as session:
        delivery, subscription = stored(session, delivery_id)
        if not _still_wanted(delivery, subscription):
            return Contents(delivery, subscription, None)
        body = delivery.body or build(service, session, delivery, subscription)
        message = _message(service, delivery, subscription, body)
        if delivery.body is None and body is not None:
            _fix(service, delivery_id, body)
        return Contents(delivery, subscription, message)


def settle(
    service: Service,
    delivery_id: str,
    attempt: int,
    problem: Undeliverable | None,
    keyring: Keyring,
    *,
    empty: bool = False,
) -> DeliveryLine:
    """Note the outcome of an attempt, unless the lease ran out and somebody else has the delivery by now."""
    with writing(service.engine) as session:
        delivery, subscription = stored(session, delivery_id)
        ours = delivery.attempts == attempt and delivery.state == DeliveryState.WAITING
        if not empty:
            said = service.settings.veil.text(str(problem)) if problem else None
            attempted = {"delivery_id": delivery_id, "at": service.now(), "accepted": problem is None, "said": said}
            session.connection().execute(ATTEMPTED, attempted)
        if empty:
            if ours:
                delivery.state, delivery.error = DeliveryState.VOID, None
        elif problem is None:
            _sent(service, session, delivery, subscription)
        elif ours:
            _postpone(service, session, delivery, subscription, problem, keyring)
        if ours:
            delivery.leased_until = None
        session.add(delivery)
        session.add(subscription)
        return line(delivery, subscription)


def line(delivery: Delivery, subscription: Subscription) -> DeliveryLine:
    """A delivery as `therawatch deliver --json` prints it."""
    return {
        "delivery": delivery.id,
        "subscription": delivery.subscription_id,
        "channel": channel_of(delivery.kind, subscription.channel),
        "state": delivery.state,
        "attempts": delivery.attempts,
        "error": delivery.error,
    }


def _still_wanted(delivery: Delivery, subscription: Subscription) -> bool:
    if delivery.kind == DeliveryKind.OPT_IN:
        return subscription.confirmed_at is None and subscription.ended_at is None
    if delivery.kind == DeliveryKind.PAUSED:
        return subscription.paused_at is not None and subscription.ended_at is None
    if delivery.kind == DeliveryKind.FAILING:
        return subscription.paused_at is None and subscription.ended_at is None
    return subscription.ended_at is None


def _fix(service: Service, delivery_id: str, body: bytes) -> None:
    with writing(service.engine) as session:
        change(session, FIX, {"delivery": delivery_id, "fixed": body, "at": service.now()})


def _message(
    service: Service, delivery: Delivery, subscription: Subscription, body: bytes | None
) -> Digest | EventBody | None:
    if body is None:
        return None
    notifier = service.notifiers.get(channel_of(delivery.kind, subscription.channel))
    if notifier is None or notifier.payload == "digest":
        return _unpacked(body)
    assert subscription.id is not None
    return EventBody(
        id=delivery.id,
        subscription=subscription.id,
        address=subscription.address,
        secrets=valid_secrets(subscription, service.now()),
        body=body,
        test=delivery.kind == DeliveryKind.TEST,
    )


def _unpacked(body: bytes) -> Digest:
    """A stored digest; its links are still blank."""
    return Digest.model_validate(json.loads(body) | {"manage_url": "", "stop_url": "", "pause_url": ""})


def _sent(service: Service, session: Session, delivery: Delivery, subscription: Subscription) -> None:
    """It was accepted, also when the lease had run out meanwhile: then whoever has it now learns it from here."""
    if delivery.state == DeliveryState.SENT:
        return
    if _is_proof(delivery, subscription):
        subscription.confirmed_at = service.now()
    came_back(session, channel_of(delivery.kind, subscription.channel))
    failing = recovered(session, subscription) if delivery.kind not in TO_OWNER else None
    delivery.state, delivery.error, delivery.sent_at = DeliveryState.SENT, None, service.now()
    take_up_again(session, subscription, failing, service.now())


def _is_proof(delivery: Delivery, subscription: Subscription) -> bool:
    """Whether it is the test event by which a webhook shows that it wants to be told."""
    return delivery.kind == DeliveryKind.TEST and bool(subscription.secret) and subscription.confirmed_at is None


def _postpone(
    service: Service,
    session: Session,
    delivery: Delivery,
    subscription: Subscription,
    problem: Undeliverable,
    keyring: Keyring,
) -> None:
    """Later, or never again. A channel that is down is not counted against an address or its delivery."""
    now = service.now()
    delivery.error = said = service.settings.veil.text(str(problem))
    if _is_proof(delivery, subscription):  # one try: who pressed the button sees what came of it
        delivery.state = DeliveryState.FAILED
        return
    name = channel_of(delivery.kind, subscription.channel)
    if problem.channel:
        delivery.attempts -= 1
        if delivery.attempts == 0 and delivery.resent == 0:  # it never left: what is dismissed until then is left out
            delivery.body = delivery.first_attempt_at = None
        went_down(service, session, name, said, keyring)
        return
    notifier, because = service.notifiers[name], None
    if delivery.kind not in TO_OWNER and not isinstance(problem, OurFault):
        because = failed_again(session, subscription, notifier, problem, now)
        warn_owner(session, subscription, now)
    if because is not None and subscription.paused_at is None:
        pause_for(session, subscription, because, now)
    wait = wait_after(notifier, delivery.attempts, problem)
    if wait is not None:
        delivery.due_at = now + timedelta(seconds=wait)
    elif because is None:
        delivery.state = DeliveryState.FAILED
