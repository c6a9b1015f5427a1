"""One exchange over a connection: a request written, an answer read.

What nearly every server says, a head and as many bytes as it names, is read here, at a fifth of the cost. Everything
else (chunks, bodies without a length, interim answers, heads that are not quite HTTP) is read by h11, from the first
byte on.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import h11
import httpcore

READ = 64 * 1024  # bytes at a time
LONGEST_HEAD = 100 * 1024  # bytes
BLANK_LINE = re.compile(rb"\n\r?\n")
TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
ASKED = re.compile(
    rb"[A-Z]+ [!-~]+ HTTP/1\.1\r\n(?:" + TOKEN + rb": (?:[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)?\r\n)*\r\n"
)
PLAIN = re.compile(
    rb"HTTP/1\.1 ([2-5][0-9][0-9])(?: [\t -~\x80-\xff]*)?((?:\r\n" + TOKEN + rb":[\t -~\x80-\xff]*)*)\r\n\r\n"
)
"""A head that can be read in one way only."""
BODILESS = frozenset({204, 304})

Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Asked:
    """A request. Where a value would break out of its line, the exchange is refused."""

    method: bytes
    target: bytes
    headers: Headers
    content: bytes = b""

    def wire(self) -> bytes:
        """The bytes to send. Raises LocalProtocolError."""
        lines = [self.method + b" " + self.target + b" HTTP/1.1", *(n + b": " + v for n, v in self.headers), b"", b""]
        head = b"\r\n".join(lines)
        if not ASKED.fullmatch(head) or head.count(b"\n") != len(lines) - 1:
            raise httpcore.LocalProtocolError("illegal character in address or header")
        return head + self.content


class Answer:
    """The head of an answer, and its body as it comes. `whole` once nothing of it is left on the wire: only then may
    the connection be asked again, and only where it is `lasting`."""

    def __init__(
        self, status: int, headers: Headers, body: Iterator[bytes], *, lasting: bool, whole: bool = False
    ) -> None:
        self.status = status
        self.headers = headers
        self.lasting = lasting
        self.whole = whole
        self._body = body

    def iter_stream(self) -> Iterator[bytes]:
        """The body in pieces, as it came over the wire."""
        yield from self._body
        self.whole = True


def exchange(stream: httpcore.NetworkStream, asked: Asked) -> Answer:
    """Send a request and read the head of its answer. Raises httpcore's faults."""
    lasting = True
    try:
        stream.write(asked.wire())
    except httpcore.WriteError:  # it may have answered and closed before it had read all
        lasting = False
    held = b""
    while not (blank := BLANK_LINE.search(held)) and len(held) <= LONGEST_HEAD and (more := stream.read(READ)):
        held += more
    if not held:
        raise httpcore.RemoteProtocolError("Server disconnected without sending a response.")
    return (blank and _plain(stream, held, blank.end(), lasting)) or _by_h11(stream, asked, held, lasting)


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
    lasting = lasting and len(held) - end <= length
    return Answer(status, headers, _counted(stream, begun, length), lasting=lasting, whole=len(begun) == length)


def _is_size(value: bytes) -> bool:
    return value.isdigit() and len(value) < 16


def _counted(stream: httpcore.NetworkStream, begun: bytes, length: int) -> Iterator[bytes]:
    if begun:
        yield begun
    left = length - len(begun)
    while left:
        more = stream.read(min(READ, left))
        if not more:
            raise httpcore.RemoteProtocolError(
                "peer closed connection without sending complete message body "
                f"(received {length - left} bytes, expected {length})"
            )
        left -= len(more)
        yield more


def _by_h11(stream: httpcore.NetworkStream, asked: Asked, held: bytes, lasting: bool) -> Answer:
    state = h11.Connection(h11.CLIENT, max_incomplete_event_size=LONGEST_HEAD)
    with _faults():
        state.send(h11.Request(method=asked.method, target=asked.target, headers=list(asked.headers)))
        if asked.content:
            state.send(h11.Data(asked.content))
        state.send(h11.EndOfMessage())
        state.receive_data(held)
    while not isinstance(event := _next(stream, state), h11.Response):
        if event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
            raise httpcore.RemoteProtocolError("Server disconnected without sending a response.")
    answer = Answer(event.status_code, event.headers.raw_items(), iter(()), lasting=False)
    answer._body = _pieces(stream, state, answer, lasting)
    return answer


def _pieces(stream: httpcore.NetworkStream, state: h11.Connection, answer: Answer, lasting: bool) -> Iterator[bytes]:
    while not isinstance(event := _next(stream, state), h11.EndOfMessage):
        if isinstance(event, h11.Data):
            yield bytes(event.data)
        else:
            raise httpcore.RemoteProtocolError(f"expected more of the body, found {event}")
    done = state.our_state is h11.DONE and state.their_state is h11.DONE
    answer.lasting = lasting and done and not state.trailing_data[0]


def _next(stream: httpcore.NetworkStream, state: h11.Connection) -> object:
    """The next that h11 makes of what comes."""
    while True:
        with _faults():
            event = state.next_event()
        if event is not h11.NEED_DATA:
            return event
        more = stream.read(READ)
        if not more and state.their_state is h11.SEND_RESPONSE:
            raise httpcore.RemoteProtocolError("Server disconnected without sending a response.")
        state.receive_data(more)


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except h11.LocalProtocolError as problem:
        raise httpcore.LocalProtocolError(str(problem)) from None
    except h11.RemoteProtocolError as problem:
        raise httpcore.RemoteProtocolError(str(problem)) from None
