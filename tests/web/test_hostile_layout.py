"""Hostile text in every field that a source or a stranger controls, on the public pages of a real browser with the
policy in force: nothing runs, nothing is loaded, and the page keeps its shape."""

import dataclasses
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser

from monitor.service import Service
from monitor.web.app import SECURITY, create_app
from sources.http.client import Client
from store.database import writing
from tests.web.test_hostile import PAYLOADS, _tell, faults

SHAPES = [
    "x" * 3000,
    "https://a.example/" + "y" * 3000,
    "\u202e\u2066turned about",
    "Z\u0334\u0335\u0336\u0337\u0338" * 60,
    "漢" * 800,
    "\n\r\t\n" * 200 + "after many lines",
    "a\u00a0" * 900,
    "\u200b\u200d\ufeff" * 400 + "thin",
]
"""Text that runs nothing and would break a page: without a place to break, turned about, piled up, many lines."""

FIELDS = ("to", "therapy", "place", "level", "mute", "wording", "hide", "neutral", "cadence", "hour", "timezone",
          "quiet_day", "how", "act")  # fmt: skip


@pytest.fixture
def shaped(service: Service) -> Service:
    """A store in which each of these stands wherever a source may put text."""
    with writing(service.engine) as session:
        for number, text in enumerate([*SHAPES, *PAYLOADS[:30]]):
            _tell(session, number, text)
    return service


@pytest.mark.parametrize("width", [320, 1280])
def test_pages_keep_their_shape_and_the_policy_stays_whole(
    shaped: Service, browser: Browser, open_site: Callable[[], str], width: int
) -> None:
    site, said, loaded = open_site(), list[str](), list[str]()
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda problem: said.append(str(problem)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("request", lambda request: loaded.append(request.url))
    lists = ("/", "/events", "/events?page=2", "/changes", "/changes?page=2", "/sources")
    events = [f"/events/EVSPIKE{number}" for number in range(len(SHAPES))]
    for address in (*lists, *events):
        answer = page.goto(site + address)
        assert answer is not None and answer.status == 200, address
        assert answer.headers["content-security-policy"] == SECURITY["content-security-policy"]
        shape = page.evaluate(SHAPE)
        assert shape["wide"] <= width, (address, shape)
        assert shape["ordered"] and not shape["outside"] and shape["hit"] is None, (address, shape)
    context.close()
    assert said == []
    assert [url for url in loaded if not url.startswith(site)] == []


SHAPE = """() => {
    const box = one => document.querySelector(one).getBoundingClientRect();
    const [top, main, bottom] = ['header.top', 'main', 'footer.bottom'].map(box);
    const outside = [...document.querySelectorAll('main *')].filter(one => one.getClientRects().length
        && !one.closest('.unseen, thead, .scroll') && one.getBoundingClientRect().right > innerWidth + 1);
    return {wide: document.documentElement.scrollWidth, hit: window.hit ?? null,
            ordered: top.bottom <= main.top + 1 && main.bottom <= bottom.top + 1,
            outside: outside.slice(0, 3).map(one => one.outerHTML.slice(0, 150))};
}"""
"""Whether header, matter and footer stand below each other, and nothing stands out at the right."""


def test_no_field_of_the_follow_page_gives_back_more_than_text(pages: TestClient) -> None:
    for payload in [*PAYLOADS, *SHAPES]:
        for way in ("mail", "webhook", "feed"):
            asked: dict[str, Any] = dict.fromkeys(FIELDS, payload[:190]) | {"how": way}
            for act in ("follow", "preview"):
                answer = pages.post("/subscribe", data=asked | {"act": act})
                assert answer.status_code in (400, 503), (way, act, payload)
                assert faults(answer.text) == [], payload
        answer = pages.get("/subscribe", params={**dict.fromkeys(FIELDS, payload[:190]), "how": "feed"})
        assert (answer.status_code, faults(answer.text)) == (400, []), payload
        for file in ("events.atom", "events.json", "calendar.ics"):
            for name in ("therapy", "place", "level", "mute", "wording", "since", "source", "type"):
                answer = pages.get(f"/feeds/{file}", params={name: payload[:190]})
                assert answer.status_code in (200, 400), payload
                assert faults(answer.text) == [] or answer.headers["content-type"].startswith(("text/cal", "app")), name


@pytest.fixture
def shouting() -> Iterator[str]:
    """A webhook that answers with markup, in its body and in the phrase of its status."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            said = " ".join(PAYLOADS).encode() if json.loads(body)["test"] else b""
            self.send_response(500, "<b>bad</b>")
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/<script>window.hit=1</script>"
    server.shutdown()
    server.server_close()


def test_what_a_webhook_answers_is_shown_as_text(service: Service, shouting: str) -> None:
    settings = service.settings.model_copy(update={"allow_private": True})
    client = Client(contact="tests@als.example", allow_private=True, pace_seconds=0)
    pages = TestClient(create_app(dataclasses.replace(service, settings=settings, client=client)))
    answer = pages.post("/subscribe", data={"how": "webhook", "to": shouting, "act": "follow"})
    assert "did not accept the test event: status 500" in " ".join(answer.text.split())
    assert faults(answer.text) == []
    assert "default-src 'self'" in answer.headers["content-security-policy"]
