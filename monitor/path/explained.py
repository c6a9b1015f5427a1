"""Why the network reads as it does, worked out behind the looks: which words of a sentence it leans on most. Each takes
some tenths of a second, so no look and no reader waits for it."""

from collections.abc import Callable

from sqlmodel import Session, col, select

from monitor.service import Service
from store.database import LATER, reading, writing
from store.tables import Reading

AT_ONCE = 20
"""Readings that are explained in one round, the latest first."""


def explain_readings(service: Service, *, stop: Callable[[], bool] = bool) -> int:
    """Try the words of what was read and not yet explained; returns of how many readings."""
    with reading(service.engine) as session:
        found = _unexplained(session)
    if not found:
        return 0
    from monitor.reading.prose.explain import leaned_on  # noqa: PLC0415 - with numpy, 25 MB that registers never need

    for number, one in enumerate(found):
        if stop():
            return number
        words = leaned_on(one.texts[one.row], one.type)
        with writing(service.engine, LATER) as session:
            session.get_one(Reading, one.evidence_id).words = [list(pair) for pair in words]
    return len(found)


def _unexplained(session: Session) -> list[Reading]:
    query = select(Reading).where(col(Reading.words).is_(None)).order_by(col(Reading.evidence_id).desc())
    return list(session.exec(query.limit(AT_ONCE)).all())
