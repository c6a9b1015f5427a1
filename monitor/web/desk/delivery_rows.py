"""What lists on the desk say of deliveries and of whose they are."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from monitor.people.sign_ins import SignedIn
from monitor.service import Service
from monitor.telling.deliveries import enclosed_in
from monitor.telling.delivery_log import channels_down, why_it_waits
from monitor.telling.outages import stopped
from monitor.web.rendering import titles_of
from store.tables import Delivery, Subscription


def called_reader(reader: Subscription, who: SignedIn) -> str:
    """Whose a subscription is. Of a webhook the host alone, since its path may be its secret; a mail address in full
    for maintainers, who answer readers, and its domain for viewers."""
    if "://" in reader.address:
        return f"{reader.channel} at {urlsplit(reader.address).hostname}"
    name, _, domain = reader.address.rpartition("@")
    return reader.address if who.may_act or not name else f"{name[:1]}…@{domain}"


def rows(service: Service, session: Session, who: SignedIn, wanted: Sequence[Any], limit: int) -> list[dict[str, Any]]:
    """What lines of a list say of deliveries, the latest first."""
    found = session.exec(
        select(Delivery, Subscription)
        .join(Subscription, col(Subscription.id) == col(Delivery.subscription_id))
        .where(*wanted)
        .order_by(col(Delivery.created_at).desc(), col(Delivery.id).desc())
        .limit(limit)
        .options(defer(Delivery.body))  # type: ignore[arg-type]
    ).all()
    enclosed = enclosed_in(session, [delivery.id for delivery, _ in found])
    titles = titles_of(session, {event for events in enclosed.values() for event in events}, service.pack)
    all_stopped, down, now = stopped(session), channels_down(service), service.now()
    return [
        {
            "id": delivery.id, "kind": delivery.kind, "state": delivery.state, "owed_at": delivery.created_at,
            "sent_at": delivery.sent_at, "reader": called_reader(reader, who), "subscription": reader.id,
            "events": [titles.get(event, event) for event in enclosed.get(delivery.id, [])],
            "waits": why_it_waits(delivery, reader, now, all_stopped, down),
        }
        for delivery, reader in found
    ]  # fmt: skip
