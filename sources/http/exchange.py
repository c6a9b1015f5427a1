"""One exchange: a request written, an answer read, over a connection that is kept for the next one.

What nearly every server says, a head and as many bytes as it names, is read here, at a fifth of the cost; everything
else by h11 (`unusual.py`), from the first byte on.
"""

import re
import ssl
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import h11
import httpcore

from sources.base import Unreachable
from sources.http.guard import Backend
from sources.http.unusual import GONE, LONGEST_HEAD, READ, Unusual

BLANK_LINE = re.compile(rb"\n\r?\n")
TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
REQUEST = re.compile(
    rb"[A-Z]+ [!-~]+ HTTP/1\.1\r\n(?:" + TOKEN + rb": (?:[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)?\r\n)*\r\n"
)
PLAIN = re.compile(
    rb"HTTP/1\.1 ([2-5][0-9][0-9])(?: [\t -~\x80-\xff]*)?((?:\r\n" + TOKEN + rb":[\t -~\x80-\xff]*)*)\r\n\r\n"
)
"""A head that can be read in one way only."""
QUOTED = ": bytearray("
"""Where the fault of an answer that is no HTTP begins to quote the answer, which may hold what it was shown."""
BODILESS = frozenset({204, 304})

Origin = tuple[str, str, int]
"""Scheme, host and port."""
Headers = Sequence[tuple[bytes, bytes]]


class Passing(Unreachable):
    """A fault that may be gone at the next try."""


@dataclass(frozen=True)
class Asked:
    """A request."""

    method: bytes
    target: bytes
    headers: Headers
    content: bytes = b""

    def wire(self) -> bytes:
        """The bytes to send. Raises LocalProtocolError where a value would break out of its line."""
        lines = [self.method + b" " + self.target + b" HTTP/1.1", *(n + b": " + v for n, v in self.headers), b"", b""]
        head = b"\r\n".join(lines)
        if not REQUEST.fullmatch(head) or head.count(b"\n") != len(lines) - 1:
            raise httpcore.LocalProtocolError("illegal character in address or header")
        return head + self.content


class Answer:
    """The head of an answer, and its body as it comes. `at_hand` is the body where all of it came with the head.
    `whole` once nothing of it is left on the wire: only then may the connection be asked again, and only where it is
    `lasting`."""

    def __init__(self, status: int, headers: Headers, *, lasting: bool, at_hand: bytes | None = None) -> None:
        self.status = status
        self.headers = headers
        self.lasting = lasting
        self.at_hand = at_hand
        self.whole = at_hand is not None

    def pieces(self) -> Iterator[bytes]:
        """The body as it comes over the wire."""
        assert self.at_hand is not None, "what is not at hand yet comes in other ways"
        yield self.at_hand


class CountedAnswer(Answer):
    """One that says how long it is."""

    def __init__(
        self, status: int, headers: Headers, *, lasting: bool, stream: httpcore.NetworkStream, begun: bytes, length: int
    ) -> None:
        super().__init__(status, headers, lasting=lasting)
        self._stream = stream
        self._begun = begun
        self._length = length

    def pieces(self) -> Iterator[bytes]:
        yield self._begun
        left = self._length - len(self._begun)
        while left:
            more = self._stream.read(min(READ, left))
            if not more:
                raise httpcore.RemoteProtocolError(
                    "peer closed connection without sending complete message body "
                    f"(received {self._length - left} bytes, expected {self._length})"
                )
            left -= len(more)
            yield more
        self.whole = True


class UnusualAnswer(Answer):
    """One that h11 reads."""

    def __init__(self, found: Unusual, *, lasting: bool) -> None:
        super().__init__(found.head.status_code, found.head.headers.raw_items(), lasting=lasting)
        self._found = found

    def pieces(self) -> Iterator[bytes]:
        yield from self._found.pieces()
        self.whole = self._found.leaves_clean


@dataclass(eq=False)
class Connection:
    """An open connection, and until when it is kept while nobody asks, on the monotonic clock."""

    origin: Origin
    stream: httpcore.NetworkStream
    until: float = 0.0


class Pool:
    """At most so many connections at once, each kept for `idle` seconds; safe in threads."""

    def __init__(self, backend: Backend, context: ssl.SSLContext, *, most: int, idle: float) -> None:
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
    def asking(self, origin: Origin, asked: Asked, until: float, place: Callable[[], str]) -> Iterator[Answer]:
        """Ask and yield the answer, whose body may be read until the block ends: all of it before `until` on the
        monotonic clock. Raises Unreachable, with the words of `place` for the address."""
        try:
            with self._over(origin, asked, until) as answer:
                yield answer
        except httpcore.LocalProtocolError as problem:
            raise Unreachable(f"{place()}: the request cannot be put in HTTP ({problem})") from None
        except httpcore.TimeoutException as problem:
            if time.monotonic() >= until:
                raise Unreachable(f"{place()}: no complete answer in time") from None
            raise Passing(f"{place()}: {problem}") from None
        except (httpcore.NetworkError, httpcore.ProtocolError) as problem:
            raise Passing(f"{place()}: {str(problem).partition(QUOTED)[0]}") from None

    @contextmanager
    def _over(self, origin: Origin, asked: Asked, until: float) -> Iterator[Answer]:
        wire, lasting, held = asked.wire(), True, b""
        if not self._free.acquire(timeout=max(until - time.monotonic(), 0.0)):
            raise httpcore.PoolTimeout("no connection was free in time")
        connection, answer = None, None
        self._backend.deadline.until = until
        try:
            connection = self._take(origin) or Connection(origin, self._connect(origin))
            stream = connection.stream
            try:
                stream.write(wire)
            except httpcore.WriteError:  # it may have answered and closed before it had read all
                lasting = False
            while not BLANK_LINE.search(held) and len(held) <= LONGEST_HEAD and (more := stream.read(READ)):
                held += more
            answer = answer_in(held, stream, asked, lasting=lasting)
            yield answer
        finally:
            self._backend.deadline.until = float("inf")
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
            found = self._idle[origin][-1] if origin in self._idle else None
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


def answer_in(held: bytes, stream: httpcore.NetworkStream, asked: Asked, *, lasting: bool) -> Answer:
    """The answer whose first bytes these are, its head among them where there is one. Raises httpcore's faults."""
    if not held:
        raise httpcore.RemoteProtocolError(GONE)
    if (blank := BLANK_LINE.search(held)) and (plain := _plain(stream, held, blank.end(), lasting)):
        return plain
    request = h11.Request(method=asked.method, target=asked.target, headers=list(asked.headers))
    return UnusualAnswer(Unusual(stream, request, asked.content, held), lasting=lasting)


def _plain(stream: httpcore.NetworkStream, held: bytes, end: int, lasting: bool) -> Answer | None:
    """The answer where its head is plain; None where it is for h11 to say what it means."""
    head = PLAIN.fullmatch(held, 0, end)
    if head is None:
        return None
    status, length, headers = int(head[1]), None, []
    for line in head[2].split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        name, value = name.lower(), value.strip(b" \t")
        headers.append((name, value))
        if name == b"transfer-encoding" or (name == b"content-length" and (length is not None or not _is_size(value))):
            return None
        if name == b"content-length":
            length = int(value)
        elif name == b"connection" and b"close" in value.lower():
            lasting = False
    if status in BODILESS:
        length = 0
    if length is None:
        return None
    begun = held[end : end + length]
    if len(begun) == length:
        return Answer(status, headers, lasting=lasting and len(held) - end == length, at_hand=begun)
    return CountedAnswer(status, headers, lasting=lasting, stream=stream, begun=begun, length=length)


def _is_size(value: bytes) -> bool:
    return value.isdigit() and len(value) < 16
