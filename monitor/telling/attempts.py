"""The outcome of one attempt at a delivery, in a short transaction of its own.

    waiting --claim (a lease)--> attempted --settle--> sent | waiting until the next try | failed | void

Nearly every message is accepted, by a channel and a receiver that have had no trouble: that costs one statement for the
delivery, one for its log, and one that asks about trouble.
"""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, update
from sqlmodel import Session, col, select
from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from monitor.service import Service
from monitor.telling.claimed import DELIVERY, TO_OWNER, channel_of
from monitor.telling.failures import FAILING, failed_again, pause_for, recovered, take_up_again, warn_owner
from monitor.telling.lanes import Due
from monitor.telling.outages import OUTAGE, came_back, went_down
from monitor.telling.retry import wait_after
from monitor.telling.secrets import Keyring
from notifiers.base import Undeliverable
from store.columns import FLAG, word
from store.database import writing
from store.seals import change_row
from store.states import DeliveryKind, DeliveryState
from store.tables import Delivery, Subscription, metadata


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


ATTEMPTED = metadata.tables["attempt"].insert()
ACCEPTED = (
    update(DELIVERY)
    .where(
        DELIVERY.c.id == bindparam("delivery"),
        DELIVERY.c.attempts == bindparam("attempt"),
        DELIVERY.c.state == word(DeliveryState.WAITING),
        DELIVERY.c.kind != word(DeliveryKind.TEST),
    )
    .values(state=DeliveryState.SENT, error=None, leased_until=None, sent_at=bindparam("taken"))
)
"""Marks what was claimed by an attempt as sent; of a test there is more to say."""
TROUBLED = select(FLAG.c.name).where(FLAG.c.name.in_(bindparam("flags", expanding=True))).limit(1)
STORED = (
    select(Delivery, Subscription)
    .join(Subscription, col(Subscription.id) == col(Delivery.subscription_id))
    .where(col(Delivery.id) == bindparam("delivery"))
)


def stored(session: Session, delivery_id: str) -> tuple[Delivery, Subscription]:
    """A delivery and whose it is."""
    return session.exec(STORED, params={"delivery": delivery_id}).one()


def settle(
    service: Service, due: Due, attempt: int, problem: Undeliverable | None, keyring: Keyring, *, empty: bool = False
) -> DeliveryLine:
    """Note the outcome of an attempt, unless the lease ran out and somebody else has the delivery by now."""
    with writing(service.engine) as session:
        if not empty:
            said = service.settings.veil.text(str(problem)) if problem else None
            attempted = {"delivery_id": due.id, "at": service.now(), "accepted": problem is None, "said": said}
            session.connection().execute(ATTEMPTED, attempted)
            if problem is None and (accepted := _accepted(service, session, due, attempt)):
                return accepted
        delivery, subscription = stored(session, due.id)
        ours = delivery.attempts == attempt and delivery.state == DeliveryState.WAITING
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


def _accepted(service: Service, session: Session, due: Due, attempt: int) -> DeliveryLine | None:
    """What is said of a message that was taken while it was ours; None where there is more to it."""
    row = change_row(session, ACCEPTED, {"delivery": due.id, "attempt": attempt, "taken": service.now()})
    if row is None:
        return None
    reader, flags = row["subscription_id"], [f"{OUTAGE}{due.channel}", f"{FAILING}{row['subscription_id']}"]
    if session.connection().scalar(TROUBLED, {"flags": flags}) is not None:
        _, subscription = stored(session, due.id)
        _relieved(session, row["kind"], subscription, service.now())
    return {
        "delivery": due.id, "subscription": reader, "channel": due.channel, "state": DeliveryState.SENT,
        "attempts": attempt, "error": None,
    }  # fmt: skip


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


def _sent(service: Service, session: Session, delivery: Delivery, subscription: Subscription) -> None:
    """It was accepted, also when the lease had run out meanwhile: then whoever has it now learns it from here."""
    if delivery.state == DeliveryState.SENT:
        return
    if _is_proof(delivery, subscription):
        subscription.confirmed_at = service.now()
    delivery.state, delivery.error, delivery.sent_at = DeliveryState.SENT, None, service.now()
    _relieved(session, delivery.kind, subscription, service.now())


def _relieved(session: Session, kind: DeliveryKind, subscription: Subscription, now: datetime) -> None:
    """Whatever trouble there was on its way, a message of this kind got through."""
    came_back(session, channel_of(kind, subscription.channel))
    failing = recovered(session, subscription) if kind not in TO_OWNER else None
    take_up_again(session, subscription, failing, now)


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
