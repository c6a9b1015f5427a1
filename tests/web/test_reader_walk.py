"""The reader's half of the product's journeys in a real Chromium: by the keyboard, counted, with script off; and every
page of hers by day and by night, on a small phone and on a wide screen."""

import dataclasses
import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from demo.receivers import MailCatcher
from monitor.service import Service
from monitor.telling.deliver import deliver, send_test
from monitor.telling.secrets import open_keyring
from monitor.telling.subscriptions import subscribe, subscriptions
from sources.http.client import Client
from tests.monitor.conftest import Hook
from tests.web.test_browser import violations
from tests.web.test_follow import focus, link_in, told

MOST_ACTIVATIONS, MOST_SECONDS = 6, 90
READER = "reader@als.example"
SIZES = ((320, 700), (1280, 900))
PUBLIC = (
    "/", "/?place=JP", "/events", "/events/EV1", "/changes", "/sources", "/therapies/tofersen", "/trials/NCT04856982",
    "/subscribe", "/subscribe?how=webhook", "/subscribe?how=feed&act=follow&therapy=tofersen", "/api/docs",
)  # fmt: skip


@pytest.fixture
def box() -> Iterator[MailCatcher]:
    """A real mail server."""
    with MailCatcher() as catcher:
        yield catcher


@pytest.fixture
def service(service: Service, box: MailCatcher) -> Service:
    """The service with a mail server, that may knock at the loopback."""
    settings = service.settings.model_copy(update={"smtp_url": box.url, "allow_private": True})
    client = Client(contact="tests@als.example", allow_private=True, pace_seconds=0)
    return dataclasses.replace(service, settings=settings, client=client)


class Reader:
    """Who has a keyboard and nothing else, in a browser without script; each activation is counted."""

    def __init__(self, page: Page, site: str) -> None:
        self.page, self.site, self.activations, self.began = page, site, 0, time.monotonic()

    def opens(self, path: str) -> None:
        """Come from elsewhere, by a link of a mail or a bookmark."""
        self.page.goto(self.site + path)
        self.activations += 1

    def presses(self, name: str, key: str = "Enter") -> None:
        """Go to a control by its name and use it; the page is another one then."""
        focus(self.page, name)
        outline = self.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", f"the focus on {name} is not seen"
        with self.page.expect_navigation():
            self.page.keyboard.press(key)
        self.activations += 1

    def types(self, field: str, text: str) -> None:
        focus(self.page, field)
        self.page.keyboard.type(text)

    def ticks(self, name: str) -> None:
        focus(self.page, name)
        self.page.keyboard.press("Space")

    def has_followed(self) -> None:
        """Say whether that was quick and short enough, and begin to count anew."""
        assert self.activations <= MOST_ACTIVATIONS, self.activations
        assert time.monotonic() - self.began < MOST_SECONDS
        assert self.page.context.cookies() == []
        self.activations, self.began = 0, time.monotonic()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A phone without script."""
    made = browser.new_context(java_script_enabled=False, viewport={"width": 400, "height": 800})
    yield made
    made.close()


@pytest.fixture
def walks(context: BrowserContext, open_site: Callable[[], str]) -> Reader:
    """A reader who stands before the first page."""
    reader = Reader(context.new_page(), open_site())
    reader.page.goto(reader.site)
    return reader


def mail_of(service: Service, box: MailCatcher) -> EmailMessage:
    """The mail that has come last when everything owed is sent."""
    list(deliver(service))
    return box.mails[-1]


def test_a_reader_follows_changes_pauses_and_stops_by_keyboard_without_script(
    walks: Reader, service: Service, box: MailCatcher
) -> None:
    walks.presses("Follow")
    walks.types("Your mail address", READER)
    walks.presses("Follow")
    assert walks.page.locator("h1").text_content() == "One more step: your mailbox"
    mail = mail_of(service, box)
    confirm = link_in(mail, "/confirm")
    walks.opens(confirm)
    assert subscriptions(service)[0].confirmed_at is None, "a mail scanner follows links, too"
    walks.presses("Confirm")
    assert "Confirmed." in walks.page.content()
    walks.has_followed()

    told(service, 0, 1)
    told(service, 0, 2, type="readout_not_met", polarity="negative", place=None, trial="NCT05021536")
    [row] = subscriptions(service)
    send_test(service, row.id or 0)
    text = str(box.mails[-1].get_body(("plain",)).get_content())  # type: ignore[union-attr]
    manage = re.search(r"Change: https://als\.example(\S+)", text)
    assert manage, text
    walks.opens(manage[1])
    focus(walks.page, "Once a week")
    walks.page.keyboard.press("ArrowDown")
    focus(walks.page, "More choices")
    walks.page.keyboard.press("Enter")
    walks.ticks("Do not tell me how a trial went")
    walks.ticks("Sunday")
    walks.presses("Change")
    [row] = subscriptions(service)
    assert (row.cadence, row.hide_outcomes, row.quiet_days) == ("daily", True, ["sun"])
    list(deliver(service))  # what has happened is matched
    list(deliver(dataclasses.replace(service, now=lambda: service.now() + timedelta(days=1))))
    digest = str(box.mails[-1].get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert "news on how a trial went" in digest and "missed" not in digest.lower(), digest
    told_at = re.search(r"More: https://als\.example(/events/EV2)", digest)
    assert told_at
    walks.opens(told_at[1])
    assert "did not" in walks.page.content() or "missed" in walks.page.content(), "it is told behind the link"

    walks.opens(manage[1])
    walks.presses("Pause 4 weeks")
    assert "Paused until" in walks.page.content()
    walks.presses("Resume")
    walks.presses("Stop")
    assert "1 subscription has ended." in walks.page.content()
    assert subscriptions(service) == []
    assert walks.page.context.cookies() == []


def test_a_system_is_followed_by_webhook_and_a_feed_by_its_address_in_as_few_steps(
    walks: Reader, service: Service, hook: Hook
) -> None:
    walks.presses("Follow")
    walks.presses("By webhook")
    walks.types("Address of your webhook", hook.url)
    walks.presses("Follow")
    assert walks.page.locator("h1").text_content() == "Your webhook follows"
    assert [json.loads(body)["test"] for _, body in hook.got] == [True]
    walks.has_followed()

    walks.page.goto(walks.site)
    walks.presses("Follow")
    walks.presses("By feed")
    focus(walks.page, "Also small steps")
    for _ in range(3):
        walks.page.keyboard.press("ArrowUp")
    walks.ticks("Qalsody (tofersen)")
    walks.presses("Show the addresses")
    link = walks.page.locator("dd.proof a").first.get_attribute("href")
    assert link == "/feeds/events.atom?therapy=tofersen&level=doors"
    assert len(subscriptions(service)) == 1, "nothing is stored of who reads a feed"
    walks.has_followed()


def test_an_event_is_found_by_search(walks: Reader, service: Service) -> None:
    for number in range(30):
        told(service, number, number)
    told(service, 40, 99, type="complete_response", polarity="negative", therapy="PrimeC", title="PrimeC: US refusal")
    walks.presses("Events")
    assert "/events/EV99" not in walks.page.content(), "it is far down the list"
    walks.types("Words to find", "refusal primec")
    walks.presses("Search")
    link = walks.page.locator("li.entry h2 a")
    assert link.count() == 1
    walks.presses(link.inner_text())
    assert walks.page.url.endswith("/events/EV99")
    assert walks.activations <= 3


def test_public_pages_work_with_script_off(walks: Reader, service: Service) -> None:
    told(service, 0, 1)
    for address in PUBLIC:
        answer = walks.page.goto(walks.site + address)
        assert answer is not None and answer.status == 200, address
        assert walks.page.locator("main").inner_text().strip(), address
        assert walks.page.evaluate("document.documentElement.scrollWidth") <= 400, address
        assert walks.page.locator("noscript, script, [onclick], [hidden]").count() == 0, address
    assert walks.page.context.cookies() == []


def pages_of_a_reader(service: Service, hook: Hook) -> dict[str, Callable[[Page, str], Any]]:
    """Every page that who follows comes to see: name to the way there."""
    mail, _ = subscribe(
        service, channel="email", address=READER, confirmed=True, muted=["payment"], quiet_days=["sun"],
        wording="technical", hide_outcomes=True,
    )  # fmt: skip
    subscribe(service, channel="email", address=READER, confirmed=True, therapies=["tofersen"])
    made, _ = subscribe(service, channel="webhook", address=f"{hook.url}/managed")
    keyring, calls = open_keyring(service.settings), iter(range(100))

    def link(purpose: str, identity: int | None) -> str:
        return f"/subscriptions/{keyring.token(purpose, identity or 0)}"

    def goes(path: str) -> Callable[[Page, str], Any]:
        return lambda page, site: page.goto(site + path)

    def asks(how: str, address: Callable[[], str], button: str) -> Callable[[Page, str], Any]:
        def ask(page: Page, site: str) -> None:
            page.goto(f"{site}/subscribe?how={how}")
            page.fill("#to", address())
            page.get_by_role("button", name=button).first.click()

        return ask

    return {
        **{address: goes(address) for address in PUBLIC if address.startswith("/subscribe")},
        "preview": asks("mail", lambda: "", "Show what I would have got"),
        "asked": asks("mail", lambda: f"r{next(calls)}@als.example", "Follow"),
        "hooked": asks("webhook", lambda: f"{hook.url}/{next(calls)}", "Follow"),
        "wrong": asks("webhook", lambda: "https://hooks.example:0/", "Follow"),
        "manage": goes(link("manage", mail.id)),
        "stop": goes(link("stop", mail.id) + "/stop"),
        "manage a webhook": goes(link("manage", made.id)),
        "a false link": goes("/subscriptions/false"),
    }


def test_every_page_of_a_reader_passes(
    browser: Browser, open_site: Callable[[], str], service: Service, hook: Hook
) -> None:
    """Every mail and page passes: no remote images, no tracking, heading order, 60 px targets, no hover-only,
    contrast."""
    told(service, 3, 1)
    ways, site, found = pages_of_a_reader(service, hook), open_site(), dict[str, Any]()
    for width, height in SIZES:
        context = browser.new_context(
            bypass_csp=True, reduced_motion="reduce", viewport={"width": width, "height": height}
        )
        page, asked = context.new_page(), list[str]()
        page.on("request", lambda request, asked=asked: asked.append(request.url))  # type: ignore[misc]
        for name, goes in ways.items():
            goes(page, site)
            page.wait_for_load_state()  # a click returns as soon as the next page has begun
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            wide = page.evaluate("document.documentElement.scrollWidth")
            small = page.evaluate(SMALL)
            levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(one => +one.tagName[1])")
            jumps = [pair for pair in zip([0, *levels], levels, strict=False) if pair[1] - pair[0] > 1]
            problems = [*violations(page), *small, *jumps, *([f"{wide} px wide"] if wide > width else [])]
            if problems:
                found[f"{name} at {width}"] = problems
        context.close()
        assert [url for url in asked if not url.startswith(site)] == [], "nothing is loaded from elsewhere"
    assert found == {}


SMALL = """[...document.querySelectorAll('main :is(a, button, input:not([type=hidden]), select, summary)')]
    .filter(one => !one.closest('p, li:not(.chips li)') && one.getClientRects().length)
    .filter(one => (one.closest('label') ?? one).getBoundingClientRect().height < 59.5)
    .map(one => one.outerHTML.slice(0, 120))"""
"""Targets of less than 60 px; links in running text are as high as their line."""
