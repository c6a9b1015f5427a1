"""Text that wants to be more than text: in every place where the outside speaks, on every way out."""

import json
import re
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser
from sqlmodel import Session, select

from monitor.service import Service
from monitor.telling.channels import frame_of
from monitor.telling.compose.message import compose
from monitor.telling.compose.news import gather
from monitor.watching.chain import canonical
from notifiers.digest import Digest
from notifiers.email import render
from store.database import reading, writing
from store.states import DeliveryKind
from store.tables import Change, Delivery, Event, Evidence, Item, Run, Snapshot, Subscription, Watch

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HIT = "window.hit=1"
TAGS = [
    f"<script>{HIT}</script>",
    f"<ScRiPt>{HIT}</sCrIpT>",
    f"<script src=data:,{HIT}></script>",
    f"<svg onload={HIT}>",
    f"<svg/onload={HIT}//",
    f"<svg><script>{HIT}</script></svg>",
    f"<img src=x onerror={HIT}>",
    f"<img src=x onerror='{HIT}'//",
    f"<IMG SRC=x ONERROR={HIT}>",
    f"<body onload={HIT}>",
    f"<iframe srcdoc='<script>{HIT}</script>'>",
    f"<iframe src=javascript:{HIT}>",
    f"<object data=javascript:{HIT}>",
    f"<embed src=javascript:{HIT}>",
    f"<details open ontoggle={HIT}>",
    f"<video><source onerror={HIT}>",
    f"<audio src=x onerror={HIT}>",
    f"<input autofocus onfocus={HIT}>",
    f"<select autofocus onfocus={HIT}>",
    f"<marquee onstart={HIT}>",
    f"<a href=javascript:{HIT}>x</a>",
    f"<form action=javascript:{HIT}><button>x</button></form>",
    f"<math href=javascript:{HIT}>x</math>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>*{display:none}</style>",
    f"<template><script>{HIT}</script></template>",
]
BREAKOUTS = [
    f"'\"><script>{HIT}</script>",
    f'" onmouseover="{HIT}',
    f"' onfocus='{HIT}' autofocus='",
    f"--><script>{HIT}</script>",
    f"]]><script>{HIT}</script>",
    f"</title><script>{HIT}</script>",
    f"</textarea><script>{HIT}</script>",
    f"</style><script>{HIT}</script>",
    f"</script><script>{HIT}</script>",
    f"</summary></details><script>{HIT}</script>",
    f"`-{HIT}-`",
    f"'-{HIT}-'",
    f"\\';{HIT}//",
    f"<<script>{HIT}//<</script>",
    f"<scr<script>ipt>{HIT}</scr</script>ipt>",
    f"<script\x00>{HIT}</script>",
    f"<script\x0b>{HIT}</script>",
    f"\u2028<script>{HIT}</script>",
]
TEMPLATES = ["{{ 7*7 }}", "{% for x in () %}", "{{ request.app.state.service }}", "${7*7}", "#{7*7}", "<%= 7*7 %>"]
ENCODED = [
    f"&lt;script&gt;{HIT}&lt;/script&gt;",
    f"%3Cscript%3E{HIT}%3C/script%3E",
    f"&#60;script&#62;{HIT}&#60;/script&#62;",
    f"\uff1cscript\uff1e{HIT}\uff1c/script\uff1e",
    f"+ADw-script+AD4-{HIT}+ADw-/script+AD4-",
]
ADDRESSES = [
    f"javascript:{HIT}",
    f"JaVaScRiPt:{HIT}",
    f"java\tscript:{HIT}",
    f"\x01javascript:{HIT}",
    f"data:text/html,<script>{HIT}</script>",
    f"vbscript:{HIT}",
    f'https://a.example/"onmouseover={HIT}',
    f"https://a.example/'><script>{HIT}</script>",
]
PAYLOADS = [*TAGS, *BREAKOUTS, *TEMPLATES, *ENCODED, *ADDRESSES]


@pytest.fixture
def spiked(service: Service) -> Service:
    """A store in which every payload stands as title, drug, sponsor, trial text, feed body and address."""
    with writing(service.engine) as session:
        for number, payload in enumerate(PAYLOADS):
            _tell(session, number, payload)
    return service


def _tell(session: Session, number: int, payload: str) -> None:
    text = payload.replace("\x00", "")  # the tables of PostgreSQL hold no such character, and adapters drop it
    watch = Watch(
        name=f"{number} {text}", source="feed", url=text, options={}, every_seconds=60, next_check_at=NOW, problem=text,
        health="failing",
    )  # fmt: skip
    session.add(watch)
    session.flush()
    run = Run(watch_id=watch.id or 0, started_at=NOW, finished_at=NOW, outcome="failed", note=text)
    item = Item(source="feed", scope=f"{number}", key=text, title=text, url=text)
    session.add_all([run, item])
    session.flush()
    told = [
        {"field": name, "path": text, "before": text, "after": [text]} for name in ("sponsor", "eligibility", "body")
    ]
    change = Change(
        item_id=item.id or 0, watch_id=watch.id or 0, run_id=run.id or 0, kind="changed", detected_at=NOW,
        differences=told, previous_hash="", hash="",
    )  # fmt: skip
    event = Event(
        id=f"EVSPIKE{number}", sequence=9000 + number, type="trial_stopped", polarity="negative", detected_at=NOW,
        level="major", certainty="stated", tier=4, thread=f"trial/{text}", step="terminated", title=text,
        state="released", drug=text, trial=text, note=text, agency=text, level_reasons=[text], released_at=NOW,
    )  # fmt: skip
    session.add_all([change, event])
    session.flush()
    session.add(
        Evidence(event_id=event.id, change_id=change.id, source=text, watch=text, tier=4, url=text, quote=text, at=NOW)
    )


def tell_of_a_trial(session: Session, number: int, text: str, run: int, capture: int) -> list[str]:
    """Put a text into all that two registries and a label say of a trial; the pages on which it stands."""
    keys = f"NCT99{number:06}", f"2020-99{number:04}-{text}"
    study = {"title": text, "status": "RECRUITING", "status_text": text, "enrollment_type": "ACTUAL"}
    said = [
        study | {"enrollment": 1, "start": text},
        study | {"status": "TERMINATED", "enrollment": 2, "start": f"a{text}"},
    ]
    label = {"place": "US", "names": ["tofersen"], "version": text, "effective_on": text, "holder": text,
             "sections": {"warnings": f"5.1 {text} ¶ {text}"}}  # fmt: skip
    records = [("clinicaltrials", keys[0], said[0]), ("euctr", keys[1], said[1]), ("dailymed", text, label)]
    for source, key, content in records:
        item = Item(source=source, scope="", key=f"{key}", title=text, url=text, updated_on=text,
                    others=[keys[1], text] if key == keys[0] else None)  # fmt: skip
        session.add(item)
        session.flush()
        snapshot = Snapshot(item_id=item.id or 0, run_id=run, capture_id=capture, taken_at=NOW, revision=1,
                            packed=zlib.compress(canonical(content)), fingerprint="f")  # fmt: skip
        session.add(snapshot)
        session.flush()
        item.snapshot_id = snapshot.id
        moved = [{"field": "completion", "path": text, "before": text, "after": f"{text} later"}]
        session.add(
            Change(
                item_id=item.id or 0, watch_id=1, run_id=run, kind="changed", detected_at=NOW, differences=moved,
                previous_hash="", hash=f"{source}{number}",
            )
        )  # fmt: skip
    return [f"/trials/{keys[0]}"]


class Markup(HTMLParser):
    """What a page is made of: scripts, handlers, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "iframe", "object", "embed", "base", "svg", "math", "template"):
            self.bad.append(tag)
        for name, value in attrs:
            led = re.sub(r"[\x00-\x20]", "", value or "").lower()
            if name.startswith("on") or (name in ("href", "src", "action") and not re.match(r"https?://|/|#", led)):
                self.bad.append(f"{tag} {name}={value}")


def faults(page: str) -> list[str]:
    """What in a page is not ours."""
    seen = Markup()
    seen.feed(page)
    return seen.bad


def addresses() -> list[str]:
    """Every page on which a payload stands."""
    lists = [
        "/events",
        "/events?after=2026-11-23.9020",
        "/events?after=2026-11-23.9040",
        "/changes",
        "/changes?before=30",
        "/changes?search=script",
    ]
    return ["/", "/sources", *lists, *(f"/events/EVSPIKE{number}" for number in range(len(PAYLOADS)))]


def mail(service: Service, number: int) -> Digest:
    """The mail that tells of one hostile event."""
    reader = Subscription(id=1, channel="email", address="r@als.example", created_at=NOW)
    owed = Delivery(
        id="d", subscription_id=1, kind=DeliveryKind.ALERT, slot=f"EVSPIKE{number}", created_at=NOW, due_at=NOW
    )
    with reading(service.engine) as session:
        event = session.exec(select(Event).where(Event.id == f"EVSPIKE{number}")).one()
        digest = compose(
            gather(session, [(event, "news")]), subscription=reader, delivery=owed, frame=frame_of(service)
        )
    return digest.model_copy(update=dict.fromkeys(("manage_url", "stop_url", "pause_url"), "https://a.example"))


def test_there_are_enough_payloads() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 60


def test_no_page_holds_foreign_markup(spiked: Service, open_pages: Callable[[], TestClient]) -> None:
    pages = open_pages()
    for address in addresses():
        answer = pages.get(address)
        assert (answer.status_code, faults(answer.text)) == (200, []), address
    for payload in PAYLOADS:
        for path, name in (("/events", "therapy"), ("/changes", "source"), ("/", "place"), ("/events", "since")):
            answer = pages.get(path, params={name: payload})
            assert answer.status_code in (200, 400), payload
            assert faults(answer.text) == [], payload
            assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert faults(pages.get(f"/nothing/{payload.encode().hex()}").text) == []


def test_templates_in_text_are_not_filled(spiked: Service, open_pages: Callable[[], TestClient]) -> None:
    number = PAYLOADS.index("{{ 7*7 }}")
    text = open_pages().get(f"/events/EVSPIKE{number}").text
    assert "{{ 7*7 }}" in text
    assert not re.search(r">\s*49\s*<", text)


def test_feeds_hold_payloads_as_text(spiked: Service, open_pages: Callable[[], TestClient]) -> None:
    pages = open_pages()
    atom = ElementTree.fromstring(pages.get("/feeds/events.atom").content)
    space = "{http://www.w3.org/2005/Atom}"
    assert {node.tag.removeprefix(space) for node in atom.iter()} == {
        "feed", "title", "subtitle", "id", "updated", "author", "name", "link", "entry", "published", "category",
        "summary",
    }  # fmt: skip
    assert {node.get("type") for node in atom.iter(f"{space}summary")} == {"text"}
    for link in atom.iter(f"{space}link"):
        assert (link.get("href") or "").startswith("https://als.example/")
    items = json.loads(pages.get("/feeds/events.json").text)["items"]
    assert len(items) == 50
    assert all("content_html" not in item and item["url"].startswith("https://als.example/") for item in items)


def test_no_mail_holds_foreign_markup(spiked: Service) -> None:
    for number, payload in enumerate(PAYLOADS):
        _, page = render(mail(spiked, number))
        assert faults(page) == [], payload


def test_in_a_browser_not_one_payload_runs(
    spiked: Service, browser: Browser, open_pages: Callable[[], TestClient]
) -> None:
    pages = open_pages()
    context = browser.new_context(bypass_csp=True)  # the text must be harmless by itself, not only by the policy
    page = context.new_page()
    said: list[str] = []
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("pageerror", lambda error: said.append(str(error)))
    for address in addresses():
        page.set_content(pages.get(address).text)  # the same parser as behind an address, without the way there
        assert page.evaluate("[window.hit, document.scripts.length]") == [None, 0], address
    for number, payload in enumerate(PAYLOADS):
        page.set_content(render(mail(spiked, number))[1])
        assert page.evaluate("[window.hit, document.scripts.length]") == [None, 0], payload
    context.close()
    assert said == []
