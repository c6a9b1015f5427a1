"""Which connections are used again, and when they are closed."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpcore
import pytest

from sources.http import guard
from sources.http.guard import Backend, Connections, resolve_by_system

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
LAST = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


class Host:
    """Answers every request; knows who has connected."""

    def __init__(self, answer: bytes = ANSWER) -> None:
        self.answer = answer
        self.came: list[socket.socket] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = httpcore.URL(f"http://127.0.0.1:{self._server.getsockname()[1]}/")
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self.came.append(connection)
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):  # whoever hangs up may do so in the middle
            while connection.recv(65536):
                connection.sendall(self.answer)

    def close(self) -> None:
        """Hang up on everybody."""
        for connection in self.came:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)  # its thread closes it
        self._server.close()


@contextmanager
def hosts(count: int, answer: bytes = ANSWER) -> Iterator[list[Host]]:
    there = [Host(answer) for _ in range(count)]
    try:
        yield there
    finally:
        for host in there:
            host.close()


def connections(**wishes: Any) -> Connections:
    backend = Backend(resolve_by_system, admits=None, ports=None)
    return Connections(ssl.create_default_context(), backend, **({"most": 3, "idle": 30.0} | wishes))


def ask(some: Connections, host: Host, *, read: bool = True) -> httpcore.HTTPConnection:
    connection = some.lend(host.url)
    answer = connection.handle_request(httpcore.Request("GET", host.url, headers={"host": "a"}))
    if read:
        assert b"".join(answer.iter_stream()) == b"ok"
    answer.close()
    some.keep(host.url, connection)
    return connection


def test_a_connection_serves_again_unless_it_cannot() -> None:
    some = connections()
    with hosts(1) as (host,):
        first = ask(some, host)
        assert ask(some, host) is first
        lent = some.lend(host.url)
        assert lent is first
        assert ask(some, host) is not first, "what is lent serves nobody else"
        some.keep(host.url, lent)
        assert len(host.came) == 2
        assert ask(some, host, read=False).is_closed(), "an answer that was not read to its end"
        assert not ask(some, host).is_closed()
    with hosts(1, LAST) as (host,):
        assert ask(some, host).is_closed()
        assert ask(some, host).is_closed()
        assert len(host.came) == 2
    some.close()


def test_what_a_host_has_closed_is_not_used_again() -> None:
    some = connections()
    with hosts(1) as (host,):
        first = ask(some, host)
        host.came[0].shutdown(socket.SHUT_RDWR)
        assert ask(some, host) is not first
        assert first.is_closed()
    some.close()


def test_few_are_kept_and_none_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    some = connections()
    with hosts(5) as five:
        used = [ask(some, host) for host in five]
        assert [connection.is_closed() for connection in used] == [True, True, False, False, False]
        now = guard.time.monotonic()
        monkeypatch.setattr(guard.time, "monotonic", lambda: now + 31)
        latest = ask(some, five[0])
        assert all(connection.is_closed() for connection in used), "those of other hosts too"
        some.close()
        assert latest.is_closed()
