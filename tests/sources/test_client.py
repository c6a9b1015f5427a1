"""The client against real sockets on loopback: what it refuses, what it bounds, how it asks."""

import gzip
import itertools
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import unquote

import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.base import Unreachable
from sources.http.address import address_of, shown
from sources.http.client import Client, Response
from sources.http.guard import is_public
from sources.http.inflate import Damaged, Overlong, inflate

Answer = Callable[[str, dict[str, str], socket.socket], None]
"""Path, lower-case request headers and the connection in; writes the answer."""


class World:
    """A server that answers as told, keeps connections open, and counts who came."""

    def __init__(self, answer: Answer, address: str = "127.0.0.1", context: ssl.SSLContext | None = None) -> None:
        self.answer = answer
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.connections = 0
        self.context = context
        self.listener = socket.create_server((address, 0))
        self.port: int = self.listener.getsockname()[1]
        self.url = f"{'https' if context else 'http'}://{address}:{self.port}"
        self.open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            self.open.append(connection)
            held = b""
            while True:
                while b"\r\n\r\n" not in held:
                    more = connection.recv(65536)
                    if not more:
                        return
                    held += more
                head, held = held.split(b"\r\n\r\n", 1)
                lines = head.decode("latin-1").split("\r\n")
                headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
                while len(held) < int(headers.get("content-length", 0)):
                    held += connection.recv(65536)
                held = held[int(headers.get("content-length", 0)) :]
                path = lines[0].split(" ")[1]
                self.requests.append((path, headers))
                self.answer(path, headers, connection)
        except OSError:
            return  # the client has gone, which is what some of these tests are about
        finally:
            connection.close()

    def close(self) -> None:
        """Hang up on everybody; each connection is closed by its own thread."""
        self.listener.close()
        for connection in self.open:
            with suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)  # of TLS too: no thread reads what is half gone


@contextmanager
def world(answer: Answer, address: str = "127.0.0.1", context: ssl.SSLContext | None = None) -> Iterator[World]:
    here = World(answer, address, context)
    try:
        yield here
    finally:
        here.close()


@contextmanager
def client(**wishes: object) -> Iterator[Client]:
    made = Client(**{"contact": "test@localhost", "allow_private": True, "pace_seconds": 0, **wishes})  # type: ignore[arg-type]
    try:
        yield made
    finally:
        made.close()


def says(status: str = "200 OK", body: bytes = b"hello", **headers: str) -> Answer:
    """An answer that is the same for everybody."""
    named = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    whole = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{named}\r\n".encode("latin-1") + body

    def answer(path: str, asked: dict[str, str], connection: socket.socket) -> None:
        connection.sendall(whole)

    return answer


def test_a_page_is_read_and_the_client_says_who_asks() -> None:
    with world(says(Content_Type="text/plain", X_Twice="a")) as here, client() as ours:
        response = ours.get(here.url + "/a", params={"q": "x y", "list": ["1", "2"]})
        again = ours.get(here.url + "/b")
    assert (response.status, response.body, response.content_type) == (200, b"hello", "text/plain")
    assert response.url == f"{here.url}/a?q=x+y&list=1&list=2"
    assert again.headers["x-twice"] == "a"
    path, headers = here.requests[0]
    assert path == "/a?q=x+y&list=1&list=2"
    assert headers["user-agent"].startswith("Therawatch/")
    assert headers["user-agent"].endswith("(+test@localhost)")
    assert headers["accept-encoding"] == "gzip"
    assert here.connections == 1, "the second request should have used the same connection"


def test_a_contact_cannot_add_headers() -> None:
    with client(contact="me\r\nX-Evil: 1") as ours:
        assert "\n" not in ours.user_agent


SPELLINGS = [
    "http://127.0.0.1:{port}/",
    "http://127.1:{port}/",
    "http://127.0.1:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0x7f.0.0.1:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://017700000001:{port}/",
    "http://127.0.0.2:{port}/",
    "http://127.255.255.254:{port}/",
    "http://0.0.0.0:{port}/",
    "http://0:{port}/",
    "http://localhost:{port}/",
    "http://LOCALHOST:{port}/",
    "http://localhost.:{port}/",
    "http://127.0.0.1.:{port}/",
    "http://[::1]:{port}/",
    "http://[0:0:0:0:0:0:0:1]:{port}/",
    "http://[::]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://[::127.0.0.1]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/",
    "http://[2002:7f00:1::]:{port}/",
    "http://[fe80::1%25lo]:{port}/",
    "http://①②⑦.⓪.⓪.①:{port}/",
    "http://127。0。0。1:{port}/",
    "http://reader:secret@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\\@example.invalid/",
]


def test_every_spelling_of_this_machine_is_refused() -> None:
    assert len(SPELLINGS) == 29
    with world(says()) as here, client(allow_private=False, ports=(here.port,)) as ours:
        for spelling in SPELLINGS:
            with pytest.raises(Unreachable) as refused:
                ours.get(spelling.format(port=here.port))
            assert "secret" not in str(refused.value)
            with pytest.raises(Unreachable):
                ours.post(spelling.format(port=here.port), body=b"{}", headers={})
        assert here.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "ftp://127.0.0.1/",
        "unix:///run/x.sock",
        "//127.0.0.1/",
        "127.0.0.1/",
        "http:///etc/passwd",
        "http://",
        "",
        "http://a b/",
        "http://127.0.0.1\r\nX: y/",
        "http://h/" + "a" * 9000,
        "http://127.0.0.1:99999999/",
    ],
)
def test_what_is_no_web_address_is_refused_without_asking(url: str) -> None:
    with client() as ours, pytest.raises(Unreachable):
        ours.get(url)


@pytest.mark.parametrize("port", [25, 6379, 8080])
def test_only_web_ports_are_asked(port: int) -> None:
    with (
        client(allow_private=False, resolve=lambda host, port: ["127.0.0.1"], is_public=lambda a: True) as ours,
        pytest.raises(Unreachable, match=f"port {port} is refused; expected 80, 443"),
    ):
        ours.get(f"http://register.invalid:{port}/")


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with world(says()) as here:
        wishes = {"allow_private": False, "ports": (here.port,)}
        public = {"127.0.0.1"}
        with (
            client(**wishes, resolve=lambda h, p: ["127.0.0.1", "10.0.0.7"], is_public=public.__contains__) as ours,
            pytest.raises(Unreachable, match=r"address 10\.0\.0\.7 is refused"),
        ):
            ours.get(f"http://register.invalid:{here.port}/")
        assert here.connections == 0


def test_a_second_answer_of_the_name_server_is_checked_as_well() -> None:
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    with world(says(Connection="close")) as here:
        wishes = {"allow_private": False, "ports": (here.port,)}
        with client(**wishes, resolve=lambda h, p: next(answers), is_public={"127.0.0.1"}.__contains__) as ours:
            assert ours.get(f"http://register.invalid:{here.port}/").status == 200
            with pytest.raises(Unreachable, match=r"127\.0\.0\.2 is refused"):
                ours.get(f"http://register.invalid:{here.port}/")


def test_the_environment_has_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    with world(says()) as proxy, world(says(body=b"direct")) as here:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        with client() as ours:
            assert ours.get(here.url).body == b"direct"
        assert proxy.connections == 0


@given(st.ip_addresses())
def test_public_means_what_the_registries_of_addresses_call_global(address: object) -> None:
    if is_public(str(address)):
        assert address.is_global  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "address",
    [
        "192.0.0.9",
        "192.88.99.1",
        "240.0.0.1",
        "255.255.255.255",
        "224.0.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "ff02::1",
        "2001::1",
        "2002::1",
        "3fff::1",
        "5f00::1",
        "fec0::1",
        "64:ff9b:1::1",
        "fd00::1",
        "::ffff:10.0.0.1",
    ],
)
def test_special_networks_are_not_public(address: str) -> None:
    assert not is_public(address)


def drip(before: bytes, text: bytes, every: float = 0.05) -> Answer:
    def answer(path: str, asked: dict[str, str], connection: socket.socket) -> None:
        connection.sendall(before)
        for byte in text:
            connection.sendall(bytes([byte]))
            time.sleep(every)

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(drip(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x" * 400), id="headers"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n", b"x" * 400), id="body"),
        pytest.param(drip(b"", b""), id="silence"),
    ],
)
def test_a_drip_does_not_keep_a_worker(answer: Answer) -> None:
    with world(answer) as here, client(deadline=0.6) as ours:
        start = time.monotonic()
        with pytest.raises(Unreachable, match="no complete answer in time"):
            ours.get(here.url)
        assert 0.5 < time.monotonic() - start < 5, "the whole drip takes 20 s"
        start = time.monotonic()
        with pytest.raises(Unreachable, match="no complete answer in time"):
            ours.post(here.url, body=b"{}", headers={}, deadline=0.4)
        assert time.monotonic() - start < 5


def test_a_name_server_that_hangs_does_not_keep_a_worker() -> None:
    def resolve(host: str, port: int) -> list[str]:
        time.sleep(6)
        return ["127.0.0.1"]

    with client(resolve=resolve, allow_private=False) as ours:
        start = time.monotonic()
        with pytest.raises(Unreachable):
            ours.post("http://hook.invalid/", body=b"{}", headers={}, deadline=0.3)
        assert time.monotonic() - start < 5


def test_a_gzip_bomb_is_refused_before_it_goes_off() -> None:
    bomb = gzip.compress(bytes(50 * 2**20))
    with (
        world(says(body=bomb, Content_Encoding="gzip")) as here,
        client() as ours,
        pytest.raises(Unreachable, match="more than 33554432 bytes after unpacking"),
    ):
        ours.get(here.url)


def test_more_than_the_limit_on_the_wire_is_refused() -> None:
    with (
        world(says(body=bytes(3000))) as here,
        client(raw_limit=2999) as ours,
        pytest.raises(Unreachable, match="more than 2999 bytes on the wire"),
    ):
        ours.get(here.url)
    with world(says(body=bytes(3000))) as here, client(raw_limit=3000) as ours:
        assert len(ours.get(here.url).body) == 3000


def test_all_members_of_a_gzip_body_are_read() -> None:
    body = gzip.compress(b"one ") + gzip.compress(b"two ") + gzip.compress(b"three") + bytes(20)
    with world(says(body=body, Content_Encoding="gzip")) as here, client() as ours:
        assert ours.get(here.url).body == b"one two three"


@pytest.mark.parametrize(
    ("body", "coding", "reason"),
    [
        pytest.param(gzip.compress(b"x" * 5000)[:-9], "gzip", "ends before its end mark", id="cut"),
        pytest.param(b"<html>", "gzip", "not valid gzip", id="no gzip"),
        pytest.param(b"abc", "br", "expected gzip or no encoding, found 'br'", id="not asked for"),
    ],
)
def test_a_damaged_body_is_refused(body: bytes, coding: str, reason: str) -> None:
    with (
        world(says(body=body, Content_Encoding=coding)) as here,
        client() as ours,
        pytest.raises(Unreachable, match=reason),
    ):
        ours.get(here.url)


@settings(max_examples=60)
@given(st.lists(st.binary(max_size=300), max_size=5), st.integers(1, 50))
def test_inflating_does_not_depend_on_how_the_bytes_arrive(members: list[bytes], step: int) -> None:
    packed = b"".join(map(gzip.compress, members))
    chunks = [packed[i : i + step] for i in range(0, len(packed), step)]
    whole = b"".join(members)
    assert inflate(chunks, limit=len(whole)) == whole
    if whole:
        with pytest.raises(Overlong):
            inflate(chunks, limit=len(whole) - 1)
        with pytest.raises(Damaged):
            inflate([packed[:-1]], limit=len(whole))


def test_a_body_that_is_cut_short_is_refused() -> None:
    def answer(path: str, asked: dict[str, str], connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it")
        connection.close()

    with world(answer) as here, client() as ours, pytest.raises(Unreachable):
        ours.get(here.url)
    assert len(here.requests) == 3, "a cut body may be whole at the next try"


@pytest.mark.parametrize("coding", ["UTF-8", "utf8", "none", "binary", "text/html", "identity", "utf-8, identity"])
def test_a_coding_that_is_none_is_none(coding: str) -> None:
    with world(says(body=b"words", Content_Encoding=coding)) as here, client() as ours:
        assert ours.get(here.url).body == b"words"


@pytest.mark.parametrize("coding", ["utf-8, gzip", "X-GZIP", "gzip, identity"])
def test_gzip_among_names_that_are_no_coding_is_gzip(coding: str) -> None:
    with world(says(body=gzip.compress(b"words"), Content_Encoding=coding)) as here, client() as ours:
        assert ours.get(here.url).body == b"words"


def test_a_cookie_set_by_a_redirect_goes_back_and_is_forgotten_after_the_errand() -> None:
    def answer(path: str, asked: dict[str, str], connection: socket.socket) -> None:
        if "seen=1" in asked.get("cookie", ""):
            says(body=b"there")(path, asked, connection)
        else:
            cookie = "seen=1; Path=/; Expires=Wed, 09 Jun 2032 10:18:14 GMT; HttpOnly"
            says("302 Found", b"", Location=path, Set_Cookie=cookie)(path, asked, connection)

    with world(answer) as here, client() as ours:
        assert ours.get(here.url + "/p").body == b"there"
        assert ours.get(here.url + "/p").body == b"there"
    assert [headers.get("cookie") for _, headers in here.requests] == [None, "seen=1", None, "seen=1"]


def test_a_cookie_wall_of_two_hops_is_passed() -> None:
    """The page sends to a page that sets the cookie, and that one back."""

    def answer(path: str, asked: dict[str, str], connection: socket.socket) -> None:
        if path == "/set":
            says("302 Found", b"", Location="/p", Set_Cookie="a=b")(path, asked, connection)
        elif asked.get("cookie") == "a=b":
            says(body=b"there")(path, asked, connection)
        else:
            says("302 Found", b"", Location="/set")(path, asked, connection)

    with world(answer) as here, client() as ours:
        assert ours.get(here.url + "/p").body == b"there"


def test_cookies_do_not_go_to_another_host_and_do_not_end_a_circle() -> None:
    with world(says(body=b"other")) as other:
        with world(says("302 Found", b"", Location=other.url, Set_Cookie="key=1")) as first, client() as ours:
            assert ours.get(first.url).body == b"other"
        assert "cookie" not in other.requests[0][1]
    with (
        world(says("302 Found", b"", Location="/", Set_Cookie="always=same")) as here,
        client() as ours,
        pytest.raises(Unreachable, match="redirects in a circle"),
    ):
        ours.get(here.url + "/")


@pytest.mark.parametrize("place", ["/médicament/qalsody.html", "/薬/1", "/страница?q=é"])
def test_a_location_in_raw_utf_8_is_that_address(place: str) -> None:
    def answer(path: str, asked: dict[str, str], connection: socket.socket) -> None:
        if path == "/":
            head = b"HTTP/1.1 301 Moved\r\nContent-Length: 0\r\nLocation: " + place.encode() + b"\r\n\r\n"
            connection.sendall(head)
        else:
            says(body=path.encode())(path, asked, connection)

    with world(answer) as here, client() as ours:
        assert unquote(ours.get(here.url + "/").body.decode()) == place


def test_a_location_in_latin_1_is_read_as_before() -> None:
    with world(says("302 Found", b"", Location="/caf\xe9")) as here, client() as ours, pytest.raises(Unreachable):
        ours.get(here.url)
    assert here.requests[1][0] == "/caf%C3%A9"


def test_redirects_are_followed_and_counted() -> None:
    def answer(path: str, asked: dict[str, str], connection: socket.socket) -> None:
        step = int(path[1:])
        if step == 0:
            says(body=b"there")(path, asked, connection)
        else:
            says("302 Found", b"", Location=f"/{step - 1}")(path, asked, connection)

    with world(answer) as here, client() as ours:
        response = ours.get(here.url + "/5")
        assert (response.body, response.url) == (b"there", here.url + "/0")
        with pytest.raises(Unreachable, match="more than 5 redirects"):
            ours.get(here.url + "/6")


def test_a_host_that_apologises_is_left_alone_for_hours() -> None:
    """As some agencies answer programs they do not want: sent on to an apology that is itself not found."""
    away = "/apology_objects/abuse-detection-apology.html"

    def answer(path: str, asked: dict[str, str], connection: socket.socket) -> None:
        told = says("404 Not Found", b"") if path == away else says("302 Found", b"", Location=away)
        told(path, asked, connection)

    with world(answer) as here, client() as ours:
        with pytest.raises(Unreachable, match="turns programs away") as found:
            ours.get(here.url + "/about/rss.xml")
        assert found.value.retry_after == 4 * 3600
    assert len(here.requests) == 2


def test_a_circle_of_redirects_is_noticed() -> None:
    def answer(path: str, asked: dict[str, str], connection: socket.socket) -> None:
        says("302 Found", b"", Location="/b" if path == "/a" else "/a")(path, asked, connection)

    with world(answer) as here, client() as ours, pytest.raises(Unreachable, match="redirects in a circle"):
        ours.get(here.url + "/a")
    assert len(here.requests) == 2


def test_a_redirect_into_the_private_network_is_refused() -> None:
    with world(says(body=b"secret"), "127.0.0.2") as inside:
        with world(says("302 Found", b"", Location=inside.url)) as outside:
            wishes = {"ports": (inside.port, outside.port), "is_public": {"127.0.0.1"}.__contains__}
            with (
                client(allow_private=False, **wishes) as ours,
                pytest.raises(Unreachable, match=r"127\.0\.0\.2 is refused"),
            ):
                ours.get(outside.url)
        assert len(outside.requests) == 1
        assert inside.connections == 0


@pytest.mark.parametrize("target", ["file:///etc/passwd", "gopher://127.0.0.1/", "http://u:p@127.0.0.1/", "http://["])
def test_a_redirect_to_what_is_no_web_address_is_refused(target: str) -> None:
    with world(says("302 Found", b"", Location=target)) as here, client() as ours, pytest.raises(Unreachable):
        ours.get(here.url)


def test_keys_do_not_go_along_to_another_origin() -> None:
    with world(says()) as other, world(says("302 Found", b"", Location=other.url)) as first, client() as ours:
        ours.get(first.url, headers={"X-Api-Key": "k", "Authorization": "Bearer k", "Accept": "text/csv"})
    assert first.requests[0][1]["x-api-key"] == "k"
    told = other.requests[0][1]
    assert "x-api-key" not in told
    assert "authorization" not in told
    assert (told["accept"], told["accept-encoding"]) == ("text/csv", "gzip")


def tls(name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate for `name`, and a client's that trusts its maker."""
    authority = trustme.CA()
    server, trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert(name).configure_cert(server)
    authority.configure_trust(trusting)
    return server, trusting


def test_tls_is_verified() -> None:
    server, trusting = tls("register.invalid")
    with world(says(body=b"safe"), context=server) as here:
        resolve = lambda host, port: ["127.0.0.1"]  # noqa: E731
        with client(verify=trusting, resolve=resolve) as ours:
            assert ours.get(f"https://register.invalid:{here.port}/").body == b"safe"
            with pytest.raises(Unreachable, match="certificate is not valid"):
                ours.get(f"https://other.invalid:{here.port}/")
        with client(resolve=resolve) as strict, pytest.raises(Unreachable, match="certificate is not valid"):
            strict.get(f"https://register.invalid:{here.port}/")


def test_nobody_leaves_tls_by_a_redirect() -> None:
    server, trusting = tls("127.0.0.1")
    with world(says()) as plain, world(says("301 Moved", b"", Location=plain.url), context=server) as here:
        with client(verify=trusting) as ours, pytest.raises(Unreachable, match="from https to http"):
            ours.get(here.url)
        assert plain.connections == 0


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        ("120", 120, 120),
        ("0", 1, 1),
        ("99999999", 86400, 86400),
        (timedelta(minutes=5), 200, 300),
        (timedelta(days=-3), 1, 1),
    ],
    ids=["seconds", "no wait", "absurd", "a date", "a date gone by"],
)
def test_a_host_that_asks_for_time_gets_it(status: str, value: str | timedelta, low: float, high: float) -> None:
    if isinstance(value, timedelta):
        value = format_datetime(datetime.now(UTC) + value, usegmt=True)
    with world(says(status, Retry_After=value)) as here, client() as ours:
        with pytest.raises(Unreachable, match=status[:3]) as asked:
            ours.get(here.url)
        assert asked.value.retry_after is not None
        assert low <= asked.value.retry_after <= high
        with pytest.raises(Unreachable, match="asked to be left alone"):
            ours.get(here.url + "/other")
    assert len(here.requests) == 1, "the whole host waits"


def test_a_wait_that_is_no_wait_is_none() -> None:
    with (
        world(says("429 Too Many Requests", Retry_After="soon")) as here,
        client() as ours,
        pytest.raises(Unreachable) as asked,
    ):
        ours.get(here.url)
    assert asked.value.retry_after is None
    assert len(here.requests) == 1


@pytest.mark.parametrize(
    ("status", "tries"),
    [
        ("500 Oops", 3),
        ("502 Bad", 3),
        ("403 Forbidden", 1),
        ("404 Not Found", 1),
        ("429 Slow", 1),
        ("501 No", 1),
        ("202 Accepted", 1),
        ("204 No Content", 1),
        ("206 Partial Content", 1),
        ("304 Not Modified", 1),
    ],
)
def test_only_200_is_an_answer(status: str, tries: int) -> None:
    with world(says(status, b"")) as here, client() as ours, pytest.raises(Unreachable, match=f"HTTP {status[:3]}"):
        ours.get(here.url)
    assert len(here.requests) == tries


def test_a_passing_fault_passes() -> None:
    answers = iter([says("500 Oops"), says("503 Busy"), says(body=b"well again")])

    def answer(path: str, asked: dict[str, str], connection: socket.socket) -> None:
        next(answers)(path, asked, connection)

    with world(answer) as here, client() as ours:
        assert ours.get(here.url).body == b"well again"


def test_a_status_the_adapter_expects_is_an_answer() -> None:
    with world(says("404 Not Found", b'{"error": 1}')) as here, client() as ours:
        response = ours.get(here.url, missing=(404,))
    assert (response.status, response.body) == (404, b'{"error": 1}')


def test_validators_are_sent_and_304_is_an_answer_to_them() -> None:
    with world(says("304 Not Modified", b"", ETag='"7"')) as here, client() as ours:
        response = ours.get(here.url, etag='"7"', last_modified="Tue, 06 Jan 2026 08:00:00 GMT")
    assert (response.status, response.body) == (304, b"")
    assert here.requests[0][1]["if-none-match"] == '"7"'
    assert here.requests[0][1]["if-modified-since"].startswith("Tue, 06 Jan")


def test_a_connection_is_kept_after_a_304() -> None:
    with world(says("304 Not Modified", b"", ETag='"7"')) as here, client() as ours:
        for _ in range(3):
            assert ours.get(here.url, etag='"7"').status == 304
    assert (len(here.requests), here.connections) == (3, 1)


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with client() as ours, pytest.raises(Unreachable, match="refused"):
        ours.get(f"http://127.0.0.1:{port}/")

    def no_such_name(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    with client(resolve=no_such_name) as ours, pytest.raises(Unreachable, match="does not resolve"):
        ours.get("http://nowhere.invalid/")


def crowd(ours: Client, url: str, people: int) -> list[Response]:
    with ThreadPoolExecutor(people) as pool:
        return list(pool.map(ours.get, [f"{url}/{number}" for number in range(people)]))


def test_a_public_host_is_asked_one_at_a_time_with_a_gap() -> None:
    inside, most, moments = 0, 0, []

    def answer(path: str, asked: dict[str, str], connection: socket.socket) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        moments.append(time.monotonic())
        time.sleep(0.05)
        inside -= 1
        says(Connection="close")(path, asked, connection)

    with world(answer) as here:
        wishes = {"allow_private": False, "ports": (here.port,), "is_public": lambda address: True}
        with client(**wishes, pace_seconds=0.2) as ours:
            crowd(ours, here.url, 4)
            ours.crawl_delay(here.url, 0.5)
            ours.get(here.url)
            ours.get(here.url)
    assert most == 1
    gaps = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert min(gaps) >= 0.2
    assert gaps[-1] >= 0.5


def test_a_private_host_is_not_paced() -> None:
    meeting = threading.Barrier(8)

    def answer(path: str, asked: dict[str, str], connection: socket.socket) -> None:
        meeting.wait(timeout=60)
        says()(path, asked, connection)

    with world(answer) as here, client(pace_seconds=30) as ours:
        assert [response.status for response in crowd(ours, here.url, 8)] == [200] * 8


def test_a_post_is_sent_once_and_its_answer_cut() -> None:
    with world(says("307 Elsewhere", b"n" * 9000, Location="/x")) as here, client() as ours:
        response = ours.post(here.url + "/hook", body=b'{"a":1}', headers={"Webhook-Id": "m1"})
        assert (response.status, len(response.body)) == (307, 4096)
        here.answer = says("500 Oops")
        assert ours.post(here.url, body=b"", headers={}).status == 500
    assert [path for path, _ in here.requests] == ["/hook", "/"]
    assert here.requests[0][1]["webhook-id"] == "m1"


def test_a_hook_that_fails_does_not_give_away_its_path() -> None:
    with client(allow_private=False) as ours, pytest.raises(Unreachable) as refused:
        ours.post("http://127.0.0.1/services/T0KEN", body=b"", headers={})
    assert "T0KEN" not in str(refused.value)


def test_keys_in_an_address_are_not_shown() -> None:
    assert shown(address_of("https://h/x?api_key=abc&q=als&API_KEY=d")) == "https://h/x?q=als"
    assert shown(address_of("https://h/x?api_key=abc")) == "https://h/x"
