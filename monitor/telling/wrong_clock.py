"""What a wrong clock left behind: deliveries put off for years, pauses that would not end. Pulled back, and said aloud.

A clock that ran ahead for one round puts everything that failed or was matched in it far into the future; one that is
set back leaves alerts of this minute waiting until the clock has caught up. Nothing is sent twice by this: a slot has
one delivery, and what was sent stays sent.
"""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, and_, or_, update
from sqlmodel import Session, col, select

from monitor.service import Service
from monitor.telling.channels import PAUSE_BY_LINK
from monitor.telling.retry import DAY, JITTER
from monitor.telling.slots import Slot
from store.database import reading, writing
from store.seals import change
from store.states import Cadence, DeliveryKind, DeliveryState
from store.tables import Delivery, Enclosure, Subscription

log = structlog.get_logger()

LONGEST_WAIT = timedelta(seconds=DAY * (1 + JITTER))
"""The longest that an attempted delivery waits for its next attempt."""

LONGEST_DIGEST = timedelta(days=8)
"""The longest that a digest waits for its hour: a week, and what a change of summer time adds."""

SLACK = timedelta(days=1)


def pull_back(service: Service) -> int:
    """Bring what is put off further than anything can be back to where it belongs; returns how many deliveries."""
    now = service.now()
    _end_endless_pauses(service, now)
    with reading(service.engine) as session:
        if not session.exec(select(Delivery.id).where(_put_off(now))).first():
            return 0
    with writing(service.engine) as session:
        put_off = session.exec(select(Delivery).where(_put_off(now)).with_for_update()).all()
        last = max((delivery.due_at for delivery in put_off), default=now)
        for delivery in put_off:
            _pull_back(session, delivery, now)
    log.warning("the clock was wrong: deliveries pulled back to now", deliveries=len(put_off), latest=last.isoformat())
    return len(put_off)


def _put_off(now: datetime) -> ColumnElement[bool]:
    """Waiting, and due later than it can be: an alert that nobody has tried is due at once."""
    due, digest, tried = (
        col(Delivery.due_at),
        col(Delivery.kind) == DeliveryKind.DIGEST,
        col(Delivery.body).is_not(None),
    )
    return and_(
        col(Delivery.state) == DeliveryState.WAITING,
        or_(
            and_(tried, due > now + LONGEST_WAIT),
            and_(~tried, ~digest, due > now),
            and_(~tried, digest, due > now + LONGEST_DIGEST),
        ),
    )


def _pull_back(session: Session, delivery: Delivery, now: datetime) -> None:
    """Due now; a digest's events go into the next digest of their reader instead."""
    if delivery.kind != DeliveryKind.DIGEST or delivery.body is not None:
        delivery.due_at = now
        session.add(delivery)
        return
    reader = session.get_one(Subscription, delivery.subscription_id)
    cadence = Cadence.DAILY if reader.cadence == Cadence.IMMEDIATE else reader.cadence
    next_digest = Slot.of_digest(reader, now, cadence).ready(session)
    change(session, update(Enclosure).where(col(Enclosure.delivery_id) == delivery.id).values(delivery_id=next_digest))
    delivery.state = DeliveryState.VOID
    session.add(delivery)


def _end_endless_pauses(service: Service, now: datetime) -> None:
    """A pause by link lasts four weeks: one that would last longer began by a wrong clock."""
    endless = col(Subscription.paused_until) > now + PAUSE_BY_LINK + SLACK
    with reading(service.engine) as session:
        if not session.exec(select(Subscription.id).where(endless)).first():
            return
    with writing(service.engine) as session:
        session.exec(update(Subscription).where(endless).values(paused_until=now + PAUSE_BY_LINK))
    log.warning("the clock was wrong: pauses shortened to four weeks from now")
