"""Small changes of a record are no events; who asks for them finds them in plain sentences, everywhere the same."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlalchemy import event as sql_event

from monitor.service import Service
from monitor.standing import log as listing
from monitor.standing.filters import Filters
from monitor.telling.compose.contents import Together, digest_of
from monitor.telling.subscriptions import subscribe
from monitor.web.app import create_app
from notifiers.email import render
from store.database import reading
from store.states import DeliveryKind
from store.tables import Delivery, Subscription
from tests.stories.stage import Installation, Stage, events, look, study, tale, watch

TRIAL, OTHER = "NCT09000001", "NCT09000002"
PLAN = {
    "primary_completion": "2025-06", "primary_completion_type": "ESTIMATED", "completion": "2026",
    "completion_type": "ESTIMATED", "enrollment": 64,
}  # fmt: skip
MOVES: tuple[tuple[date, dict[str, Any]], ...] = (
    (date(2024, 1, 1), {}),
    (date(2024, 5, 1), {"primary_completion": "2025-12"}),
    (date(2024, 6, 1), {"primary_completion": "2025-12", "enrollment": 77}),
    (date(2024, 7, 1), {"primary_completion": "2026-12", "completion": "2026-12", "enrollment": 77}),
)
STOPS: tuple[tuple[date, dict[str, Any]], ...] = (
    (date(2024, 1, 1), {}),
    (date(2024, 6, 1), {"status": "TERMINATED", "enrollment": 3}),
)
DAYS = ("2024-01-02", "2024-05-02", "2024-06-02", "2024-07-02")


def at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(hour=9, tzinfo=UTC)


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    """Two studies, looked at on four days: one slips twice and grows, the other stops."""
    studies = (study(TRIAL, *MOVES, **PLAN), study(OTHER, *STOPS, enrollment=9))
    with Stage(tale(studies=studies), at=at(DAYS[0])) as world:
        found = Installation(tmp_path, world)
        options = {"condition": "amyotrophic lateral sclerosis"}
        found.write_pack(watch("trials", "clinicaltrials", base_url="WORLD", options=options))
        with found.service() as service:
            for day in DAYS:
                world.at(at(day))
                look(service)
        yield found


@contextmanager
def asked(engine: Engine) -> Iterator[list[str]]:
    """The statements that reach the database."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found.append(statement)

    sql_event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        sql_event.remove(engine, "before_cursor_execute", note)


def pages_of(service: Service) -> TestClient:
    return TestClient(create_app(service))


def test_the_change_log_says_what_moved_and_how_far_so_far(installed: Installation) -> None:
    lines = installed.command("changes", "--json").lines
    told = [(line["item"], one["words"]) for line in lines for one in line["routine"]]

    assert told == [
        (TRIAL, "Primary completion moved by 184 days, from 2025-06 to 2025-12."),
        (TRIAL, "Enrolment: 64 before, 77 now, planned."),
        (OTHER, "Enrolment: 9 before, 3 now, planned."),
        (TRIAL, "Primary completion moved by 365 days, from 2025-12 to 2026-12 (second move, 549 days in all)."),
        (TRIAL, "Completion is told more precisely, 2026-12 instead of 2026."),
    ]
    assert lines[-1]["routine"][0] == {
        "kind": "date_moved", "field": "primary_completion", "words": told[3][1], "slip_days": 365, "moves": 2,
        "slipped_in_all": 549,
    }  # fmt: skip
    with installed.service() as service:
        assert [event.type for event in events(service)] == ["trial_stopped"]


def test_a_reader_asks_for_one_kind(installed: Installation) -> None:
    def found(kind: str) -> list[str]:
        return [line["item"] for line in installed.command("changes", "--routine", kind, "--json").lines]

    assert found("date_moved") == [TRIAL, TRIAL]
    assert found("enrolment") == [TRIAL, OTHER]
    assert found("sites") == []
    wrong = installed.command("changes", "--routine", "sits")
    assert wrong.status == 2
    assert "date_moved" in wrong.err
    assert "549 days in all" in installed.command("changes").out


def test_those_of_a_kind_come_oldest_first_and_in_few_queries(installed: Installation) -> None:
    with installed.service() as service, reading(service.engine) as session:
        every = list(listing.changes(session))
        with asked(service.engine) as statements:
            kept = list(listing.changes(session, Filters(routine="enrolment")))
        assert [line["item"] for line in kept] == [TRIAL, OTHER]
        assert len(statements) <= 7
        assert list(listing.changes(session, Filters(routine="date_moved"))) == [every[0], every[-1]]
        both = listing.changes(session, Filters(routine="enrolment", type="trial_stopped"))
        assert [line["item"] for line in both] == [OTHER]


def test_the_pages_tell_the_same(installed: Installation) -> None:
    with installed.service() as service:
        pages = pages_of(service)
        shown = pages.get("/changes", params={"routine": "date_moved"}).text
        assert "Primary completion moved by 184 days, from Jun 2025 to Dec 2025." in shown
        assert "(second move, 549 days in all)" in shown
        assert "Enrolment: 64 before" not in shown
        assert '<option value="date_moved" selected>Dates moved</option>' in shown

        api = pages.get("/api/v1/changes", params={"routine": "enrolment"}).json()
        assert [line["item"] for line in api] == [OTHER, TRIAL]
        assert pages.get("/api/v1/changes", params={"routine": "sits"}).status_code == 400
        assert pages.get("/changes", params={"routine": ""}).status_code == 200


def test_a_trial_shows_how_its_dates_slipped(installed: Installation) -> None:
    with installed.service() as service:
        pages = pages_of(service)
        with asked(service.engine) as statements:
            page = pages.get(f"/trials/{TRIAL}").text
        table = page[page.index("How its dates moved") : page.index("Changes in its records")]
        rows = [re.sub(r"<[^>]+>", " ", row).split() for row in re.findall(r"<tr.*?</tr>", table, re.S)][1:]

        assert [" ".join(row) for row in rows] == [
            "Primary completion 2 May 2024, 09:00 UTC Jun 2025 Dec 2025 184 days later",
            "Primary completion 2 Jul 2024, 09:00 UTC Dec 2025 Dec 2026 365 days later",
            "Completion 2 Jul 2024, 09:00 UTC 2026 Dec 2026 no delay",
        ]
        assert len([one for one in statements if one.startswith("SELECT")]) <= 15, "three of them for other registries"
        assert "How its dates moved" not in pages.get(f"/trials/{OTHER}").text


def test_a_weekly_digest_counts_them_and_links_to_them(installed: Installation) -> None:
    with installed.service() as service:
        reader, _ = subscribe(service, channel="email", address="reader@example.org", cadence="weekly", confirmed=True)
        due = at("2024-07-08")
        delivery = Delivery(
            id="DL1",
            subscription_id=reader.id or 0,
            kind=DeliveryKind.DIGEST,
            slot="2024-07-08",
            created_at=due,
            due_at=due,
        )
        with reading(service.engine) as session:
            row = session.get_one(Subscription, reader.id)
            digest = digest_of(Together(service, session, [(delivery, row)]), [], delivery, row)
        assert digest.looked
        assert digest.looked.routine_changes == 1
        link = digest.looked.routine_url
        assert link
        text, page = render(digest)
        assert f"Small changes in records: 1: {link}\n" in text
        assert ">Small changes in records: 1</a>" in page
        address = urlsplit(link)
        listed = pages_of(service).get(f"{address.path}?{address.query}").text
        assert "(second move, 549 days in all)" in listed
        assert "from 2025-06 to 2025-12" not in listed
