"""Where news waits for a reader: when her next digest is due, whatever the clocks do, and which delivery holds it."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from monitor.vocabulary.dates import short
from store.seals import insert_once
from store.states import Cadence, DeliveryKind, DeliveryState, Notice
from store.tables import Delivery, Enclosure, Event, Subscription

MONDAY = 0
"""Weekly digests leave on Mondays and tell of the week that ended on Sunday; of who rests on Mondays, a day later."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""Days on which a reader may ask for no mail, all but one of them."""


def cadence_of(subscription: Subscription, kind: DeliveryKind) -> str:
    """How a delivery comes: a digest at its reader's hour, everything else at once."""
    if kind != DeliveryKind.DIGEST:
        return Cadence.IMMEDIATE
    return Cadence.WEEKLY if subscription.cadence == Cadence.WEEKLY else Cadence.DAILY


def due_on(day: date, at_hour: int, zone: ZoneInfo) -> datetime:
    """The moment of an hour on a local day. An hour that comes twice counts the first time; one that the clocks
    skip counts as if they had not moved yet."""
    return datetime.combine(day, time(at_hour), zone).astimezone(UTC)


def next_day(moment: datetime, at_hour: int, timezone: str, cadence: str, quiet: Collection[str] = ()) -> date:
    """The local day of the first digest due after `moment`, none of the quiet ones."""
    zone = ZoneInfo(timezone)
    day = moment.astimezone(zone).date()
    if due_on(day, at_hour, zone) <= moment:
        day += timedelta(days=1)
    open_days = [number for number, name in enumerate(WEEKDAYS) if name not in quiet] or [MONDAY]
    days = open_days[:1] if cadence == Cadence.WEEKLY else open_days
    return day + timedelta(days=min((number - day.weekday()) % 7 for number in days))


def rests(reader: Subscription, now: datetime) -> bool:
    """Whether a reader is left alone now: on a quiet day, and until her hour of the day after."""
    local = now.astimezone(ZoneInfo(reader.timezone))
    yesterday = WEEKDAYS[local.weekday() - 1]
    return WEEKDAYS[local.weekday()] in reader.quiet_days or (
        yesterday in reader.quiet_days and local.hour < reader.at_hour
    )


def period_start(due: datetime, timezone: str, cadence: str, quiet: Collection[str] = ()) -> datetime:
    """Where the period of a digest begins: a local day or week before it is due, and before the quiet days."""
    local = due.astimezone(ZoneInfo(timezone))
    days = 1 if cadence == Cadence.DAILY else 7
    while days < 7 and WEEKDAYS[(local.weekday() - days) % 7] in quiet:
        days += 1
    return datetime.combine(local.date() - timedelta(days=days), local.time(), local.tzinfo).astimezone(UTC)


def period_named(due: datetime, timezone: str, cadence: str) -> str:
    """The period of a digest in words: its day, or the week to the day before."""
    day = due.astimezone(ZoneInfo(timezone)).date()
    if cadence == Cadence.WEEKLY:
        return f"week to {short((day - timedelta(days=1)).isoformat())}"
    return short(day.isoformat())


def new_delivery(
    subscription_id: int, kind: DeliveryKind, slot: str, now: datetime, due_at: datetime | None = None
) -> dict[str, Any]:
    """The values of a delivery owed since `now` and due then unless said otherwise; its id is drawn here and stays."""
    return {
        "id": uuid4().hex, "subscription_id": subscription_id, "kind": kind, "slot": slot, "created_at": now,
        "due_at": due_at or now, "state": DeliveryState.WAITING, "attempts": 0, "resent": 0,
    }  # fmt: skip


class Slot:
    """Where something is put for one subscription: a delivery that nobody has tried to send yet."""

    def __init__(self, reader: Subscription, kind: DeliveryKind, name: str, now: datetime) -> None:
        self.reader, self.kind, self.name, self.now = reader, kind, name, now
        self.due_at, self.cadence = now, Cadence.IMMEDIATE
        assert reader.id is not None, "a subscription is stored before anything is owed to it"
        self.reader_id = reader.id

    @classmethod
    def of_digest(cls, reader: Subscription, now: datetime, cadence: Cadence) -> "Slot":
        """The next digest's."""
        slot = cls(reader, DeliveryKind.DIGEST, "", now)
        slot.cadence = cadence
        slot._advance()
        return slot

    def ready(self, session: Session) -> str:
        """The id of the delivery, made when it is not there; locked until the transaction ends."""
        while True:
            insert_once(session, Delivery, new_delivery(self.reader_id, self.kind, self.name, self.now, self.due_at))
            waiting = session.exec(
                select(Delivery.id)
                .where(
                    Delivery.subscription_id == self.reader_id,
                    Delivery.slot == self.name,
                    Delivery.state == DeliveryState.WAITING,
                    Delivery.attempts == 0,
                    col(Delivery.body).is_(None),
                )
                .with_for_update()
            ).first()
            if waiting is not None:
                return waiting
            self._advance()

    def enclose(self, session: Session, event: Event, notice: Notice) -> None:
        """Put an event in, once: of what the reader has been owed already there is nothing to do."""
        if session.get(Enclosure, (self.reader_id, event.id, notice)) is None:
            values = {"subscription_id": self.reader_id, "event_id": event.id, "notice": notice}
            insert_once(session, Enclosure, {**values, "delivery_id": self.ready(session)})

    def _advance(self) -> None:
        """Its contents are fixed or it is done with: take the next one."""
        if self.cadence == Cadence.IMMEDIATE:
            self.name += "+"
            return
        reader = self.reader
        day = next_day(self.due_at, reader.at_hour, reader.timezone, self.cadence, reader.quiet_days)
        self.name = day.isoformat()
        self.due_at = due_on(day, self.reader.at_hour, ZoneInfo(self.reader.timezone))


def slot_of(reader: Subscription, kind: DeliveryKind, name: str, now: datetime) -> Slot:
    """At once under a name, or the next digest's."""
    if reader.cadence == Cadence.IMMEDIATE:
        return daily(reader, now) if rests(reader, now) else Slot(reader, kind, name, now)
    return Slot.of_digest(reader, now, reader.cadence)


def daily(reader: Subscription, now: datetime) -> Slot:
    return Slot.of_digest(reader, now, Cadence.DAILY)
