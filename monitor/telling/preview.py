"""The digest that would be sent, without sending it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from monitor.service import Service
from monitor.settings import Misconfigured
from monitor.telling.channels import linked
from monitor.telling.compose.contents import PERIOD, Together, digest_of
from monitor.telling.match import wants
from monitor.telling.secrets import open_keyring
from monitor.telling.slots import due_on, next_day
from notifiers.digest import Digest
from store.database import reading
from store.states import Cadence, DeliveryKind, EventState, Notice
from store.tables import Delivery, Event, Subscription


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
        day = next_day(now, subscription.at_hour, subscription.timezone, cadence, subscription.quiet_days)
        due = due_on(day, subscription.at_hour, ZoneInfo(subscription.timezone))
        delivery = Delivery(
            id="preview",
            subscription_id=subscription_id,
            kind=DeliveryKind.DIGEST,
            slot=day.isoformat(),
            created_at=now,
            due_at=due,
        )
        together = Together(service, session, [(delivery, subscription)])
        digest = digest_of(together, together.news(wanted, subscription), delivery, subscription)
    return linked(digest, open_keyring(service.settings), service.settings.base_url, now)
