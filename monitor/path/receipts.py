"""What a receiver's own log says, against what is written here (reliability.md, I5 and I6).

The log is JSON Lines, one for each call or mail as it arrived: `id` (webhook-id, or Message-ID), `status` (what was
answered: 204, 250), and where known `to` (the address subscribed) and `sha256` (of the body as it came).
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from monitor.settings import Misconfigured, text_of
from store.states import DeliveryState
from store.tables import Delivery, Subscription

LONGEST = 256 * 2**20
"""Bytes of a receiver's log."""


@dataclass(frozen=True)
class Receipt:
    """One call or mail as it arrived."""

    id: str
    taken: bool
    to: str | None
    sha256: str | None


def read_receipts(file: Path) -> list[Receipt]:
    """The lines of a receiver's log. Raises Misconfigured naming the line at fault."""
    try:
        lines = text_of(file, LONGEST).splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise Misconfigured(f"--received {file}: expected a file of JSON Lines, found {problem}") from None
    return [_receipt(line, f"{file} line {number}") for number, line in enumerate(lines, start=1) if line.strip()]


def _receipt(line: str, where: str) -> Receipt:
    try:
        value: dict[str, Any] = json.loads(line)
        name = str(value["id"]).strip("<>").partition("@")[0]
        return Receipt(name, 200 <= int(value["status"]) < 300, value.get("to"), value.get("sha256"))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Misconfigured(f"--received {where}: expected an object with id and status, found {line[:80]!r}") from None


def receipts_amiss(session: Session, receipts: Iterable[Receipt]) -> Iterator[str]:
    """What a receiver has and we did not send, or the other way round, or what is not what it was."""
    arrived = list(receipts)
    sent = {delivery.id: delivery for delivery in session.exec(select(Delivery))}
    bodies: dict[str, set[str]] = {}
    for receipt in arrived:
        if receipt.id not in sent:
            yield f"receipt {receipt.id}: no such delivery here"
        elif receipt.sha256:
            bodies.setdefault(receipt.id, set()).add(receipt.sha256)
    addresses = dict(session.exec(select(Subscription.id, Subscription.channel)).all())
    for name, digests in bodies.items():
        ours = sent[name].body
        calls = addresses.get(sent[name].subscription_id) == "webhook"
        if len(digests) > 1:
            yield f"receipt {name}: came with {len(digests)} bodies under one id"
        elif calls and ours is not None and digests != {sha256(ours).hexdigest()}:
            yield f"receipt {name}: its body is not the one of delivery {name}"
    yield from _unanswered(session, arrived)


def _unanswered(session: Session, receipts: list[Receipt]) -> Iterator[str]:
    """Deliveries that are called sent, to an address of the log, and that the log never took."""
    taken = {receipt.id for receipt in receipts if receipt.taken}
    addresses = {receipt.to for receipt in receipts if receipt.to}
    query = (
        select(Delivery.id)
        .join(Subscription, col(Subscription.id) == col(Delivery.subscription_id))
        .where(Delivery.state == DeliveryState.SENT, col(Subscription.address).in_(addresses))
    )
    for name in session.exec(query):
        if name not in taken:
            yield f"delivery {name}: called sent, and its receiver never took it"
