"""Who looks at a watch: a lease on each watch of a round, so that two processes never ask one source at once.

Leases go by the real clock, whatever moment the facts are seen at. A process that dies leaves its leases to run out.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, or_
from sqlalchemy.exc import SQLAlchemyError

from monitor.logs import log
from store.database import noting
from store.look_columns import WATCH, Watched

BATCH = 500  # watches in one statement
RENEWED_AFTER = 1 / 3
"""Of a lease: so often it is renewed while a round lasts, however long one of its looks is."""

FREE = or_(
    WATCH.c.leased_until.is_(None),
    WATCH.c.leased_until <= bindparam("real"),
    WATCH.c.leased_until > bindparam("longest"),
)
"""Whether nobody looks at a watch, given `real_time`. A lease that ends later than one taken now would was written by a
clock that has been set back since, and holds nobody up."""

SOME = WATCH.c.id.in_(bindparam("some", expanding=True))
TAKE = WATCH.update().where(SOME).values(leased_until=bindparam("new")).returning(WATCH.c.id)
TAKE_FREE = TAKE.where(FREE)
MOVE = WATCH.update().where(SOME, WATCH.c.leased_until == bindparam("old")).values(leased_until=bindparam("new"))


def real_time(length: timedelta) -> dict[str, datetime]:
    """What `FREE` is judged by, where a lease lasts for this long."""
    now = datetime.now(UTC)
    return {"real": now, "longest": now + length}


class Leases:
    """The leases of one round."""

    def __init__(self, engine: Engine, seconds: float) -> None:
        self._engine = engine
        self._length = timedelta(seconds=seconds)
        self._held: list[int] = []
        self._until = datetime.max.replace(tzinfo=UTC)  # when they end, all at once
        self._lock = threading.Lock()

    def take(self, watches: Sequence[Watched], *, asked: bool) -> list[Watched]:
        """Lease the watches and return those that are ours now. What a person has `asked` for is taken from whoever
        holds it: that may be a process that died."""
        self._until = self._from_now()
        for some in _batches([watch.id for watch in watches if watch.id is not None]):
            with noting(self._engine) as connection:
                values = {"some": some, "new": self._until} | ({} if asked else real_time(self._length))
                ours = connection.scalars(TAKE if asked else TAKE_FREE, values).all()
            self._held += ours
        held = set(self._held)
        return [watch for watch in watches if watch.id in held]

    @contextmanager
    def held(
        self, watches: Sequence[Watched], *, asked: bool, last: Callable[[Callable[[Connection], None]], None]
    ) -> Iterator[list[Watched]]:
        """`take`, and renew what is ours from time to time until the end of the block, which may not lie in a
        transaction. Then `last` gives it back in the transaction in which it writes what else there is; where that
        fails, it is given back alone."""
        over = threading.Event()
        keeping = threading.Thread(target=self._keep, args=(over,), name="leases", daemon=True)
        with ExitStack() as otherwise:
            otherwise.callback(self.end)
            ours = self.take(watches, asked=asked)
            keeping.start()
            try:
                yield ours
            finally:
                over.set()
                keeping.join()
                last(self.give_back)
                otherwise.pop_all()

    def renew(self) -> None:
        """Hold what is held for longer. Where that fails all of it lasts as long as it did, and the next try comes
        before that."""
        with self._lock:
            until = self._from_now()
            try:
                with noting(self._engine) as connection:
                    for some in _batches(self._held):
                        self._move(connection, some, until)
            except SQLAlchemyError:
                log.exception("leases not renewed")
            else:
                self._until = until

    def _keep(self, over: threading.Event) -> None:
        while not over.wait(self._length.total_seconds() * RENEWED_AFTER):
            self.renew()

    def give_back(self, connection: Connection) -> None:
        """Give back what is still ours, in the caller's transaction: for the end of a round."""
        with self._lock:
            for some in _batches(self._held):
                self._move(connection, some, None)

    def end(self) -> None:
        """Give back what is still ours."""
        with noting(self._engine) as connection:
            self.give_back(connection)

    def _from_now(self) -> datetime:
        return datetime.now(UTC) + self._length

    def _move(self, connection: Connection, some: list[int], until: datetime | None) -> None:
        """Give some of our leases another end; one that somebody has taken since is not ours."""
        connection.execute(MOVE, {"some": some, "old": self._until, "new": until})


def _batches(ids: list[int]) -> list[list[Any]]:
    return [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]
