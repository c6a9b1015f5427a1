"""Who looks at a watch: a lease on each watch of a round, so that two processes never ask one source at once.

Leases go by the real clock, whatever moment the facts are seen at. A process that dies leaves its leases to run out.
"""

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Engine, or_, update
from sqlmodel import col

from store.database import writing
from store.tables import Watch, metadata

WATCH = metadata.tables["watch"]
BATCH = 500  # watches in one statement
RENEWED_AFTER = 1 / 3
"""Of a lease: a round that lasts longer renews what it holds."""


def free(length: timedelta) -> ColumnElement[bool]:
    """Whether nobody looks at a watch. A lease that ends later than one taken now would was written by a clock that
    has been set back since, and holds nobody up."""
    now = datetime.now(UTC)
    until = col(Watch.leased_until)
    return or_(until.is_(None), until <= now, until > now + length)


class Leases:
    """The leases of one round."""

    def __init__(self, engine: Engine, seconds: float) -> None:
        self._engine = engine
        self._length = timedelta(seconds=seconds)
        self._held: dict[int, datetime] = {}
        self._renewed = time.monotonic()
        self._lock = threading.Lock()

    def take(self, watches: Sequence[Watch], *, asked: bool) -> list[Watch]:
        """Lease the watches and return those that are ours now. What a person has `asked` for is taken from whoever
        holds it: that may be a process that died."""
        until = self._until()
        for some in _batches([watch.id for watch in watches if watch.id is not None]):
            with writing(self._engine) as session:
                wanted = col(Watch.id).in_(some), *(() if asked else (free(self._length),))
                taken = update(WATCH).where(*wanted).values(leased_until=until).returning(WATCH.c.id)
                ours = session.connection().scalars(taken).all()
            self._held |= dict.fromkeys(ours, until)
        return [watch for watch in watches if watch.id in self._held]

    def renew(self) -> None:
        """Hold what is held for longer, when a good part of the time has passed."""
        with self._lock:
            if time.monotonic() - self._renewed < self._length.total_seconds() * RENEWED_AFTER:
                return
            self._renewed = time.monotonic()
            self._move(self._until())

    def end(self) -> None:
        """Give back what is still ours."""
        with self._lock:
            self._move(None)
            self._held.clear()

    def _until(self) -> datetime:
        return datetime.now(UTC) + self._length

    def _move(self, until: datetime | None) -> None:
        """Give our leases another end; one that somebody has taken since is not ours."""
        for some in _batches(list(self._held)):
            ours = [col(Watch.id).in_(some), col(Watch.leased_until).in_({self._held[watch] for watch in some})]
            with writing(self._engine) as session:
                session.connection().execute(update(WATCH).where(*ours).values(leased_until=until))
        if until is not None:
            self._held = dict.fromkeys(self._held, until)


def _batches(ids: list[int]) -> list[list[Any]]:
    return [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]
