"""What watches remember of the addresses they ask, read once for many of a round, and what is known of hosts."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import BindParameter, Connection, Engine, bindparam, select

from monitor.watching.manners import waiting_hosts
from store.look_columns import ITEM, MEMORY, SIGHTING, Watched

TOGETHER = 50  # watches read in one go
WAITS_HOLD = 5.0  # seconds after which is read anew which hosts wait: another process may have been asked to
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


class Known(NamedTuple):
    """One remembered address. `row` is None until it has been stored."""

    row: int | None
    etag: str | None
    last_modified: str | None
    sha256: str
    content_type: str
    checks: int
    fetched_at: datetime | None = None


class Hosts:
    """What is known of the hosts of a database: which wait, as they stood a moment ago, and the robots.txt of those
    asked so far."""

    def __init__(self) -> None:
        self.waiting: dict[str, datetime] = {}
        self.robots: dict[str, tuple[str, datetime]] = {}
        """With the moment since when it is known: how long it holds is for who asks to judge."""
        self._read_at = float("-inf")

    @property
    def stale(self) -> bool:
        """Whether another process may have learnt of a host that waits."""
        return time.monotonic() - self._read_at > WAITS_HOLD

    def read(self, connection: Connection) -> None:
        """Learn anew which hosts wait."""
        self.waiting, self._read_at = waiting_hosts(connection), time.monotonic()


_OF_ROUNDS: WeakKeyDictionary[Engine, Hosts] = WeakKeyDictionary()
"""What the rounds of this process know of the hosts of a database."""


@dataclass
class Memories:
    """What some watches remember. Nobody else writes it while they are looked at: they are leased. `shared`: with what
    the other rounds of this process know of hosts."""

    engine: Engine
    watches: Sequence[Watched]
    shared: bool = False
    _known: dict[int | None, dict[str, Known]] = field(default_factory=dict)
    _awaiting: set[int | None] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @cached_property
    def hosts(self) -> Hosts:
        """What is known of hosts."""
        return _OF_ROUNDS.setdefault(self.engine, Hosts()) if self.shared else Hosts()

    def of(self, watch: Watched) -> tuple[dict[str, Known], bool]:
        """What a watch remembers by address, and whether it awaits a record that is missing; which hosts wait is known
        then too. To be asked once for each watch."""
        with self._lock:
            if watch.id not in self._known or self.hosts.stale:
                self._read(watch.id)
            return self._known.pop(watch.id), watch.id in self._awaiting

    def _read(self, first: int | None) -> None:
        with self.engine.connect() as connection:
            if first not in self._known:
                ids = [watch.id for watch in self.watches]
                ahead = ids[ids.index(first) :] if first in ids else [first]
                some = [watch for watch in ahead[:TOGETHER] if watch not in self._known]
                self._known |= {watch: {} for watch in some}
                for watch_id, url, *known in connection.execute(RECALL, {"watches": some}):
                    self._known[watch_id][url] = Known(*known)
                self._awaiting.update(connection.scalars(AWAITING, {"watches": some}))
            if self.hosts.stale:
                self.hosts.read(connection)
