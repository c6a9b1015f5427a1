"""The first look at a long list is stored in parts: ended between any two of them, the next look goes on in silence,
and what is there in the end is what a look in one go leaves."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, func, select

from monitor.path import first_look, take_in
from monitor.path.verify import verify
from monitor.telling.subscriptions import subscribe
from sources import clinicaltrials
from sources.clinicaltrials import ClinicalTrials
from store.database import reading
from store.states import EventState
from store.tables import Change, Enclosure, Event, Item, Run, Sighting, Snapshot
from tests.stories.stage import Installation, Stage, events, look, study, tale, watch, watch_row

DAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
OURS = "NCT05021536"
"""A trial of the pack: a first look says how it stands."""
KEYS = [*(f"NCT0400{number:04}" for number in range(9)), OURS]
STUDIES = "/api/v2/studies"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    for place, name in ((clinicaltrials, "LONG"), (ClinicalTrials, "apart_from")):
        monkeypatch.setattr(place, name, 0)
    monkeypatch.setattr(first_look, "TOGETHER", 3)
    drug = {"interventions": [{"type": "DRUG", "name": "AMX0035"}], "sponsor": "Amylyx"}
    trials = [study(key, (date(2020, 1, 1), drug if key == OURS else {})) for key in KEYS]
    with Stage(tale(studies=tuple(trials)), at=DAY) as world:
        home = Installation(tmp_path, world)
        search = {"condition": "amyotrophic lateral sclerosis", "page_size": 2}
        home.write_pack(watch("trials", "clinicaltrials", base_url="WORLD", options=search))
        yield home


def ends_at(monkeypatch: pytest.MonkeyPatch, point: str, time: int) -> None:
    """Let the process end when it comes to a kill point so many times."""
    left = [time]

    def end(name: str) -> None:
        left[0] -= name == point
        if left[0] == 0:
            raise KeyboardInterrupt(point)

    for module in (first_look, take_in):
        monkeypatch.setattr(module, "kill_point", end)


def lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (first_look, take_in):
        monkeypatch.setattr(module, "kill_point", bool)


def stored(home: Installation) -> dict[str, Any]:
    """What is there, without numbers that depend on the order of work."""
    with home.service() as service, reading(service.engine) as session:
        counted = {table.__name__: session.exec(select(func.count()).select_from(table)).one()
                   for table in (Item, Sighting, Snapshot, Change, Enclosure)}  # fmt: skip
        told = sorted((one.type, str(one.state), one.trial or "") for one in events(service))
        assert not [broken for checked in verify(service) for broken in checked.broken]
        return counted | {"events": told, "keys": sorted(session.exec(select(Item.key)))}


def edited(home: Installation, *stopped: str) -> None:
    def edit(value: Any) -> Any:
        for row in value["studies"]:
            if row["protocolSection"]["identificationModule"]["nctId"] in stopped:
                row["protocolSection"]["statusModule"].update(overallStatus="TERMINATED", whyStopped="futility")
        return value

    home.world.edits[STUDIES] = edit
    stamp = {"dataTimestamp": f"{home.world.moment:%Y-%m-%d}T09:00:05"}
    home.world.edits["/api/v2/version"] = lambda value: value | stamp


def test_ended_between_any_two_parts_it_goes_on_in_silence(home: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    as_it_is = clinicaltrials.study
    monkeypatch.setattr(clinicaltrials, "study", lambda row: read.append(row) or as_it_is(row))  # type: ignore[func-returns-value]
    with home.service() as service:
        assert look(service)["trials"].records == 10
        assert watch_row(service, "trials").baseline_at is not None
    whole = stored(home)
    assert (whole["Item"], whole["Sighting"], whole["Snapshot"], whole["Change"]) == (10, 10, 10, 0)
    assert [one[0] for one in whole["events"]], "the trial of the pack is noted"

    for point, time in (("K5", 1), ("K6", 2), ("K5", 5)):
        home.database.unlink()
        read.clear()
        ends_at(monkeypatch, point, time)
        with home.service() as service, pytest.raises(KeyboardInterrupt):
            look(service)
        kept = 2 * (time - (point == "K5"))
        lasts(monkeypatch)
        read.clear()
        with home.service() as service:
            with reading(service.engine) as session:
                assert watch_row(service, "trials").baseline_at is None
                assert session.exec(select(func.count()).select_from(Item)).one() == min(kept, 10)
                assert [run.note for run in session.exec(select(Run))] == [first_look.UNDER_WAY] * bool(kept)
            assert look(service)["trials"].outcome == "baseline"
            assert len(read) == 10 - min(kept, 10), "what is stored is not read again"
            assert look(service)["trials"].outcome == "unchanged"
        assert stored(home) == whole, (point, time)


def test_what_changes_before_it_goes_on_is_not_told(home: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    ends_at(monkeypatch, "K6", 5)
    with home.service() as service:
        with pytest.raises(KeyboardInterrupt):
            look(service)
        subscribe(service, channel="webhook", address=f"{home.world.url}/hook")
    lasts(monkeypatch)
    home.world.at(DAY + timedelta(days=1))
    edited(home, KEYS[0], OURS)
    with home.service() as service:
        assert look(service)["trials"].outcome == "baseline"
        states = {one.state for one in events(service)}
        assert states <= {EventState.HELD, EventState.IMPORTED}
        with reading(service.engine) as session:
            assert session.exec(select(func.count()).select_from(Enclosure)).one() == 0
    home.world.at(DAY + timedelta(days=2))
    edited(home, KEYS[0], KEYS[5], OURS)
    with home.service() as service:
        assert look(service)["trials"].changes == 1, "from here on changes are told"


def test_one_odd_record_is_left_out_and_the_others_are_stored_once(
    home: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_it_is = take_in.claims_of

    def stumbling(*given: Any) -> Any:
        if given[3].record.key == KEYS[4]:
            raise ZeroDivisionError("odd")
        return as_it_is(*given)

    monkeypatch.setattr(take_in, "claims_of", stumbling)
    with home.service() as service, reading(service.engine) as session:
        found = look(service)["trials"]
        assert (found.outcome, found.records) == ("baseline", 9)
        assert "NCT04000004: ZeroDivisionError: odd" in (found.error or "")
        assert sorted(session.exec(select(Item.key))) == sorted(set(KEYS) - {KEYS[4]})
        assert session.exec(select(func.count()).select_from(Snapshot)).one() == 9
        assert len(session.exec(select(Run)).all()) == 1


def test_too_much_that_cannot_be_read_ends_it_before_more_is_stored(home: Installation) -> None:
    def odd(value: Any) -> Any:
        for row in value["studies"][1:]:
            row["protocolSection"]["statusModule"]["overallStatus"] = "ON_HOLD"
        return value

    home.world.edits[STUDIES] = odd
    with home.service() as service, reading(service.engine) as session:
        assert look(service)["trials"].outcome == "refused"
        assert session.exec(select(func.count()).select_from(Item)).one() == 3
        assert watch_row(service, "trials").baseline_at is None
    home.world.forget()
    home.world.at(DAY + timedelta(days=1))
    with home.service() as service, reading(service.engine) as session:
        assert look(service)["trials"].outcome == "baseline"
        assert len(set(session.exec(select(col(Item.key))))) == 10
        assert session.exec(select(func.count()).select_from(Change)).one() == 0
        assert not [one for one in session.exec(select(Event)) if one.state == EventState.RELEASED]
