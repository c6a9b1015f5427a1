"""Following by webhook and by feed, and the gentle wishes, from the page: nothing here needs an account."""

import dataclasses
import json
import re
import zlib
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select
from standardwebhooks import Webhook

from monitor.path.verify import verify
from monitor.service import Service
from monitor.telling.deliver import deliver
from monitor.telling.hooks import AT_A_HOST, TESTS_AN_HOUR
from monitor.telling.secrets import open_keyring
from monitor.telling.subscriptions import OPT_IN_HOURS, subscribe, subscriptions
from monitor.web.app import create_app
from sources.http.client import Client
from store.database import reading, writing
from store.tables import Capture, Event, Evidence, Item, Run, Snapshot, Subscription, Watch
from tests.monitor.conftest import Hook
from tests.web.test_follow import told

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def service(service: Service) -> Service:
    """The service that may knock at the loopback, where the hooks of these tests are."""
    settings = service.settings.model_copy(update={"allow_private": True})
    client = Client(contact="tests@als.example", allow_private=True, pace_seconds=0)
    return dataclasses.replace(service, settings=settings, client=client)


def asked(pages: TestClient, url: str, **wish: Any) -> str:
    """The page that answers who asks for a webhook."""
    return " ".join(pages.post("/subscribe", data={"how": "webhook", "to": url, "act": "follow", **wish}).text.split())


def kept(text: str) -> tuple[str, str]:
    """The secret and the path of the managing link, as the page shows them once."""
    secret, link = re.findall(r'<code class="keep">(\S+)</code>', text)
    return secret, link.removeprefix("https://als.example")


def row(service: Service) -> Subscription:
    [found] = subscriptions(service)
    return found


# By webhook -----------------------------------------------------------------------------------------------------------


def test_an_address_that_accepts_the_test_event_is_told_from_then_on(
    pages: TestClient, service: Service, hook: Hook
) -> None:
    text = asked(pages, hook.url, therapy=["tofersen", "PrimeC"], place="UK", level="doors", mute=["reviews", "papers"],
                 tier=["1", "2"])  # fmt: skip
    secret, link = kept(text)
    assert "accepted the test event" in text
    [(headers, body)] = hook.got
    assert json.loads(body)["test"] is True
    Webhook(secret).verify(body, headers)
    made = row(service)
    assert (made.therapies, made.places, made.only_doors) == (["tofersen", "PrimeC"], ["UK"], True)
    assert (made.muted, made.cadence, made.confirmed_at) == (["reviews", "papers"], "immediate", service.now())
    assert made.tiers == [1, 2]

    told(service, 0, 1, place="UK")
    told(service, 0, 2, place="UK", type="complete_response", polarity="negative")
    told(service, 0, 3, place="UK", tier=3)
    list(deliver(service))
    assert [json.loads(body)["id"] for _, body in hook.got[1:]] == ["EV1"]
    for address in (link, f"{link}/data", "/subscribe?how=webhook"):
        assert secret not in pages.get(address).text, "the secret is shown once"
    assert [result.broken for result in verify(service) if result.broken] == []


def test_an_address_that_does_not_accept_it_is_told_nothing_until_it_does(
    pages: TestClient, service: Service, hook: Hook
) -> None:
    hook.answers = [(404, {}), (200, {})]
    text = asked(pages, hook.url)
    assert "did not accept the test event: status 404" in text
    _, link = kept(text)
    told(service, 0, 1)
    assert list(deliver(service)) == [], "no try of our own either: it is not known to be theirs"
    assert "Not begun: its address has to accept a test event" in pages.get(link).text
    assert "The test event was accepted" in pages.post(f"{link}/test").text
    told(service, 0, 2)
    list(deliver(service))
    assert [json.loads(body)["id"] for _, body in hook.got] == ["EVTEST", "EVTEST", "EV2"]


def test_a_new_webhook_is_not_waited_for_for_ever(pages: TestClient, service: Service, hook: Hook) -> None:
    hook.answers = [(500, {})]
    _, link = kept(asked(pages, hook.url))
    with writing(service.engine) as session:
        made = session.exec(select(Subscription)).one()
        made.created_at -= timedelta(hours=OPT_IN_HOURS, seconds=1)
        session.add(made)
    assert pages.post(f"{link}/test").status_code == 400
    assert len(hook.got) == 1


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/x", "http://[::1]/x", "http://10.1.2.3/x", "http://169.254.169.254/latest", "http://0x7f.1/",
        "http://localhost/x", "https://[::ffff:192.168.0.1]/x", "https://hooks.example:8080/x", "ftp://hooks.example/x",
        "https://me:secret@hooks.example/x", "javascript:alert(1)", "", "https://",
    ],
)  # fmt: skip
def test_no_address_of_a_private_network_is_asked(service: Service, address: str) -> None:
    """Addresses that only resolve to one are refused by the guard of the network, at the test event."""
    settings = service.settings.model_copy(update={"allow_private": False})
    guarded = dataclasses.replace(service, settings=settings, client=Client(contact="tests@als.example"))
    pages = TestClient(create_app(guarded), base_url="https://als.example")
    answer = pages.post("/subscribe", data={"how": "webhook", "to": address, "act": "follow"})
    assert (answer.status_code, 'href="#to">Address of your webhook</a>' in answer.text) == (400, True)
    assert subscriptions(service) == []


def test_nobody_has_us_knock_without_end(pages: TestClient, service: Service, hook: Hook) -> None:
    text = asked(pages, hook.url)
    _, link = kept(text)
    assert "does not follow just this already" in asked(pages, hook.url), "a page that is sent twice makes one webhook"
    for number in range(1, AT_A_HOST):
        assert "accepted" in asked(pages, f"{hook.url}/{number}")
    assert "please try again in an hour" in asked(pages, f"{hook.url}/more")
    answers = [pages.post(f"{link}/test").status_code for _ in range(TESTS_AN_HOUR)]
    assert answers == [200] * (TESTS_AN_HOUR - 1) + [429]
    assert len(hook.got) == AT_A_HOST + TESTS_AN_HOUR - 1


def test_a_webhook_is_changed_paused_and_ended_by_the_link_that_was_shown(
    pages: TestClient, service: Service, hook: Hook
) -> None:
    _, link = kept(asked(pages, hook.url, therapy="tofersen"))
    shown = pages.get(link).text
    assert re.search(r'name="therapy" value="tofersen" checked', shown)
    assert 'name="cadence"' not in shown and 'name="hide"' not in shown, "what only a mail grants is not offered"
    wish = {
        "therapy": "PrimeC",
        "level": "major",
        "mute": "delays",
        "cadence": "weekly",
        "quiet_day": "sun",
        "hide": "1",
    }
    assert "Changed." in pages.post(f"{link}/change", data=wish).text
    made = row(service)
    assert (made.therapies, made.level, made.muted, made.options) == (["PrimeC"], "major", ["delays"], {"owner": None})
    assert (made.cadence, made.quiet_days, made.hide_outcomes) == ("immediate", [], False)
    assert "Paused until" in pages.post(f"{link}/pause").text
    assert "Resumed" in pages.post(f"{link}/resume").text
    assert "1 subscription has ended." in pages.post(f"{link}/stop").text
    assert pages.post(f"{link}/test").text.count("had ended before") == 1


# Gentle wishes --------------------------------------------------------------------------------------------------------


def test_every_wish_is_taken_from_the_page_and_changed_on_the_other(pages: TestClient, service: Service) -> None:
    made, _ = subscribe(service, channel="email", address="reader@als.example", confirmed=True)
    link = f"/subscriptions/{open_keyring(service.settings).token('manage', made.id or 0)}"
    wish = {"level": "doors", "mute": ["results", "payment"], "wording": "technical", "hide": "1", "neutral": "1",
            "quiet_day": ["sat", "sun"], "cadence": "daily"}  # fmt: skip
    wish["tier"] = ["2", "1"]
    text = " ".join(pages.post(f"{link}/change", data=wish).text.split())
    changed = row(service)
    assert changed.tiers == pages.get(f"{link}/data").json()["subscriptions"][0]["tiers"] == [1, 2]
    assert (changed.only_doors, changed.muted, changed.wording) == (True, ["results", "payment"], "technical")
    assert (changed.hide_outcomes, changed.quiet_days, changed.options) == (
        True, ["sat", "sun"], {"neutral_subject": True},
    )  # fmt: skip
    assert (
        "what opens a door; as said by: regulator, registry or legal filing; not: results of trials; who pays" in text
    )
    assert "technical words; how a trial went behind a link; neutral subject; no mail on Saturday, Sunday" in text
    for name, value in (
        ("level", "doors"),
        ("tier", "2"),
        ("mute", "results"),
        ("wording", "technical"),
        ("quiet_day", "sat"),
    ):
        assert f'name="{name}" value="{value}" checked' in text
    assert '<details class="more" open>' in text
    assert "In which way" not in pages.post(f"{link}/change", data={}).text, "an empty form is the usual wish"


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"tier": "9"}, "Who says so"),
        ({"mute": "weather"}, "Leave out"),
        ({"wording": "poetic"}, "Words"),
        ({"quiet_day": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}, "Days without mail"),
    ],
)
def test_what_cannot_be_granted_is_named_beside_its_field(pages: TestClient, wrong: dict[str, Any], named: str) -> None:
    answer = pages.post("/subscribe", data={"to": "a@b.example", "act": "preview", **wrong})
    assert answer.status_code == 400
    assert re.search(rf'role="alert">.*<a href="#{next(iter(wrong))}">{named}</a>: expected', answer.text, re.S)
    assert '<details class="more" open>' in answer.text, "the field is not folded away"


def test_the_preview_goes_by_the_same_wishes(pages: TestClient, service: Service) -> None:
    told(service, 3, 1)
    told(service, 2, 2, type="readout_met", place=None)

    def count(**wish: Any) -> int:
        text = pages.post("/subscribe", data={"act": "preview", "cadence": "daily", **wish}).text
        return len(re.findall(r'<li><a href="/events/EV', text))

    counts = [count(), count(level="doors"), count(mute="results"), count(how="webhook", mute="approvals")]
    assert counts == [2, 1, 1, 1]
    told(service, 1, 3, tier=2)
    told(service, 1, 4, tier=3)
    assert [count(), count(tier="1"), count(tier=["1", "2"]), count(how="webhook", tier="3")] == [4, 2, 3, 1]


# By feed --------------------------------------------------------------------------------------------------------------


def items(pages: TestClient, query: str) -> list[str]:
    """The ids in the JSON feed, which are those of the Atom feed."""
    found = [item["id"].rpartition("/")[2] for item in pages.get(f"/feeds/events.json{query}").json()["items"]]
    atom = ElementTree.fromstring(pages.get(f"/feeds/events.atom{query}").content)
    assert [(one.text or "").rpartition("/")[2] for one in atom.iterfind(f"{ATOM}entry/{ATOM}id")] == found
    return found


def test_the_page_gives_addresses_that_hold_the_wish_and_stores_nothing(pages: TestClient, service: Service) -> None:
    told(service, 3, 1)
    told(service, 2, 2, type="readout_not_met", polarity="negative", place=None, therapy="PrimeC", trial="NCT1")
    told(service, 1, 3, place="JP", type="complete_response", polarity="negative")
    wish = "how=feed&act=follow&therapy=Qalsody&therapy=PrimeC&place=US&hide=1&wording=technical&mute=payment"
    wish += "&tier=1&tier=3"
    text = pages.get(f"/subscribe?{wish}").text
    paths = re.findall(r'<dd class="proof"><a href="(/feeds/[^"]+)"', text)
    assert [path.partition("?")[0] for path in paths] == [
        "/feeds/events.atom", "/feeds/events.json", "/feeds/calendar.ics",
    ]  # fmt: skip
    assert subscriptions(service) == []
    query = "?" + paths[0].partition("?")[2].replace("&amp;", "&")
    assert items(pages, query) == ["EV2", "EV1"]
    feed = pages.get(f"/feeds/events.json{query}")
    assert feed.json()["feed_url"] == f"https://als.example/feeds/events.json{query}"
    hidden, plain = feed.json()["items"]
    assert hidden["title"].endswith("news on how a trial went")
    assert not [word for word in ("missed", "not met", "readout", "critical") if word in json.dumps(hidden).lower()]
    assert plain["content_text"].startswith("Approved: tofersen (Qalsody"), "in technical words"


def test_a_feed_is_narrowed_as_a_mail_is(pages: TestClient, service: Service) -> None:
    told(service, 5, 1)
    told(service, 4, 2, type="trial_started", level="minor", place=None, alert=False)
    told(service, 3, 3, type="readout_met", place=None)
    told(service, 2, 4, alert=False)  # a step that completes an alert: of the ladder alone
    told(service, 1, 5, state="held")
    assert items(pages, "") == ["EV3", "EV2", "EV1"]
    assert items(pages, "?tier=1") == items(pages, "?tier=1&tier=2&level=") and items(pages, "?tier=2") == []
    assert items(pages, "?level=doors") == ["EV2", "EV1"]
    assert items(pages, "?mute=results&level=major") == ["EV1"]
    assert items(pages, "?place=JP") == ["EV3", "EV2"], "trials have no place"
    assert items(pages, "?type=readout_met&type=approval&therapy=") == ["EV3", "EV1"]
    for query in ("level=loud", "mute=weather", "place=XX", "tier=9", "therapy=snake+oil", "wording=odd", "state=held"):
        answer = pages.get(f"/feeds/events.atom?{query}")
        assert (answer.status_code, query.partition("=")[0] in answer.text) == (400, True), query


def planned(service: Service, key: str, **content: Any) -> None:
    """A trial as its registry shows it."""
    with writing(service.engine) as session:
        watch = session.exec(select(Watch).where(Watch.source == "clinicaltrials")).first()
        assert watch is not None and watch.id is not None
        run = Run(watch_id=watch.id, started_at=service.now(), finished_at=service.now(), outcome="baseline")
        capture = Capture(watch_id=watch.id, url="x", fetched_at=service.now(), status=200, sha256="0")
        item = Item(source="clinicaltrials", key=key, title=key, url=f"https://clinicaltrials.gov/study/{key}")
        session.add_all([run, capture, item])
        session.flush()
        shown = Snapshot(
            item_id=item.id or 0, run_id=run.id or 0, capture_id=capture.id or 0, taken_at=service.now(),
            packed=zlib.compress(json.dumps(content).encode()), fingerprint=key, revision=1,
        )  # fmt: skip
        session.add(shown)
        session.flush()
        item.snapshot_id = shown.id
        session.add(item)


def unfolded(text: str) -> list[str]:
    """The lines of a calendar, as who reads it puts them together."""
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n")), "longer lines are folded"
    return text.replace("\r\n ", "").split("\r\n")


def test_dates_ahead_are_a_calendar(pages: TestClient, service: Service) -> None:
    planned(service, "NCT04856982", status="ACTIVE_NOT_RECRUITING", primary_completion="2027-03",
            primary_completion_type="ESTIMATED")  # fmt: skip
    planned(service, "NCT06973629", status="NOT_YET_RECRUITING", start="2027-01-15", start_type="ESTIMATED")
    told(service, 30, 1, type="filing_accepted", step="application_accepted", level="major", agency="FDA",
         occurred_on="2026-10-25", thread="us/tofersen/authorisation")  # fmt: skip
    with writing(service.engine) as session:
        quote = "The FDA set a goal date of 1 February 2027; a decision is expected, then."
        session.add(Evidence(event_id="EV1", source="feed", tier=3, at=service.now(), quote=quote, url="javascript:x"))
    answer = pages.get("/feeds/calendar.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    lines = unfolded(answer.text)
    assert (lines[0], lines[-2:]) == ("BEGIN:VCALENDAR", ["END:VCALENDAR", ""])
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 3
    assert [line for line in lines if line.startswith(("DTSTART", "DTEND"))] == [
        "DTSTART;VALUE=DATE:20270115", "DTEND;VALUE=DATE:20270116", "DTSTART;VALUE=DATE:20270201",
        "DTEND;VALUE=DATE:20270202", "DTSTART;VALUE=DATE:20270301", "DTEND;VALUE=DATE:20270401",
    ]  # fmt: skip
    assert "UID:nct06973629-start@als.example" in lines
    assert "URL:https://clinicaltrials.gov/study/NCT04856982" in lines
    assert not [line for line in lines if "javascript" in line]
    assert any(line.startswith("SUMMARY:Qalsody (tofersen): decision of FDA due") for line in lines)
    assert len({line for line in lines if line.startswith("UID:")}) == 3
    for query, count in (("therapy=tofersen", 2), ("level=doors", 2), ("mute=reviews", 2), ("mute=results", 2)):
        assert pages.get(f"/feeds/calendar.ics?{query}").text.count("BEGIN:VEVENT") == count, query
    with writing(service.engine) as session:
        item = session.exec(select(Item).where(Item.key == "NCT04856982")).one()
        item.title = "x\r\nBEGIN:VEVENT"
        session.add(item)
    assert pages.get("/feeds/calendar.ics").text.count("BEGIN:VEVENT") == 3


def test_a_feed_knows_no_reader(pages: TestClient, service: Service) -> None:
    with reading(service.engine) as session:
        assert session.exec(select(Event).where(Event.state == "released")).all() == []
    for file in ("events.atom", "events.json", "calendar.ics"):
        answer = pages.get(f"/feeds/{file}?therapy=tofersen")
        assert (answer.status_code, "set-cookie" in answer.headers) == (200, False)


# Whose it is ----------------------------------------------------------------------------------------------------------


def test_who_gives_the_address_of_anothers_webhook_gets_no_hold_of_it(
    pages: TestClient, service: Service, hook: Hook
) -> None:
    subscribe(service, channel="webhook", address=hook.url, therapies=["tofersen"])
    _, link = kept(asked(pages, hook.url))
    assert [one["therapies"] for one in pages.get(f"{link}/data").json()["subscriptions"]] == [[]]
    assert "Stop all" not in pages.get(link).text
    assert "1 subscription has ended." in " ".join(pages.post(f"{link}/stop-all").text.split())
    assert "1 subscription has ended" in pages.post(f"{link}/erase").text
    assert row(service).therapies == ["tofersen"]


def test_of_what_was_erased_nobody_sees_anothers(pages: TestClient, service: Service) -> None:
    links = []
    for number, therapy in enumerate(("tofersen", "PrimeC")):
        made, _ = subscribe(
            service, channel="email", address=f"r{number}@als.example", confirmed=True, therapies=[therapy]
        )
        links.append(f"/subscriptions/{open_keyring(service.settings).token('manage', made.id or 0)}")
    for link in links:
        assert pages.post(f"{link}/erase").status_code == 200
    for link, therapy in zip(links, ("tofersen", "PrimeC"), strict=True):
        assert [one["therapies"] for one in pages.get(f"{link}/data").json()["subscriptions"]] == [[therapy]]
