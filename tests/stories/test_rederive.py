"""What is in the log follows from what is kept: derived again, it is the same; and where it is not, that is said."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import col, select

from demo.story import read_story
from demo.timelapse import HERE
from monitor.path.assemble import assembled
from monitor.path.rederive import rederive
from monitor.path.replay import replay
from monitor.path.round import check_all
from monitor.settings import Settings
from store.database import writing
from store.tables import Body, Event, Watch
from tests.stories.stage import Installation, Stage

DAYS = ("2022-01-01", "2022-10-03", "2023-04-26", "2024-03-11", "2024-04-05", "2024-06-01", "2025-03-10", "2025-08-01",
        "2025-08-31", "2025-12-20", "2026-10-01")  # fmt: skip


def at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(hour=21, tzinfo=UTC)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation that looked at the demo's world on eleven days of five years, one watch after the other: of two
    tellers of one rank the first gives an event its day."""
    with Stage(read_story(), at=at(DAYS[0])) as world:
        installed = Installation(tmp_path_factory.mktemp("lived"), world)
        installed.pack.write_text((HERE / "pack.toml").read_text().replace("WORLD", world.url), encoding="utf-8")
        with installed.service() as service:
            for day in DAYS:
                world.at(at(day))
                list(check_all(service, everything=True, workers=1))
        yield installed


@pytest.fixture
def lived(first: Installation, tmp_path: Path) -> Installation:
    """A copy of it, on the last of the days."""
    shutil.copytree(first.folder, tmp_path, dirs_exist_ok=True)
    first.world.at(at(DAYS[-1]))
    return Installation(tmp_path, first.world)


def test_right_after_a_run_nothing_differs(lived: Installation) -> None:
    ran = lived.command("rederive", "--json")

    assert (ran.status, ran.out) == (0, ""), ran.out
    assert int(ran.err.split()[0]) > 20


def test_verdicts_are_given_again_and_do_not_count_as_differences(lived: Installation) -> None:
    told = [one for one in lived.command("events", "--json").lines if one["state"] == "released"]
    revoked = next(one for one in told if one["type"] == "authorization_revoked")
    readout = next(one for one in told if one["type"] == "readout_not_met")
    for event, *verdict in (
        (revoked, "dismiss", "--note", "misread"),
        (readout, "correct", "--set", "occurred_on=2024-03-07", "--note", "a day off"),
    ):
        ran = lived.command("review", event["event"], *verdict, "--by", "maintainer", "--at-once")
        assert ran.status == 0, ran.err
    lived.world.at(at("2026-10-02"))
    with lived.service() as service:
        list(check_all(service, everything=True))
        assert rederive(service).differences == []


def test_what_was_tampered_with_or_lost_is_named(lived: Installation) -> None:
    with lived.service() as service:
        with writing(service.engine) as session:
            derived = session.exec(
                select(Event).where(col(Event.rule).is_not(None)).order_by(col(Event.sequence))
            ).all()
            approval = next(e for e in derived if e.type == "accelerated_approval" and e.place == "US")
            approval.occurred_on, approval.type = "2023-04-24", "approval"
            invented = Event(**approval.model_dump() | {"id": "EVINVENTED", "sequence": 9999, "thread": "us/x/safety"})
            session.add_all([approval, invented])
        found = rederive(service).differences

    assert {"event": approval.id, "difference": "changed", "field": "occurred_on", "log": "2023-04-24",
            "derived": "2023-04-25", "why": None} in found  # fmt: skip
    assert [line["event"] for line in found if line["difference"] == "missing"] == ["EVINVENTED"]
    assert {line["field"] for line in found if line["difference"] == "changed"} == {"occurred_on", "type"}
    assert not [line for line in found if line["difference"] == "added"]
    assert lived.command("rederive", "--json").status == 1
    ran = lived.command("verify", "--json")
    broken = {line["check"]: len(line["broken"]) for line in ran.lines}
    assert (ran.status, broken["events"]) == (1, len(found))


def test_why_today_holds_what_was_released_is_said(lived: Installation) -> None:
    """The pack of old gave a company's feed no tier, which today makes it press."""
    with lived.service() as service:
        with writing(service.engine) as session:
            session.exec(select(Watch).where(Watch.name == "ionis")).one().options = {}
        found = rederive(service).differences

    assert found
    assert {(line["field"], line["log"], line["derived"]) for line in found} == {("state", "released", "held")}
    assert all(str(line["why"]).startswith(("press alone", "the reading is unsure")) for line in found)
    ran = lived.command("rederive")
    assert "log released, derived held (press alone: neither a regulator nor" in ran.out


def test_where_bodies_are_forgotten_the_snapshots_stand_in_and_that_is_said(lived: Installation) -> None:
    with lived.service() as service:
        with writing(service.engine) as session:
            for body in session.exec(select(Body)):
                session.delete(body)
        again = rederive(service)

    assert again.forgotten > 10
    # The day of posting is no content, so a snapshot does not know it; on it hangs what was news at first sight.
    assert {line["field"] for line in again.differences} <= {"occurred_on", "state"}


@pytest.mark.parametrize("folder", ["clinicaltrials-v2", "openfda-drugsfda"])
def test_replayed_recordings_are_derived_again_without_a_difference(shared: Path, folder: str, tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/replayed.db")
    played = list(replay(settings, shared / "recorded" / folder))
    with assembled(settings, fill=False) as service:
        again = rederive(service)

    assert len(played) >= 3
    assert again.events > 0
    assert again.differences == []
