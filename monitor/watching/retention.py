"""What may be forgotten, and when: bodies no evidence points at, and the log of deliveries, after a year. Captures
themselves stay."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from monitor.service import Service
from store.database import writing
from store.tables import Attempt, Body, Capture, Evidence, Memory, Snapshot

KEPT = timedelta(days=365)


def still_needed(session: Session, sha256: str, now: datetime) -> bool:
    """Whether a body with this hash may not have been forgotten by now."""
    reasons = (
        select(Capture.id).where(Capture.sha256 == sha256, Capture.fetched_at >= now - KEPT),
        select(Evidence.id).where(Evidence.capture_sha256 == sha256),
        select(Snapshot.id).join(Capture, col(Capture.id) == Snapshot.capture_id).where(Capture.sha256 == sha256),
    )
    return any(session.exec(reason.limit(1)).first() is not None for reason in reasons)


def tidy(service: Service) -> int:
    """Delete bodies older than a year that no evidence, no latest memory and no snapshot needs; says how many."""
    before = service.now() - KEPT
    with writing(service.engine) as session:
        session.exec(delete(Attempt).where(col(Attempt.at) < before))
        old = select(Capture.sha256).where(Capture.fetched_at < before)
        young = select(Capture.sha256).where(Capture.fetched_at >= before)
        proof = select(Evidence.capture_sha256).where(col(Evidence.capture_sha256).is_not(None))
        latest = select(Memory.sha256)
        taken = select(Capture.sha256).join(Snapshot, col(Snapshot.capture_id) == Capture.id)
        gone = delete(Body).where(
            col(Body.sha256).in_(old),
            *(col(Body.sha256).not_in(needed) for needed in (young, proof, latest, taken)),
        )
        return int(session.exec(gone).rowcount)
