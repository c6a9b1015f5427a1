"""Whether what is stored is what was stored: the invariants of the log, each with a check that finds an alteration.

captures    every capture has its bytes, and they have its hash (what retention deletes is known)
snapshots   every snapshot is what its fingerprint says, and the changes of an item lead from one to the next
chain       the hashes of the change log, recomputed
seals       events, evidence, changes, reviews, deliveries and enclosures are what they were when they were told
enclosures  whoever was owed an event has it in a delivery
readers     the addresses of subscriptions are those that were entered
leases      no watch or delivery is held for longer than a lease lasts
receipts    what a receiver's log holds is what was sent, where that log is at hand
events      what is read from the captures again is what the log holds
"""

import hashlib
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col
from sqlmodel import select as pick

from monitor.path.owed import enclosures_amiss, matched_events
from monitor.path.receipts import Receipt, receipts_amiss
from monitor.path.rederive import rederive
from monitor.service import Service
from monitor.telling.secrets import Keyring, address_seal, open_keyring
from monitor.watching.captures import HEAD, unpack
from monitor.watching.chain import chained, fingerprint
from monitor.watching.retention import still_needed
from monitor.watching.snapshots import unpack as content_of
from sources.base import SourceError
from store.database import reading
from store.seals import SEAL, SEALED, START, digest, key_of, linked, rows_of
from store.states import ChangeKind, Filled
from store.tables import Body, Capture, Change, Delivery, Flag, Item, Snapshot, Subscription, Watch

DAMAGED = (
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    EOFError,
    AssertionError,
    zlib.error,
    SourceError,
)
"""What altered bytes may raise where they are unpacked and read."""


@dataclass
class Checked:
    """One check: how much it looked at, and what is not as it was."""

    check: str
    looked_at: int = 0
    broken: list[str] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)

    def line(self) -> dict[str, Any]:
        """The line of `therawatch verify --json`."""
        return {"check": self.check, "looked_at": self.looked_at, "broken": self.broken, **self.more}


def verify(service: Service, receipts: Sequence[Receipt] | None = None) -> Iterator[Checked]:
    """Run every check; nothing is written, and nothing that is found stops the next check. `receipts`: the log of a
    receiver, where it is at hand."""
    for check in CHECKS:
        with reading(service.engine) as session:
            yield check(service, session)
    yield _events(service)
    if receipts is not None:
        with reading(service.engine) as session:
            yield Checked("receipts", len(receipts), list(receipts_amiss(session, receipts)))


def _captures(service: Service, session: Session) -> Checked:
    result = Checked("captures")
    partial: set[str] = set()
    there: set[str] = set()
    for body in session.exec(pick(Body)).yield_per(50):
        result.looked_at += 1
        there.add(body.sha256)
        if body.packed[:1] == HEAD:
            partial.add(body.sha256)  # of what was refused only the beginning is kept
        elif (fault := _damage(body)) is not None:
            result.broken.append(f"body {body.sha256[:16]}: {fault}")
    for capture in session.exec(pick(Capture)).yield_per(500):
        name = f"capture {capture.id} of {capture.url}"
        if capture.sha256 in partial and capture.refused is None:
            result.broken.append(f"{name}: only the beginning of its body is left")
        elif capture.sha256 not in there and still_needed(session, capture.sha256, service.now()):
            result.broken.append(f"{name}: its body {capture.sha256[:16]} is gone")
    return result


def _damage(body: Body) -> str | None:
    try:
        digest = hashlib.sha256(unpack(body.packed)).hexdigest()
    except DAMAGED as problem:
        return f"cannot be unpacked ({problem})"
    return None if digest == body.sha256 else f"its bytes have the hash {digest[:16]}"


def _snapshots(service: Service, session: Session) -> Checked:
    result = Checked("snapshots")
    latest: dict[int, int] = {}
    marks: dict[int, str] = {}
    for snapshot in session.exec(pick(Snapshot).order_by(col(Snapshot.id))).yield_per(500):
        assert snapshot.id is not None
        result.looked_at += 1
        latest[snapshot.item_id] = snapshot.id
        marks[snapshot.id] = snapshot.fingerprint
        try:
            digest = fingerprint(content_of(snapshot.packed))
        except DAMAGED as problem:
            result.broken.append(f"snapshot {snapshot.id}: cannot be unpacked ({problem})")
            continue
        if digest != snapshot.fingerprint:
            result.broken.append(f"snapshot {snapshot.id}: its content is not what its fingerprint says")
    for item in session.exec(pick(Item)).yield_per(500):
        if item.id is not None and item.snapshot_id != latest.get(item.id):
            result.broken.append(f"item {item.source}/{item.key}: does not stand at its latest snapshot")
    result.broken += _leaps(session, marks)
    return result


def _leaps(session: Session, marks: dict[int, str]) -> Iterator[str]:
    """Changes of an item that do not begin where the one before ended."""
    stands: dict[int, int | None] = {}
    for change in session.exec(pick(Change).order_by(col(Change.id))).yield_per(500):
        for snapshot_id in (change.before_id, change.after_id):
            if snapshot_id is not None and snapshot_id not in marks:
                yield f"change {change.id}: its snapshot {snapshot_id} is gone"
        before = stands.get(change.item_id)
        if before is not None and change.before_id not in marks:
            yield f"change {change.id}: expected to begin at a snapshot, found none"
        if change.kind != ChangeKind.DISAPPEARED:
            stands[change.item_id] = change.after_id


def _chain(service: Service, session: Session) -> Checked:
    result = Checked("chain")
    previous = START
    for change in session.exec(pick(Change).order_by(col(Change.id))).yield_per(500):
        result.looked_at += 1
        if change.previous_hash != previous or chained(change) != change.hash:
            result.broken.append(f"change {change.id}")
        previous = change.hash
    result.more = {"changes": result.looked_at, "head": previous}
    return result


def _seals(service: Service, session: Session) -> Checked:
    result, connection = Checked("seals"), session.connection()
    newest: dict[tuple[str, str], tuple[int, str]] = {}
    previous = START
    for row in connection.execute(select(SEAL).order_by(SEAL.c.id)):
        result.looked_at += 1
        if linked(previous, row.table_name, row.row_key, row.digest, row.form) != row.hash:
            result.broken.append(f"seal {row.id} of {_named(row.table_name, row.row_key)}: the chain is broken")
        previous = row.hash
        newest[row.table_name, row.row_key] = row.form, row.digest
    for name in sorted({name for tables in SEALED.values() for name in tables}):
        for found in rows_of(connection, name):
            form, mark = newest.pop((name, key := key_of(name, found)), (0, ""))
            if not mark:
                result.broken.append(f"{_named(name, key)}: bears no seal; this service never wrote it")
            elif digest(name, found, form) != mark:
                result.broken.append(f"{_named(name, key)}: is not what it was")
    result.broken += [f"{_named(*gone)}: has gone" for gone in newest]
    result.more = {"head": previous}
    return result


def _named(table: str, key: str) -> str:
    return f"{table} {' '.join(str(part) for part in json.loads(key))}"


def _enclosures(service: Service, session: Session) -> Checked:
    result = Checked("enclosures", looked_at=sum(1 for _ in matched_events(session, service.now())))
    result.broken = list(enclosures_amiss(session, service.notifiers, service.now()))
    return result


def _readers(service: Service, session: Session) -> Checked:
    result, keyring = Checked("readers"), open_keyring(service.settings)
    all_sealed = session.get(Flag, Filled.ADDRESSES_SEALED) is not None
    for subscription in session.exec(pick(Subscription)):
        result.looked_at += 1
        if (all_sealed or subscription.seal is not None) and not _entered(keyring, subscription):
            result.broken.append(f"subscription {subscription.id}: its address is not the one that was entered")
    return result


def _entered(keyring: Keyring, subscription: Subscription) -> bool:
    return subscription.seal == address_seal(keyring, subscription)


def _leases(service: Service, session: Session) -> Checked:
    """What is held beyond any lease: by a clock that ran ahead."""
    result = Checked("leases")
    limit = datetime.now(UTC) + timedelta(seconds=2 * service.settings.lease_seconds)
    for name in session.exec(pick(Watch.name).where(col(Watch.leased_until) > limit)):
        result.broken.append(f"watch {name}: is held for longer than a lease lasts")
    for delivery in session.exec(pick(Delivery.id).where(col(Delivery.leased_until) > limit)):
        result.broken.append(f"delivery {delivery}: is held for longer than a lease lasts")
    return result


def _events(service: Service) -> Checked:
    result = Checked("events")
    try:
        again = rederive(service)
    except DAMAGED as problem:
        result.broken.append(f"the captures cannot be read again: {problem}")
        return result
    result.looked_at = again.events
    result.broken = [
        f"event {difference['event']}: {difference['difference']} {difference['field'] or ''}".rstrip()
        for difference in again.differences
    ]
    result.more = {"events": again.events, "differences": len(again.differences)}
    return result


CHECKS: tuple[Callable[[Service, Session], Checked], ...] = (
    _captures, _snapshots, _chain, _seals, _enclosures, _readers, _leases,
)  # fmt: skip
