"""Questions put by POST: trials found in CTIS, and the client's rules for a request with a body, against a portal on
loopback."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from sources.base import Astray, Unexpected, Unreachable
from sources.ctis import Ctis, CtisOptions
from sources.http.address import address_of
from sources.http.client import Client
from store.database import reading
from store.tables import Item, Memory
from tests.stories.stage import Installation, Stage, look, tale, watch

DAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
TRIAL = json.loads((Path(__file__).resolve().parents[1] / "samples" / "ctis" / "trial.json").read_bytes())
NUMBERS = [f"2023-51000{number}-00-00" for number in range(5)]


class Portal:
    """The portal: what a search finds, and its trials. `asked` are method, path, headers and body; `instead` is a list
    of answers given first."""

    def __init__(self) -> None:
        self.found = list(NUMBERS)
        self.published: dict[str, str] = {}
        self.size = 2
        self.asked: list[tuple[str, str, dict[str, str], Any]] = []
        self.instead: list[tuple[int, dict[str, str], bytes]] = []
        portal = self

        class Answer(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                length = int(self.headers.get("content-length", 0))
                body = json.loads(self.rfile.read(length)) if length else None
                headers = {name.lower(): value for name, value in self.headers.items()}
                portal.asked.append((self.command, self.path, headers, body))
                status, more, said = (
                    portal.instead.pop(0) if portal.instead else (200, {}, portal.said(self.path, body))
                )
                self.send_response(status)
                for name, value in ({"Content-Type": "application/json", "ETag": '"1"'} | more).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            do_POST = do_GET

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def said(self, path: str, body: Any) -> bytes:
        if body is None:
            number = path.rsplit("/", 1)[1]
            return json.dumps(TRIAL | {"ctNumber": number} if number in self.found else {}).encode()
        page = body["pagination"]["page"]
        rows = [{"ctNumber": number, "ctStatus": 3, "lastPublicationUpdate": self.published.get(number, "01/03/2026")}
                for number in self.found[(page - 1) * self.size : page * self.size]]  # fmt: skip
        paging = {"totalRecords": len(self.found), "currentPage": page, "nextPage": page * self.size < len(self.found)}
        return json.dumps({"pagination": paging, "data": rows}).encode()

    @property
    def questions(self) -> list[Any]:
        return [body for _, _, _, body in self.asked if body is not None]

    @property
    def trials(self) -> list[str]:
        return [path.rsplit("/", 1)[1] for method, path, _, _ in self.asked if method == "GET"]


@pytest.fixture
def portal() -> Iterator[Portal]:
    made = Portal()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def client() -> Iterator[Client]:
    made = Client(contact="test@localhost", allow_private=True, pace_seconds=0)
    yield made
    made.close()


def test_a_search_is_read_page_by_page_and_its_trials_one_by_one(portal: Portal, plain_fetch: Any) -> None:
    options = CtisOptions(condition="als", interventions=("Tofersen", "Masitinib"), numbers=("2024-500000-11-00",))
    source = Ctis(options, base_url=portal.url)

    pages = list(source.pages(plain_fetch))

    assert [question["pagination"]["page"] for question in portal.questions] == [1, 2, 3, 1, 2, 3]
    assert [question["searchCriteria"] for question in portal.questions[::3]] == [
        {"medicalCondition": "als", "productName": "Tofersen"},
        {"medicalCondition": "als", "productName": "Masitinib"},
    ]
    assert portal.trials == ["2024-500000-11-00", *NUMBERS]
    assert [record.key for page in pages for record in source.parse(page) if not isinstance(record, Unexpected)] == (
        NUMBERS
    ), "an empty object is no trial"


def test_no_trial_found_is_an_answer_and_nothing_to_follow_is_not(portal: Portal, plain_fetch: Any) -> None:
    portal.found = []
    assert list(Ctis(CtisOptions(sponsors=("Biogen",)), base_url=portal.url).pages(plain_fetch)) == []
    with pytest.raises(Unexpected, match="expected numbers, a condition"):
        list(Ctis(CtisOptions(), base_url=portal.url).pages(plain_fetch))


def paged(total: Any, *numbers: Any) -> tuple[int, dict[str, str], bytes]:
    rows = [{"ctNumber": number} for number in numbers]
    return 200, {}, json.dumps({"pagination": {"totalRecords": total}, "data": rows}).encode()


@pytest.mark.parametrize(
    "answers",
    [
        [paged(2, NUMBERS[0]), paged(3, NUMBERS[1])],
        [paged(2, NUMBERS[0]), paged(2, NUMBERS[0])],
        [paged(2, NUMBERS[0]), paged(2)],
        [paged(1, *NUMBERS)],
        [paged(1001, *NUMBERS)],
        [paged("1", NUMBERS[0])],
        [paged(1, "NCT04856982")],
        [(200, {}, b"<html>Gateway</html>")],
        [(200, {}, b'{"data": []}')],
    ],
)
def test_pages_of_a_search_that_do_not_fit_together_are_refused(
    portal: Portal, plain_fetch: Any, answers: list[tuple[int, dict[str, str], bytes]]
) -> None:
    portal.instead = answers
    with pytest.raises(Unexpected):
        list(Ctis(CtisOptions(condition="als"), base_url=portal.url).pages(plain_fetch))


def test_a_watch_discovers_trials_and_asks_for_none_while_the_search_says_the_same(
    portal: Portal, tmp_path: Path
) -> None:
    with Stage(tale(), at=DAY) as world:
        home = Installation(tmp_path, world)
        home.write_pack(watch("eu", "ctis", base_url=portal.url, options={"condition": "als"}))

        def today() -> tuple[str, int, list[str]]:
            portal.asked.clear()
            world.at(world.moment + timedelta(days=1))
            with home.service() as service:
                found = look(service)["eu"]
            assert found.error is None
            return found.outcome, found.changes, portal.trials

        assert today() == ("baseline", 0, NUMBERS)
        assert today() == ("unchanged", 0, [])
        assert [question["pagination"]["page"] for question in portal.questions] == [1, 2, 3]
        assert not any("if-none-match" in headers for method, _, headers, _ in portal.asked if method == "POST")
        portal.published[NUMBERS[3]] = "04/03/2026"
        assert today() == ("unchanged", 0, NUMBERS), "the search has moved, the trials have not"
        portal.found.append("2025-510000-11-00")
        outcome, changes, asked = today()
        assert (outcome, changes, asked) == ("changed", 1, portal.found), "a new trial appears"
        with home.service() as service, reading(service.engine) as session:
            assert sorted(session.exec(select(Item.key))) == sorted(portal.found)
            searches = [url for url in session.exec(select(Memory.url)) if "/search#" in url]
            assert len(searches) == len(set(searches)) == 3, "another question is another page"


def question(portal: Portal, **body: Any) -> Any:
    return address_of(f"{portal.url}/ctis-public-api/search", None, json.dumps(body).encode())


ASKED = {"pagination": {"page": 1}}


def test_a_question_keeps_its_body_where_a_redirect_keeps_it_and_is_not_put_otherwise(
    portal: Portal, client: Client
) -> None:
    portal.instead = [(307, {"Location": "/elsewhere"}, b""), (308, {"Location": "/third"}, b"")]
    answer = client.get(question(portal, **ASKED))
    assert answer.status == 200
    assert [(method, path, body) for method, path, _, body in portal.asked] == [
        ("POST", "/ctis-public-api/search", ASKED), ("POST", "/elsewhere", ASKED), ("POST", "/third", ASKED),
    ]  # fmt: skip
    assert portal.asked[0][2]["content-type"] == "application/json"
    for status in (301, 302, 303):
        portal.instead = [(status, {"Location": "/elsewhere"}, b"")]
        with pytest.raises(Astray, match="redirects a question"):
            client.get(question(portal, **ASKED))


def test_a_question_is_put_again_after_a_fault_that_passes_and_its_host_may_ask_for_rest(
    portal: Portal, client: Client
) -> None:
    portal.instead = [(502, {}, b""), (503, {}, b"")]
    assert client.get(question(portal, **ASKED)).status == 200
    assert len(portal.questions) == 3
    portal.instead = [(429, {"Retry-After": "30"}, b"")]
    with pytest.raises(Unreachable) as asked:
        client.get(question(portal, **ASKED))
    assert asked.value.retry_after == 30.0
    portal.asked.clear()
    with pytest.raises(Unreachable, match="asked to be left alone"):
        client.get(question(portal, **ASKED))
    assert portal.asked == []


def test_a_question_goes_to_public_addresses_only_and_its_answer_is_bounded(portal: Portal) -> None:
    port = int(portal.url.rsplit(":", 1)[1])
    guarded = Client(contact="test@localhost", pace_seconds=0, ports=(port,))
    with pytest.raises(Unreachable, match="public addresses only"):
        guarded.get(question(portal, **ASKED))
    short = Client(contact="test@localhost", allow_private=True, raw_limit=50, pace_seconds=0)
    with pytest.raises(Unreachable, match="too long"):
        short.get(question(portal, **ASKED))
    with pytest.raises(Unreachable, match="expected at most 8192"):
        question(portal, text="x" * 9000)
    guarded.close()
    short.close()
