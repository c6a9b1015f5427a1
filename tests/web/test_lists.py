"""The lists as a reader finds them: searched, narrowed, turned, taken along as data; the kept page behind a quote."""

import csv
import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from fastapi.testclient import TestClient
from sqlalchemy import event as sql_event
from sqlmodel import Session, col, insert, select

from monitor.service import Service
from monitor.watching.captures import keep_capture
from monitor.web.kept import place_of, text_of
from sources.base import Page
from store.database import writing
from store.tables import Change, Event, Evidence, Item, Run, Watch

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BODY = (
    b"<!DOCTYPE html><html><head><title>Notice</title><script>var quote = 1</script></head><body><h1>Notice</h1>"
    + b"<p>Nothing to see.</p>" * 200
    + b"<p>Approval of NDA <b>216660</b>\n is &lt;withdrawn&gt; as of August 29, 2025.</p><img src=x onerror=hit()>"
    + b"<p>Further parts follow.</p>" * 200
    + b"</body></html>"
)
QUOTE = "Approval of NDA 216660 is <withdrawn> as of August 29, 2025."


@contextmanager
def counted(service: Service) -> Iterator[list[str]]:
    """The statements sent to the database meanwhile."""
    sent: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    sql_event.listen(service.engine, "before_cursor_execute", note)
    yield sent
    sql_event.remove(service.engine, "before_cursor_execute", note)


def told(session: Session, number: int, **more: Any) -> None:
    """A change, and an event that it tells of."""
    watch = session.exec(select(Watch).where(Watch.source == "clinicaltrials")).first()
    assert watch and watch.id
    item = Item(
        source="clinicaltrials", key=f"NCT9{number:07}", title=f"A study, number {number}", url="https://a.example"
    )
    run = Run(watch_id=watch.id, started_at=NOW, finished_at=NOW, outcome="changed")
    session.add_all([item, run])
    session.flush()
    fields = [{"field": "status", "path": "overallStatus", "before": "RECRUITING", "after": f"=2+{number}"}]
    change = Change(
        item_id=item.id or 0, watch_id=watch.id, run_id=run.id or 0, kind="changed", differences=fields,
        detected_at=NOW + timedelta(minutes=number), previous_hash="", hash=f"h{number}",
    )  # fmt: skip
    event = Event(
        id=f"EVLIST{number}", sequence=5000 + number, type="trial_stopped", polarity="negative", detected_at=NOW,
        level="major", certainty="stated", tier=2, thread=f"trial/{number}", step="terminated", state="released",
        title=f"Quagga {number} stopped", trial=item.key, occurred_on="2026-11-20",
    )  # fmt: skip
    session.add_all([change, event])
    session.flush()
    proof = {"source": "clinicaltrials", "watch": watch.name, "tier": 2, "url": "https://a.example", "at": NOW}
    session.add(Evidence(**proof | {"event_id": event.id, "change_id": change.id, "quote": "status: STOPPED"} | more))


LISTS = {
    "/events": 8, "/events?search=study&source=clinicaltrials": 10, "/events?before=2025-01-01.9": 8, "/changes": 13,
    "/changes?search=study&therapy=tofersen&source=clinicaltrials&since=2020-01-01": 16, "/events/EVLIST7": 24,
    "/trials/NCT90000007": 14, "/therapies/tofersen": 14, "/events.csv": 6, "/changes.json": 10, "/api/v1/events": 4,
    "/api/v1/changes": 9,
}  # fmt: skip
"""Address to the most statements it may send to the database."""
ANSWERS = {
    "/": 36, "/?place=JP&as_of=2024-10-01": 36, "/api/v1/status": 6, "/api/v1/newest": 6, "/feeds/events.atom": 12,
    "/feeds/events.json?therapy=tofersen": 12, "/feeds/calendar.ics": 9, "/sources": 8, "/subscribe": 4,
}  # fmt: skip
"""The same of what is kept, and made anew as far as the log has moved."""


def test_a_page_asks_as_often_however_long_the_log_is(service: Service, pages: TestClient) -> None:
    asked: list[dict[str, int]] = []
    for numbers in (range(60), range(60, 160)):
        with writing(service.engine) as session:
            for number in numbers:
                told(session, number)
        counts = {}
        for address in LISTS:
            with counted(service) as sent:
                assert pages.get(address).status_code == 200
            counts[address] = len(sent)
        asked.append(counts)
        for address, most in ANSWERS.items():
            with counted(service) as sent:
                assert pages.get(address).status_code == 200
            assert len(sent) <= most, (address, sent)
    assert asked[0] == asked[1]
    assert {address: count for address, count in asked[1].items() if count > LISTS[address]} == {}
    several = pages.get("/changes.csv?search=number+study").text
    rows = list(csv.DictReader(io.StringIO(several.removeprefix("\ufeff"))))
    assert [row["item"] for row in rows] == [f"NCT9{number:07}" for number in range(159, 134, -1)]
    assert rows[0]["after"] == "'=2+159", "no spreadsheet works that out"
    assert [one["change"] for one in pages.get("/changes.json?search=number+study").json()["changes"]] == [
        int(row["change"]) for row in rows
    ]


@contextmanager
def worked(service: Service) -> Iterator[list[int]]:
    """A mark for each thousand steps of the database meanwhile."""
    done: list[int] = []

    def watch(connection: Any, *_: Any) -> None:
        connection.connection.dbapi_connection.set_progress_handler(lambda: done.append(1), 1000)

    sql_event.listen(service.engine, "before_cursor_execute", watch)
    yield done
    sql_event.remove(service.engine, "before_cursor_execute", watch)


def test_how_the_sources_fare_costs_no_more_with_the_years(service: Service, pages: TestClient) -> None:
    with writing(service.engine) as session:
        watches = session.exec(select(Watch.id)).all()
        ran = {"started_at": NOW, "finished_at": NOW, "outcome": "unchanged", "records": 1, "changes": 0, "events": 0}
        rows = [
            ran | {"watch_id": watches[number % len(watches)], "pages": number, "ms": 1} for number in range(20_000)
        ]
        session.execute(insert(Run), rows)
    with worked(service) as steps:
        assert pages.get("/sources").status_code == 200
        shown = pages.get("/api/v1/sources").json()
    assert sorted(run["pages"] for line in shown for run in line["runs"]) == list(
        range(20_000 - 5 * len(watches), 20_000)
    )
    assert len(steps) < 100, "the checks of years are not gone through"


def test_of_many_watches_a_page_shows_so_many_and_those_in_trouble_first(service: Service, pages: TestClient) -> None:
    with writing(service.engine) as session:
        (known,) = session.exec(select(Watch).where(Watch.name == "fda-applications"))
        facts = known.model_dump(exclude={"id"}) | {"last_success_at": NOW, "health": "ok"}
        rows = [facts | {"name": f"w{number:03}", "therapies": [], "noise": {}} for number in range(500)]
        rows[444]["health"] = "failing"
        session.execute(insert(Watch), rows)
        mute = len(session.exec(select(Watch).where(col(Watch.active))).all()) - 500
    seen, address = list[str](), "/sources"
    while address:
        with counted(service) as sent:
            page = BeautifulSoup(pages.get(address).text, "lxml")
        assert len(sent) <= 8
        seen += [section.select_one(".facts").text for section in page.select("section.watch")]  # type: ignore[union-attr]
        further = page.select_one("a[rel=next]")
        address = str(further["href"]) if further else ""
    assert len(seen) == 500 + mute and f"500 of {500 + mute} watches answer" in page.text
    assert all("Not looked at" in one or "◷" in one for one in seen[: mute + 1]) and "✓" in seen[mute + 1]
    assert page.select_one("a[rel=prev]") and f"to {500 + mute} of {500 + mute}." in page.text
    assert "comes so late" in pages.get("/sources?watches_from=9999").text
    assert pages.get("/sources?watches_from=x").status_code == 400

    names, link = list[str](), "/api/v1/sources?limit=200"
    while link:
        answer = pages.get(link)
        names += [line["watch"] for line in answer.json()]
        link = answer.headers.get("link", "").partition(">")[0].removeprefix("<")
    assert names == [line["watch"] for line in pages.get("/api/v1/sources").json()] and len(names) == 500 + mute


def test_what_a_list_is_narrowed_to_stands_in_its_address(service: Service, pages: TestClient) -> None:
    with writing(service.engine) as session:
        for number in range(30):
            told(session, number)
    page = BeautifulSoup(pages.get("/events?search=quagga&level=major&as_of=2026-11-23&therapy=").text, "lxml")
    form = page.select_one("form.filters")
    assert form and form["method"] == "get"
    values = {one["name"]: one["value"] for one in form.select("input[name]")}
    assert (values["search"], values["as_of"]) == ("quagga", "2026-11-23")
    assert [one["value"] for one in form.select("option[selected]")] == ["major"]
    chips = [(" ".join(one.get_text().split()), one["href"]) for one in page.select(".chips a")]
    assert ("Take away Words: quagga ×", "/events?level=major&as_of=2026-11-23") in chips
    assert len(chips) == 3
    assert "30 events, newest first." in " ".join(page.get_text().split())
    older = page.select_one("a[rel=next]")
    assert older and "level=major&search=quagga" in str(older["href"])
    last = BeautifulSoup(pages.get(str(older["href"])).text, "lxml")
    assert len(last.select("li.entry")) == 5
    assert last.select_one("a[rel=next]") is None
    newest = [one["href"] for one in last.select("nav.paging a.plain")]
    assert newest == ["/events?level=major&search=quagga&as_of=2026-11-23"]
    with writing(service.engine) as session:
        session.get_one(Event, "EVLIST3").state = "held"
    assert "EVLIST3" not in pages.get("/events?search=quagga+3+stopped").text
    assert "Nothing on file fits" in pages.get("/events?search=quagga+3+stopped").text


def test_a_list_is_narrowed_to_a_tier_on_pages_twins_interface_feeds_and_with_a_search(
    service: Service, pages: TestClient
) -> None:
    with writing(service.engine) as session:
        for number in range(6):
            told(session, number)
            session.get_one(Event, f"EVLIST{number}").tier = 1 + number % 4
    ids = {1: {"EVLIST0", "EVLIST4"}, 2: {"EVLIST1", "EVLIST5"}, 3: {"EVLIST2"}, 4: {"EVLIST3"}}
    for tier, wanted in ids.items():
        query = f"?search=quagga&tier={tier}"
        page = BeautifulSoup(pages.get(f"/events{query}").text, "lxml")
        assert {str(one["href"]).rpartition("/")[2] for one in page.select("li.entry h2 a")} == wanted
        rows = csv.DictReader(io.StringIO(pages.get(f"/events.csv{query}").text.removeprefix("\ufeff")))
        assert {row["event"] for row in rows} == wanted
        for path in ("/events.json", "/api/v1/events"):
            found = pages.get(path + query).json()
            assert {one["event"] for one in (found if isinstance(found, list) else found["events"])} == wanted, path
        changes = pages.get(f"/api/v1/changes?tier={tier}").json()
        assert {id for one in changes for id in one["event_ids"]} == wanted
        assert len(pages.get(f"/changes.json?search=study&tier={tier}").json()["changes"]) == len(wanted)
        assert {entry for entry in wanted if entry in pages.get(f"/feeds/events.atom{query}").text} == wanted
    chosen = BeautifulSoup(pages.get("/changes?tier=2").text, "lxml")
    assert [one["value"] for one in chosen.select("option[selected]")] == ["2"]
    assert "Registry or legal filing" in chosen.select(".chips a")[0].get_text()
    refused = pages.get("/api/v1/events?tier=5")
    assert (refused.status_code, "expected one of 1, 2, 3, 4; found '5'" in refused.text) == (400, True)


def test_whatever_is_searched_for_is_answered(pages: TestClient) -> None:
    lists = ("/events", "/changes", "/events.csv", "/changes.json", "/api/v1/events", "/feeds/events.atom")
    for text in ('"', "study*", 'NEAR("a" b) OR NOT', "\x00", "x" * 10_000, "* " * 5000, "\ud7ff", "' OR 1=1 --"):
        for path in lists:
            assert pages.get(path, params={"search": text}).status_code == 200, (path, text[:40])


def test_the_page_number_of_before_is_refused_by_the_interface(pages: TestClient) -> None:
    assert pages.get("/api/v1/events?page=2").status_code == 400


def test_the_kept_page_shows_the_quote_as_text(service: Service, open_pages: Callable[[], TestClient]) -> None:
    sha256 = hashlib.sha256(BODY).hexdigest()
    with writing(service.engine) as session:
        watch = session.exec(select(Watch)).first()
        assert watch
        kept = Page("https://a.example/notice", NOW, 200, "text/html", sha256, lambda: BODY)
        keep_capture(session, watch, kept)
        told(session, 1, quote=QUOTE, capture_sha256=sha256)
        told(session, 2, quote="of no page", capture_sha256="ab" * 32)
    shown = open_pages().get("/events/EVLIST1").text
    assert "<script>" not in shown and "<img" not in shown
    page = BeautifulSoup(shown, "lxml")
    marked, copy = page.select_one("pre.kept mark"), page.select_one("pre.kept")
    assert marked and copy
    assert " ".join(marked.get_text().split()) == QUOTE
    assert "Nothing to see." in copy.get_text() and "Further parts follow." in copy.get_text()
    assert "var quote" not in copy.get_text()
    assert len(copy.get_text()) < 1600
    without = BeautifulSoup(open_pages().get("/events/EVLIST2").text, "lxml")
    assert without.select_one("pre.kept") is None
    assert "ab" * 32 in without.get_text()


@pytest.mark.parametrize(
    ("quote", "key", "found"),
    [
        ("status: TERMINATED; why stopped: Sponsor decision", "NCT2", "Sponsor decision"),
        ("status: RECRUITING", "NCT2", "RECRUITING"),
        ("Sponsor\n decision", None, "Sponsor decision"),
        ("nothing of it", "NCT1", None),
        ("", None, None),
    ],
)
def test_a_quote_is_found_in_the_data_of_its_record(quote: str, key: str | None, found: str | None) -> None:
    data = b'[{"id":"NCT1","status":"RECRUITING"},{"id":"NCT2","was":"RECRUITING","why":"Sponsor decision"}]'
    text = text_of(data, "application/json")
    place = place_of(quote, text, key)
    assert (text[slice(*place)] if place else None) == found
    if key == "NCT2" and place:
        assert place[0] > text.index("NCT2")
