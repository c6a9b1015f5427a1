"""What one match owes to many readers, asked about and written together: thousands of them hold the lock no longer."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, func, select

from monitor.telling.slots import Slot, new_delivery
from store.seals import insert_all
from store.states import DeliveryKind, DeliveryState, Notice
from store.tables import Delivery, Enclosure, Event, Subscription

INTERRUPTING = (DeliveryKind.ALERT, DeliveryKind.SUMMARY, DeliveryKind.CONFIRMATION)
"""What counts towards a reader's alerts of a day."""

READERS = select(Subscription.id).where(
    col(Subscription.confirmed_at).is_not(None), col(Subscription.ended_at).is_(None)
)
"""Whose deliveries are looked up: by them the indexes lead to the few rows of an event or a slot."""


class Owing:
    """The deliveries and enclosures of one transaction, until `write` puts them down.

    A slot that somebody has begun to send or is done with is left to `Slot.ready`, which finds the next one.
    """

    def __init__(self, session: Session, events: Sequence[Event], now: datetime) -> None:
        self._session, self._now = session, now
        ids = [event.id for event in events]
        told = select(Enclosure.subscription_id, Enclosure.event_id, Enclosure.notice)
        self._told = set(
            session.exec(told.where(col(Enclosure.subscription_id).in_(READERS), col(Enclosure.event_id).in_(ids)))
        )
        self._open: dict[tuple[int, str], str] = {}
        self._taken: set[tuple[int, str]] = set()
        self._known: set[str] = set()
        self._look_up(ids)
        self._alerts: Counter[int] | None = None
        self._deliveries: list[dict[str, Any]] = []
        self._enclosures: list[dict[str, Any]] = []

    def alerts_lately(self, reader_id: int) -> int:
        """How many alerts a reader was owed within a day."""
        if self._alerts is None:
            self._alerts = self._count_alerts()
        return self._alerts[reader_id]

    def ready(self, slot: Slot) -> str:
        """The id of the delivery of a slot, owed from now on if it is not yet."""
        if slot.name not in self._known:
            self._look_up([slot.name])
        key = (slot.reader_id, slot.name)
        if key in self._open:
            return self._open[key]
        if key in self._taken:
            return slot.ready(self._session)
        owed = new_delivery(slot.reader_id, slot.kind, slot.name, self._now, slot.due_at)
        self._deliveries.append(owed)
        self._open[key] = owed["id"]
        return self._open[key]

    def enclose(self, slot: Slot, event: Event, notice: Notice) -> None:
        """Put an event in, once: of what the reader has been owed already there is nothing to do."""
        key = (slot.reader_id, event.id, notice)
        if key not in self._told:
            self._told.add(key)
            values = dict(zip(("subscription_id", "event_id", "notice"), key, strict=True))
            self._enclosures.append({**values, "delivery_id": self.ready(slot)})

    def write(self) -> None:
        """Put down what is owed."""
        insert_all(self._session, Delivery, self._deliveries)
        insert_all(self._session, Enclosure, self._enclosures)

    def _look_up(self, slots: Iterable[str]) -> None:
        """Learn which deliveries there are of these slots, and which of them still take something in; those are locked
        until the transaction ends."""
        wanted = (col(Delivery.subscription_id).in_(READERS), col(Delivery.slot).in_(list(slots)))
        self._taken.update(self._session.exec(select(Delivery.subscription_id, Delivery.slot).where(*wanted)))
        untouched = (Delivery.state == DeliveryState.WAITING, Delivery.attempts == 0, col(Delivery.body).is_(None))
        query = select(Delivery.subscription_id, Delivery.slot, Delivery.id).where(*wanted, *untouched)
        self._open.update({(reader, slot): id for reader, slot, id in self._session.exec(query.with_for_update())})
        self._known.update(slots)

    def _count_alerts(self) -> Counter[int]:
        query = select(Delivery.subscription_id, func.count()).where(
            col(Delivery.kind).in_(INTERRUPTING),
            col(Delivery.created_at) > self._now - timedelta(days=1),
            col(Delivery.due_at) > self._now - timedelta(days=1),  # never before it was owed; and this is in order
            col(Delivery.created_at) <= self._now,
        )
        return Counter(dict(self._session.exec(query.group_by(col(Delivery.subscription_id))).all()))
