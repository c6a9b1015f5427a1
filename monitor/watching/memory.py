"""What watches remember of the addresses they ask, and which hosts wait: read once for many watches of a round."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, bindparam, select

from monitor.watching.manners import waiting_hosts
from store.tables import Watch, metadata

TOGETHER = 50  # watches read in one go
WAITS_HOLD = 5.0  # seconds after which is read anew which hosts wait: another process may have been asked to
MEMORY = metadata.tables["memory"]
RECALL = select(MEMORY).where(MEMORY.c.watch_id.in_(bindparam("watches", expanding=True)))


@dataclass(frozen=True)
class Known:
    """One remembered address. `row` is None until it has been stored."""

    row: int | None
    etag: str | None
    last_modified: str | None
    sha256: str
    content_type: str
    checks: int
    fetched_at: datetime | None = None


class Memories:
    """What some watches remember. Nobody else writes it while they are looked at: they are leased."""

    def __init__(self, engine: Engine, watches: Sequence[Watch]) -> None:
        self._engine = engine
        self._ids = [watch.id for watch in watches]
        self._known: dict[int | None, dict[str, Known]] = {}
        self._waiting: dict[str, datetime] = {}
        self._waiting_read = float("-inf")
        self._lock = threading.Lock()

    def of(self, watch: Watch) -> tuple[dict[str, Known], dict[str, datetime]]:
        """What a watch remembers by address, and until when hosts wait. To be asked once for each watch."""
        with self._lock:
            stale = time.monotonic() - self._waiting_read > WAITS_HOLD
            if stale or watch.id not in self._known:
                self._read(watch.id)
            return self._known.pop(watch.id), self._waiting

    def _read(self, first: int | None) -> None:
        with self._engine.connect() as connection:
            if first not in self._known:
                ahead = self._ids[self._ids.index(first) :] if first in self._ids else [first]
                some = [watch for watch in ahead[:TOGETHER] if watch not in self._known]
                self._known |= {watch: {} for watch in some}
                for row in connection.execute(RECALL, {"watches": some}):
                    self._known[row.watch_id][row.url] = Known(
                        row.id, row.etag, row.last_modified, row.sha256, row.content_type, row.checks
                    )
            self._waiting, self._waiting_read = waiting_hosts(connection), time.monotonic()
