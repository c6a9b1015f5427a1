"""What watches remember of the addresses they ask, and which hosts wait: read once for many watches of a round."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, Engine, bindparam, select

from monitor.watching.manners import waiting_hosts
from store.tables import Watch, metadata

TOGETHER = 50  # watches read in one go
WAITS_HOLD = 5.0  # seconds after which is read anew which hosts wait: another process may have been asked to
MEMORY = metadata.tables["memory"]
SIGHTING, ITEM = metadata.tables["sighting"], metadata.tables["item"]
SOME: BindParameter[list[int]] = bindparam("watches", expanding=True)
RECALL = select(
    MEMORY.c.watch_id, MEMORY.c.url, MEMORY.c.id, MEMORY.c.etag, MEMORY.c.last_modified, MEMORY.c.sha256,
    MEMORY.c.content_type, MEMORY.c.checks,
).where(MEMORY.c.watch_id.in_(SOME))  # fmt: skip
AWAITING = (
    select(SIGHTING.c.watch_id)
    .distinct()
    .join(ITEM, ITEM.c.id == SIGHTING.c.item_id)
    .where(SIGHTING.c.watch_id.in_(SOME), SIGHTING.c.missed > 0, ITEM.c.present.is_(True))
)
"""The watches of which a record is missing and not yet given up: for them also an unchanged page counts as a look."""


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
        self._awaiting: set[int | None] = set()
        self._waiting: dict[str, datetime] = {}
        self._waiting_read = float("-inf")
        self._lock = threading.Lock()
        self.robots: dict[str, tuple[str, datetime]] = {}
        """The robots.txt of the hosts asked so far, and since when it is known."""

    def of(self, watch: Watch) -> tuple[dict[str, Known], bool, dict[str, datetime]]:
        """What a watch remembers by address, whether it awaits a record that is missing, and until when hosts wait. To
        be asked once for each watch."""
        with self._lock:
            stale = time.monotonic() - self._waiting_read > WAITS_HOLD
            if stale or watch.id not in self._known:
                self._read(watch.id)
            return self._known.pop(watch.id), watch.id in self._awaiting, self._waiting

    def _read(self, first: int | None) -> None:
        with self._engine.connect() as connection:
            if first not in self._known:
                ahead = self._ids[self._ids.index(first) :] if first in self._ids else [first]
                some = [watch for watch in ahead[:TOGETHER] if watch not in self._known]
                self._known |= {watch: {} for watch in some}
                for watch_id, url, *known in connection.execute(RECALL, {"watches": some}):
                    self._known[watch_id][url] = Known(*known)
                self._awaiting.update(connection.scalars(AWAITING, {"watches": some}))
            self._waiting, self._waiting_read = waiting_hosts(connection), time.monotonic()
