"""Answers that are HTTP but not plain, read by h11: chunks, bodies without a length, interim answers, HTTP/1.0."""

from collections.abc import Iterator
from contextlib import contextmanager

import h11
import httpcore

READ = 64 * 1024  # bytes at a time
LONGEST_HEAD = 100 * 1024  # bytes
GONE = "Server disconnected without sending a response."


class Unusual:
    """An answer of which the first bytes have come. Raises httpcore's faults."""

    def __init__(self, stream: httpcore.NetworkStream, request: h11.Request, content: bytes, held: bytes) -> None:
        self._stream = stream
        self._state = h11.Connection(h11.CLIENT, max_incomplete_event_size=LONGEST_HEAD)
        with _faults():
            for event in (request, *([h11.Data(content)] if content else []), h11.EndOfMessage()):
                self._state.send(event)
            self._state.receive_data(held)
        while not isinstance(head := self._next(), h11.Response):
            if not isinstance(head, h11.InformationalResponse):
                raise httpcore.RemoteProtocolError(GONE)
        self.head: h11.Response = head

    def pieces(self) -> Iterator[bytes]:
        """The body as it comes."""
        while not isinstance(event := self._next(), h11.EndOfMessage):
            assert isinstance(event, h11.Data), f"expected more of the body, found {event}"
            yield bytes(event.data)

    @property
    def leaves_clean(self) -> bool:
        """Whether the answer is over, nothing stands behind it, and the connection may be asked again."""
        over = self._state.our_state is h11.DONE and self._state.their_state is h11.DONE
        return over and not self._state.trailing_data[0]

    def _next(self) -> object:
        while True:
            with _faults():
                event = self._state.next_event()
            if event is not h11.NEED_DATA:
                return event
            more = self._stream.read(READ)
            if not more and self._state.their_state is h11.SEND_RESPONSE:
                raise httpcore.RemoteProtocolError(GONE)
            self._state.receive_data(more)


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except h11.LocalProtocolError as problem:
        raise httpcore.LocalProtocolError(str(problem)) from None
    except h11.RemoteProtocolError as problem:
        raise httpcore.RemoteProtocolError(str(problem)) from None
