"""A source that answers and stands still, or shows less than it did, is a source problem and shown as one; how old the
data of a source are by its own word is shown always."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from demo.answers import Answer
from monitor.path.health import examine
from monitor.service import Service
from monitor.standing.coverage import Lookout, lookout
from monitor.telling.preview import preview
from monitor.telling.subscriptions import subscribe
from monitor.vocabulary.dates import short
from monitor.web.app import create_app
from notifiers.mail_parts import render
from sources.base import Page
from sources.feed import Feed
from sources.moments import moment
from store.database import reading
from store.states import Health
from tests.stories.stage import Installation, Stage, application, look, study, tale, watch, watch_row

DAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
FEED = watch("news", "feed", url="WORLD/feeds/news.xml", therapies=["tofersen"])


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    studies = (study("NCT04856982", (date(2021, 5, 17), {"start": "2021-05-17"})),)
    applications = (application("NDA215887", date(2023, 4, 25), ("ORIG", "1", "AP", "2023-04-25")),)
    with Stage(tale(studies=studies, applications=applications), at=DAY) as world:
        yield Installation(tmp_path, world)


def rss(entries: list[datetime], *, built: datetime | None = None) -> Answer:
    items = "".join(
        f"<item><title>News of {day:%d %B %Y}</title><link>https://example.org/{day:%Y%m%d}</link>"
        f"<pubDate>{format_datetime(day)}</pubDate><description>Nothing much.</description></item>"
        for day in sorted(entries, reverse=True)
    )
    stamp = f"<lastBuildDate>{format_datetime(built)}</lastBuildDate>" if built else ""
    text = f'<rss version="2.0"><channel><title>News</title>{stamp}{items}</channel></rss>'
    return Answer(200, "application/rss+xml", text.encode())


def shown(service: Service, name: str) -> dict[str, Any]:
    with TestClient(create_app(service)) as pages:
        lines: list[dict[str, Any]] = pages.get("/api/v1/sources").json()
        found = next(line for line in lines if line["watch"] == name)
        page = pages.get("/sources").text
    for stamp in (found["data_of"], found["newest_entry"]):
        assert not stamp or f">{short((moment(stamp) or '')[:10])}</time>" in page
    for said in (found["problem"], found["data_of"], (found["newest_entry"] or "")[:10], *found["remarks"]):
        assert not said or said.capitalize() in page or said in page or said[:1].upper() + said[1:] in page
    return found


def lookout_of(service: Service) -> Lookout:
    with reading(service.engine) as session:
        return lookout(session.connection(), service.sources, service.now(), service.pack.therapies)


def verdict(service: Service, check: str) -> tuple[str, str]:
    return next((one.state, one.detail) for one in examine(service) if one.check == check)


@pytest.mark.parametrize(
    ("source", "options", "path", "key", "limit"),
    [
        ("clinicaltrials", {"ids": ["NCT04856982"]}, "/api/v2/version", "dataTimestamp", 10),
        ("drugsfda", {"applications": ["NDA215887"]}, "/drug/drugsfda.json", "last_updated", 35),
    ],
)
def test_a_registry_whose_own_date_stands_still_is_frozen(
    home: Installation, source: str, options: dict[str, Any], path: str, key: str, limit: int
) -> None:
    home.write_pack(watch("registry", source, base_url="WORLD", options=options))

    def stopped(value: Any) -> Any:
        return {**value, key: "2026-03-01"} if key in value else {**value, "meta": {**value["meta"], key: "2026-03-01"}}

    home.world.edits[path] = stopped
    with home.service() as service:
        found = {}
        for days in (0, limit - 2, limit):
            home.world.at(DAY + timedelta(days=days))
            assert look(service)["registry"].outcome in ("baseline", "unchanged")
            found[days] = shown(service, "registry")
        assert [line["health"] for line in found.values()] == ["ok", "ok", "frozen"]
        assert {line["data_of"] for line in found.values()} == {"2026-03-01"}
        assert found[limit]["problem"] == (
            f"its data are of 1 Mar 2026 and stand still; expected to move within {limit} days"
        )
        assert verdict(service, "data") == ("warn", f"registry: {found[limit]['problem']}")

        home.world.forget()
        look(service)
        assert shown(service, "registry")["health"] == "ok"
        assert verdict(service, "data")[0] == "pass"


@pytest.mark.parametrize(
    ("source", "options", "path", "key", "later", "cell", "text"),
    [
        (
            "clinicaltrials",
            {"ids": ["NCT04856982"]},
            "/api/v2/version",
            "dataTimestamp",
            10,
            None,
            "  pipeline:",
        ),
        (
            "drugsfda",
            {"applications": ["NDA215887"]},
            "/drug/drugsfda.json",
            "last_updated",
            35,
            "US",
            "  US:",
        ),
    ],
)
def test_what_rests_on_a_frozen_source_says_of_which_day_it_is(
    home: Installation, source: str, options: dict[str, Any], path: str, key: str, later: int,
    cell: str | None, text: str,
) -> None:  # fmt: skip
    home.write_pack(watch("registry", source, base_url="WORLD", options=options))

    def stopped(value: Any) -> Any:
        return {**value, key: "2026-03-01"} if key in value else {**value, "meta": {**value["meta"], key: "2026-03-01"}}

    home.world.edits[path] = stopped
    with home.service() as service:
        reader, _ = subscribe(service, channel="email", address="r@example.org", cadence="weekly", confirmed=True)
        told = {}
        for days in (0, later):
            home.world.at(DAY + timedelta(days=days))
            look(service)
            with TestClient(create_app(service)) as pages:
                line = next(one for one in pages.get("/api/v1/status").json() if one["therapy"] == "tofersen")
                at = line["places"][cell] if cell else line["pipeline"]
                newest = pages.get("/api/v1/newest").json()
                told[days] = (at["looked"], at["data_of"], pages.get("/").text)
            assert newest["looked"] == (at["looked"] if cell else "not_watched")
            digest = preview(service, reader.id or 0)
            letter, page = render(digest)
            words = home.command("status").out.partition("(tofersen)")[2]
            own = next(one for one in words.splitlines() if one.startswith(text))
            if not days:
                assert digest.looked and (digest.looked.succeeded, digest.looked.frozen) == (1, ())
                assert "WE LOOKED: 1 of 1 sources" in letter and "[" not in own
    assert told[0][:2] == ("watched", None)
    assert told[later][:2] == ("frozen", "2026-03-01")
    assert own.endswith("[data of 1 Mar 2026, the source stands still]")
    assert digest.looked and digest.looked.succeeded == 0
    assert "WE LOOKED: 0 of 1 sources" in letter and f"OLD DATA: {TITLES[source]} (data of 1 Mar 2026)." in letter
    assert f"Old data: {TITLES[source]} (data of 1 Mar 2026)." in page
    mark = "the source&#39;s data stand still"
    assert mark not in told[0][2] and "answers with old data" not in told[0][2]
    assert f"as of 1 Mar 2026, {mark}" in told[later][2].replace("As of", "as of")
    assert "1 of 1 watched sources answers with old data" in " ".join(told[later][2].split())


TITLES = {"clinicaltrials": "ClinicalTrials.gov", "drugsfda": "Drugs@FDA (openFDA)"}


@pytest.mark.parametrize("stamped", [True, False])
def test_a_feed_silent_for_much_longer_than_ever_is_frozen(home: Installation, stamped: bool) -> None:
    home.write_pack(FEED)
    days = [DAY - timedelta(days=4 * n) for n in range(1, 12)]
    home.world.instead["/feeds/news.xml"] = rss(days, built=DAY if stamped else None)
    with home.service() as service:
        look(service)
        line = shown(service, "news")
        assert (line["health"], line["newest_entry"][:10]) == ("ok", "2026-02-26")
        assert line["data_of"] == ("Mon, 02 Mar 2026 09:00:00 +0000" if stamped else None)
        home.world.at(DAY + timedelta(days=40))
        look(service)
        line = shown(service, "news")
        assert (line["health"], line["problem"]) == (
            "frozen", "its newest entry is of 26 Feb 2026; its entries came at most 4 days apart",
        )  # fmt: skip
        assert not lookout_of(service).still, "its silence may be true: what it told is none the older"
        assert verdict(service, "data")[0] == "warn"


def test_a_feed_without_news_that_is_built_anew_is_calm(home: Installation) -> None:
    home.write_pack(FEED)
    days = [DAY - timedelta(days=4 * n) for n in range(1, 12)]
    with home.service() as service:
        for later in (0, 40, 80):
            home.world.at(DAY + timedelta(days=later))
            home.world.instead["/feeds/news.xml"] = rss(days, built=home.world.moment)
            look(service)
        assert shown(service, "news")["health"] == "ok"
        assert verdict(service, "data") == ("pass", "news 2026-02-26")


@pytest.mark.parametrize("gaps", [(200, 90, 150, 60, 120), (7,)])
def test_a_feed_of_a_slow_rhythm_or_of_none_is_not_called_frozen(home: Installation, gaps: tuple[int, ...]) -> None:
    home.write_pack(FEED)
    days = [DAY - timedelta(days=sum(gaps[:n])) for n in range(len(gaps) + 1)]
    home.world.instead["/feeds/news.xml"] = rss(days)
    with home.service() as service:
        look(service)
        home.world.at(DAY + timedelta(days=300))
        look(service)
        assert shown(service, "news")["health"] == "ok"


@pytest.mark.parametrize("keep", [(), ("February",)])
def test_a_feed_that_shows_much_less_is_read_and_said(home: Installation, keep: tuple[str, ...]) -> None:
    home.write_pack(watch("news", "feed", url="WORLD/feeds/news.xml", options={"keep": list(keep)}))
    days = [DAY - timedelta(days=n) for n in range(1, 21)]
    home.world.instead["/feeds/news.xml"] = rss(days)
    with home.service() as service:
        look(service)
        home.world.instead["/feeds/news.xml"] = rss([*days[:3], DAY.replace(month=2)])
        for _ in range(2):
            assert look(service)["news"].error == "expected about 20 entries as before, found 4"
            assert watch_row(service, "news").health == Health.SHRANK
        assert verdict(service, "watches")[0] == "warn"
    assert home.command("check", "news", "--accept", "--json").lines[0]["error"] is None
    with home.service() as service:
        assert look(service)["news"].error is None
        assert watch_row(service, "news").health == Health.OK


def test_a_feed_that_loses_a_few_entries_is_as_it_was(home: Installation) -> None:
    home.write_pack(FEED)
    days = [DAY - timedelta(days=n) for n in range(1, 21)]
    with home.service() as service:
        for shows in (20, 12, 6, 3):
            home.world.instead["/feeds/news.xml"] = rss(days[:shows])
            assert look(service)["news"].error is None, shows
            home.world.at(home.world.moment + timedelta(hours=12))
            if shows == 6:
                days = days[:5]  # a feed so short says nothing by its length


def test_a_robots_txt_that_is_a_page_is_remarked(home: Installation) -> None:
    home.write_pack(watch("record", "page", url="WORLD/pages/record"), FEED)
    page = b"<html><head><title>Record</title></head><body><h1>Record</h1><p>Authorised.</p></body></html>"
    home.world.instead["/pages/record"] = Answer(200, "text/html", page)
    home.world.instead["/robots.txt"] = Answer(200, "text/html", page)
    with home.service() as service:
        look(service)
        (remark,) = shown(service, "record")["remarks"]
        assert remark.startswith("its host has no robots.txt but a web page")


@pytest.mark.parametrize(
    ("head", "stamp"),
    [
        (b"<rss><channel><lastBuildDate>Mon, 02 Mar 2026</lastBuildDate><item><pubDate>x", "Mon, 02 Mar 2026"),
        (b"<rss><channel><pubDate>Mon, 02 Mar 2026</pubDate><item><pubDate>Tue, 03 Mar 2026", "Mon, 02 Mar 2026"),
        (b"<feed><updated>2026-03-02T09:00:00Z</updated><entry><updated>2026-03-03</updated>", "2026-03-02T09:00:00Z"),
        (b"<atom:feed><atom:updated >2026-03-02</atom:updated><atom:entry>", "2026-03-02"),
        (b"<rdf:RDF><channel><dc:date><![CDATA[2026-03-02]]></dc:date></channel><item rdf:about='x'>", "2026-03-02"),
        (b"<rss><channel><title>x</title><item><pubDate>Tue, 03 Mar 2026</pubDate>", None),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": []}', None),
    ],
)
def test_the_stamp_of_a_feed_stands_above_its_entries(head: bytes, stamp: str | None) -> None:
    page = Page("https://example.org/feed", DAY, 200, "application/xml", "", lambda: head)
    assert Feed(Feed.Options(), url=page.url).stamp(page) == stamp
