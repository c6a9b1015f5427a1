"""Following without an account: the form, the mail that asks back, and what a reader does by the links of her mails."""

import dataclasses
import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, Page
from sqlmodel import select

from demo.receivers import MailCatcher
from monitor.path.verify import verify
from monitor.service import Service
from monitor.telling import follow as steps
from monitor.telling.deliver import deliver, send_test
from monitor.telling.follow import ASKED_AN_HOUR, ASKED_AT_ONCE
from monitor.telling.secrets import open_keyring
from monitor.telling.subscriptions import OPT_IN_HOURS, subscribe, subscriptions
from monitor.telling.wishes import Wish
from monitor.web.app import create_app
from store.database import reading, writing
from store.tables import Delivery, Event, Subscription

READER = "reader@als.example"


@pytest.fixture
def box() -> Iterator[MailCatcher]:
    """A real mail server."""
    with MailCatcher() as catcher:
        yield catcher


@pytest.fixture
def service(service: Service, box: MailCatcher) -> Service:
    """The service with a mail server named."""
    settings = service.settings.model_copy(update={"smtp_url": box.url})
    return dataclasses.replace(service, settings=settings)


def mails_of(service: Service, box: MailCatcher) -> list[EmailMessage]:
    """What arrives when everything owed is sent."""
    list(deliver(service))
    return box.mails


def link_in(mail: EmailMessage, ending: str) -> str:
    """The path of the link in a mail's text that ends so."""
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    [found] = {url for url in re.findall(r"https://als\.example(/subscriptions/\S+)", text) if url.endswith(ending)}
    return str(found)


def test_who_asks_is_asked_back_and_follows_after_a_yes(pages: TestClient, service: Service, box: MailCatcher) -> None:
    wish = {"to": READER, "therapy": ["tofersen", "PrimeC"], "place": ["UK"], "level": "major", "cadence": "daily",
            "hour": "17", "timezone": "Europe/London", "neutral": "1", "tier": ["1", "2"], "act": "follow"}  # fmt: skip
    assert "press Confirm" in pages.post("/subscribe", data=wish).text
    [row] = subscriptions(service)
    assert (row.therapies, row.places, row.level) == (["tofersen", "PrimeC"], ["UK"], "major")
    assert (row.cadence, row.at_hour, row.timezone, row.options) == (
        "daily", 17, "Europe/London", {"neutral_subject": True},
    )  # fmt: skip
    assert row.confirmed_at is None
    [mail] = mails_of(service, box)
    assert mail["To"] == READER
    text = " ".join(mail.get_body(("plain",)).get_content().split())
    assert "at this address, but only what a regulator, a registry or a legal filing says. Press Confirm" in text
    link = link_in(mail, "/confirm")
    pages.get(link)  # a mail scanner looks
    assert subscriptions(service)[0].confirmed_at is None
    assert "Confirmed." in pages.post(link).text
    assert subscriptions(service)[0].confirmed_at is not None


def test_the_shortest_wish_is_a_weekly_mail_on_everything(pages: TestClient, service: Service) -> None:
    pages.post("/subscribe", data={"to": READER, "act": "follow"})
    [row] = subscriptions(service)
    assert (row.cadence, row.level, row.therapies, row.places) == ("weekly", "minor", [], [])


@pytest.mark.parametrize(
    ("wrong", "named", "said"),
    [
        ({"to": "nobody"}, "Your mail address", "expected"),
        ({"to": ""}, "Your mail address", "expected"),
        ({"to": "a@b.example\r\nBcc: c@d.example"}, "Your mail address", "expected"),
        ({"therapy": "snake oil"}, "Drugs", "snake oil"),
        ({"place": "Atlantis"}, "Places", "ATLANTIS"),
        ({"level": "loud"}, "How much", "loud"),
        ({"cadence": "hourly"}, "How often", "hourly"),
        ({"hour": "25"}, "Hour", "25"),
        ({"hour": "²"}, "Hour", "²"),
        ({"timezone": "Mars/Olympus"}, "Time zone", "Mars/Olympus"),
        ({"timezone": "../../etc/passwd"}, "Time zone", "passwd"),
    ],
)
def test_what_is_wrong_is_named_and_the_rest_stays(
    pages: TestClient, service: Service, wrong: dict[str, str], named: str, said: str
) -> None:
    answer = pages.post("/subscribe", data={"to": READER, "neutral": "1", "act": "follow"} | wrong)
    assert answer.status_code == 400
    alert = re.search(r'role="alert">(.*?)</div>', answer.text, re.S)
    assert alert and named in alert[1] and said in alert[1], answer.text
    assert 'name="neutral" value="1" checked' in answer.text
    assert subscriptions(service) == []


def test_what_is_far_too_long_is_refused_before_it_is_looked_at(pages: TestClient, service: Service) -> None:
    for much in ({"to": "a" * 500}, {"therapy": ["x"] * 500}, {"timezone": "x" * 100}):
        assert pages.post("/subscribe", data={"to": READER, "act": "follow"} | much).status_code == 400
    assert subscriptions(service) == []


def test_a_stranger_fills_no_mailbox_and_learns_nothing(pages: TestClient, service: Service, box: MailCatcher) -> None:
    subscribe(service, channel="email", address=READER, confirmed=True)
    known = pages.post("/subscribe", data={"to": READER, "act": "follow"})
    unknown = pages.post("/subscribe", data={"to": "other@als.example", "act": "follow"})
    assert known.text.replace(READER, "X") == unknown.text.replace("other@als.example", "X")
    for hour in range(10):
        again = pages.post("/subscribe", data={"to": READER, "hour": str(hour), "act": "follow"})
        assert again.text == known.text
        pages.post("/subscribe", data={"to": READER, "hour": str(hour), "act": "follow"})
    assert sum(mail["To"] == READER for mail in mails_of(service, box)) == ASKED_AT_ONCE


def test_a_flood_of_addresses_ends_in_a_calm_refusal(pages: TestClient, service: Service) -> None:
    for number in range(ASKED_AN_HOUR):
        steps.follow(service, f"reader{number}@als.example", Wish())
    answer = pages.post("/subscribe", data={"to": "late@als.example", "act": "follow"})
    assert answer.status_code == 429
    assert "try again in an hour" in answer.text
    assert len(subscriptions(service)) == ASKED_AN_HOUR


def test_no_other_site_can_ask_in_a_readers_name(pages: TestClient, service: Service) -> None:
    answer = pages.post("/subscribe", data={"to": READER, "act": "follow"}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert subscriptions(service) == []


def test_without_a_mail_server_only_what_works_is_offered_and_it_is_said_why(service: Service) -> None:
    bare = dataclasses.replace(service, settings=service.settings.model_copy(update={"smtp_url": None}))
    pages = TestClient(create_app(bare), base_url="https://als.example")
    for address in ("/subscribe", "/subscribe?how=mail&therapy=tofersen", "/subscribe?how=webhook"):
        shown = pages.get(address).text
        assert "sends no mail: who runs it has named no mail server yet (THERAWATCH_SMTP_URL)" in shown, address
        assert "By mail" not in shown and "Your mail address" not in shown, address
        assert "By webhook" in shown and "By feed or calendar" in shown, address
    assert "Follow by feed or calendar</h1>" in pages.get("/subscribe").text
    assert 'value="tofersen" checked' in pages.get("/subscribe?how=mail&therapy=tofersen").text
    answer = pages.post("/subscribe", data={"to": READER, "act": "follow"})
    assert (answer.status_code, "THERAWATCH_SMTP_URL" in answer.text) == (503, True)
    assert subscriptions(service) == []


def told(service: Service, days_ago: int, number: int, **facts: Any) -> None:
    """Store a released event found so many days ago."""
    moment = service.now() - timedelta(days=days_ago)
    values: dict[str, Any] = {
        "id": f"EV{number}", "sequence": 9000 + number, "type": "approval", "polarity": "positive", "place": "US",
        "therapy": "tofersen", "detected_at": moment, "level": "critical", "certainty": "stated", "tier": 1,
        "thread": f"us/tofersen/{number}", "title": f"News {number}", "state": "released", "drug": None,
    } | facts  # fmt: skip
    with writing(service.engine) as session:
        session.add(Event(**values))


def test_the_preview_counts_what_the_wish_would_have_brought(pages: TestClient, service: Service) -> None:
    told(service, 3, 1)
    told(service, 3, 2, therapy="PrimeC", place=None, type="readout_met")
    told(service, 40, 3, place="JP")
    told(service, 50, 4, state="held")
    told(service, 100, 5)
    told(service, 60, 6, level="info", type="publication", alert=False)

    def asked(**wish: Any) -> str:
        answer = pages.post("/subscribe", data={"to": "", "act": "preview", **wish})
        return re.sub(r"\s+", " ", re.search(r'<h2 id="brought">(.*?)</h2>', answer.text, re.S)[1])  # type: ignore[index]

    assert asked() == "In the last 90 days: 13 mails, 3 pieces of news"
    assert asked(cadence="daily") == "In the last 90 days: 2 mails, 3 pieces of news"
    assert asked(cadence="immediate", level="info") == "In the last 90 days: 4 mails, 4 pieces of news"
    assert (
        asked(cadence="daily", place="JP") == "In the last 90 days: 2 mails, 2 pieces of news"
    )  # a trial has no place
    assert asked(cadence="daily", therapy="riluzole") == "In the last 90 days: 0 mails, no pieces of news"
    assert subscriptions(service) == []


def managed(service: Service, **wishes: Any) -> tuple[str, int]:
    """A confirmed subscription and the path of its managing link."""
    row, _ = subscribe(service, channel="email", address=READER, confirmed=True, **wishes)
    assert row.id is not None
    return f"/subscriptions/{open_keyring(service.settings).token('manage', row.id)}", row.id


def row_of(service: Service, identity: int) -> Subscription:
    with reading(service.engine) as session:
        return session.get_one(Subscription, identity)


def test_a_reader_changes_everything_by_the_link_of_a_mail(pages: TestClient, service: Service) -> None:
    link, identity = managed(service, therapies=["tofersen"], cadence="weekly")
    shown = pages.get(link).text
    assert re.search(r'name="therapy" value="tofersen" checked', shown)
    assert re.search(r'name="cadence" value="weekly" checked', shown)
    wish = {"therapy": ["PrimeC"], "place": ["EU", "UK"], "level": "info", "cadence": "daily", "hour": "6",
            "timezone": "Asia/Tokyo", "neutral": "1"}  # fmt: skip
    assert "Changed." in pages.post(f"{link}/change", data=wish).text
    row = row_of(service, identity)
    assert (row.therapies, row.places, row.level, row.cadence) == (["PrimeC"], ["EU", "UK"], "info", "daily")
    assert (row.at_hour, row.timezone, row.options["neutral_subject"]) == (6, "Asia/Tokyo", True)
    answer = pages.post(f"{link}/change", data=wish | {"hour": "24"})
    assert (answer.status_code, "Nothing was changed. Hour" in answer.text) == (400, True)
    assert row_of(service, identity).at_hour == 6


def test_what_was_owed_by_earlier_wishes_is_no_fault_of_the_books(pages: TestClient, service: Service) -> None:
    link, _ = managed(service, therapies=["tofersen"])
    other, _ = subscribe(service, channel="email", address="other@als.example", confirmed=True, therapies=["PrimeC"])
    told(service, 0, 1)
    list(deliver(service))
    pages.post(f"{link}/change", data={"therapy": "PrimeC"})
    changed = f"/subscriptions/{open_keyring(service.settings).token('manage', other.id or 0)}"
    pages.post(f"{changed}/change", data={"therapy": "tofersen"})
    assert [result.broken for result in verify(service) if result.broken] == []


def test_a_link_for_stopping_changes_nothing_else(pages: TestClient, service: Service) -> None:
    _, identity = managed(service, therapies=["tofersen"])
    stop = f"/subscriptions/{open_keyring(service.settings).token('stop', identity)}"
    assert pages.post(f"{stop}/change", data={"therapy": "PrimeC"}).status_code == 400
    assert pages.post(f"{stop}/erase").status_code == 400
    assert pages.get(f"{stop}/data").status_code == 404
    assert row_of(service, identity).therapies == ["tofersen"]


def test_stopping_says_how_many_have_ended_and_what_goes_on(pages: TestClient, service: Service) -> None:
    first, _ = managed(service, therapies=["tofersen"])
    managed(service, therapies=["PrimeC"])
    managed(service, therapies=["riluzole"])
    stopped = pages.post(f"{first}/stop").text
    assert "1 subscription has ended. 2 others of this address go on." in stopped
    assert "Stop all 2 of this address" in stopped
    assert "2 subscriptions have ended. Nothing more will be sent to you." in pages.post(f"{first}/stop-all").text
    assert subscriptions(service) == []


def test_who_asks_again_for_the_same_is_not_mailed_twice(pages: TestClient, service: Service, box: MailCatcher) -> None:
    for _ in range(2):
        pages.post("/subscribe", data={"to": READER, "act": "follow"})
        link = link_in(mails_of(service, box)[-1], "/confirm")
        answer = pages.post(link).text
    assert "You follow this already" in answer
    assert len(subscriptions(service)) == 1
    pages.post("/subscribe", data={"to": READER, "therapy": "PrimeC", "act": "follow"})
    pages.post(link_in(mails_of(service, box)[-1], "/confirm"))
    assert len(subscriptions(service)) == 2


def test_a_late_yes_is_no_yes(pages: TestClient, service: Service, box: MailCatcher) -> None:
    pages.post("/subscribe", data={"to": READER, "act": "follow"})
    link = link_in(mails_of(service, box)[-1], "/confirm")
    with writing(service.engine) as session:
        row = session.exec(select(Subscription)).one()
        row.created_at -= timedelta(hours=OPT_IN_HOURS, seconds=1)
        session.add(row)
    assert pages.post(link).status_code == 400
    assert subscriptions(service)[0].confirmed_at is None


def test_a_reader_takes_her_data_along_and_has_it_erased(pages: TestClient, service: Service, box: MailCatcher) -> None:
    link, identity = managed(service, therapies=["tofersen"])
    other, _ = subscribe(service, channel="email", address="other@als.example", confirmed=True)
    send_test(service, identity)
    send_test(service, other.id or 0)
    kept = json.loads(pages.get(f"{link}/data").text)["subscriptions"]
    assert [(one["to"], one["therapies"]) for one in kept] == [(READER, ["tofersen"])]
    [message] = kept[0]["messages"]
    assert (message["kind"], message["contents"]["address"]) == ("test", READER)
    assert "Erased. 1 subscription has ended" in pages.post(f"{link}/erase").text
    with reading(service.engine) as session:
        stored = [*session.exec(select(Subscription)).all(), *session.exec(select(Delivery)).all()]
    assert READER not in repr([row.model_dump() for row in stored])
    assert "other@als.example" in repr([row.model_dump() for row in stored])
    assert pages.get(link).status_code == 200
    assert [result.check for result in verify(service) if result.broken] == []


def focus(page: Page, name: str) -> None:
    """Tab until what is focused is called so."""
    for _ in range(120):
        page.keyboard.press("Tab")
        label = page.evaluate(
            """() => { const one = document.activeElement;
            return (one.labels?.[0]?.textContent || one.textContent || '').replace(/\\s+/g, ' ').trim(); }"""
        )
        if label.startswith(name):
            return
    raise AssertionError(f"the keyboard never reaches {name!r}")


def test_following_works_with_script_off(
    browser: Browser, open_site: Callable[[], str], service: Service, box: MailCatcher
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(open_site() + "/subscribe?therapy=tofersen")
    page.get_by_role("button", name="Show what I would have got").click()
    assert "In the last 90 days" in page.content()
    assert page.get_by_label("Qalsody (tofersen)").is_checked()
    page.fill("#to", READER)
    page.get_by_role("button", name="Follow").first.click()
    context.close()
    [row] = subscriptions(service)
    assert row.therapies == ["tofersen"]
