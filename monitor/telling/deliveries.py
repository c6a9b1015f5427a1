"""What is owed, sent and failed, to look at; and what a person wants sent again. Commands, API and desk call this."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, and_, col, func, or_, select
from typing_extensions import TypedDict

from monitor.people.audit import Who, note_act
from monitor.service import Service
from monitor.settings import Misconfigured
from monitor.telling.claimed import channel_of
from monitor.telling.pause import sending_paused
from store.database import reading, writing
from store.states import DeliveryKind, DeliveryState
from store.tables import Delivery, Enclosure, Subscription

NEWS = (DeliveryKind.ALERT, DeliveryKind.SUMMARY, DeliveryKind.CONFIRMATION, DeliveryKind.DIGEST)
"""What may be sent again; a question or a test is asked anew instead."""

FAILED_SHOWN = timedelta(days=30)
"""How long a delivery that was given up is counted as a fault of today."""

OVERDUE = timedelta(minutes=15)
"""A delivery that nobody tries for so long after it fell due is overdue: each attempt moves that moment on."""


class OwedLine(TypedDict):
    """A delivery as `therawatch deliveries --json` prints it; moments are UTC."""

    delivery: str
    subscription: int
    channel: str
    state: str
    due_at: str
    attempts: int
    error: str | None
    events: list[str]


def deliveries(
    session: Session,
    *,
    state: DeliveryState | None = None,
    subscription_id: int | None = None,
    since: datetime | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> Iterator[OwedLine]:
    """The deliveries that pass the filters, in the order in which they came to be owed; `since` asks for those owed
    first at or after a moment, `after` for those that follow a delivery, `limit` for so many at most.

    Raises Misconfigured when there is no such subscription, or no delivery of this id.
    """
    if subscription_id is not None:
        _subscription(session, subscription_id)
    asked: list[Any] = [col(Delivery.state) == state] if state is not None else []
    asked += [col(Delivery.subscription_id) == subscription_id] if subscription_id is not None else []
    asked += [col(Delivery.created_at) >= since] if since is not None else []
    asked += [_behind(stored_delivery(session, after))] if after is not None else []
    rows = session.exec(
        select(Delivery, Subscription.channel)
        .join(Subscription, col(Subscription.id) == col(Delivery.subscription_id))
        .where(*asked)
        .order_by(col(Delivery.created_at), col(Delivery.id))
        .limit(limit)
    ).all()
    if limit is not None:
        asked = [col(Delivery.id).in_([delivery.id for delivery, _ in rows])]
    enclosed = _enclosed(session, asked)
    for delivery, channel in rows:
        yield _line(delivery, channel, enclosed.get(delivery.id, []))


def resend(service: Service, delivery_id: str, *, by: Who | None = None) -> OwedLine:
    """Owe a delivery again, now, with the same id and the same contents; a new schedule of attempts begins.

    Raises Misconfigured when there is no such delivery, or nothing in it that may be sent again.
    """
    with writing(service.engine) as session:
        delivery = stored_delivery(session, delivery_id)
        subscription = session.get_one(Subscription, delivery.subscription_id)
        if reason := _not_again(delivery, subscription):
            raise Misconfigured(f"delivery {delivery_id}: {reason}")
        if by is not None:
            before = {"state": delivery.state.value, "error": delivery.error}
            note_act(session, by, "resend", f"delivery {delivery_id}", at=service.now(), before=before)
        _again(session, delivery, service.now())
        return owed_line(session, delivery, subscription.channel)


def resend_since(
    service: Service, since: datetime, subscription_id: int | None = None, *, by: Who | None = None
) -> list[OwedLine]:
    """Owe again all news that came to be owed at or after a moment and were sent, given up or tried in vain.

    Raises Misconfigured when there is no such subscription.
    """
    with writing(service.engine) as session:
        asked: list[Any] = [col(Delivery.created_at) >= since]
        if subscription_id is not None:
            _subscription(session, subscription_id)
            asked.append(col(Delivery.subscription_id) == subscription_id)
        lines = _all_again(service, session, asked)
        if by is not None:
            matter = "deliveries" if subscription_id is None else f"subscription {subscription_id}"
            _note_all(session, by, matter, service.now(), {"since": _stamp(since)}, lines)
        return lines


def resend_after(service: Service, delivery_id: str, *, by: Who | None = None) -> list[OwedLine]:
    """Owe again all news of a subscription that followed one of its deliveries: the last that its receiver has
    (`webhook-id`) is the cursor. Raises Misconfigured when there is no such delivery."""
    with writing(service.engine) as session:
        last = stored_delivery(session, delivery_id)
        asked = [col(Delivery.subscription_id) == last.subscription_id, _behind(last)]
        lines = _all_again(service, session, asked)
        if by is not None:
            matter = f"subscription {last.subscription_id}"
            _note_all(session, by, matter, service.now(), {"after": delivery_id}, lines)
        return lines


def _note_all(
    session: Session, by: Who, matter: str, now: datetime, which: Mapping[str, str], lines: Sequence[OwedLine]
) -> None:
    note_act(session, by, "resend all", matter, at=now, after={**which, "messages": len(lines)})


def _all_again(service: Service, session: Session, asked: Sequence[Any]) -> list[OwedLine]:
    rows = session.exec(
        select(Delivery, Subscription)
        .join(Subscription, col(Subscription.id) == col(Delivery.subscription_id))
        .where(*asked)
        .order_by(col(Delivery.created_at), col(Delivery.id))
    ).all()
    again = [(delivery, reader) for delivery, reader in rows if _not_again(delivery, reader) is None]
    enclosed = _enclosed(session, asked)
    for delivery, _ in again:
        _again(session, delivery, service.now())
    return [_line(delivery, reader.channel, enclosed.get(delivery.id, [])) for delivery, reader in again]


@dataclass(frozen=True)
class Arrears:
    """What was not delivered as it should have been: given up of late, and due without anybody trying."""

    failed: int
    overdue: int
    overdue_since: datetime | None


def arrears(service: Service) -> Arrears:
    """Count what failed and what is overdue. What waits because of a pause is neither."""
    now = service.now()
    with reading(service.engine) as session:
        failed = session.exec(
            select(func.count())
            .select_from(Delivery)
            .join(Subscription, col(Subscription.id) == col(Delivery.subscription_id))
            .where(
                Delivery.state == DeliveryState.FAILED,
                col(Delivery.created_at) > now - FAILED_SHOWN,
                col(Subscription.ended_at).is_(None),
            )
        ).one()
        overdue, oldest = session.exec(
            select(func.count(), func.min(Delivery.due_at))
            .select_from(Delivery)
            .join(Subscription, col(Subscription.id) == col(Delivery.subscription_id))
            .where(
                Delivery.state == DeliveryState.WAITING,
                col(Delivery.due_at) < now - OVERDUE,
                col(Subscription.paused_at).is_(None),
            )
        ).one()
    if sending_paused(service):
        return Arrears(failed=failed, overdue=0, overdue_since=None)
    return Arrears(failed=failed, overdue=overdue, overdue_since=oldest if overdue else None)


def _not_again(delivery: Delivery, subscription: Subscription) -> str | None:
    """Why a delivery cannot be sent again; None when it can."""
    if subscription.ended_at is not None:
        return f"subscription {subscription.id} has ended"
    if delivery.kind not in NEWS:
        return f"a message of kind {delivery.kind.value} is not sent again"
    if delivery.state == DeliveryState.VOID:
        return "it is void, nothing in it is owed any more"
    if delivery.body is None:
        return f"it has not left yet; it goes at {_stamp(delivery.due_at)}"
    return None


def _again(session: Session, delivery: Delivery, now: datetime) -> None:
    """Due now, with the whole schedule before it. Only what had come to an end is counted as sent again; an attempt
    that is under way keeps its number, by which its outcome is noted."""
    if delivery.state != DeliveryState.WAITING:
        delivery.resent += 1
    if delivery.leased_until is None:
        delivery.attempts = 0
    delivery.state, delivery.due_at, delivery.error = DeliveryState.WAITING, now, None
    session.add(delivery)


def owed_line(session: Session, delivery: Delivery, channel: str) -> OwedLine:
    """One delivery as a line."""
    return _line(delivery, channel, _enclosed(session, [col(Delivery.id) == delivery.id]).get(delivery.id, []))


def _behind(last: Delivery) -> Any:
    """What came to be owed after a delivery."""
    at_once = and_(col(Delivery.created_at) == last.created_at, col(Delivery.id) > last.id)
    return or_(col(Delivery.created_at) > last.created_at, at_once)


def stored_delivery(session: Session, delivery_id: str) -> Delivery:
    """The delivery of an id. Raises Misconfigured when there is none."""
    delivery = session.get(Delivery, delivery_id)
    if delivery is None:
        raise Misconfigured(f"delivery: expected the id of one (`therawatch deliveries`), found {delivery_id!r}")
    return delivery


def enclosed_in(session: Session, ids: Sequence[str]) -> Mapping[str, list[str]]:
    """The events in each of these deliveries."""
    return _enclosed(session, [col(Delivery.id).in_(ids)])


def _enclosed(session: Session, asked: Sequence[Any]) -> Mapping[str, list[str]]:
    """The events in each of the deliveries that pass."""
    rows = session.exec(
        select(Enclosure.delivery_id, Enclosure.event_id)
        .join(Delivery, col(Delivery.id) == col(Enclosure.delivery_id))
        .where(*asked)
        .order_by(col(Enclosure.event_id))
    ).all()
    events: dict[str, list[str]] = {}
    for delivery_id, event_id in rows:
        events.setdefault(delivery_id, []).append(event_id)
    return events


def _line(delivery: Delivery, channel: str, events: list[str]) -> OwedLine:
    return {
        "delivery": delivery.id,
        "subscription": delivery.subscription_id,
        "channel": channel_of(delivery.kind, channel),
        "state": delivery.state,
        "due_at": _stamp(delivery.due_at),
        "attempts": delivery.attempts,
        "error": delivery.error,
        "events": events,
    }


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _subscription(session: Session, subscription_id: int) -> Subscription:
    subscription = session.get(Subscription, subscription_id)
    if subscription is None:
        raise Misconfigured(f"subscription: expected the number of one, found {subscription_id}")
    return subscription
