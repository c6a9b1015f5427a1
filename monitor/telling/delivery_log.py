"""One delivery with all that was tried, and in words why it is not there yet."""

from collections.abc import Collection
from datetime import UTC, datetime

from sqlmodel import Session, col, select
from typing_extensions import TypedDict

from monitor.service import Service
from monitor.settings import Misconfigured
from monitor.telling.claimed import TO_OWNER, channel_of
from monitor.telling.deliveries import OwedLine, owed_line, stored_delivery
from monitor.telling.outages import Outage, outages, stopped
from monitor.telling.secrets import open_keyring
from store.states import DeliveryState
from store.tables import Attempt, Delivery, Subscription


class AttemptLine(TypedDict):
    """One try: when, whether it was accepted, and what was said where it was not."""

    at: str
    accepted: bool
    said: str | None


class DeliveryInFull(OwedLine):
    """A delivery with its log. `waits`: why it is not there yet, in words; null once nothing is to be waited for."""

    kind: str
    created_at: str
    first_attempt_at: str | None
    sent_at: str | None
    resent: int
    waits: str | None
    log: list[AttemptLine]


def in_full(service: Service, session: Session, delivery_id: str) -> DeliveryInFull:
    """One delivery with its log, the first attempt first. Raises Misconfigured when there is none of this id."""
    delivery = stored_delivery(session, delivery_id)
    subscription = session.get_one(Subscription, delivery.subscription_id)
    tried = session.exec(select(Attempt).where(Attempt.delivery_id == delivery_id).order_by(col(Attempt.id))).all()
    return {
        **owed_line(session, delivery, subscription.channel),
        "kind": delivery.kind,
        "created_at": _stamp(delivery.created_at) or "",
        "first_attempt_at": _stamp(delivery.first_attempt_at),
        "sent_at": _stamp(delivery.sent_at),
        "resent": delivery.resent,
        "waits": why_it_waits(delivery, subscription, service.now(), stopped(session), channels_down(service)),
        "log": [{"at": _stamp(one.at) or "", "accepted": one.accepted, "said": one.said} for one in tried],
    }


def channels_down(service: Service) -> list[Outage]:
    """The channels that turn everybody away; none where the installation's key cannot be read."""
    try:
        return outages(service, open_keyring(service.settings))
    except Misconfigured:
        return []


def why_it_waits(
    delivery: Delivery, subscription: Subscription, now: datetime, all_stopped: bool, down: Collection[Outage]
) -> str | None:
    """Why a delivery is not there yet, in words; None for one that is sent or void.   (pure)"""
    if delivery.state == DeliveryState.FAILED:
        return f"given up after {delivery.attempts} attempts: {delivery.error or 'no reason was noted'}"
    if delivery.state != DeliveryState.WAITING:
        return None
    if all_stopped:
        return "all sending is stopped"
    if subscription.paused_at is not None and delivery.kind not in TO_OWNER:
        until = f" until {_said(subscription.paused_until)}" if subscription.paused_until else ""
        return f"its subscription is paused{until}: {subscription.paused_because}"
    channel = channel_of(delivery.kind, subscription.channel)
    for outage in down:
        if outage.channel == channel and delivery.due_at <= now:
            return f"{channel} turns everybody away since {_said(outage.since)}, tried again at {_said(outage.until)}"
    if delivery.leased_until is not None and delivery.leased_until > datetime.now(UTC):
        return "it is being sent"
    if delivery.attempts and delivery.error:
        return f"attempt {delivery.attempts} failed, the next is due {_said(delivery.due_at)}: {delivery.error}"
    return f"it goes at {_said(delivery.due_at)}" if delivery.due_at > now else "it goes with the next round"


def _said(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "some time"


def _stamp(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
