"""Lines from the store: exact keys, filters, order, and a number of queries that does not grow with the log."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy import event as sql_event
from sqlmodel import Session

from monitor.standing import log as listing
from monitor.standing.filters import Filters
from monitor.standing.log import changes, event, events
from monitor.standing.unaccepted import Unaccepted
from monitor.standing.watch_log import watches
from monitor.vocabulary.dates import first_day
from store.database import reading, writing
from store.engine import open_engine
from store.tables import Capture, Change, Event, Evidence, Item, Review, Run, Snapshot, Watch
from tests.fresh import fresh

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
EVENT_KEYS = {
    "event", "type", "therapy", "place", "trial", "polarity", "occurred_on", "detected_at", "level", "certainty",
    "tier", "thread", "title", "evidence", "state", "places", "known_to",
}  # fmt: skip
EVIDENCE_KEYS = {"source", "tier", "url", "quote", "retrieved_at", "capture_sha256", "watch"}
CHANGE_KEYS = {
    "change", "detected_at", "source", "watch", "item", "kind", "title", "url", "fields", "event_ids", "routine",
    "awaits_review",
    "back_at",
}  # fmt: skip


@pytest.fixture
def engine(tmp_path) -> Iterator[Engine]:
    fresh(tmp_path / "demo.db")
    engine = open_engine(f"sqlite:///{tmp_path / 'demo.db'}")
    yield engine
    engine.dispose()


def made(number: int, **more: Any) -> Event:
    fields: dict[str, Any] = {
        "id": f"EV{number}", "sequence": number, "type": "approval", "therapy": "tofersen", "place": "US",
        "polarity": "positive", "occurred_on": "2024-09", "detected_at": NOW + timedelta(hours=number),
        "level": "critical", "certainty": "stated", "tier": 1, "thread": "us/tofersen/authorisation",
        "step": "authorised", "title": "tofersen: US approved", "state": "released",
    }  # fmt: skip
    return Event(**fields | more)


def proof(event_id: str, **more: Any) -> Evidence:
    fields: dict[str, Any] = {"event_id": event_id, "source": "drugsfda", "watch": "fda", "tier": 1, "at": NOW}
    return Evidence(**fields | more)


def a_log(session: Session, size: int = 3) -> None:
    """One watch, one item, `size` changes; the second one tells of the event EV1."""
    session.add(
        Watch(id=1, name="trials", source="clinicaltrials", options={}, every_seconds=43200, next_check_at=NOW,
              last_success_at=NOW - timedelta(hours=1), health="ok")
    )  # fmt: skip
    session.flush()
    session.add(Run(id=1, watch_id=1, started_at=NOW, finished_at=NOW, outcome="changed", changes=size))
    session.add(Capture(id=1, watch_id=1, url="https://example.org", fetched_at=NOW, status=200, sha256="ab"))
    session.add(Item(id=1, source="clinicaltrials", key="NCT00000001", title="A study", url="https://example.org/1"))
    session.flush()
    session.add(
        Snapshot(id=1, item_id=1, run_id=1, capture_id=1, taken_at=NOW, packed=b"", fingerprint="f", revision=1)
    )
    session.flush()
    for number in range(1, size + 1):
        session.add(
            Change(id=number, item_id=1, watch_id=1, run_id=1, kind="changed", before_id=1, after_id=1,
                   differences=[{"field": "status", "path": "p", "before": "RECRUITING", "after": "COMPLETED"}],
                   detected_at=NOW + timedelta(hours=number), previous_hash="", hash=str(number))
        )  # fmt: skip
    session.add(made(1))
    session.flush()
    session.add(
        proof("EV1", change_id=2, source="clinicaltrials", watch="trials", quote="status: COMPLETED", retrieved_at=NOW)
    )


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):  # which asks nothing
            asked.append(statement)

    sql_event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sql_event.remove(engine, "before_cursor_execute", note)


def ids(lines: Iterator[dict[str, Any]], key: str = "event") -> list[Any]:
    return [line[key] for line in lines]


def test_a_change_is_told_with_its_watch_item_and_events(engine):
    with writing(engine) as session:
        a_log(session)
    with reading(engine) as session:
        lines = list(changes(session))
    assert [line["change"] for line in lines] == [1, 2, 3]
    assert set(lines[0]) == CHANGE_KEYS
    assert lines[1] == {
        "change": 2, "detected_at": "2026-11-24T14:00:00Z", "source": "clinicaltrials", "watch": "trials",
        "item": "NCT00000001", "kind": "changed", "title": "A study", "url": "https://example.org/1",
        "fields": [{"field": "status", "path": "p", "before": "RECRUITING", "after": "COMPLETED"}],
        "event_ids": ["EV1"], "routine": [],
        "awaits_review": False,
        "back_at": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"since": NOW + timedelta(hours=2)}, [2, 3]),
        ({"therapy": "TOFERSEN"}, [2]),
        ({"therapy": "riluzole"}, []),
        ({"type": "approval"}, [2]),
        ({"level": "major"}, [2]),
        ({"state": "held"}, []),
        ({"source": "trials"}, [1, 2, 3]),
        ({"source": "clinicaltrials"}, [1, 2, 3]),
        ({"place": "US"}, [2]),
        ({"place": "EU"}, []),
        ({"tier": 1}, [2]),
        ({"tier": 2}, []),
    ],
)
def test_changes_can_be_narrowed(engine, wanted, found):
    with writing(engine) as session:
        a_log(session)
    with reading(engine) as session:
        assert ids(changes(session, Filters(**wanted)), "change") == found


def test_an_event_is_one_line_with_all_its_evidence(engine):
    with writing(engine) as session:
        a_log(session)
        session.add(proof("EV1", source="press", watch=None, tier=4, url="https://example.org/news"))
    with reading(engine) as session:
        (line,) = events(session)
    assert set(line) == EVENT_KEYS
    assert [set(one) for one in line["evidence"]] == [EVIDENCE_KEYS, EVIDENCE_KEYS]
    assert line["detected_at"] == "2026-11-24T13:00:00Z"
    assert line["evidence"][0]["quote"] == "status: COMPLETED"
    assert line["evidence"][1] == {
        "source": "press", "tier": 4, "url": "https://example.org/news", "quote": None, "retrieved_at": None,
        "capture_sha256": None, "watch": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["EV1", "EV2", "EV3"]),
        ({"since": NOW + timedelta(hours=2)}, ["EV2", "EV3"]),
        ({"therapy": "riluzole"}, ["EV2"]),
        ({"type": "trial_started"}, ["EV3"]),
        ({"level": "minor"}, ["EV1", "EV3"]),
        ({"level": "info"}, ["EV1", "EV2", "EV3"]),
        ({"state": "held"}, ["EV3"]),
        ({"tier": 3}, ["EV2"]),
        ({"tier": 1}, ["EV1", "EV3"]),
        ({"source": "fda"}, ["EV2"]),
        ({"source": "drugsfda"}, ["EV2"]),
        ({"as_of": date(2024, 8, 31)}, ["EV2"]),
        ({"as_of": date(2024, 9, 1)}, ["EV1", "EV2"]),
        ({"as_of": date(9999, 12, 31)}, ["EV1", "EV2", "EV3"]),
        ({"as_of": date(1, 1, 1)}, []),
        ({"as_of": date(2027, 1, 1)}, ["EV1", "EV2", "EV3"]),
        ({"known_at": NOW + timedelta(hours=2)}, ["EV1", "EV2"]),
        ({"among": ("released", "corrected", "imported")}, ["EV1", "EV2"]),
    ],
)
def test_events_can_be_narrowed(engine, wanted, found):
    with writing(engine) as session:
        session.add(made(1))
        session.add(made(2, therapy="riluzole", level="info", tier=3, occurred_on="2020"))
        session.add(made(3, type="trial_started", level="minor", state="held", occurred_on=None))
        session.flush()
        session.add(proof("EV2"))
    with reading(engine) as session:
        assert ids(events(session, Filters(**wanted))) == found


@pytest.mark.parametrize(("place", "found"), [("US", ["EV1"]), ("CA", ["EV1", "EV2"]), ("JP", [])])
def test_an_event_of_several_places_is_listed_for_each(engine, place, found):
    with writing(engine) as session:
        session.add(made(1, places=["US", "CA"]))
        session.add(made(2, place="CA", places=["CA"]))
    with reading(engine) as session:
        assert ids(events(session, Filters(place=place))) == found


def test_evidence_that_came_later_was_not_known(engine):
    with writing(engine) as session:
        session.add(made(1, detected_at=NOW))
        session.flush()
        session.add(proof("EV1"))
        session.add(proof("EV1", source="press", at=NOW + timedelta(days=2)))
    with reading(engine) as session:
        (line,) = events(session, Filters(known_at=NOW + timedelta(days=1)))
    assert [one["source"] for one in line["evidence"]] == ["drugsfda"]


def test_the_number_of_queries_does_not_grow_with_the_log(engine):
    with writing(engine) as session:
        a_log(session, size=300)
        session.add_all(made(n) for n in range(2, 301))
        session.flush()
        session.add_all(proof(f"EV{n}", change_id=n) for n in range(2, 301))
    with reading(engine) as session, counted(engine) as asked:
        assert len(list(events(session))) == 300
        assert len(asked) == 3  # the events, their evidence, no more events
        assert len(list(changes(session))) == 300
        assert len(asked) == 8  # ids, the changes, their events, what is folded, later titles


def test_a_log_longer_than_a_chunk_comes_whole_and_in_order(engine, monkeypatch):
    monkeypatch.setattr(listing, "CHUNK", 7)
    with writing(engine) as session:
        a_log(session, size=30)
        session.add_all(made(n) for n in range(2, 31))
    with reading(engine) as session:
        assert ids(changes(session), "change") == list(range(1, 31))
        assert ids(events(session)) == [f"EV{n}" for n in range(1, 31)]


@pytest.mark.parametrize("listed", [changes, events])
def test_a_source_that_the_log_does_not_know_is_refused(engine, listed):
    with writing(engine) as session:
        a_log(session)
    with reading(engine) as session, pytest.raises(Unaccepted, match=r"\(clinicaltrials, trials\); found 'drugsfda'"):
        list(listed(session, Filters(source="drugsfda")))


def test_a_title_is_shown_as_it_was_then(engine):
    with writing(engine) as session:
        a_log(session, size=3)
        session.get_one(Item, 1).title = "A study, closed"
        for number, before, after in ((4, "A study", "A study, extended"), (5, "A study, extended", "A study, closed")):
            session.add(
                Change(id=number, item_id=1, watch_id=1, run_id=1, kind="changed", before_id=1, after_id=1,
                       differences=[{"field": "title", "path": "p", "before": before, "after": after}],
                       detected_at=NOW + timedelta(hours=number), previous_hash="", hash=str(number))
            )  # fmt: skip
    with reading(engine) as session:
        titles = {line["change"]: line["title"] for line in changes(session)}
    assert titles == {1: "A study", 2: "A study", 3: "A study", 4: "A study, extended", 5: "A study, closed"}


def test_what_is_held_or_dismissed_is_not_named_where_anybody_looks(engine):
    public = Filters(among=("released", "corrected", "imported"))
    with writing(engine) as session:
        a_log(session)
        session.add(made(2, state="held"))
        session.add(made(3, state="dismissed"))
        session.flush()
        session.add(proof("EV2", change_id=2))
        session.add(proof("EV3", change_id=3))
    with reading(engine) as session:
        assert [(line["event_ids"], line["awaits_review"]) for line in changes(session, public)] == [
            ([], False), (["EV1"], True), ([], False),
        ]  # fmt: skip
        assert [line["event_ids"] for line in changes(session)] == [[], ["EV1", "EV2"], ["EV3"]]
        assert ids(events(session, public)) == ["EV1"]
        assert event(session, "EV2", among=public.among) is None
        shown = event(session, "EV1", among=public.among)
        assert shown and [rung["event"] for rung in shown["ladder"]] == ["EV1"]


def test_one_event_is_told_with_its_ladder_and_reviews(engine):
    with writing(engine) as session:
        session.add(made(1, step="applied", occurred_on="2022-07", type="submission"))
        session.add(made(2, mark_date="X", note="a note", kind="accelerated"))
        session.add(made(3, thread="eu/tofersen/authorisation"))
        session.flush()
        session.add(Review(event_id="EV2", verdict="confirmed", by="maintainer", at=NOW, note="seen"))
    with reading(engine) as session:
        line = event(session, "EV2")
        assert event(session, "EV404") is None
    assert line is not None
    assert set(line) > EVENT_KEYS
    assert [rung["event"] for rung in line["ladder"]] == ["EV1", "EV2"]
    assert (line["kind"], line["date_mark"], line["note"]) == ("accelerated", "X", "a note")
    assert line["reviews"] == [
        {"verdict": "confirmed", "by": "maintainer", "at": "2026-11-24T12:00:00Z", "note": "seen"}
    ]


def a_watch(name: str, *, hours: int | None, every: int, active: bool = True) -> Watch:
    last = None if hours is None else NOW - timedelta(hours=hours)
    return Watch(
        name=name,
        source="feed",
        options={},
        every_seconds=every,
        next_check_at=NOW,
        last_success_at=last,
        active=active,
    )


def test_a_watch_is_stale_after_a_day_and_two_intervals(engine):
    hour, day = 3600, 86400
    with writing(engine) as session:
        session.add(a_watch("hourly, late", hours=25, every=hour))
        session.add(a_watch("hourly, well", hours=23, every=hour))
        session.add(a_watch("daily, well", hours=47, every=day))
        session.add(a_watch("daily, late", hours=49, every=day))
        session.add(a_watch("never", hours=None, every=hour))
        session.add(a_watch("at rest", hours=900, every=hour, active=False))
    with reading(engine) as session:
        lines = watches(session, NOW, sources={}, titles={"feed": "Feeds"})
    assert {line["watch"]: line["stale"] for line in lines} == {
        "hourly, late": True, "hourly, well": False, "daily, well": False, "daily, late": True, "never": True,
    }  # fmt: skip
    assert {line["title"] for line in lines} == {"Feeds"}


def test_watches_and_their_latest_runs_take_three_queries(engine):
    with writing(engine) as session:
        a_log(session)
        for number in range(2, 9):
            session.add(Run(id=number, watch_id=1, started_at=NOW, finished_at=NOW, outcome="unchanged", ms=number))
    with reading(engine) as session, counted(engine) as asked:
        (line,) = watches(session, NOW, sources={})
    assert len(asked) == 3
    assert [run["ms"] for run in line["runs"]] == [8, 7, 6, 5, 4]
    assert (line["health"], line["stale"], line["last_success_at"]) == ("ok", False, "2026-11-24T11:00:00Z")


DAYS = st.dates(date(2023, 12, 1), date(2025, 2, 1))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.one_of(DAYS.map(str), DAYS.map(lambda d: f"{d:%Y-%m}"), DAYS.map(lambda d: f"{d:%Y}")), as_of=DAYS)
def test_an_act_counts_from_the_first_day_it_can_have_been(engine: Engine, told: str, as_of: date) -> None:
    with reading(engine) as session:  # never written: each example finds the store empty
        session.add(made(1, occurred_on=told))
        session.flush()
        assert bool(list(events(session, Filters(as_of=as_of)))) == (first_day(told) <= as_of)
    engine.dispose()
