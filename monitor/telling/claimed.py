"""What is due, taken up: the claim of some deliveries, and what each of them holds.

A claim is one guarded UPDATE that counts the attempt and takes a lease; the contents are fixed at the first attempt. A
crash lets the lease run out, and the same message goes out again under the same id. What was claimed and is not tried
after all is given back, as if nobody had taken it. Leases go by the real clock.

Where messages go one after the other, as mails do, some that come next are claimed and worded together with one, as
long as they leave in good time: each alone would cost twice as much.
"""

import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, String, and_, bindparam, case, cast, literal_column, or_, type_coerce, update
from sqlalchemy import select as choose
from sqlmodel import Session, col, select

from monitor.service import Service
from monitor.telling.compose.contents import Together, build
from monitor.telling.lanes import DRAGGING, Due
from monitor.telling.secrets import valid_secrets
from monitor.telling.slots import rests
from notifiers.digest import Digest, EventBody
from store.columns import word
from store.database import noting, reading, writing
from store.seals import change, change_row
from store.states import DeliveryKind, DeliveryState
from store.tables import Delivery, Subscription, metadata

MAIL = "email"

TO_OWNER = (DeliveryKind.PAUSED, DeliveryKind.FAILING)
"""Messages about a webhook: they go by mail to its owner, also while the webhook itself is paused."""

NEWS = (DeliveryKind.ALERT, DeliveryKind.SUMMARY, DeliveryKind.CONFIRMATION, DeliveryKind.DIGEST)
"""Messages that can wait for another day; what a reader has asked for herself this minute cannot."""

LONGEST_LEASE = timedelta(days=1)
"""A lease that ends later than this from now was written by a clock that has been set back since."""

DELIVERY = metadata.tables["delivery"]
WAITS = and_(col(Delivery.state) == word(DeliveryState.WAITING), col(Delivery.due_at) <= bindparam("now"))
WAITING_DUE = select(Delivery.id).where(WAITS).limit(1)
CLAIMABLE = and_(
    WAITS,
    or_(
        col(Delivery.leased_until).is_(None),
        col(Delivery.leased_until) <= bindparam("real"),
        col(Delivery.leased_until) > bindparam("longest"),
    ),
)
"""What must hold of a delivery that may be claimed at a moment: it waits, is due, and nobody has a lease on it."""
CLAIM = (
    update(DELIVERY)
    .where(DELIVERY.c.id.in_(bindparam("deliveries", expanding=True)), CLAIMABLE)
    .values(attempts=DELIVERY.c.attempts + 1, leased_until=bindparam("lease"))
    .returning(DELIVERY.c.id, DELIVERY.c.attempts)
)
OURS = (
    DELIVERY.c.id == bindparam("delivery"),
    DELIVERY.c.attempts == bindparam("attempt"),
    DELIVERY.c.state == word(DeliveryState.WAITING),
)
GIVE_BACK = update(DELIVERY).where(*OURS).values(attempts=DELIVERY.c.attempts - 1, leased_until=None)
UNFIX = GIVE_BACK.values(body=None, first_attempt_at=None)
FIX = (
    update(DELIVERY)
    .where(DELIVERY.c.id == bindparam("delivery"), DELIVERY.c.body.is_(None))
    .values(body=bindparam("fixed"), first_attempt_at=bindparam("at"))
)
HELD = (
    select(Delivery, Subscription)
    .join(Subscription, col(Subscription.id) == col(Delivery.subscription_id))
    .where(col(Delivery.id).in_(bindparam("deliveries", expanding=True)))
)
OF_OWNER = col(Delivery.kind).in_([word(kind) for kind in TO_OWNER])
DUE = (
    choose(
        col(Delivery.id),
        type_coerce(col(Delivery.kind), String).label("kind"),
        col(Subscription.channel),
        col(Subscription.address),
        col(Subscription.timezone),
        col(Subscription.at_hour),
        case((OF_OWNER, col(Subscription.options))).label("options"),
        case(
            (cast(col(Subscription.quiet_days), String) != literal_column("'[]'"), col(Subscription.quiet_days))
        ).label("quiet_days"),
    )
    .join(Subscription, col(Subscription.id) == col(Delivery.subscription_id))
    .where(CLAIMABLE, or_(col(Subscription.paused_at).is_(None), OF_OWNER))
    .order_by(col(Delivery.due_at), col(Delivery.id))
)
"""Of thousands that wait no more is read than decides when and by which way each goes."""


MOST = 16
"""How many messages are claimed together at most: as many as have gone before, so that the first of a round is alone,
and so is who follows a failure."""


@dataclass(frozen=True)
class Contents:
    """A claimed delivery with what is to be sent; the message is None when nothing is left to say. `fresh`: fixed by
    this claim and by no earlier one."""

    delivery: Delivery
    subscription: Subscription
    message: Digest | EventBody | None
    fresh: bool = False


def channel_of(kind: DeliveryKind, channel: str) -> str:
    """By which notifier a delivery goes: its subscription's, but the owner of a webhook gets a mail."""
    return MAIL if kind in TO_OWNER else channel


def any_due(connection: Connection, now: datetime) -> bool:
    """Whether a delivery waits that is due, whoever has it: where none does, there is nothing to claim."""
    return connection.execute(WAITING_DUE, {"now": now}).first() is not None


def claimable_at(now: datetime) -> dict[str, datetime]:
    """What CLAIMABLE is asked with."""
    real = datetime.now(UTC)
    return {"now": now, "real": real, "longest": real + LONGEST_LEASE}


def due_now(service: Service, session: Session) -> list[Due]:
    """The deliveries that may be claimed now, the longest due first; those of paused subscriptions wait, and news for
    who has a quiet day."""
    now = service.now()
    rows: Iterable[Any] = session.connection().execute(DUE, claimable_at(now))
    return [
        due_line(row.id, DeliveryKind(row.kind), row)
        for row in rows
        if not row.quiet_days or row.kind not in NEWS or not rests(row, now)
    ]


def due_line(delivery_id: str, kind: DeliveryKind, reader: Subscription) -> Due:
    """By which channel a delivery goes, to whom and on which host."""
    channel = channel_of(kind, reader.channel)
    address = reader.options.get("owner") or "" if kind in TO_OWNER else reader.address
    host = urlsplit(address).netloc if "://" in address else ""
    return Due(delivery_id, channel, f"{channel} {address}", host or channel)


def claim(service: Service, deliveries: Sequence[str]) -> dict[str, int]:
    """Take the leases and count the attempts; returns the number of each, without those that somebody else has."""
    lease = datetime.now(UTC) + timedelta(seconds=service.settings.lease_seconds)
    values = {"deliveries": deliveries, "lease": lease} | claimable_at(service.now())
    with noting(service.engine) as connection:  # neither lease nor attempts are sealed
        return {id: attempt for id, attempt in connection.execute(CLAIM, values)}


def give_back(service: Service, claimed: Mapping[str, int], fresh: Iterable[str]) -> None:
    """Undo the claim of what was not tried. What this claim has fixed (`fresh`) is so no more: what is dismissed until
    the next one is left out, and what happens goes along."""
    with writing(service.engine) as session:
        for id, attempt in claimed.items():
            change(session, UNFIX if id in fresh else GIVE_BACK, {"delivery": id, "attempt": attempt})


def contents_of(service: Service, deliveries: Sequence[str]) -> dict[str, Contents]:
    """What each claimed delivery holds, fixed now unless an earlier attempt did. Nobody else writes to it meanwhile:
    what has been attempted takes in no more."""
    with reading(service.engine) as session:
        owed = session.exec(HELD, params={"deliveries": deliveries}).all()
        together, found, fixed = Together(service, session, owed), {}, {}
        for delivery, subscription in owed:
            body = None
            if _still_wanted(delivery, subscription):
                body = delivery.body or build(together, delivery, subscription)
            if body is not None and delivery.body is None:
                fixed[delivery.id] = body
            message = _message(service, delivery, subscription, body)
            found[delivery.id] = Contents(delivery, subscription, message, fresh=delivery.id in fixed)
        if fixed:
            _fix(service, fixed)
    return found


def _still_wanted(delivery: Delivery, subscription: Subscription) -> bool:
    if delivery.kind == DeliveryKind.OPT_IN:
        return subscription.confirmed_at is None and subscription.ended_at is None
    if delivery.kind == DeliveryKind.PAUSED:
        return subscription.paused_at is not None and subscription.ended_at is None
    if delivery.kind == DeliveryKind.FAILING:
        return subscription.paused_at is None and subscription.ended_at is None
    return subscription.ended_at is None


def _fix(service: Service, bodies: Mapping[str, bytes]) -> None:
    with writing(service.engine) as session:
        for id, body in bodies.items():
            change_row(session, FIX, {"delivery": id, "fixed": body, "at": service.now()})


def _message(
    service: Service, delivery: Delivery, subscription: Subscription, body: bytes | None
) -> Digest | EventBody | None:
    if body is None:
        return None
    notifier = service.notifiers.get(channel_of(delivery.kind, subscription.channel))
    if notifier is None or notifier.payload == "digest":
        return _unpacked(body)
    assert subscription.id is not None
    return EventBody(
        id=delivery.id,
        subscription=subscription.id,
        address=subscription.address,
        secrets=valid_secrets(subscription, service.now()),
        body=body,
        test=delivery.kind == DeliveryKind.TEST,
    )


def _unpacked(body: bytes) -> Digest:
    """A stored digest; its links are still blank."""
    return Digest.model_validate(json.loads(body) | {"manage_url": "", "stop_url": "", "pause_url": ""})


@dataclass(frozen=True)
class Taken:
    """A claimed delivery: by which attempt, since when on the monotonic clock, and what those claimed with it hold."""

    due: Due
    attempt: int
    held: "Future[dict[str, Contents]]"
    since: float

    @property
    def fresh(self) -> bool:
        """Whether its contents were fixed by this claim."""
        return self.held.exception() is None and self.held.result()[self.due.id].fresh


@dataclass
class Ahead:
    """What one round has claimed and not yet sent."""

    service: Service
    pool: ThreadPoolExecutor
    limits: Mapping[str, int]  # channel -> how many at a time
    ready: dict[str, Taken] = field(default_factory=dict)
    in_a_row: Counter[str] = field(default_factory=Counter)
    """By channel, how many have gone well since one has not: for so many more is claimed ahead."""

    def take(self, due: Due, queue: dict[str, Due]) -> Taken | None:
        """A delivery off the queue, claimed now if it is not yet; None when somebody else has it."""
        if due.id not in self.ready:
            self._claim(due, queue)
        return self.ready.pop(due.id, None)

    def give_back_late(self) -> None:
        """Leave to whoever claims it next what has waited too long: most of a lease is for the sending."""
        good = min(DRAGGING, self.service.settings.lease_seconds / 4)
        if late := [one for one in self.ready.values() if time.monotonic() - one.since > good]:
            for channel in {one.due.channel for one in late}:
                self.in_a_row[channel] = min(self.in_a_row[channel], MOST) // 2
            self._give_back(late)

    def give_back(self, channel: str | None = None) -> None:
        """Leave all of a channel to whoever claims it next, or everything."""
        self._give_back([one for one in self.ready.values() if channel in (None, one.due.channel)])

    def _claim(self, due: Due, queue: dict[str, Due]) -> None:
        queue.pop(due.id, None)
        others: Iterable[Due] = ()
        if self.limits.get(due.channel, 1) == 1:
            of_channel = (one for one in queue.values() if one.channel == due.channel)
            others = islice(of_channel, min(self.in_a_row[due.channel], MOST - 1))
        those = [due, *others]
        attempts, now = claim(self.service, [one.id for one in those]), time.monotonic()
        held = self.pool.submit(contents_of, self.service, list(attempts))
        for one in those:
            queue.pop(one.id, None)
            if one.id in attempts:
                self.ready[one.id] = Taken(one, attempts[one.id], held, now)

    def _give_back(self, taken: list[Taken]) -> None:
        if taken:
            for one in taken:
                del self.ready[one.due.id]
            fresh = {one.due.id for one in taken if one.fresh}
            give_back(self.service, {one.due.id: one.attempt for one in taken}, fresh)
