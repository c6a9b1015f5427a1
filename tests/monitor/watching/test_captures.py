"""Fetching with memory against a real server: what is asked, what is remembered, what is kept."""

import hashlib
import random
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, select

from monitor.watching.captures import REFUSED_HEAD, body_of
from monitor.watching.fetching import RECENT_SIZE, Fetching
from monitor.watching.manners import NO_RULES, NOWHERE
from sources.base import Fetch, Options, Page, Source, Unreachable
from sources.http.client import Client
from sources.records import Record
from store.database import reading, writing
from store.engine import open_engine
from store.tables import Body, Capture, Host, Memory, Watch
from tests.fresh import fresh

NOON = datetime(2026, 1, 6, 12, tzinfo=UTC)


class Plain(Source):
    """A source that is only asked, never parsed."""

    def pages(self, fetch: Fetch) -> Iterator[Page]:
        yield fetch("http://h/")

    def parse(self, page: Page) -> Iterator[Record]:
        yield from ()


class Polite(Plain):
    obeys_robots = True


class Register:
    """A register on loopback. `pages` is what it shows; `asked` what it was asked, with the validators."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, bytes, dict[str, str]]] = {}
        self.asked: list[tuple[str, str | None]] = []
        register = self

        class Answer(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                tag = self.headers["If-None-Match"]
                register.asked.append((self.path, tag))
                status, body, headers = register.pages.get(self.path, (404, b"none", {}))
                if tag and tag == headers.get("ETag"):
                    status, body = 304, b""
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def shows(self, path: str, body: bytes | str, *, status: int = 200, **headers: str) -> None:
        raw = body.encode() if isinstance(body, str) else body
        self.pages[path] = (status, raw, {name.replace("_", "-"): value for name, value in headers.items()})


@pytest.fixture
def register() -> Iterator[Register]:
    made = Register()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def client() -> Iterator[Client]:
    made = Client(contact="test@localhost", allow_private=True)
    yield made
    made.close()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    fresh(tmp_path / "store.db")
    made = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    yield made
    made.dispose()


@pytest.fixture
def watch(engine: Engine) -> Watch:
    with writing(engine) as session:
        made = Watch(name="w", source="plain", options={}, every_seconds=3600, next_check_at=NOON)
        session.add(made)
    return made


class Runs:
    """Starts runs of one watch; each a Fetching of its own, as a check does."""

    def __init__(self, client: Client, engine: Engine, watch: Watch) -> None:
        self.parts = client, engine, watch
        self.kind: type[Source] = Plain

    def start(self, *, sweep: bool = False) -> Fetching:
        client, engine, watch = self.parts
        return Fetching(client, engine, watch, self.kind(Options()), now=lambda: NOON, sweep=sweep)

    def good(self, url: str, *, keep: bool = True, sweep: bool = False) -> Page:
        fetch = self.start(sweep=sweep)
        page = fetch(url)
        with writing(self.parts[1]) as session:
            fetch.remember(session.connection())
            if keep:
                fetch.keep(session, page)
        return page


@pytest.fixture
def runs(client: Client, engine: Engine, watch: Watch) -> Runs:
    return Runs(client, engine, watch)


def rows(engine: Engine, kind: type[SQLModel]) -> Sequence[SQLModel]:
    with reading(engine) as session:
        return session.exec(select(kind)).all()


def test_what_a_sweep_does_not_ask_for_any_more_is_forgotten(
    register: Register, runs: Runs, client: Client, engine: Engine
) -> None:
    for page in ("/s?pageToken=a", "/s?pageToken=b", "/s"):
        register.shows(page, page)
        runs.good(register.url + page)
    with writing(engine) as session:
        other = Watch(name="o", source="plain", options={}, every_seconds=3600, next_check_at=NOON)
        session.add(other)
    Runs(client, engine, other).good(register.url + "/s?pageToken=a")
    runs.start(sweep=True)(register.url + "/s")
    assert len(rows(engine, Memory)) == 4, "a run that was not a good one forgets nothing"

    assert not runs.good(register.url + "/s", sweep=True).url.endswith("a")

    assert [row.url for row in rows(engine, Memory)] == [  # type: ignore[attr-defined]
        f"{register.url}/s", f"{register.url}/s?pageToken=a"
    ]  # fmt: skip
    assert runs.good(register.url + "/s").unchanged


def test_a_page_that_did_not_move_is_vouched_for_and_read_from_the_store(register: Register, runs: Runs) -> None:
    register.shows("/p", "<html>one</html>", ETag='"1"', Content_Type="text/html")
    first = runs.good(register.url + "/p")
    again = runs.good(register.url + "/p")
    assert (first.unchanged, first.status, first.body) == (False, 200, b"<html>one</html>")
    assert (again.unchanged, again.status, again.content_type) == (True, 304, "text/html")
    assert again.sha256 == first.sha256 == hashlib.sha256(first.body).hexdigest()
    assert again.body == first.body
    assert [tag for _, tag in register.asked] == [None, '"1"'], "the body came out of the store"


def test_the_same_bytes_are_unchanged_without_validators(register: Register, runs: Runs) -> None:
    register.shows("/p", "same")
    runs.good(register.url + "/p")
    assert runs.good(register.url + "/p").unchanged
    register.shows("/p", "other")
    assert not runs.good(register.url + "/p").unchanged


LONG = "one" * RECENT_SIZE
"""A body too long to be remembered in passing."""


def test_a_page_that_was_not_kept_is_asked_for_once_more(register: Register, runs: Runs) -> None:
    register.shows("/p", LONG, ETag='"1"')
    runs.good(register.url + "/p", keep=False)
    page = runs.good(register.url + "/p", keep=False)
    assert len(register.asked) == 2
    assert page.body == LONG.encode()
    assert register.asked[2:] == [("/p", None)]


def test_a_small_page_that_was_not_kept_is_at_hand(register: Register, runs: Runs) -> None:
    register.shows("/p", "one", ETag='"1"')
    runs.good(register.url + "/p", keep=False)
    page = runs.good(register.url + "/p", keep=False)
    assert page.unchanged
    assert page.body == b"one"
    assert len(register.asked) == 2


def test_a_cache_that_lies_is_found_out(register: Register, runs: Runs) -> None:
    register.shows("/p", LONG, ETag='"1"')
    runs.good(register.url + "/p", keep=False)
    register.shows("/p", "two", ETag='"1"')
    page = runs.good(register.url + "/p", keep=False)
    with pytest.raises(Unreachable, match="said it had not changed, then sent something else"):
        page.load()
    seen = [runs.good(register.url + "/p", keep=False) for _ in range(5)]
    assert [page.unchanged for page in seen] == [True, True, True, True, False]
    assert seen[-1].body == b"two", "the seventh check is unconditional"


def test_whatever_was_read_whole_is_asked_conditionally_for_six_more_checks(register: Register, runs: Runs) -> None:
    register.shows("/p", "one", ETag='"1"')
    for sweep in (False, False, False, True, *[False] * 7):
        runs.good(register.url + "/p", sweep=sweep)
    tag = '"1"'
    assert [asked for _, asked in register.asked] == [None, tag, tag, None, *[tag] * 6, None]


def test_a_sweep_and_a_second_look_ask_without_validators(register: Register, runs: Runs) -> None:
    register.shows("/p", "one", ETag='"1"')
    runs.good(register.url + "/p")
    runs.good(register.url + "/p", sweep=True)
    fetch = runs.start()
    fetch.again()(register.url + "/p")
    assert [tag for _, tag in register.asked] == [None, None, None]
    assert fetch.pages == []


def test_a_failed_run_forgets_nothing(register: Register, runs: Runs, engine: Engine) -> None:
    register.shows("/p", "one", ETag='"1"')
    runs.good(register.url + "/p")
    register.shows("/p", "two", ETag='"2"')
    assert not runs.start()(register.url + "/p").unchanged  # and then the run failed
    assert not runs.good(register.url + "/p").unchanged
    (memory,) = rows(engine, Memory)
    assert isinstance(memory, Memory)
    assert (memory.etag, memory.checks, memory.fetched_at) == ('"2"', 0, NOON), "it was read whole at this check"


def test_addresses_are_told_apart_by_their_parameters_and_keys_are_not_stored(
    register: Register, runs: Runs, engine: Engine
) -> None:
    for query in ("q=a&api_key=s3cret", "q=b&api_key=s3cret"):
        register.shows(f"/p?{query}", query[:3])
    fetch = runs.start()
    pages = [fetch(register.url + "/p", params={"q": q, "api_key": "s3cret"}) for q in "ab"]
    with writing(engine) as session:
        fetch.remember(session.connection())
        for page in pages:
            fetch.keep(session, page)
    assert {m.url for m in rows(engine, Memory)} == {f"{register.url}/p?q={q}" for q in "ab"}  # type: ignore[attr-defined]
    assert "s3cret" not in repr(rows(engine, Capture)) + repr(pages)


def test_a_status_the_adapter_expects_keeps_its_status(register: Register, runs: Runs, engine: Engine) -> None:
    register.shows("/p", "{}", status=404, ETag='"1"')
    for unchanged in (False, True):
        fetch = runs.start()
        page = fetch(register.url + "/p", missing=(404,))
        assert (page.status, page.unchanged) == (404, unchanged)
        with writing(engine) as session:
            fetch.remember(session.connection())


def test_evidence_is_kept_once_a_run_and_bodies_once_for_all(register: Register, runs: Runs, engine: Engine) -> None:
    register.shows("/p", "text")
    for _ in range(2):
        fetch = runs.start()
        page = fetch(register.url + "/p")
        with writing(engine) as session:
            assert fetch.keep(session, page) is fetch.keep(session, page)
            assert fetch.keep(session, page).id is not None
    assert len(rows(engine, Capture)) == 2
    assert len(rows(engine, Body)) == 1


def test_of_a_refused_page_the_beginning_is_kept_until_it_is_believed(
    register: Register, runs: Runs, engine: Engine
) -> None:
    body = random.Random(1).randbytes(REFUSED_HEAD * 2)
    register.shows("/p", body)
    fetch = runs.start()
    page = fetch(register.url + "/p")
    with writing(engine) as session:
        assert fetch.keep(session, page, refused="looks odd").refused == "looks odd"
    with Session(engine) as session:
        assert body_of(session, page.sha256) is None
        stored = session.exec(select(Body)).one()
        assert stored.size == len(body)
        assert REFUSED_HEAD <= len(stored.packed) < REFUSED_HEAD * 1.1
    with writing(engine) as session:
        fetch.keep(session, page)
        assert body_of(session, page.sha256) == body
        assert body_of(session, "0" * 64) is None


@pytest.mark.parametrize("size", [0, 1, 5000, 100_000])
def test_bodies_come_back_as_they_were(register: Register, runs: Runs, engine: Engine, size: int) -> None:
    body = random.Random(2).randbytes(size)
    register.shows("/p", body)
    page = runs.good(register.url + "/p")
    with reading(engine) as session:
        assert body_of(session, page.sha256) == body


def test_text_is_packed_to_a_fifth(register: Register, runs: Runs, engine: Engine) -> None:
    words = random.Random(3).choices(
        ["patients", "with", "amyotrophic", "lateral", "sclerosis", "trial", "dose"], k=9000
    )
    register.shows("/p", " ".join(words))
    page = runs.good(register.url + "/p")
    (body,) = rows(engine, Body)
    assert len(body.packed) <= len(page.body) / 5  # type: ignore[attr-defined]


def test_a_host_that_asks_for_time_is_left_alone_by_every_later_run(
    register: Register, runs: Runs, engine: Engine
) -> None:
    register.shows("/p", "busy", status=429, Retry_After="600")
    with pytest.raises(Unreachable, match="429") as refused:
        runs.start()(register.url + "/p")
    assert refused.value.retry_after == 600
    later = Client(contact="another process", allow_private=True)
    try:
        with pytest.raises(Unreachable, match="left alone until") as waiting:
            Fetching(later, engine, runs.parts[2], Plain(Options()), now=lambda: NOON, sweep=False)(register.url + "/q")
    finally:
        later.close()
    assert waiting.value.retry_after is not None
    assert 590 < waiting.value.retry_after <= 600
    assert len(register.asked) == 1


def test_robots_are_asked_once_a_day(register: Register, runs: Runs, engine: Engine) -> None:
    runs.kind = Polite
    register.shows("/robots.txt", "User-agent: *\nDisallow: /private/ # staff\nDisallow: /p\nAllow: /public\n")
    register.shows("/public", "news")
    assert runs.good(register.url + "/public").body == b"news"
    with pytest.raises(Unreachable, match=r"robots.txt asks not to read /private/x \(Disallow: /private/\)"):
        runs.start()(register.url + "/private/x")
    assert [path for path, _ in register.asked] == ["/robots.txt", "/public"]
    with writing(engine) as session:
        host = session.exec(select(Host)).one()
        host.robots_at = datetime.now(UTC) - timedelta(hours=25)
    runs.good(register.url + "/public")
    assert [path for path, _ in register.asked].count("/robots.txt") == 2


def test_a_host_without_robots_may_be_read(register: Register, runs: Runs) -> None:
    runs.kind = Polite
    register.shows("/p", "x")
    assert runs.good(register.url + "/p").body == b"x"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<html><title>Portal</title></html>", "text/html"),
        ("\n<!DOCTYPE html><p>User-agent: *</p><p>Disallow: /</p>", "text/plain"),
        ("\ufeff<html><body>Disallow: /</body></html>", "text/html; charset=utf-8"),
    ],
)
def test_a_page_in_place_of_robots_holds_no_rules(
    register: Register, runs: Runs, engine: Engine, body: str, kind: str
) -> None:
    runs.kind = Polite
    register.shows("/robots.txt", body, Content_Type=kind)
    register.shows("/p", "a page")

    assert runs.start()(register.url + "/p").status == 200
    with Session(engine) as session:
        assert session.exec(select(Host.robots)).one() == NO_RULES


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [(500, "oops", "text/plain"), (503, "<html>wait</html>", "text/html")],
)
def test_robots_that_cannot_be_had_mean_wait(register: Register, runs: Runs, status: int, body: str, kind: str) -> None:
    runs.kind = Polite
    register.shows("/robots.txt", body, status=status, Content_Type=kind)
    with pytest.raises(Unreachable, match=r"robots.txt cannot be had"):
        runs.start()(register.url + "/p")
    assert "/p" not in [path for path, _ in register.asked]


def test_sources_that_are_interfaces_do_not_ask_for_robots(register: Register, runs: Runs) -> None:
    register.shows("/p", "x")
    runs.good(register.url + "/p")
    assert [path for path, _ in register.asked] == ["/p"]


@pytest.mark.parametrize("target", ["/robots.txt", "/", "http://"])
def test_robots_that_redirect_for_ever_are_none(register: Register, runs: Runs, engine: Engine, target: str) -> None:
    runs.kind = Polite
    register.shows("/robots.txt", "", status=302, Location=target)
    register.shows("/", "", status=302, Location="/robots.txt")
    register.shows("/p", "a page")

    assert runs.start()(register.url + "/p").status == 200
    with Session(engine) as session:
        assert session.exec(select(Host.robots)).one() == NOWHERE


def test_robots_without_content_are_none(register: Register, runs: Runs) -> None:
    runs.kind = Polite
    register.shows("/robots.txt", "", status=204)
    register.shows("/p", "a page")
    assert runs.start()(register.url + "/p").status == 200


def test_two_first_looks_at_once_both_end_well(register: Register, runs: Runs, engine: Engine) -> None:
    register.shows("/p", "a page")
    first, second = runs.start(), runs.start()
    for fetch in (first, second):
        fetch(register.url + "/p")
    for fetch in (first, second):
        with writing(engine) as session:
            fetch.remember(session.connection())
