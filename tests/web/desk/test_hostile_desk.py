"""Sixty payloads in every field that a source or a stranger controls, on the desk and the public pages, on a phone, in
a real browser with the policy in force: nothing runs, nothing is loaded, nothing stands out at the right."""

import hashlib
from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser
from sqlmodel import Session

from monitor.people import maintainers as people
from monitor.people.audit import Who, at_terminal, note_act
from monitor.service import Service
from monitor.telling.subscriptions import subscribe
from monitor.watching.captures import keep_capture
from monitor.web.app import SECURITY
from sources.base import Page as Fetched
from store.database import writing
from store.states import DeliveryKind, DeliveryState, Health, Way
from store.tables import (
    Attempt,
    Change,
    Delivery,
    Enclosure,
    Event,
    Evidence,
    Item,
    Policy,
    Run,
    Watch,
)  # fmt: skip
from tests.web.conftest import NOW
from tests.web.desk.conftest import PASSWORD
from tests.web.desk.test_desk_browser import EDITOR, TABS, signs_in
from tests.web.test_hostile import PAYLOADS, tell_of_a_trial

WIDTH = 400
TOLD = ("/events/EV", "/review/events/EV", "/trials/", "/therapies/", "/review/rules/")
"""Pages that say what they were told."""
SECTIONS = {
    "/trials": [("registries", "Where its registries do not agree"), ("dates", "How its dates moved")],
    "/therapies/tofersen": [("labels", "What the label says")],
}
AT_ONCE = 32
"""Payloads that stand side by side in one field."""
TEXTS = [" ".join(PAYLOADS[n : n + AT_ONCE]).replace("\x00", "") for n in range(0, len(PAYLOADS), AT_ONCE)]


def tell(session: Session, number: int, text: str) -> list[str]:
    """Put a text wherever a source, a feed, a receiver or a person may put one; the pages on which it stands."""
    watch = Watch(
        name=f"watch-{number}", source=f"feed {text}", url=text, options={}, every_seconds=60, next_check_at=NOW,
        problem=text, health=Health.FAILING, failures=4, last_success_at=NOW,
    )  # fmt: skip
    session.add(watch)
    session.flush()
    body = f"<html><body><p>Before.</p><p>{text}</p></body></html>".encode()
    page = Fetched(text, NOW, 200, text, hashlib.sha256(body).hexdigest(), lambda: body)
    kept = keep_capture(session, watch, page, refused=text)
    run = Run(watch_id=watch.id or 0, started_at=NOW, finished_at=NOW, outcome="refused", note=text)
    item = Item(source=text, scope=f"{number}", key=text, title=text, url=text)
    session.add_all([run, item])
    session.flush()
    told = [{"field": text, "path": text, "before": f"{text} {side}", "after": [text]} for side in ("a", "b")]
    change = Change(
        item_id=item.id or 0, watch_id=watch.id or 0, run_id=run.id or 0, kind="changed", detected_at=NOW,
        differences=told, previous_hash="", hash=f"h{number}",
    )  # fmt: skip
    session.add(change)
    session.flush()
    ids = {state: f"EV{state.upper()}{number}" for state in ("held", "released")}
    for place, (state, id) in enumerate(ids.items()):
        event = Event(
            id=id, sequence=9000 + 2 * number + place, type="trial_stopped", polarity="negative", detected_at=NOW,
            level="minor", certainty="disputed", tier=4, thread=f"trial/{text}", step="terminated", title=text,
            state=state, drug=text, trial=text, note=text, agency=text, level_reasons=[text], rule=f"rule-{number}",
            confidence=0.5, held_because=text, released_at=NOW if state == "released" else None, matched_at=NOW,
            sentence=text if state == "released" else None,
        )  # fmt: skip
        session.add(event)
        session.flush()
        proof = {"source": text, "watch": watch.name, "tier": 4, "url": text, "quote": text, "at": NOW}
        session.add(
            Evidence(event_id=id, change_id=change.id, capture_sha256=kept.sha256, told_on="2026-11-19", **proof)
        )
    failed = {"state": DeliveryState.FAILED, "attempts": 3, "due_at": NOW, "created_at": NOW, "body": b"{}"}
    owed = {"subscription_id": 1, "slot": f"d{number}", "kind": DeliveryKind.ALERT, "error": text}
    session.add(Delivery(id=f"D{number}", **owed | failed))
    session.flush()
    session.add(Enclosure(subscription_id=1, event_id=ids["released"], notice="news", delivery_id=f"D{number}"))
    session.add(Attempt(delivery_id=f"D{number}", at=NOW, accepted=False, said=text))
    note_act(session, Who(text[:200]), text, f"event {ids['held']}", at=NOW, before={text: text}, note=text)
    session.add(Policy(rule=f"rule-{number}", way=Way.HOLD, by=text[:200], at=NOW, note=text))
    held, out = ids["held"], ids["released"]
    return [
        *tell_of_a_trial(session, number, text, run.id or 0, kept.id or 0),
        *(f"/review/events/{held}?tab={tab}" for tab in TABS), f"/review/events/{out}", f"/events/{out}",
        f"/review/watches/watch-{number}", f"/review/captures/{kept.id}",
        f"/review/captures/{kept.id}?raw=true", f"/review/deliveries/D{number}",
        f"/review/rules/rule-{number}", f"/review?q={quote(text[:90])}", f"/events?search={quote(text[:190])}",
    ]  # fmt: skip


@pytest.fixture
def service(service: Service) -> Service:
    """A first start with somebody who may sign in, and a webhook."""
    people.add(service, EDITOR, PASSWORD, "maintainer", at_terminal("root"))
    subscribe(service, channel="webhook", address="https://hook.als.example/<script>window.hit=1</script>")
    return service


WIDE = """() => ({wide: document.documentElement.scrollWidth, hit: window.hit ?? null,
    scripts: [...document.scripts].map(one => one.getAttribute('src')),
    live: document.querySelectorAll('a[href^="javascript:" i], a[href^="data:" i], a[href="None"], '
        + 'main [style], main [onclick], main '
        + ':is(img, svg, iframe, object, embed, style, base, meta, link, video, audio, math, marquee, template)')
        .length,
    out: [...document.querySelectorAll('main *')].filter(one => one.getClientRects().length
        && !one.closest('.unseen, thead, .scroll') && one.getBoundingClientRect().right > innerWidth + 1)
        .slice(0, 3).map(one => one.outerHTML.slice(0, 150))})"""
"""What a page shows of itself with everything opened."""


def test_sixty_payloads_in_every_field_break_neither_desk_nor_public_pages(
    browser: Browser, service: Service, open_site: Callable[[], str]
) -> None:
    assert len(PAYLOADS) >= 60
    with writing(service.engine) as session:
        pages = [page for number, text in enumerate(TEXTS) for page in tell(session, number, text)]
    lists = ["/review", "/review?view=conflicts", "/review?view=sent", "/review?view=mine", "/review/stale",
             "/review/rules", "/review/watches", "/review/subscriptions", "/review/subscriptions/1",
             "/review/deliveries?view=failed", "/review/log", "/", "/events", "/changes", "/sources",
             "/therapies/tofersen"]  # fmt: skip
    context = browser.new_context(viewport={"width": WIDTH, "height": 800})
    page, said, loaded = context.new_page(), list[str](), list[str]()
    page.on("console", lambda message: said.append(f"{page.url}: {message.text}"))
    page.on("pageerror", lambda problem: said.append(f"{page.url}: {problem}"))
    page.on("dialog", lambda dialog: said.append(f"{page.url}: {dialog.message}"))
    page.on("request", lambda request: loaded.append(request.url))
    site = open_site()
    signs_in(page, site)
    for address in (*lists, *pages):
        answer = page.goto(site + address, wait_until="domcontentloaded")
        assert answer is not None and answer.status == 200, address
        assert answer.headers["content-security-policy"] == SECURITY["content-security-policy"], address
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.name = ''; one.open = true; })")
        shape = page.evaluate(WIDE)
        scripts = ["/static/desk.js"] if address.startswith("/review") else []
        assert (shape["hit"], shape["scripts"], shape["live"]) == (None, scripts, 0), (address, shape)
        assert not address.startswith(TOLD) or "window.hit=1" in page.locator("main").inner_text(), address
        for part, heading in SECTIONS.get(address.partition("/NCT")[0], ()):
            assert "window.hit=1" in page.locator(f"section[aria-labelledby={part}]").inner_text(), (address, heading)
        assert shape["wide"] <= WIDTH and not shape["out"], (address, shape)
    context.close()
    assert said == [], "the policy had nothing to stop"
    assert [url for url in loaded if not url.startswith(site)] == []
