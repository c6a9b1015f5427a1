"""A long answer is read by its parts: what says the same is not read again, what cannot be read is said, what is gone
is missed, and the evidence of a change is what the answer says of that study alone."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from monitor.watching.captures import whole_body
from sources import clinicaltrials
from sources.clinicaltrials import ClinicalTrials
from store.database import reading
from store.tables import Capture, Change, Item, Sighting, Snapshot
from tests.stories.stage import Installation, Stage, look, study, tale, watch

DAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
KEYS = [f"NCT0400{number:04}" for number in range(12)]
STUDIES = "/api/v2/studies"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    monkeypatch.setattr(clinicaltrials, "LONG", 0)
    monkeypatch.setattr(ClinicalTrials, "apart_from", 0)
    trials = tuple(study(key, (date(2020, 1, 1), {"start": "2021-01-01"})) for key in KEYS)
    with Stage(tale(studies=trials), at=DAY) as world:
        home = Installation(tmp_path, world)
        home.write_pack(watch("trials", "clinicaltrials", base_url="WORLD", options={"ids": KEYS}))
        yield home


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The studies that were read, one after another."""
    asked: list[str] = []

    def noted(row: Any) -> Any:
        asked.append(row["protocolSection"]["identificationModule"]["nctId"])
        return as_it_is(row)

    as_it_is = clinicaltrials.study
    monkeypatch.setattr(clinicaltrials, "study", noted)
    return asked


def state(value: Any, number: int) -> dict[str, Any]:
    module: dict[str, Any] = value["studies"][number]["protocolSection"]["statusModule"]
    return module


def today(home: Installation, edit: Any = None) -> tuple[str, int, int, str | None]:
    """A look on the next day, when the registry has put its stamp on every study anew."""
    home.world.at(home.world.moment + timedelta(days=1))
    stamp = home.world.moment.date().isoformat()

    def stamped(value: Any) -> Any:
        for row in value["studies"]:
            row["derivedSection"]["miscInfoModule"]["versionHolder"] = stamp
        return edit(value) if edit else value

    home.world.edits[STUDIES] = stamped
    home.world.edits["/api/v2/version"] = lambda value: value | {"dataTimestamp": f"{stamp}T09:00:05"}
    with home.service() as service:
        one = look(service)["trials"]
    return one.outcome, one.records, one.changes, one.error


def test_only_what_says_something_else_is_read(home: Installation, read: list[str]) -> None:
    assert today(home) == ("baseline", 12, 0, None)
    assert read == KEYS
    read.clear()
    assert today(home) == ("unchanged", 12, 0, None), "the stamp on every study has moved"
    assert read == []

    def stops(value: Any) -> Any:
        state(value, 3).update(overallStatus="TERMINATED", whyStopped="futility")
        state(value, 5)["statusVerifiedDate"] = "2026-02"
        return value

    assert today(home, stops) == ("changed", 12, 1, None)
    assert read == [KEYS[3], KEYS[5]]
    with home.service() as service, reading(service.engine) as session:
        (change,) = session.exec(select(Change))
        after = session.get_one(Snapshot, change.after_id)
        capture = session.get_one(Capture, after.capture_id)
        assert capture.url.endswith(f"#{KEYS[3]}")
        body = json.loads(whole_body(session, capture.sha256) or b"")
        assert body["protocolSection"]["identificationModule"]["nctId"] == KEYS[3]
        assert len(session.exec(select(Capture)).all()) == 2, (
            "the first look keeps the answer, the third one study of it"
        )
        assert len(set(session.exec(select(Sighting.last_at)))) == 1


def test_what_cannot_be_read_is_said_and_what_is_gone_is_missed(home: Installation, read: list[str]) -> None:
    search = {"condition": "amyotrophic lateral sclerosis"}
    home.write_pack(watch("trials", "clinicaltrials", base_url="WORLD", options=search))
    assert today(home)[:2] == ("baseline", 12)

    def odd(value: Any) -> Any:
        state(value, 0)["overallStatus"] = "ON_HOLD"
        state(value, 1)["overallStatus"] = "SUSPENDED"
        del value["studies"][7]
        value["totalCount"] = 11
        return value

    outcome, records, changes, error = today(home, odd)
    assert (outcome, records, changes) == ("changed", 10, 1)
    assert error
    assert error.startswith("1 records unreadable: NCT04000000.overallStatus: expected one of")
    with home.service() as service, reading(service.engine) as session:
        missed = session.exec(
            select(Item.key).join(Sighting, col(Sighting.item_id) == Item.id).where(Sighting.missed > 0)
        )
        assert list(missed) == [KEYS[7]]
    read.clear()
    assert today(home) == ("changed", 12, 1, None)
    assert read == [KEYS[1]], "the unreadable one is as it was last read"


def test_a_field_that_is_gone_from_all_is_refused_and_from_some_is_not(home: Installation) -> None:
    def stopped(numbers: range) -> Any:
        def edit(value: Any) -> Any:
            for number in numbers:
                state(value, number).update(overallStatus="TERMINATED", whyStopped="futility")
            return value

        return edit

    today(home, stopped(range(12)))

    def fewer(value: Any) -> Any:
        stopped(range(12))(value)
        del state(value, 0)["whyStopped"]
        for number in (1, 2, 3):
            state(value, number)["whyStopped"] = ""
        return value

    assert today(home, fewer)[0] == "changed", "those that were not read have it still"
    assert today(home, stopped(range(0)))[0] == "refused"
