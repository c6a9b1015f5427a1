"""The pages in a real browser: axe, keyboard, narrow screens, and hostile text that must stay text."""

import hashlib
import importlib.util
import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from monitor.service import Service
from monitor.telling.secrets import open_keyring
from monitor.telling.subscriptions import subscribe
from monitor.watching.captures import keep_capture
from sources.base import Page as Kept
from store.database import reading, writing
from store.tables import Capture, Change, Event, Evidence, Item, Run, Watch
from tests.web.test_hostile import tell_of_a_trial

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SPIKES = [
    "<script>window.hit=1</script>", '"><img src=x onerror="window.hit=1">', "'-window.hit=1-'", "{{ 7*7 }}",
    "<svg/onload=window.hit=1>", "</title><script>window.hit=1</script>", "javascript:window.hit=1",
]  # fmt: skip
ADDRESSES = (
    "/", "/?place=AU", "/events?search=amx0035&level=major", "/events/EVSPIKED", "/changes", "/sources",
    "/therapies/AMX0035", "/therapies/tofersen", "/trials/NCT04856982", "/trials/NCT99000001", "/api/docs",
    "/subscribe", "/?place=XX", "/events?type=miracle", "/nothing-here", "/review/sign-in",
)  # fmt: skip


@pytest.fixture
def site(service: Service, open_site: Callable[[], str]) -> str:
    """The application on a real port, with one hostile event, change and problem in the store."""
    spike(service)
    return open_site()


def spike(service: Service) -> None:
    """Put hostile text wherever text from outside can come to stand."""
    text = " ".join(SPIKES)
    with writing(service.engine) as session:
        watch = Watch(
            name=text, source="feed", options={}, every_seconds=60, next_check_at=NOW, problem=text, health="failing"
        )
        session.add(watch)
        session.flush()
        run = Run(watch_id=watch.id or 0, started_at=NOW, finished_at=NOW, outcome="failed", note=text)
        item = Item(source="feed", key="spiked", title=text, url="javascript:window.hit=1")
        session.add_all([run, item, Capture(watch_id=watch.id or 0, url="x", fetched_at=NOW, status=200, sha256="0")])
        session.flush()
        tell_of_a_trial(session, 1, text, run.id or 0, 1)
        change = Change(
            item_id=item.id or 0, watch_id=watch.id or 0, run_id=run.id or 0, kind="changed", detected_at=NOW,
            differences=[{"field": text, "path": text, "before": text, "after": [text, {text: text}]}],
            previous_hash="", hash="",
        )  # fmt: skip
        event = Event(
            id="EVSPIKED", sequence=9999, type="approval", polarity="positive", detected_at=NOW, level="critical",
            certainty="disputed", tier=4, thread="us/amx0035/spiked", step="authorised", title=text, state="released",
            therapy="AMX0035", place="US", occurred_on="2026-11-20", note=text, agency=text, mark_date="X",
            level_reasons=[text], kind="regular",
        )  # fmt: skip
        session.add_all([change, event])
        session.flush()
        body = f"<p>{escape(text)}</p>{text}".encode()
        sha256 = hashlib.sha256(body).hexdigest()
        keep_capture(session, watch, Kept("javascript:window.hit=1", NOW, 200, "text/html", sha256, lambda: body))
        session.add(
            Evidence(
                event_id="EVSPIKED", change_id=change.id, source=text, tier=4, url="javascript:window.hit=1",
                quote=text, capture_sha256=sha256, told_on="2026-11-19", told_kind="accelerated", at=NOW,
                retrieved_at=NOW,
            )
        )  # fmt: skip


def links_of(service: Service) -> list[str]:
    """The addresses a reader gets in a mail."""
    made, _ = subscribe(service, channel="email", address="reader@als.example", confirmed=True)
    token = open_keyring(service.settings).token("manage", made.id or 0)
    return [f"/subscriptions/{token}"]


def axe() -> Path:
    """The accessibility checker, out of its package; the pages themselves load nothing."""
    found = importlib.util.find_spec("axe_playwright_python")
    assert found and found.origin, "expected the package axe-playwright-python (extra dev)"
    return Path(found.origin).with_name("axe.min.js")


def violations(page: Page) -> list[str]:
    """What axe finds, one line per rule and place; in the dark only what hangs on colours."""
    page.emulate_media(color_scheme="light")
    page.add_script_tag(path=axe())
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    page.emulate_media(color_scheme="dark")
    colours = "axe.run({resultTypes: ['violations'], runOnly: {type: 'tag', values: ['cat.color']}})"
    found += page.evaluate(colours)["violations"]
    return [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]


SENDS = """address => {
    const form = Object.assign(document.createElement('form'), {method: 'post', action: address});
    document.body.append(form);
    form.submit();
}"""
REFUSED = {"/subscribe": 503, "/events": 405, "/review/approve": 401, "/subscriptions/false/stop": 404}
"""Where an empty form is sent, and what is answered."""


@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_on_any_page_by_day_and_by_night(
    browser: Browser, site: str, service: Service, width: int
) -> None:
    context = browser.new_context(bypass_csp=True, reduced_motion="reduce", viewport={"width": width, "height": 900})
    page = context.new_page()
    found: dict[str, list[str]] = {}

    def looked_at(address: str) -> None:
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        wide = page.evaluate("document.documentElement.scrollWidth")
        if problems := [*violations(page), *([f"{wide} px wide"] if wide > width else [])]:
            found[address] = problems

    for address in (*ADDRESSES, *links_of(service)):
        page.goto(site + address)
        looked_at(address)
    for address, status in REFUSED.items():
        page.goto(f"{site}/healthz")
        with page.expect_navigation() as sent:
            page.evaluate(SENDS, site + address)
        assert sent.value.status == status, address
        looked_at(f"POST {address}")
    context.close()
    assert found == {}


def test_a_narrow_phone_never_scrolls_sideways_and_targets_are_large(
    browser: Browser, site: str, service: Service
) -> None:
    context = browser.new_context(viewport={"width": 400, "height": 800})
    page = context.new_page()
    for address in (*ADDRESSES, *links_of(service)):
        page.goto(site + address)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= 400, address
        small = page.evaluate(
            """[...document.querySelectorAll('a, button, input:not([type=hidden]), select, summary')]
            .filter(one => !one.closest('p:not(.facts):not(.proof)') && !one.matches('.skip'))
            .filter(one => one.getClientRects().length)
            .filter(one => (one.closest('label') ?? one).getBoundingClientRect().height < 43.5)
            .map(one => one.outerHTML.slice(0, 120))"""
        )
        assert small == [], address
    context.close()


def test_the_filters_of_a_list_fold_on_a_phone_and_work_without_script(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 800})
    page = context.new_page()
    page.goto(site + "/events")
    kind, fold = page.get_by_label("What", exact=True), page.get_by_text("Narrow by drug")
    assert (kind.is_visible(), fold.is_visible()) == (False, True)
    page.get_by_label("Words to find").fill("amx0035 approval")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"\?search=amx0035\+approval"))
    fold.focus()
    page.keyboard.press("Enter")
    page.get_by_label("Place", exact=True).select_option("US")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url(re.compile("place=US"))
    assert page.get_by_role("link", name="Take away Words: amx0035 approval").count() == 1
    assert all("United States" in told for told in page.locator("li.entry").all_inner_texts())
    page.get_by_role("link", name="Take away Words").click()
    page.wait_for_url(re.compile(r"events\?place=US$"))
    page.set_viewport_size({"width": 1280, "height": 800})
    assert (kind.is_visible(), fold.is_visible()) == (True, False)
    context.close()


def test_hostile_text_stays_text_and_the_console_stays_quiet(browser: Browser, site: str, service: Service) -> None:
    context = browser.new_context()
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    for address in ADDRESSES[:-4]:  # the browser itself says on its console that a page was refused
        page.goto(site + address)
        assert page.evaluate("window.hit") is None, address
        assert page.locator('a[href^="javascript:"], a[href^="data:"]').count() == 0, address
        assert page.locator("script, style, [style], [onclick]").count() == 0, address
    context.close()
    assert said == []


def test_the_keyboard_reaches_everything_and_the_focus_is_seen(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(site + "/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.goto(site + "/events")
    wanted = page.evaluate(
        """[...document.querySelectorAll('a[href], button, select, summary, input')]
        .filter(one => one.getClientRects().length).length"""
    )
    seen = set()
    for _ in range(wanted + 5):
        page.keyboard.press("Tab")
        place, outline = page.evaluate(
            """() => { const one = document.activeElement;
            return [[...document.querySelectorAll('*')].indexOf(one), getComputedStyle(one).outlineStyle]; }"""
        )
        if page.evaluate("document.activeElement !== document.body"):
            seen.add(place)
            assert outline != "none", page.evaluate("document.activeElement.outerHTML.slice(0, 120)")
    context.close()
    assert len(seen) >= wanted


def test_a_reader_stops_from_the_link_without_script(browser: Browser, site: str, service: Service) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + links_of(service)[0])
    page.get_by_role("button", name="Stop").click()
    assert "Stopped." in page.content()
    context.close()
    with reading(service.engine) as session:
        assert (
            session.connection().exec_driver_sql("SELECT count(*) FROM subscription WHERE ended_at IS NULL").scalar()
            == 0
        )


def test_the_answer_prints_on_two_pages(browser: Browser, open_site: Callable[[], str]) -> None:
    page = browser.new_page()
    page.goto(open_site() + "/")
    sheets = re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4", prefer_css_page_size=True))
    page.close()
    assert len(sheets) == 2
