"""Dates ahead: plans of the register, told as plans, and only while they lie ahead."""

from datetime import UTC, date, datetime

import pytest

from monitor.standing.overdue import Trial
from monitor.telling.compose.ahead import ahead
from store.tables import Item, Snapshot

TODAY = date(2025, 8, 31)


def trial(key="NCT04768972", therapy="ulefnersen", updated_on="2025-05-22", **content):
    item = Item(source="clinicaltrials", key=key, title=key, url=f"https://r.example/{key}", updated_on=updated_on)
    taken = Snapshot(item_id=1, run_id=1, capture_id=1, taken_at=datetime(2025, 8, 30, tzinfo=UTC),
                     packed=b"", fingerprint="", revision=1)  # fmt: skip
    return Trial(item, taken, {"status": "RECRUITING", **content}, therapy)


def planned(day, **said):
    return trial(primary_completion=day, primary_completion_type="ESTIMATED", **said)


def told(*trials):
    return ahead(trials, TODAY, titles={"clinicaltrials": "The register"})


def test_a_plan_is_told_with_its_source_and_how_sure_it_is():
    [one] = told(planned("2026-02"))
    assert one.sentence == (
        "The last visit that counts for the main goal of NCT04768972 (ulefnersen) is planned in February 2026."
    )
    assert one.how_sure == "a plan in the register, entry of 22 May 2025; it may move"
    assert (one.source, one.url) == ("The register", "https://r.example/NCT04768972")


@pytest.mark.parametrize(
    "silent",
    [
        trial(),
        planned("2025-08-30"),
        planned("2026-09-01"),
        planned("2026-02", status="TERMINATED"),
        trial(primary_completion="2026-02", primary_completion_type="ACTUAL"),
        trial(primary_completion="2026-02"),
    ],
    ids=["no date", "past", "too far", "stopped", "no plan but a fact", "the register does not say"],
)
def test_what_is_no_plan_ahead_is_not_told(silent):
    assert told(silent) == ()


def test_the_three_soonest_are_told_soonest_first():
    days = ["2026-06", "2025-09", "2025-08", "2026-01-15"]
    assert [one.on for one in told(*map(planned, days))] == ["2025-08", "2025-09", "2026-01-15"]
