"""What should have happened and did not is told once, when it becomes due, and never because we looked for the first
time."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from monitor.service import Service
from monitor.standing.overdue import Trial, trials_of_pack
from monitor.standing.stillness import note_overdue
from monitor.telling.subscriptions import subscribe
from store.tables import Event
from tests.stories.stage import Hook, Installation, Stage, events, evidence, look, send, study, tale, watch

ENDURANCE = "NCT06973629"
HEAD = """
[pack]
name = "als-story"
condition = "amyotrophic lateral sclerosis"
synonyms = ["ALS"]

[[therapies]]
name = "NurOwn"
synonyms = ["MSC-NTF"]
sponsors = ["Brainstorm-Cell Therapeutics"]
trials = ["NCT06973629"]
"""
WAITING = {
    "sponsor": "Brainstorm-Cell Therapeutics", "interventions": [{"type": "BIOLOGICAL", "name": "NurOwn"}],
    "status": "NOT_YET_RECRUITING", "start": "2025-06-30", "start_type": "ESTIMATED", "first_posted": "2025-05-22",
}  # fmt: skip
OTHERS = tuple(study(f"NCT0000000{n}", (date(2022, 1, 1), {}), status="COMPLETED") for n in range(1, 9))


def at(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).replace(hour=12)


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    """The trial is planned to start on 30 June 2025; later it is planned for the end of January, then it starts."""
    moves = (
        (date(2025, 5, 22), {}),
        (date(2025, 11, 3), {"start": "2026-01-31"}),
        (date(2026, 6, 1), {"status": "RECRUITING", "start": "2026-06-01", "start_type": "ACTUAL"}),
    )
    with Stage(tale(studies=(study(ENDURANCE, *moves, **WAITING), *OTHERS)), at=at("2025-06-01")) as world:
        found = Installation(tmp_path, world)
        options = {"condition": "amyotrophic lateral sclerosis"}
        found.write_pack(watch("trials", "clinicaltrials", base_url="WORLD", options=options), head=HEAD)
        yield found


def silences(every: list[Event], type_: str = "start_overdue") -> list[Event]:
    return [event for event in every if event.type == type_]


def test_a_start_that_does_not_come_is_told_once_for_each_date(installed: Installation, hook: Hook) -> None:
    with installed.service() as service:
        subscribe(service, channel="webhook", address=hook.url, confirmed=True)
        found: dict[str, int] = {}
        for day in ("2025-06-01", "2025-08-28", "2025-08-29", "2025-08-30", "2025-11-04", "2026-03-31", "2026-04-01",
                    "2026-04-02", "2026-06-02", "2026-12-01"):  # fmt: skip
            installed.world.at(at(day))
            look(service)
            send(service)
            found[day] = len(silences(events(service)))
        assert found == {
            "2025-06-01": 0, "2025-08-28": 0, "2025-08-29": 1, "2025-08-30": 1, "2025-11-04": 1, "2026-03-31": 1,
            "2026-04-01": 2, "2026-04-02": 2, "2026-06-02": 2, "2026-12-01": 2,
        }  # fmt: skip
        first = silences(events(service))[0]
        (proof,) = evidence(service, first)

    assert (first.state, first.therapy, first.trial, first.occurred_on) == (
        "released",
        "NurOwn",
        ENDURANCE,
        "2025-08-29",
    )
    assert "Due 2025-06-30, grace 60 days, waiting since 2025-08-29" in first.note
    assert proof.quote == "status: NOT_YET_RECRUITING; start: 2025-06-30; start_type: ESTIMATED"
    assert proof.capture_sha256
    told = [got.told for got in hook.got if got.told["type"] == "start_overdue"]
    assert [one["occurred_on"] for one in told] == ["2025-08-29", "2026-04-01"]


def test_a_silence_that_was_there_before_us_is_known_and_not_news(installed: Installation, hook: Hook) -> None:
    installed.world.at(at("2025-09-15"))
    with installed.service() as service:
        subscribe(service, channel="webhook", address=hook.url, confirmed=True)
        look(service)
        send(service)
        installed.world.at(at("2025-09-16"))
        look(service)
        send(service)
        (known,) = silences(events(service))

    assert (known.state, known.occurred_on) == ("imported", "2025-08-29")
    assert hook.got == []


def test_an_entry_nobody_looks_after_is_told_a_year_after_its_verification(installed: Installation) -> None:
    with installed.service() as service:
        for day in ("2026-06-02", "2027-06-29", "2027-06-30", "2027-07-01"):
            installed.world.at(at(day))
            look(service)
        (stale,) = silences(events(service), "record_stale")

    assert (stale.occurred_on, stale.state) == ("2027-06-30", "released"), "verified some day in June"


@pytest.mark.parametrize(
    ("moves", "day"),
    [
        # posted anew, and not verified: an edit by the registry is no word of the sponsor's
        (((date(2025, 5, 22), {"verified": "2025-05"}), (date(2026, 3, 1), {"verified": "2025-05"})), "2026-05-31"),
        (((date(2025, 5, 22), {"verified": "2024-12"}), (date(2025, 9, 9), {"verified": "2025-02"})), "2026-02-28"),
        # verified to the day, long after the last change
        (((date(2025, 5, 22), {"verified": "2025-05"}), (date(2026, 3, 1), {"verified": "2026-02-14"})), "2027-02-14"),
    ],
)
def test_the_date_that_counts_is_that_of_the_verification(tmp_path: Path, moves: Any, day: str) -> None:
    facts = {**WAITING, "status": "RECRUITING", "start": "2025-05-01", "start_type": "ACTUAL"}
    with Stage(tale(studies=(study(ENDURANCE, *moves, **facts), *OTHERS)), at=at("2025-06-01")) as world:
        installed = Installation(tmp_path, world)
        installed.write_pack(
            watch("trials", "clinicaltrials", base_url="WORLD", options={"ids": [ENDURANCE]}), head=HEAD
        )
        with installed.service() as service:
            for seen in ("2025-06-01", "2025-10-01", "2026-03-20", day):
                world.at(at(seen))
                look(service)
            (stale,) = [one for one in silences(events(service), "record_stale") if one.state == "released"]
            assert stale.occurred_on == day
            (proof,) = evidence(service, stale)
            assert proof.quote == f"status: RECRUITING; verified_on: {moves[-1][1]['verified']}"


def test_a_verification_that_changes_nothing_else_still_counts_as_looked_after(tmp_path: Path) -> None:
    steady = study(ENDURANCE, (date(2025, 5, 22), {}), (date(2026, 2, 1), {}), **WAITING)
    with Stage(tale(studies=(steady, *OTHERS)), at=at("2025-06-01")) as world:
        installed = Installation(tmp_path, world)
        installed.write_pack(
            watch("trials", "clinicaltrials", base_url="WORLD", options={"ids": [ENDURANCE]}), head=HEAD
        )
        with installed.service() as service:
            found = {}
            for day in ("2025-06-01", "2026-03-01", "2026-06-01", "2027-02-01", "2027-02-28"):
                world.at(at(day))
                look(service)
                found[day] = [event.occurred_on for event in silences(events(service), "record_stale")]

    assert found == {
        "2025-06-01": [],
        "2026-03-01": [],
        "2026-06-01": [],
        "2027-02-01": [],
        "2027-02-28": ["2027-02-28"],
    }


def test_a_dismissed_silence_does_not_come_back(installed: Installation) -> None:
    with installed.service() as service:
        for day in ("2025-06-01", "2025-08-29"):
            installed.world.at(at(day))
            look(service)
    (told,) = installed.command("events", "--type", "start_overdue", "--json").lines
    ran = installed.command(
        "review", told["event"], "dismiss", "--note", "the site tells of a start", "--by", "maintainer", "--at-once"
    )
    assert ran.status == 0, ran.err
    with installed.service() as service:
        installed.world.at(at("2025-09-02"))
        look(service)
        assert len([event for event in silences(events(service)) if event.state == "dismissed"]) == 1
        assert len(silences(events(service))) == 1


def test_silences_are_worked_out_only_when_something_can_begin(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not on a quiet day; on the day on which a start is late, and after any look that brought news."""
    worked: list[str] = []

    def noted(service: Service, session: Session) -> dict[str, Trial]:
        worked.append(f"{service.now():%m-%d}")
        return trials_of_pack(service, session)

    monkeypatch.setattr("monitor.standing.overdue.trials_of_pack", noted)
    with installed.service() as service:
        for day in ("2025-08-24", "2025-08-25", "2025-08-26", "2025-08-27", "2025-08-28", "2025-08-29"):
            installed.world.at(at(day))
            if worked:
                note_overdue(service)
            else:
                look(service)
        found = len(silences(events(service)))
        installed.world.at(at("2025-08-28"))
        note_overdue(service)  # a clock that was set back

    assert (worked, found) == (["08-24", "08-29", "08-28"], 1)
