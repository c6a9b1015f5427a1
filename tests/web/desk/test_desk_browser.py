"""The desk in a real browser: worked by the keyboard alone, without script, on a phone, under hostile text."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page

from monitor.people import maintainers as people
from monitor.people.audit import at_terminal
from monitor.service import Service
from monitor.telling.deliver import deliver
from monitor.telling.subscriptions import subscribe
from store.database import reading, writing
from store.tables import Event, Evidence
from tests.stories.stage import Postbox
from tests.web.conftest import NOW
from tests.web.desk.conftest import PASSWORD, Clock
from tests.web.test_browser import SPIKES, violations

EDITOR = "an-editor"
TABS = ("fields", "words", "page", "raw", "tellers", "ladder", "why")
READING = 30  # seconds that a maintainer looks at one event: thirty of them in a quarter of an hour


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    """A mail server on loopback."""
    with Postbox() as box:
        yield box


@pytest.fixture
def service(service: Service, postbox: Postbox) -> Service:
    """A first start that sends its mail there, with somebody who may sign in."""
    people.add(service, EDITOR, PASSWORD, "maintainer", at_terminal("root"))
    return replace(service, settings=service.settings.changed(smtp_url=postbox.url, allow_private=True))


class Keyboard:
    """Somebody who has no mouse. `pressed` counts her keys, letters typed into fields aside."""

    def __init__(self, page: Page) -> None:
        self.page, self.pressed = page, 0

    def press(self, *keys: str) -> None:
        """Press keys that stay on the page."""
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1

    def go(self, *keys: str) -> None:
        """Press keys of which the last leads to another page."""
        self.press(*keys[:-1])
        with self.page.expect_navigation():
            self.press(keys[-1])

    def tab_to(self, selector: str) -> None:
        """Press Tab until something has the focus."""
        for _ in range(60):
            if self.page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
                return
            self.press("Tab")
        raise AssertionError(f"Tab never comes to {selector}")


def signs_in(page: Page, site: str) -> Keyboard:
    """By the keyboard: the name has the focus."""
    keyboard = Keyboard(page)
    page.goto(site + "/review")
    page.locator("#name:focus").wait_for()
    page.keyboard.type(EDITOR)
    keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    keyboard.go("Enter")
    return keyboard


def test_thirty_events_are_cleared_and_one_is_corrected_by_the_keyboard_alone(
    browser: Browser,
    open_site: Callable[[], str],
    service: Service,
    waits: Callable[..., str],
    clock: Clock,
    postbox: Postbox,
) -> None:
    subscribe(service, channel="email", address="reader@als.example", confirmed=True)
    wrong = waits(minutes=900)
    ids = [wrong, *(waits(type_="shortage", minutes=800 - n, therapy="riluzole", place=None) for n in range(29))]
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    keyboard, start = signs_in(page, open_site()), clock.moment
    assert page.url.endswith("/review")

    keyboard.press("j")
    keyboard.go("Enter")
    assert wrong in page.url
    for number in range(30):
        clock.goes_on(seconds=READING)
        before = keyboard.pressed
        if number % 5 == 1:
            keyboard.go("r", "n")
        elif number % 5 == 2:
            keyboard.go("s", "w")
        else:
            keyboard.go("a")
        assert keyboard.pressed - before <= 3
        if number == 6:
            list(deliver(service))  # what is critical leaves after two minutes
    assert page.url.split("?")[0].endswith("/review"), "nothing is left"
    assert "Nothing waits for you" in page.content()
    assert (clock.moment - start).total_seconds() <= 15 * 60
    keyboard.go("u")
    assert "Undone." in page.content()
    keyboard.go("a")

    clock.goes_on(minutes=11)
    list(deliver(service))
    first = next(mail for mail in postbox.mails if "put on hold" in str(mail["Subject"]))
    with reading(service.engine) as session:
        states = [session.get_one(Event, id).state for id in ids]
    assert (states.count("released"), states.count("dismissed"), states.count("held")) == (18, 6, 6)

    keyboard.go("g", "q")
    keyboard.tab_to("a[href='/review?view=sent']")
    keyboard.go("Enter")
    keyboard.tab_to(f"a[href*='{wrong}']")
    keyboard.go("Enter")
    keyboard.press("c", "Control+a")
    page.keyboard.type("2026-11-19")
    keyboard.tab_to("#c-note")
    page.keyboard.type("The release gave another day.")
    keyboard.go("Enter")
    assert "Corrected" in page.content()
    clock.goes_on(minutes=3)
    list(deliver(service))
    correction = next(mail for mail in postbox.mails if str(mail["Subject"]).startswith("Correction:"))
    assert correction["References"] == first["References"], "in the same thread"
    text = correction.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "19 November 2026" in text
    assert "The release gave another day." in text
    keyboard.go("g", "l")
    assert page.locator("tbody tr").count() >= 30
    keyboard.tab_to("form.who button")
    keyboard.go("Enter")
    assert "/review/sign-in" in page.url
    context.close()


def pages_of(event: str) -> list[str]:
    return [
        "/review",
        "/review?view=mine",
        "/review/stale",
        "/review/log",
        "/review/rules",
        "/review/rules/prose.hold",
        *(f"/review/events/{event}?tab={tab}" for tab in TABS),
    ]


def spiked(service: Service, waits: Callable[..., str]) -> str:
    """An event with hostile text wherever a source puts its own."""
    text = " ".join(SPIKES)
    id = waits(drug=text, therapy=None, agency=text, trial=text, rule=text, note=text)
    with writing(service.engine) as session:
        told = {"source": text, "watch": text, "quote": text, "url": "javascript:window.hit=1"}
        session.add(Evidence(event_id=id, tier=3, at=NOW, told_on="2026-11-19", **told))
    return id


def test_no_barrier_no_sideways_scrolling_and_hostile_text_stays_text(
    browser: Browser, open_site: Callable[[], str], service: Service, waits: Callable[..., str]
) -> None:
    id, site = spiked(service, waits), open_site()
    waits(type_="trial_registered", polarity="neutral", place=None, therapy=None, trial="NCT00000009")
    found: dict[str, object] = {}
    for width in (1280, 320):
        context = browser.new_context(
            bypass_csp=True, reduced_motion="reduce", viewport={"width": width, "height": 900}
        )
        page = context.new_page()
        said: list[str] = []
        page.on("pageerror", lambda error, said=said: said.append(str(error)))  # type: ignore[misc]
        page.on("dialog", lambda dialog, said=said: said.append(dialog.message))  # type: ignore[misc]
        page.goto(site + "/review/sign-in")
        found[f"{width} sign-in"] = violations(page)
        signs_in(page, site)
        for address in pages_of(id):
            page.goto(site + address)
            page.evaluate("document.querySelectorAll('details').forEach(one => one.removeAttribute('name'))")
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            assert page.evaluate("window.hit") is None, address
            assert page.locator('a[href^="javascript:"], a[href^="data:"], style, [style], [onclick]').count() == 0
            assert page.locator("script:not([src='/static/desk.js'])").count() == 0, address
            wide = (
                "[...document.querySelectorAll('main *')].filter(one => one.getBoundingClientRect().right > innerWidth)"
            )
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (
                address,
                page.evaluate(wide + ".map(one => one.outerHTML.slice(0, 150))"),
            )
            found[f"{width} {address}"] = violations(page)
        context.close()
        assert said == []
    assert {place: problems for place, problems in found.items() if problems} == {}


def test_the_desk_works_without_script_and_no_key_acts_in_a_closed_panel(
    browser: Browser, open_site: Callable[[], str], service: Service, waits: Callable[..., str]
) -> None:
    id, other, site = waits(), waits(place="CA"), open_site()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    signs_in(page, site)
    page.get_by_role("link", name="put on hold in the US").click()
    page.get_by_role("link", name="Kept page").click()
    assert "tab=page" in page.url
    page.locator("summary", has_text="Reject").click()
    page.get_by_role("button", name="Misread").click()
    page.get_by_role("button", name="Undo").first.click()
    page.get_by_text("Undone.").first.wait_for()  # the next page is there
    assert "Undone." in page.content()
    page.get_by_role("button", name="Approve").click()
    page.get_by_text("Approved").first.wait_for()
    assert "Approved" in page.content()
    context.close()
    with reading(service.engine) as session:
        assert session.get_one(Event, id).state == "held"

    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    keyboard = signs_in(page, site)
    page.goto(f"{site}/review/events/{other}")
    for key in ("n", "p", "o", "d", "w"):
        keyboard.press(key)
    keyboard.press("r", "Escape", "e")
    page.keyboard.type("approve rather all")
    keyboard.press("Escape", "?")
    assert page.locator(".keys kbd").count() > 10
    page.get_by_role("button", name="Turn the keys off").click()
    keyboard.press("a", "r")
    assert page.url.endswith(other)
    with reading(service.engine) as session:
        assert session.get_one(Event, other).sentence is None
    context.close()
    assert said == [], "nothing breaks the policy of the pages"
