"""The replay registry answers in the real shapes: every adapter reads it on every day of the story."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

import sources
from demo.story import Story, read_story
from demo.world import START, World
from monitor.vocabulary.pack_faults import read_pack
from sources.base import Page, Source, Unexpected
from sources.notices import Notice, NoticeAct
from sources.records import Announcement, Application, Passage, Record, Study

ROOT = Path(__file__).resolve().parents[1]
CATALOG = sources.load()


@pytest.fixture(scope="module")
def story() -> Story:
    return read_story()


@pytest.fixture
def world(story: Story) -> Iterator[World]:
    with World(story) as world:
        yield world


def on(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(hour=23, minute=45, tzinfo=UTC)


def get(url: str, headers: Mapping[str, str] | None = None) -> tuple[int, bytes, Mapping[str, str]]:
    request = urllib.request.Request(url, headers=dict(headers or {}))
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.read(), dict(answer.headers)


class Asking:
    """The least a source needs to ask: plain HTTP, nothing remembered."""

    sweep = True

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(
        self, url: str, *, params: Mapping[str, Any] | None = None, headers: Any = None, missing: Any = ()
    ) -> Page:
        if params:
            url += "?" + urlencode(params, doseq=True)
        status, body, found = get(url)
        assert status == 200 or status in missing, f"{url}: {status} {body[:200]!r}"
        return Page(url, self.moment, status, found["Content-Type"], "", lambda: body)


def watched(world: World, tmp_path: Path) -> dict[str, Source]:
    pack = tmp_path / "pack.toml"
    pack.write_text((ROOT / "demo" / "pack.toml").read_text(encoding="utf-8").replace("WORLD", world.url))
    plans = read_pack(pack, CATALOG).watches
    kinds = {plan.name: CATALOG[plan.source] for plan in plans}
    return {
        plan.name: kinds[plan.name](
            kinds[plan.name].Options.model_validate(plan.options), url=plan.url, base_url=plan.base_url
        )
        for plan in plans
    }


MAY_BE_EMPTY = {"us-notices", "eu-trials-older", "us-shortages", "us-recalls", "us-refusals"}
"""Watches of what nobody has done yet on some days."""


def read(source: Source, moment: datetime) -> list[Record]:
    found = [record for page in source.pages(Asking(moment)) for record in source.parse(page)]
    assert not [record for record in found if isinstance(record, Unexpected)]
    return [record for record in found if isinstance(record, Record)]


def test_every_adapter_reads_the_world_on_every_day_of_the_story(world: World, story: Story, tmp_path: Path) -> None:
    watches = watched(world, tmp_path)
    for moment in [START, *story.moments(START)]:
        world.at(moment)
        for name, source in watches.items():
            records = read(source, moment)
            assert records or name in MAY_BE_EMPTY, f"{name} is empty on {moment:%Y-%m-%d}"


def test_the_registry_shows_the_end_of_a_trial_on_its_day(world: World, tmp_path: Path) -> None:
    registry = watched(world, tmp_path)["als-trials"]

    def vrg() -> Study:
        found = [r for r in read(registry, world.moment) if r.key == "NCT06215755"]
        assert isinstance(found[0], Study)
        return found[0]

    world.at(on("2025-12-14"))
    assert vrg().status == "ACTIVE_NOT_RECRUITING"
    world.at(on("2025-12-15"))
    assert vrg().status == "TERMINATED"
    assert vrg().why_stopped


def test_studies_come_in_pages_and_a_token_dies_with_its_data(world: World) -> None:
    first = json.loads(get(f"{world.url}/api/v2/studies?query.cond=amyotrophic+lateral+sclerosis&pageSize=2")[1])
    following = f"{world.url}/api/v2/studies?pageSize=2&pageToken={first['nextPageToken']}"

    assert len(first["studies"]) == 2
    assert get(following)[0] == 200
    world.at(on("2023-01-06"))
    status, body, _ = get(following)
    assert status == 400
    assert not body.startswith(b"{")


def test_openfda_says_no_match_with_404_and_shows_approvals_later(world: World, tmp_path: Path) -> None:
    asked = f"{world.url}/drug/drugsfda.json?" + urlencode({"search": 'application_number:("NDA216660")', "limit": 10})

    world.at(on("2022-09-29"))
    status, body, _ = get(asked)
    assert (status, json.loads(body)["error"]["code"]) == (404, "NOT_FOUND")

    world.at(on("2022-10-06"))
    applications = read(watched(world, tmp_path)["us-applications"], world.moment)
    relyvrio = next(r for r in applications if r.key == "NDA216660")
    assert isinstance(relyvrio, Application)
    assert relyvrio.submissions["ORIG-1"].status_date == "20220929"


def test_the_federal_register_holds_the_end_of_the_approval(world: World, tmp_path: Path) -> None:
    source = watched(world, tmp_path)["us-notices"]

    assert read(source, START) == []
    world.at(on("2025-08-29"))
    notices = [record for record in read(source, world.moment) if record.key == "2025-16646"]
    assert isinstance(notices[0], Notice)
    assert notices[0].act == NoticeAct.APPROVAL_WITHDRAWN


def test_a_feed_shows_the_newest_items_and_its_links_lead_somewhere(world: World, tmp_path: Path) -> None:
    world.at(on("2024-03-08"))
    items = read(watched(world, tmp_path)["amylyx"], world.moment)

    assert isinstance(items[0], Announcement)
    assert "PHOENIX" in items[0].title
    assert items[0].published_on == "2024-03-08T11:30:00Z"
    status, body, _ = get(items[0].url)
    assert status == 200
    assert b"did not meet its primary endpoint" in body


def test_the_page_changes_when_a_treatment_arrives(world: World, tmp_path: Path) -> None:
    source = watched(world, tmp_path)["treatments-page"]

    def lines() -> str:
        page = read(source, world.moment)[0]
        assert isinstance(page, Passage)
        return " ".join(text for _, text in page.blocks)

    assert "Qalsody" not in lines()
    world.at(on("2023-05-16"))
    assert "Qalsody" in lines()


def test_unchanged_answers_are_304(world: World) -> None:
    feed = f"{world.url}/feeds/wire.xml"
    _, _, headers = get(feed)

    assert get(feed, {"If-None-Match": headers["ETag"]})[0] == 304
    world.at(on("2022-05-12"))
    assert get(feed, {"If-None-Match": headers["ETag"]})[0] == 200


def test_faults_can_be_switched_on_and_off(world: World) -> None:
    world.down("clinicaltrials")
    world.down("feeds/wire", status=500)

    assert get(f"{world.url}/api/v2/version")[0] == 503
    assert get(f"{world.url}/feeds/wire.xml")[0] == 500
    assert get(f"{world.url}/feeds/news.xml")[0] == 200
    world.up("clinicaltrials")
    assert get(f"{world.url}/api/v2/version")[0] == 200
    assert world.asked[0] == "/api/v2/version"


def test_the_story_is_true_to_the_facts(story: Story) -> None:
    """Each golden day of the collection of facts has something that can be seen that day or within a week."""
    table = ROOT.parent / "shared" / "als-events.jsonl"
    if not table.exists():
        pytest.skip("the collection of facts, ../shared/als-events.jsonl, is missing")
    days = {moment.date().isoformat() for moment in story.moments(START)}
    facts = [json.loads(line) for line in table.read_text(encoding="utf-8").splitlines()]
    golden = [f for f in facts if f["alert"] and f["date"] >= "2022" and f["precision"] == "day"]
    followed = {"tofersen", "AMX0035", "ulefnersen", "NurOwn", "VRG50635", "mecobalamin"}
    missing = []
    for fact in golden:
        day = datetime.fromisoformat(fact["date"]).date()
        near = [d for d in days if 0 <= (datetime.fromisoformat(d).date() - day).days <= 7]
        if fact["therapy"] in followed and not near:
            missing.append((fact["date"], fact["therapy"], fact["type"], fact["place"]))
    assert {row[2] for row in missing} <= {"submission", "filing_accepted", "reimbursement", "complete_response"}, (
        missing
    )
