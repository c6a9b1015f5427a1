"""Pace towards hosts: who may ask now, and when next."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sources.base import Unreachable

AT_ONCE = 8  # requests in flight to a host that needs no manners


class Lane:
    """The queue in front of one host."""

    def __init__(self, *, width: int, gap: float) -> None:
        self.width = width
        self.gap = gap
        self._free = threading.BoundedSemaphore(width)
        self._next_at = 0.0
        self._closed_until = 0.0

    @contextmanager
    def turn(self, host: str, patience: float | None = None) -> Iterator[None]:
        """Wait for one's turn; the gap counts from the end of the previous exchange.

        Raises Unreachable when the host asked to be left alone, or after `patience` seconds in the queue.
        """
        if not self._free.acquire(timeout=patience):
            raise Unreachable(f"{host}: busy with other requests for {patience:g} s")
        try:
            now = time.monotonic()
            if now < self._closed_until:
                left = self._closed_until - now
                raise Unreachable(f"{host}: asked to be left alone for another {left:.0f} s", retry_after=left)
            if now < self._next_at:
                time.sleep(self._next_at - now)
            try:
                yield
            finally:
                if self.gap:
                    self._next_at = time.monotonic() + self.gap
        finally:
            self._free.release()

    def close_for(self, seconds: float) -> None:
        """Nobody asks this host for so many seconds."""
        self._closed_until = max(self._closed_until, time.monotonic() + seconds)


@dataclass
class Budget:
    """Network seconds that are left to one errand; waiting for a turn is free."""

    left: float
