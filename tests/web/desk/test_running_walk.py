"""A maintainer walks the desk by keyboard: a check was refused, she looks and takes it in; its alert does not arrive,
she sees why and sends it again. Every page on the way holds on a phone, by day and night, with hostile text in it."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from monitor.people.audit import acts, at_terminal
from monitor.people.maintainers import add
from monitor.service import Service
from monitor.telling.subscriptions import subscribe
from store.database import reading, writing
from store.states import DeliveryKind, DeliveryState, Health
from store.tables import Attempt, Capture, Delivery, Run, Watch
from tests.stories.stage import Hook, Installation, Stage, look, send, study, tale, watch
from tests.web.desk.conftest import PASSWORD
from tests.web.desk.test_desk_browser import Keyboard
from tests.web.test_browser import SPIKES, violations

START = datetime(2026, 5, 1, 12, tzinfo=UTC)
IDS = [f"NCT9000000{number}" for number in range(10)]
SHOTS = os.environ.get("SHOTS")
"""A folder for pictures of the pages, for who wants to look at them."""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    """Ten trials, all stopped at once: that is not believed."""
    moves = (date(2021, 1, 4), {}), (date(2026, 5, 2), {"status": "TERMINATED"})
    with Stage(tale(studies=tuple(study(key, *moves) for key in IDS)), at=START) as world:
        found = Installation(tmp_path, world)
        found.write_pack(watch("trials", "clinicaltrials", base_url="WORLD", options={"ids": IDS}))
        yield found
        world.forget()


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as opened:
        yield opened


@pytest.fixture
def service(home: Installation, hook: Hook) -> Iterator[Service]:
    """One look, then the trials stop and the look is refused; a webhook follows, which fails at first."""
    with home.service(base_url="https://als.example") as opened:
        look(opened)
        subscribe(opened, channel="webhook", address=hook.url)
        add(opened, "an-editor", PASSWORD, "maintainer", at_terminal("root"))
        home.world.at(datetime(2026, 5, 2, 13, tzinfo=UTC))
        assert look(opened)["trials"].outcome == "refused"
        yield opened


def sign_in(page: Page, site: str) -> None:
    page.goto(f"{site}/review")
    page.get_by_label("Name").fill("an-editor")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/review")


def test_a_refused_check_is_accepted_and_its_alert_sent_again_by_keyboard(
    browser: Browser, service: Service, hook: Hook, open_site: Callable[[], str]
) -> None:
    site = open_site()
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    sign_in(page, site)
    keyboard = Keyboard(page)

    keyboard.go("g", "s")
    keyboard.go("j", "Enter")
    assert "not believe" in page.content()
    keyboard.press("a", "Space", "Tab")  # opens what is to be read, with the focus on the box to tick
    keyboard.go("Enter")
    accepted = keyboard.pressed
    assert "something has changed" in page.get_by_role("status").inner_text()

    hook.answers = [(500, {}), (204, {})]
    for line in send(service):
        assert line["state"] in ("waiting", "sent")
    failed = next(got for got in hook.got)

    keyboard.go("g", "d")
    row = page.locator("[data-row]", has_text="failed")
    assert row.count() == 1 and "status 500" in row.inner_text()
    while not page.evaluate("document.activeElement.closest('[data-row]')?.textContent.includes('status 500')"):
        keyboard.press("j")
    keyboard.go("Enter")
    assert "status 500" in page.locator(".held").inner_text()
    keyboard.go("s")
    assert "owed again" in page.get_by_role("status").inner_text()
    assert accepted <= 8, "keys to accept a refused check"
    assert keyboard.pressed - accepted <= 8, "keys to see why it failed and send it again"
    send(service)
    page.reload()
    assert page.locator("tbody tr").count() == 2 and "accepted" in page.locator("tbody tr").last.inner_text()
    assert [got.id for got in hook.got].count(failed.id) == 2

    with reading(service.engine) as session:
        told = [(row.who, row.act) for row in acts(session) if row.who == "an-editor"]
    assert told == [("an-editor", "resend"), ("an-editor", "accept")]
    context.close()


def ail(service: Service) -> list[str]:
    """Put hostile text wherever text from outside comes to stand on these pages; their addresses."""
    text = " ".join(SPIKES)
    with writing(service.engine) as session:
        odd = Watch(
            name=text.replace("/", "|"), source="feed", options={}, every_seconds=60, next_check_at=START, problem=text,
            health=Health.FAILING, failures=4, url="javascript:window.hit=1", last_success_at=START,
        )  # fmt: skip
        session.add(odd)
        session.flush()
        assert odd.id is not None
        kept = Capture(
            watch_id=odd.id, url=text, fetched_at=START, status=200, content_type=text, sha256="0" * 64, refused=text
        )
        session.add(kept)
        session.add(Run(watch_id=odd.id, started_at=START, finished_at=START, outcome="refused", note=text))
        for number, state in enumerate((DeliveryState.FAILED, DeliveryState.WAITING)):
            session.add(
                Delivery(id=f"D{number}", subscription_id=1, slot=f"d{number}", kind=DeliveryKind.ALERT, state=state,
                         attempts=3, due_at=START, created_at=START, body=b"{}", error=text)
            )  # fmt: skip
            session.flush()
            session.add(Attempt(delivery_id=f"D{number}", at=START, accepted=False, said=text))
        session.flush()
        number_of_page = kept.id
    return [
        "/review/watches", "/review/watches/trials", "/review/watches/" + quote(text.replace("/", "|"), safe=""),
        "/review/captures/1", f"/review/captures/{number_of_page}", "/review/subscriptions", "/review/subscriptions/1",
        "/review/deliveries", "/review/deliveries?view=failed", "/review/deliveries/D0", "/review/deliveries/D1",
        "/review/log",
    ]  # fmt: skip


def test_the_pages_hold_hostile_text_a_phone_and_the_dark(
    browser: Browser, service: Service, open_site: Callable[[], str]
) -> None:
    addresses, site = ail(service), open_site()
    found: dict[str, list[str]] = {}
    said: list[str] = []
    context = browser.new_context(bypass_csp=True, reduced_motion="reduce", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("pageerror", lambda error: said.append(str(error)))
    sign_in(page, site)
    for address in addresses:
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(site + address)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert page.evaluate("window.hit") is None, address
        live = page.locator('a[href^="javascript:"], main [style], [onclick], [onload], main script, main img')
        assert live.count() == 0, live.first.evaluate("one => one.outerHTML")
        if problems := violations(page):
            found[address] = problems
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{addresses.index(address)}-wide.png", full_page=True)
        page.set_viewport_size({"width": 320, "height": 800})
        wide = page.evaluate(
            """document.documentElement.scrollWidth <= 320 ? [] : [...document.querySelectorAll('body *')]
            .filter(one => one.getBoundingClientRect().right > 320.5).map(one => one.outerHTML.slice(0, 120))"""
        )
        assert wide == [], address
        small = page.evaluate(
            """[...document.querySelectorAll('main :is(a, button, input:not([type=hidden]), select, summary)')]
            .filter(one => !one.closest('p:not(.facts):not(.proof), li:not([class])') && one.getClientRects().length)
            .filter(one => (one.closest('label') ?? one).getBoundingClientRect().height < 43.5)
            .map(one => one.outerHTML.slice(0, 120))"""
        )
        assert small == [], address
        if SHOTS:
            page.set_viewport_size({"width": 400, "height": 800})
            page.goto(site + address)
            page.screenshot(path=f"{SHOTS}/{addresses.index(address)}-narrow.png", full_page=True)
    context.close()
    assert {line for lines in found.values() for line in lines} == set(), list(found)
    assert said == []
