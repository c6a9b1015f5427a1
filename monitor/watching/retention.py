"""What may be forgotten, and when: bodies no evidence points at, and the log of deliveries, after a year. Captures
themselves stay."""

import time
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Delete, Engine, Select, exists
from sqlmodel import Session, col, delete, select

from monitor.kill_points import kill_point
from monitor.service import Service
from store.database import noting, reading
from store.tables import Attempt, Body, Capture, Evidence, Memory, Snapshot

KEPT = timedelta(days=365)
BODIES, ATTEMPTS = 200, 5000
"""How many are forgotten in one transaction: hundredths of a second."""
REST = 0.01
"""Seconds between two of them, in which whoever waits for a turn to write gets it."""


def still_needed(session: Session, sha256: str, now: datetime) -> bool:
    """Whether a body with this hash may not have been forgotten by now."""
    return any(session.scalar(reason.limit(1)) is not None for reason in _reasons(sha256, now))


def _reasons(sha256: Any, now: datetime) -> tuple[Select[Any], ...]:
    """What keeps a body with this hash: a young capture, evidence, a snapshot."""
    return (
        select(Capture.id).where(Capture.sha256 == sha256, Capture.fetched_at >= now - KEPT),
        select(Evidence.id).where(Evidence.capture_sha256 == sha256),
        select(Snapshot.id).join(Capture, col(Capture.id) == Snapshot.capture_id).where(Capture.sha256 == sha256),
    )


def tidy(service: Service) -> int:
    """Delete bodies older than a year that no evidence, no latest memory and no snapshot needs; says how many.

    Some at a time, each time in a transaction of its own: of a year of many watches there may be a million. What is
    left when the process ends is found by the next.
    """
    now, hash_ = service.now(), col(Body.sha256)
    old = select(Attempt.id).where(col(Attempt.at) < now - KEPT).limit(ATTEMPTS)
    while _forget(service.engine, delete(Attempt).where(col(Attempt.id).in_(old))) == ATTEMPTS:
        pass
    needless = (
        exists().where(col(Capture.sha256) == hash_, col(Capture.fetched_at) < now - KEPT),
        hash_.not_in(select(Memory.sha256)),
        *(~reason.exists() for reason in _reasons(Body.sha256, now)),
    )
    with reading(service.engine) as session:
        found = session.exec(select(Body.sha256).where(*needless)).all()
    some = (found[start : start + BODIES] for start in range(0, len(found), BODIES))
    # asked again: an answer that came meanwhile may be one of those
    return sum(_forget(service.engine, delete(Body).where(hash_.in_(part), *needless)) for part in some)


def _forget(engine: Engine, statement: Delete) -> int:
    """Forget some in a transaction; says how many. What comes back with a loss of power is found again."""
    with noting(engine) as connection:
        count = connection.execute(statement).rowcount
        kill_point("K14")
    time.sleep(REST)
    return count
