"""Not now: one subscription or all sending paused, and what becomes of what piled up meanwhile.

A pause that a reader asks for by a link ends by itself; one for failing, and one by the operator, waits for a person.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import and_, bindparam, update
from sqlmodel import Session, col, select

from monitor.people.audit import Who, note_act
from monitor.service import Service
from monitor.settings import Misconfigured
from monitor.telling.failures import recovered, take_up_again
from monitor.telling.outages import SENDING, forget_outages, stopped
from store.database import reading, writing
from store.seals import change
from store.states import Cadence, DeliveryKind, DeliveryState
from store.tables import Delivery, Enclosure, Flag, Subscription

OVER = and_(col(Subscription.paused_at).is_not(None), col(Subscription.paused_until) <= bindparam("now"))
PAST = select(Subscription.id).where(OVER).limit(1)
"""A pause that was to last until now."""

Owed = Literal["all", "newest", "none"]
"""What becomes of the messages that piled up while a subscription was paused."""


def pause_subscription(
    service: Service,
    subscription_id: int,
    because: str = "asked for",
    *,
    until: datetime | None = None,
    by: Who | None = None,
) -> Subscription:
    """Send nothing until resumed, or until a moment; what is owed is kept. A pause that holds is left as it is.

    Raises Misconfigured when there is no such subscription.
    """
    with writing(service.engine) as session:
        subscription = _stored(session, subscription_id)
        if subscription.paused_at is None:
            subscription.paused_at, subscription.paused_because = service.now(), because
            subscription.paused_until = until
            session.add(subscription)
            _noted(session, service, by, "pause", subscription_id, after={"because": because})
    return subscription


def resume_subscription(
    service: Service, subscription_id: int, owed: Owed = "all", *, by: Who | None = None
) -> Subscription:
    """Go on. `owed` says what becomes of what piled up: all of it (as one summary), the newest message, or none.

    Raises Misconfigured when there is no such subscription.
    """
    with writing(service.engine) as session:
        subscription = _stored(session, subscription_id)
        before = {"paused": subscription.paused_because} if subscription.paused_at else {}
        _resume(service, session, subscription, owed)
        _noted(session, service, by, "resume", subscription_id, before=before, after={"owed": owed})
    return subscription


def end_past_pauses(service: Service) -> int:
    """Resume the subscriptions whose pause was to last until now; returns how many."""
    now = service.now()
    with service.engine.connect() as connection:
        if not connection.scalar(PAST, {"now": now}):
            return 0
    with writing(service.engine) as session:
        over = session.exec(select(Subscription).where(OVER).with_for_update(), params={"now": now}).all()
        for subscription in over:
            _resume(service, session, subscription, "all")
    return len(over)


def pause_all(service: Service, *, by: Who | None = None) -> None:
    """Stop all sending; matching goes on and nothing owed is lost."""
    with writing(service.engine) as session:
        session.merge(Flag(name=SENDING, value="paused"))
        _noted(session, service, by, "stop", None)


def resume_all(service: Service, owed: Owed = "all", *, by: Who | None = None) -> bool:
    """Start sending again, on channels that were down too; returns whether it was stopped.

    `owed` says what becomes of what piled up for each subscription that is not paused itself: all of it (alerts as one
    summary a reader), the newest message, or none.
    """
    now = service.now()
    with writing(service.engine) as session:
        forget_outages(session)
        flag = session.get(Flag, SENDING)
        if flag is None or flag.value != "paused":
            return False
        session.delete(flag)
        _noted(session, service, by, "start", None, after={"owed": owed})
        going_on = select(Subscription).where(
            col(Subscription.ended_at).is_(None), col(Subscription.paused_at).is_(None)
        )
        for subscription in session.exec(going_on).all():
            _take_in(service, session, subscription, owed, now)
    return True


def sending_paused(service: Service) -> bool:
    """Whether all sending was stopped by hand."""
    with reading(service.engine) as session:
        return stopped(session)


def drop(session: Session, subscription: Subscription, newest: int, due_by: datetime | None = None) -> None:
    """Void the waiting deliveries but the newest `keep`. `due_by` spares the digests still to come."""
    waiting = session.exec(
        select(Delivery)
        .where(Delivery.subscription_id == subscription.id, Delivery.state == DeliveryState.WAITING)
        .order_by(col(Delivery.due_at).desc())
        .with_for_update()
    ).all()
    for delivery in [each for each in waiting if due_by is None or each.due_at <= due_by][newest:]:
        delivery.state = DeliveryState.VOID
        session.add(delivery)


def fold(session: Session, subscription: Subscription, now: datetime) -> None:
    """Put what piled up for a reader into one message: after a pause nobody wants alerts or digests one by one.

    Alerts become one summary, due now; of digests that are due the newest takes in the others.
    """
    piled = session.exec(
        select(Delivery)
        .where(
            Delivery.subscription_id == subscription.id,
            Delivery.state == DeliveryState.WAITING,
            Delivery.attempts == 0,
            col(Delivery.body).is_(None),
            Delivery.kind != DeliveryKind.OPT_IN,
        )
        .order_by(col(Delivery.due_at))
        .with_for_update()
    ).all()
    if subscription.cadence != Cadence.IMMEDIATE:
        piled = [delivery for delivery in piled if delivery.due_at <= now][::-1]
    for kept in piled[:1]:
        _fold_into(session, kept, piled[1:])
        kept.due_at = now if subscription.cadence == Cadence.IMMEDIATE else kept.due_at
        session.add(kept)


def _fold_into(session: Session, kept: Delivery, others: Iterable[Delivery]) -> None:
    for other in others:
        change(session, update(Enclosure).where(col(Enclosure.delivery_id) == other.id).values(delivery_id=kept.id))
        other.state = DeliveryState.VOID
        session.add(other)


def _resume(service: Service, session: Session, subscription: Subscription, owed: Owed) -> None:
    now = service.now()
    subscription.paused_at = subscription.paused_because = subscription.paused_until = None
    session.add(subscription)
    since = recovered(session, subscription)
    if owed != "none":
        take_up_again(session, subscription, since, now)
    _take_in(service, session, subscription, owed, now)


def _take_in(service: Service, session: Session, subscription: Subscription, owed: Owed, now: datetime) -> None:
    """What becomes of what piled up."""
    if owed != "all":
        drop(session, subscription, newest=1 if owed == "newest" else 0, due_by=now)
    notifier = service.notifiers.get(subscription.channel)
    if notifier is not None and notifier.payload == "digest":
        fold(session, subscription, now)


def _noted(
    session: Session, service: Service, by: Who | None, act: str, subscription_id: int | None, **how: Any
) -> None:
    """In the audit log, where a person of this installation did it: what a reader does by her link is her own."""
    if by is not None:
        matter = "sending" if subscription_id is None else f"subscription {subscription_id}"
        note_act(session, by, act, matter, at=service.now(), **how)


def _stored(session: Session, subscription_id: int) -> Subscription:
    subscription = session.get(Subscription, subscription_id)
    if subscription is None:
        raise Misconfigured(f"subscription: expected the number of one, found {subscription_id}")
    return subscription
