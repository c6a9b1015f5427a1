"""Where news waits for a reader: when her next digest is due, whatever the clocks do, and which delivery holds it."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import and_, bindparam
from sqlmodel import Session, col, func, select

from monitor.vocabulary.dates import short
from store.columns import Reader, word
from store.seals import insert_all, insert_once
from store.states import Cadence, DeliveryKind, DeliveryState, Notice
from store.tables import Delivery, Enclosure, Event, Subscription

MONDAY = 0
"""Weekly digests leave on Mondays and tell of the week that ended on Sunday; of who rests on Mondays, a day later."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""Days on which a reader may ask for no mail, all but one of them."""


def cadence_of(subscription: Reader, kind: DeliveryKind) -> str:
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


def rests(reader: Reader, now: datetime) -> bool:
    """Whether a reader is left alone now: on a quiet day, and until her hour of the day after."""
    if not reader.quiet_days:
        return False
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

    def __init__(self, reader: Reader, kind: DeliveryKind, name: str, now: datetime) -> None:
        self.reader, self.kind, self.name, self.now = reader, kind, name, now
        self.due_at = now
        self.cadence: str = Cadence.IMMEDIATE
        assert reader.id is not None, "a subscription is stored before anything is owed to it"
        self.reader_id = reader.id

    @classmethod
    def of_digest(cls, reader: Reader, now: datetime, cadence: str) -> "Slot":
        """The next digest's."""
        slot = cls(reader, DeliveryKind.DIGEST, "", now)
        slot.cadence = cadence
        slot.advance()
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
            self.advance()

    def enclose(self, session: Session, event: Event, notice: Notice) -> None:
        """Put an event in, once: of what the reader has been owed already there is nothing to do."""
        if session.get(Enclosure, (self.reader_id, event.id, notice)) is None:
            values = {"subscription_id": self.reader_id, "event_id": event.id, "notice": notice}
            insert_once(session, Enclosure, {**values, "delivery_id": self.ready(session)})

    def advance(self) -> None:
        """Its contents are fixed or it is done with: take the next one."""
        if self.cadence == Cadence.IMMEDIATE:
            self.name += "+"
            return
        reader = self.reader
        day = next_day(self.due_at, reader.at_hour, reader.timezone, self.cadence, reader.quiet_days or ())
        self.name = day.isoformat()
        self.due_at = due_on(day, self.reader.at_hour, ZoneInfo(self.reader.timezone))


def slot_of(reader: Reader, kind: DeliveryKind, name: str, now: datetime) -> Slot:
    """At once under a name, or the next digest's."""
    if reader.cadence == Cadence.IMMEDIATE:
        return daily(reader, now) if rests(reader, now) else Slot(reader, kind, name, now)
    return Slot.of_digest(reader, now, reader.cadence)


def daily(reader: Reader, now: datetime) -> Slot:
    return Slot.of_digest(reader, now, Cadence.DAILY)


SUMMARY_ABOVE = 3
"""More news than this for one reader in one go is one summary: after a long pause nobody wants them one by one."""

ALERTS_A_DAY = 6
"""Alerts to one reader within 24 hours; what comes on top is put into one digest."""

INTERRUPTING = (DeliveryKind.ALERT, DeliveryKind.SUMMARY, DeliveryKind.CONFIRMATION)
"""What counts towards a reader's alerts of a day."""

READERS = select(Subscription.id).where(
    col(Subscription.confirmed_at).is_not(None), col(Subscription.ended_at).is_(None)
)
"""Whose deliveries are looked up: by them the indexes lead to the few rows of an event or a slot."""

TOLD = select(Enclosure.subscription_id, Enclosure.event_id, Enclosure.notice).where(
    col(Enclosure.subscription_id).in_(READERS), col(Enclosure.event_id).in_(bindparam("events", expanding=True))
)
OF_SLOTS = select(
    Delivery.subscription_id,
    Delivery.slot,
    Delivery.id,
    and_(col(Delivery.state) == word(DeliveryState.WAITING), col(Delivery.attempts) == 0, col(Delivery.body).is_(None)),
).where(col(Delivery.subscription_id).in_(READERS), col(Delivery.slot).in_(bindparam("slots", expanding=True)))
"""The deliveries of some slots, and whether they still take something in."""


class Owing:
    """What one match owes to many readers, asked about and written together: thousands hold the lock no longer.

    A slot that somebody has begun to send or is done with is left to `Slot.ready`, which finds the next one.
    """

    of_slots = OF_SLOTS.with_for_update()

    def __init__(self, session: Session, events: Sequence[Event], now: datetime) -> None:
        self._session, self._now = session, now
        ids = [event.id for event in events]
        self.told = set(session.exec(TOLD, params={"events": ids})) if ids else set()
        self._open: dict[tuple[int, str], str] = {}
        self._taken: set[tuple[int, str]] = set()
        self._known: set[str] = set()
        if ids:
            self._look_up(ids)
        self._alerts: Counter[int] | None = None
        self._deliveries: list[dict[str, Any]] = []
        self._enclosures: list[dict[str, Any]] = []

    def owe(self, reader: Reader, owed: Sequence[tuple[Event, Notice]], *, prose: bool) -> None:
        """Put events where this reader's news waits. A person (`prose`) is not interrupted by what is small, nor more
        often than she can bear."""
        if reader.cadence == Cadence.WEEKLY:
            self.ready(Slot.of_digest(reader, self._now, reader.cadence))  # also a quiet week is told
        elif reader.cadence == Cadence.IMMEDIATE and prose:
            later = [pair for pair in owed if not pair[0].alert or rests(reader, self._now)]
            for event, notice in later:
                self.enclose(daily(reader, self._now), event, notice)
            owed = [pair for pair in owed if pair not in later]
            room = ALERTS_A_DAY - self.alerts_lately(reader) if owed else 0
            if owed and (len(owed) > SUMMARY_ABOVE or len(owed) > room):
                self._owe_together(reader, owed, at_once=room > 0)
                return
        for event, notice in owed:
            self.enclose(slot_of(reader, DeliveryKind.ALERT, event.id, self._now), event, notice)

    def _owe_together(self, reader: Reader, owed: Sequence[tuple[Event, Notice]], *, at_once: bool) -> None:
        """One message for all of it: now, or with the next digest hour when the day's alerts are used up."""
        name = f"summary/{owed[0][0].id}"
        slot = Slot(reader, DeliveryKind.SUMMARY, name, self._now) if at_once else daily(reader, self._now)
        for event, notice in owed:
            self.enclose(slot, event, notice)

    def alerts_lately(self, reader: Reader) -> int:
        """How many alerts a reader was owed within a day."""
        if self._alerts is None:
            self._alerts = self._count_alerts()
        return self._alerts[reader.id or 0]

    def ready(self, slot: Slot) -> str:
        """The id of the delivery of a slot, owed from now on if it is not yet."""
        key = (slot.reader_id, slot.name)
        if self.is_done_with(slot):
            return slot.ready(self._session)
        if key in self._open:
            return self._open[key]
        owed = new_delivery(slot.reader_id, slot.kind, slot.name, self._now, slot.due_at)
        self._deliveries.append(owed)
        self._open[key] = owed["id"]
        return self._open[key]

    def is_done_with(self, slot: Slot) -> bool:
        """Whether a slot has a delivery that takes nothing in any more."""
        if slot.name not in self._known:
            self._look_up([slot.name])
        key = (slot.reader_id, slot.name)
        return key in self._taken and key not in self._open

    def enclose(self, slot: Slot, event: Event, notice: Notice) -> None:
        """Put an event in, once: of what the reader has been owed already there is nothing to do."""
        key = (slot.reader_id, event.id, notice)
        if key not in self.told:
            self.told.add(key)
            values = dict(zip(("subscription_id", "event_id", "notice"), key, strict=True))
            self._enclosures.append({**values, "delivery_id": self.ready(slot)})

    def write(self) -> None:
        """Put down what is owed."""
        insert_all(self._session, Delivery, self._deliveries)
        insert_all(self._session, Enclosure, self._enclosures)

    def _look_up(self, slots: Iterable[str]) -> None:
        """Learn which deliveries there are of these slots, and which of them still take something in; those are locked
        until the transaction ends."""
        rows = self._session.exec(self.of_slots, params={"slots": list(slots)})
        for reader, slot, id, untouched in rows:
            self._taken.add((reader, slot))
            if untouched:
                self._open[reader, slot] = id
        self._known.update(slots)

    def _count_alerts(self) -> Counter[int]:
        query = select(Delivery.subscription_id, func.count()).where(
            col(Delivery.kind).in_(INTERRUPTING),
            col(Delivery.created_at) > self._now - timedelta(days=1),
            col(Delivery.due_at) > self._now - timedelta(days=1),  # never before it was owed; and this is in order
            col(Delivery.created_at) <= self._now,
        )
        return Counter(dict(self._session.exec(query.group_by(col(Delivery.subscription_id))).all()))
