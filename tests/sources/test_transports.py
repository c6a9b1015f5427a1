"""Another transport in place of httpcore, named by the configuration: a host that refuses our TLS hello is read by
curl, and every guard of the client holds as before."""

import gzip
import json
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import trustme

from monitor.path.assemble import assembled
from monitor.path.round import check_all
from monitor.settings import Misconfigured, Settings
from sources.base import TooLong, Unreachable
from sources.http import curl_transport
from sources.http.address import address_of
from sources.http.client import Client
from tests.sources.test_client import World, client, says, world

NAME = "picky.test"


class Picky(World):
    """A host that hangs up on who does not offer HTTP/2 in the TLS hello, as httpcore does not."""

    def _serve(self, connection: socket.socket) -> None:
        hello = b""
        with suppress(OSError):  # who has waited long enough may hang up before
            hello = connection.recv(4096, socket.MSG_PEEK)
        if b"\x02h2" in hello:
            super()._serve(connection)
        else:
            connection.close()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def picky(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Starts such a host under the name picky.test."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(NAME, "127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setattr(curl_transport, "TRUSTED", str(tmp_path / "ca.pem"))
    started: list[World] = []

    def start(answer: Any) -> World:
        started.append(Picky(answer, context=context))
        return started[-1]

    yield start
    for one in started:
        one.close()


def local(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@contextmanager
def by_curl(**wishes: object) -> Iterator[Client]:
    with client(**({"transports": {NAME: "curl", "127.0.0.1": "curl"}, "resolve": local} | wishes)) as ours:
        yield ours


def at(host: World, path: str = "/") -> str:
    return f"https://{NAME}:{host.port}{path}"


def test_a_host_that_refuses_our_hello_is_read_by_curl(picky: Any, authority: trustme.CA) -> None:
    here = picky(says(body=gzip.compress(b"hello"), Content_Encoding="gzip", Content_Type="text/plain", ETag='"1"'))
    with client(resolve=local, verify=trusting(authority)) as plain, pytest.raises(Unreachable):
        plain.get(at(here))
    assert here.requests == []

    with by_curl() as ours:
        answer = ours.get(at(here, "/a"), params={"q": "x y"}, headers={"X-More": "1"})
        ours.get(address_of(at(here, "/search"), None, json.dumps({"page": 1}).encode()))

    assert (answer.status, answer.body, answer.content_type) == (200, b"hello", "text/plain")
    assert answer.headers["etag"] == '"1"'
    (path, headers), (_, asked) = here.requests
    assert path == "/a?q=x+y"
    assert headers["user-agent"].startswith("Therawatch/"), "nobody is impersonated"
    assert (headers["x-more"], headers["accept-encoding"], headers["host"]) == ("1", "gzip", f"{NAME}:{here.port}")
    assert (asked["content-length"], asked["content-type"]) == ("11", "application/json")


def test_an_answer_that_has_not_changed_is_known_and_a_passing_fault_is_tried_again(picky: Any) -> None:
    left = [
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
    ]

    def answer(path: str, asked: dict[str, str], connection: socket.socket) -> None:
        connection.sendall(left.pop(0) if left else b"HTTP/1.1 304 Not Modified\r\n\r\n")
        connection.close()

    here = picky(answer)
    with by_curl() as ours:
        assert ours.get(at(here), etag='"1"').status == 304
    assert [asked["if-none-match"] for _, asked in here.requests] == ['"1"'] * 3


def test_only_public_addresses_are_asked_and_those_that_were_checked(
    picky: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = picky(says())
    for variable in ("http_proxy", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(variable, f"http://127.0.0.1:{here.port}")
    with by_curl(allow_private=False, ports=(here.port,)) as guarded:
        for url in (at(here), f"http://127.0.0.1:{here.port}/", f"https://{NAME}:25/"):
            with pytest.raises(Unreachable, match="is refused"):
                guarded.get(url)
    assert here.connections == 0
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) < 3 else ["127.0.0.2"]

    with by_curl(resolve=rebinding) as ours:
        assert ours.get(at(here)).body == b"hello", "the name is resolved by us, and known to nobody else"
    assert set(asked) == {NAME}


def test_a_redirect_is_checked_like_any_address(picky: Any) -> None:
    with world(says()) as inside:
        resolve = lambda host, port: ["127.0.0.1"] if host == NAME else ["127.0.0.2"]  # noqa: E731
        judged = {"is_public": lambda address: address == "127.0.0.1", "resolve": resolve, "allow_private": False}
        for target, reason in (
            (f"http://{NAME}:{inside.port}/", "https to http"),
            (f"https://inside.test:{inside.port}/", "address 127.0.0.2 is refused"),
            (f"https://127.0.0.2:{inside.port}/", "address 127.0.0.2 is refused"),
            (f"https://{NAME}:22/", "port 22 is refused"),
        ):
            here = picky(says("302 Found", Location=target))
            with by_curl(ports=(here.port, inside.port), **judged) as ours, pytest.raises(Unreachable, match=reason):
                ours.get(at(here))
            assert len(here.requests) == 1
        assert inside.connections == 0


def test_length_and_time_are_bounded(picky: Any) -> None:
    here = picky(says(body=b"x" * 3_000_000))
    with by_curl(raw_limit=100_000) as ours, pytest.raises(TooLong, match="more than 100000 bytes"):
        ours.get(at(here))
    bomb = picky(says(body=gzip.compress(b"0" * 3_000_000), Content_Encoding="gzip"))
    with by_curl(inflated_limit=100_000) as ours, pytest.raises(TooLong, match="after unpacking"):
        ours.get(at(bomb))
    ended = threading.Event()

    def drips(path: str, asked: dict[str, str], connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not ended.wait(0.05):
            connection.sendall(b"x")

    slow = picky(drips)
    begun = time.monotonic()
    for seconds in (0.6, *(0.05 + 0.0007 * step for step in range(15))):  # whose clock says so first is no matter
        with by_curl(deadline=seconds) as ours, pytest.raises(Unreachable, match="no complete answer in time"):
            ours.get(at(slow))
    ended.set()
    assert time.monotonic() - begun < 30, "the whole drip takes an hour"


def test_a_host_that_never_shakes_hands_is_given_up_by_our_clock(picky: Any) -> None:
    """Its own limit on the time to connect may not run out before ours: that would be a fault that passes."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        for step in range(15):
            with by_curl(deadline=0.05 + 0.0007 * step) as ours, pytest.raises(Unreachable, match="no complete answer"):
                ours.get(f"https://{NAME}:{mute.getsockname()[1]}/")


def test_a_certificate_that_nobody_vouches_for_is_refused(picky: Any, tmp_path: Path, monkeypatch: Any) -> None:
    here = picky(says())
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    monkeypatch.setattr(curl_transport, "TRUSTED", str(tmp_path / "other.pem"))
    with by_curl() as ours, pytest.raises(Unreachable, match="certificate is not valid"):
        ours.get(at(here))


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\0b"])
def test_a_header_cannot_add_others(picky: Any, value: str) -> None:
    here = picky(says())
    with by_curl() as ours, pytest.raises(Unreachable, match="cannot be put in HTTP"):
        ours.get(at(here), headers={"X-Name": value})
    assert here.requests == []


def test_the_settings_name_it_and_say_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = Settings.from_environ({"THERAWATCH_TRANSPORTS": " WWW.Example.org=curl, b.example=curl"})
    assert named.transports == {"www.example.org": "curl", "b.example": "curl"}
    for wrong in ("curl", "www.example.org=wget", "https://www.example.org=curl"):
        with pytest.raises(Misconfigured, match=r"THERAWATCH_TRANSPORTS.*expected host=curl"):
            Settings.from_environ({"THERAWATCH_TRANSPORTS": wrong})
    monkeypatch.setitem(sys.modules, "sources.http.curl_transport", None)
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'w.db'}", transports={"a.example": "curl"})
    with pytest.raises(Misconfigured, match=r"therawatch\[curl\]"), assembled(settings):
        pass


PACK = """
[pack]
name = "one"
condition = "amyotrophic lateral sclerosis"

[[watches]]
name = "picky"
source = "page"
every = "1h"
url = "{url}"
transport = "{name}"

[[watches]]
name = "plain"
source = "page"
every = "1h"
url = "{url}"
"""


def test_one_watch_is_asked_by_curl_and_its_neighbour_at_the_same_host_is_not(
    picky: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = picky(says(body=b"<html><h1>Medicine</h1><p>Is approved.</p></html>", Content_Type="text/html"))
    (config := tmp_path / "pack.toml").write_text(PACK.format(url=f"https://127.0.0.1:{here.port}/", name="curl"))
    settings = Settings(config=config, database_url=f"sqlite:///{tmp_path / 'w.db'}", allow_private=True)
    with assembled(settings) as service:
        outcomes = {one.watch: (one.outcome, one.error) for one in check_all(service, everything=True)}
    assert outcomes["picky"] == ("baseline", None)
    assert outcomes["plain"][0] == "failed"
    assert {asked["user-agent"].partition("/")[0] for _, asked in here.requests} == {"Therawatch"}

    monkeypatch.setitem(sys.modules, "sources.http.curl_transport", None)
    with pytest.raises(Misconfigured, match=r"watches.transport: expected curl to be installed"), assembled(settings):
        pass
    config.write_text(PACK.format(url="https://h.example/", name="wget"))
    with pytest.raises(Misconfigured, match=r"transport.*expected one of curl, found 'wget'"), assembled(settings):
        pass
