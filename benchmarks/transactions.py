"""How long the write transactions of a run held the database: from the turn that is taken until the commit is done.

    from transactions import longest_told

Every transaction that writes takes its turn (`store.database.take_turn`) before its first statement; its connection
goes back to the pool when it has ended. Both are listened to, at two microseconds each, and the longest is kept by the
clock and by the CPU of its thread, with the function of the product that opened it. By the clock a transaction also
waits for the disk, and for whatever else the machine does. The upgrade of a schema is left out: while it lasts nobody
else can write.
"""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from types import FrameType
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.pool import Pool

from store import database

BAR = 1.0  # seconds by the clock
HERE = __name__
BENEATH = ("store.", "sqlalchemy.", "sqlmodel.", "contextlib", HERE)
"""Modules that are never the one who writes."""
SETTING_UP = "__main__."
"""What a benchmark itself puts into the database is not the product's."""


@dataclass(frozen=True, order=True)
class Held:
    """For how many seconds somebody held the database."""

    seconds: float = 0.0
    who: str = "nobody"


@dataclass
class Transactions:
    """How many have been, and the longest of them."""

    count: int = 0
    clock: Held = Held()
    cpu: Held = Held()
    _begun: dict[int, tuple[float, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, connection: Any) -> None:
        """It is this one's turn from now on."""
        self._begun[id(connection)] = time.perf_counter(), time.thread_time()

    def end(self, connection: Any, _: Any = None) -> None:
        """A connection has no transaction any more; most have only read."""
        if not (begun := self._begun.pop(id(connection), None)):
            return
        clock, cpu = time.perf_counter() - begun[0], time.thread_time() - begun[1]
        self.count += 1
        if clock > self.clock.seconds or cpu > self.cpu.seconds:
            who = _who(sys._getframe(1))
            if not who.startswith(SETTING_UP):
                with self._lock:
                    self.clock, self.cpu = max(self.clock, Held(clock, who)), max(self.cpu, Held(cpu, who))

    @property
    def short(self) -> bool:
        """Whether none was over the bar."""
        return self.clock.seconds <= BAR

    def line(self) -> str:
        """What is printed of them, with the bar that was held or not."""
        verdict = "" if self.short else "  TOO LONG"
        return (
            f"longest of {self.count} write transactions: {self.clock.seconds * 1000:.0f} ms by the clock "
            f"({self.clock.who}), {self.cpu.seconds * 1000:.0f} ms of CPU ({self.cpu.who})   "
            f"(bar: {BAR * 1000:.0f} by the clock){verdict}"
        )


def _who(frame: FrameType | None) -> str:
    """The function that opened the transaction which ends here."""
    while frame is not None and frame.f_globals.get("__name__", "").startswith(BENEATH):
        frame = frame.f_back
    return f"{frame.f_globals['__name__']}.{frame.f_code.co_name}" if frame else "nobody"


@contextmanager
def listening() -> Iterator[Transactions]:
    """Listen to all write transactions of this process while the block runs."""
    found, take_turn = Transactions(), database.take_turn

    @wraps(take_turn)
    def noted(connection: Connection, kept: database.Kept = database.AT_ONCE) -> None:
        take_turn(connection, kept)
        found.begin(connection.connection.dbapi_connection)

    database.take_turn = noted
    event.listen(Pool, "checkin", found.end)
    try:
        yield found
    finally:
        event.remove(Pool, "checkin", found.end)
        database.take_turn = take_turn


@contextmanager
def longest_told() -> Iterator[Transactions]:
    """The same, and print the longest at the end, if there was any."""
    with listening() as found:
        yield found
    if found.count:
        print(found.line(), flush=True)
