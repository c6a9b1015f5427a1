"""What should have happened and did not."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from monitor.standing.silence import Overdue, awaited
from store.tables import Event

WAITING = {"NCT06973629": {"status": "NOT_YET_RECRUITING", "start": "2025-06-30", "start_type": "ESTIMATED"}}
DONE = {"NCT00000001": {"status": "COMPLETED", "primary_completion": "2023-05", "primary_completion_type": "ACTUAL"}}
RUNNING = {"NCT00000002": {"status": "RECRUITING"}}


def at(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)


def told(trial: str, **more: Any) -> Event:
    fields = {
        "id": "EV1", "sequence": 1, "type": "trial_registered", "therapy": "NurOwn", "trial": trial,
        "polarity": "neutral", "detected_at": at("2025-05-22"), "level": "info", "certainty": "stated", "tier": 2,
        "thread": f"trial/{trial.lower()}", "step": "registered", "title": "", "state": "released",
    }  # fmt: skip
    return Event(**fields | more)


def overdue(studies: dict[str, Any], told: list[Event], on: datetime, **vouched: Any) -> list[Overdue]:
    return [one for one in awaited(studies, told, **vouched) if one.waiting_since <= on.date()]


def test_a_start_is_waited_for_sixty_days():
    registered = [told("NCT06973629")]
    assert overdue(WAITING, registered, at("2025-08-28")) == []
    (found,) = overdue(WAITING, registered, at("2025-08-29"))
    assert (found.due, found.grace, found.waiting_since) == (date(2025, 6, 30), timedelta(days=60), date(2025, 8, 29))
    assert (found.claim.type, found.claim.therapy, found.claim.trial) == ("start_overdue", "NurOwn", "NCT06973629")
    assert found.claim.quote == "status: NOT_YET_RECRUITING; start: 2025-06-30; start_type: ESTIMATED"
    assert found.claim.planned_start == "2025-06-30"


def test_a_silence_is_told_once_until_the_date_moves():
    before = [told("NCT06973629", type="start_overdue", step="start_overdue", occurred_on="2025-08-29")]
    assert overdue(WAITING, before, at("2026-03-01")) == []
    moved = {"NCT06973629": {**WAITING["NCT06973629"], "start": "2025-12"}}
    assert overdue(moved, before, at("2026-02-28")) == []
    assert [one.due for one in overdue(moved, before, at("2026-03-01"))] == [date(2025, 12, 31)]


def test_a_start_told_elsewhere_ends_the_waiting():
    assert overdue(WAITING, [told("NCT06973629", step="started")], at("2026-01-01")) == []


def test_results_are_due_a_year_after_the_main_goal_was_measured():
    assert overdue(DONE, [], at("2024-06-29")) == []
    (found,) = overdue(DONE, [], at("2024-06-30"))
    assert (found.claim.type, found.due) == ("results_overdue", date(2024, 5, 31))
    assert found.claim.quote == "primary_completion: 2023-05; primary_completion_type: ACTUAL; no results posted"


@pytest.mark.parametrize(
    "more",
    [
        {"has_results": True},
        {"results_posted": "2024-03-01"},
        {"primary_completion_type": "ESTIMATED"},
        {"status": "WITHDRAWN"},
    ],
)
def test_no_results_are_waited_for_where_none_are_owed(more):
    assert overdue({"NCT00000001": {**DONE["NCT00000001"], **more}}, [], at("2026-01-01")) == []


def test_a_running_trial_is_stale_a_year_after_its_last_update():
    updated = {"NCT00000002": "2024-02-29"}
    assert overdue(RUNNING, [], at("2026-01-01")) == []
    assert overdue(RUNNING, [], at("2025-02-28"), vouched=updated) == []
    (found,) = overdue(RUNNING, [], at("2025-03-01"), vouched=updated)
    assert (found.claim.type, found.waiting_since) == ("record_stale", date(2025, 3, 1))
    assert overdue({"NCT00000002": {"status": "COMPLETED"}}, [], at("2026-01-01"), vouched=updated) == []
