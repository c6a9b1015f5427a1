"""What a wrong clock left behind: deliveries put off for years, pauses that would not end. Pulled back, and said aloud.

A clock that ran ahead for one round puts everything that failed or was matched in it far into the future; one that is
set back leaves alerts of this minute waiting until the clock has caught up. Nothing is sent twice by this: a slot has
one delivery, and what was sent stays sent.
"""

from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, exists, literal, or_, union_all, update
from sqlmodel import Session, col, select

from monitor.logs import log
from monitor.service import Service
from monitor.telling.channels import PAUSE_BY_LINK
from monitor.telling.retry import DAY, JITTER
from monitor.telling.slots import Slot
from store.columns import word
from store.database import writing
from store.seals import change
from store.states import Cadence, DeliveryKind, DeliveryState
from store.tables import Delivery, Enclosure, Subscription

LONGEST_WAIT = timedelta(seconds=DAY * (1 + JITTER))
"""The longest that an attempted delivery waits for its next attempt."""

LONGEST_DIGEST = timedelta(days=8)
"""The longest that a digest waits for its hour: a week, and what a change of summer time adds."""

SLACK = timedelta(days=1)


LIMITS = {
    "now": timedelta(), "attempts_end": LONGEST_WAIT, "digests_end": LONGEST_DIGEST,
    "pauses_end": PAUSE_BY_LINK + SLACK,
}  # fmt: skip
"""How long after the moment of asking anything can be put off: what WRONG is asked with."""

UNTRIED, DIGEST = col(Delivery.body).is_(None), col(Delivery.kind) == word(DeliveryKind.DIGEST)
PUT_OFF = and_(
    col(Delivery.state) == word(DeliveryState.WAITING),
    col(Delivery.due_at) > bindparam("now"),  # as all of the following are; this one has an index
    or_(
        and_(~UNTRIED, col(Delivery.due_at) > bindparam("attempts_end")),
        and_(UNTRIED, ~DIGEST, col(Delivery.due_at) > bindparam("now")),
        and_(UNTRIED, DIGEST, col(Delivery.due_at) > bindparam("digests_end")),
    ),
)
"""Waiting, and due later than it can be: an alert that nobody has tried is due at once."""
ENDLESS = col(Subscription.paused_until) > bindparam("pauses_end")
WRONG = union_all(
    select(literal("delivery")).where(exists().where(PUT_OFF)), select(literal("pause")).where(exists().where(ENDLESS))
)


def pull_back(service: Service) -> int:
    """Bring what is put off further than anything can be back to where it belongs; returns how many deliveries."""
    now = service.now()
    furthest = {name: now + span for name, span in LIMITS.items()}
    with service.engine.connect() as connection:
        wrong = set(connection.scalars(WRONG, furthest))
    if "pause" in wrong:
        _end_endless_pauses(service, now)
    if "delivery" not in wrong:
        return 0
    with writing(service.engine) as session:
        put_off = session.exec(select(Delivery).where(PUT_OFF).with_for_update(), params=furthest).all()
        last = max((delivery.due_at for delivery in put_off), default=now)
        for delivery in put_off:
            _pull_back(session, delivery, now)
    log.warning("the clock was wrong: deliveries pulled back to now", deliveries=len(put_off), latest=last.isoformat())
    return len(put_off)


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
    with writing(service.engine) as session:
        session.exec(update(Subscription).where(endless).values(paused_until=now + PAUSE_BY_LINK))
    log.warning("the clock was wrong: pauses shortened to four weeks from now")
