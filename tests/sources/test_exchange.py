"""Reading an answer: the quick way says what h11 says, however the bytes arrive, and leaves to it what is doubtful."""

from itertools import pairwise

import h11
import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.base import Unreachable
from sources.http import exchange as module
from sources.http.exchange import Asked, Pool, answer_in
from sources.http.guard import Backend, resolve_by_system, trusted
from sources.http.unusual import Unusual

ASKED = Asked(b"GET", b"/x?y=1", [(b"host", b"h"), (b"accept", b"*/*")])
NOW = (0.0, lambda: "http://h/x")
PLAIN = [
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\ncontent-length:5\r\nX-A: \t b c \t\r\nX-A:\r\nSet-Cookie: a=1\r\n\r\nhello",
    b"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 404\r\nContent-Length: 2\r\nConnection: Close\r\n\r\nno",
    b'HTTP/1.1 304 Not Modified\r\nETag: "7"\r\nContent-Length: 99\r\n\r\n',
    b"HTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 301 M\xc3\xa9\r\nLocation: /m\xc3\xa9d\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more",  # what was not asked for: never asked again
    b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut",
]
DOUBTFUL = [
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\n\r\nuntil it closes",
    b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
    b"HTTP/1.1 200 OK\r\nX-Fold: a\r\n b\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nNo colon\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nSpace : a\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nX: \0\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 2000 OK\r\nContent-Length: 5\r\n\r\nhello",
    b"ICY 200 OK\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5",
    b"SSH-2.0-OpenSSH_9.6\r\n",
    b"",
]


class Wire(httpcore.NetworkStream):
    """A connection on which an answer lies, in pieces."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = pieces
        self.sent = b""
        self.closed = False

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        piece = self.pieces.pop(0) if self.pieces else b""
        if piece[max_bytes:]:
            self.pieces.insert(0, piece[max_bytes:])
        return piece[:max_bytes]

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.sent += buffer

    def close(self) -> None:
        self.closed = True

    def get_extra_info(self, info: str) -> object:
        return False


def told(answer: bytes, cuts: list[int]) -> tuple[object, ...]:
    """All that an answer says, or that it is none; cut where told."""
    marks = [0, *sorted(cut % (len(answer) + 1) for cut in cuts), len(answer)]
    pieces = [piece for start, end in pairwise(marks) if (piece := answer[start:end])]
    try:
        wire = Wire(pieces)
        held = b""
        while b"\n\r\n" not in held and b"\n\n" not in held and (more := wire.read(65536)):
            held += more
        found = answer_in(held, wire, ASKED, lasting=True)
        body = b"".join(found.pieces())
    except httpcore.RemoteProtocolError:
        return ("none",)
    headers = [(name.lower(), value) for name, value in found.headers]
    return found.status, headers, body, found.whole and found.lasting and not wire.pieces  # the pool looks at the wire


@given(st.sampled_from(PLAIN + DOUBTFUL), st.lists(st.integers(0, 200), max_size=5))
def test_the_quick_way_says_what_h11_says(answer: bytes, cuts: list[int]) -> None:
    quick = told(answer, cuts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_plain", lambda *_: None)
        assert quick == told(answer, cuts)


@pytest.mark.parametrize("answer", DOUBTFUL)
def test_what_is_doubtful_is_left_to_h11(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []

    class Noted(Unusual):
        def __init__(self, stream: httpcore.NetworkStream, request: h11.Request, content: bytes, held: bytes) -> None:
            asked.append(held)
            super().__init__(stream, request, content, held)

    monkeypatch.setattr(module, "Unusual", Noted)
    told(answer, [])
    assert asked == ([answer] if answer else [])


@pytest.mark.parametrize(
    "wrong",
    [
        Asked(b"GET", b"/a b", []),
        Asked(b"GET", b"/\r\nX: y", []),
        Asked(b"GET", b"/", [(b"x", b"a\r\ny: b")]),
        Asked(b"GET", b"/", [(b"x", b"a\0")]),
        Asked(b"GET", b"/", [(b"x y", b"a")]),
        Asked(b"GET", b"/", [(b"x", b" a")]),
    ],
)
def test_a_request_cannot_be_broken_open(wrong: Asked) -> None:
    with pytest.raises(httpcore.LocalProtocolError):
        wrong.wire()


class Door(Backend):
    """Opens connections that answer whatever is asked."""

    def __init__(self, answer: bytes) -> None:
        super().__init__(resolve_by_system, admits=None, ports=None)
        self.answer = answer
        self.opened: list[Wire] = []

    def connect_tcp(self, *_: object, **__: object) -> Wire:
        self.opened.append(Wire([self.answer] * 9))
        return self.opened[-1]


def test_connections_are_kept_bounded_and_let_go() -> None:
    door = Door(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    pool = Pool(door, trusted(), most=3, idle=60)

    def ask(host: str, *, read: bool = True) -> None:
        with pool.asking(("http", host, 80), ASKED, *NOW) as answer:
            assert not read or b"".join(answer.pieces()) == b"ok"

    for host in ("a", "b", "a", "b", "c", "a"):
        ask(host)
    assert len(door.opened) == 3, "each host was asked over its own connection again"
    ask("d")
    assert [wire.closed for wire in door.opened] == [False, True, False, False], "the longest idle made room"
    with (
        pool.asking(("http", "a", 80), ASKED, *NOW),
        pool.asking(("http", "a", 80), ASKED, *NOW),
        pool.asking(("http", "a", 80), ASKED, *NOW),
        pytest.raises(Unreachable, match="in time"),
    ):
        ask("a")
    pool.close()
    assert all(wire.closed for wire in door.opened)
    short = Pool(door, trusted(), most=3, idle=-1)
    for _ in range(2):
        with short.asking(("http", "e", 80), ASKED, *NOW):
            pass
    assert len(door.opened) == 8, "kept for no longer than was said"


def test_an_answer_not_read_to_its_end_costs_its_connection() -> None:
    door = Door(b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\nok")
    pool = Pool(door, trusted(), most=3, idle=60)
    with pool.asking(("http", "a", 80), ASKED, *NOW):
        pass
    assert door.opened[0].closed
