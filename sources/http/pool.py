"""Connections that are kept for the next question to the same host."""

import ssl
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpcore

from sources.http.exchange import Answer, Asked, exchange

Origin = tuple[str, str, int]
"""Scheme, host and port."""


@dataclass(eq=False)
class Connection:
    """An open connection, and until when it is kept while nobody asks, on the monotonic clock."""

    origin: Origin
    stream: httpcore.NetworkStream
    until: float = 0.0


class Pool:
    """At most so many connections at once, each kept for `idle` seconds; safe in threads."""

    def __init__(self, backend: httpcore.NetworkBackend, context: ssl.SSLContext, *, most: int, idle: float) -> None:
        context.set_alpn_protocols(["http/1.1"])
        self._backend = backend
        self._context = context
        self._idle_for = idle
        self._most = most
        self._free = threading.BoundedSemaphore(most)
        self._idle: dict[Origin, list[Connection]] = {}
        self._in_order: OrderedDict[Connection, None] = OrderedDict()  # the longest idle first
        self._in_use = 0
        self._lock = threading.Lock()

    @contextmanager
    def asking(self, origin: Origin, asked: Asked, patience: float) -> Iterator[Answer]:
        """Ask and yield the answer, whose body may be read until the block ends. Raises httpcore's faults, of them
        PoolTimeout when no connection was free for so many seconds."""
        if not self._free.acquire(timeout=max(patience, 0.0)):
            raise httpcore.PoolTimeout("no connection was free in time")
        connection, answer = None, None
        try:
            connection = self._take(origin) or Connection(origin, self._connect(origin))
            answer = exchange(connection.stream, asked)
            yield answer
        finally:
            self._give_back(connection, lasting=answer is not None and answer.whole and answer.lasting)
            self._free.release()

    def close(self) -> None:
        """Close what is kept."""
        with self._lock:
            kept = list(self._in_order)
            self._in_order.clear()
            self._idle.clear()
        for connection in kept:
            connection.stream.close()

    def _take(self, origin: Origin) -> Connection | None:
        """A kept connection to ask over; None where none is, or the other side has closed it."""
        old = []
        with self._lock:
            self._in_use += 1
            now = time.monotonic()
            while self._in_order and (first := next(iter(self._in_order))).until < now:
                old.append(self._drop(first))
            found = self._idle[origin][-1] if self._idle.get(origin) else None
            if found is not None:
                self._drop(found)
            elif self._in_use + len(self._in_order) > self._most:
                old.append(self._drop(next(iter(self._in_order))))
        for connection in old:
            connection.stream.close()
        if found is not None and found.stream.get_extra_info("is_readable"):
            found.stream.close()
            return None
        return found

    def _drop(self, connection: Connection) -> Connection:
        del self._in_order[connection]
        kept = self._idle[connection.origin]
        kept.remove(connection)
        if not kept:
            del self._idle[connection.origin]
        return connection

    def _connect(self, origin: Origin) -> httpcore.NetworkStream:
        scheme, host, port = origin
        stream = self._backend.connect_tcp(host, port)
        return stream.start_tls(self._context, host) if scheme == "https" else stream

    def _give_back(self, connection: Connection | None, *, lasting: bool) -> None:
        with self._lock:
            self._in_use -= 1
            if connection is not None and lasting:
                connection.until = time.monotonic() + self._idle_for
                self._idle.setdefault(connection.origin, []).append(connection)
                self._in_order[connection] = None
                return
        if connection is not None:
            connection.stream.close()
