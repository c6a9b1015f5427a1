"""Who is owed what: filters, corrections, confirmations, summaries, and one digest a local day."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from monitor.telling.deliver import deliver
from monitor.telling.match import match
from monitor.telling.slots import due_on, next_day
from store.database import reading, writing
from store.tables import Delivery, Enclosure, Event


def enclosed(world):
    with reading(world.service.engine) as session:
        return sorted((row.subscription_id, row.event_id, row.notice) for row in session.exec(select(Enclosure)).all())


@pytest.mark.parametrize(
    ("wishes", "wanted"),
    [
        ({}, True),
        ({"therapies": ["Relyvrio"]}, True),
        ({"therapies": ["tofersen"]}, False),
        ({"types": ["approval"]}, False),
        ({"places": ["us"]}, True),
        ({"places": ["CA"]}, False),
        ({"level": "critical"}, True),
        ({"tiers": [1, 2]}, True),
        ({"tiers": [3, 4]}, False),
        ({"tiers": [4, 3, 2, 1]}, True),
    ],
)
def test_filters(world, wishes, wanted):
    world.reader(**wishes)
    world.event()
    assert match(world.service) == 1
    assert bool(enclosed(world)) is wanted
    assert match(world.service) == 0


def test_trial_events_pass_a_filter_by_place(world):
    world.reader(places=["CA"])
    world.event(type="trial_stopped", place=None, trial="NCT05021536", level="major")
    match(world.service)
    assert len(enclosed(world)) == 1


@pytest.mark.parametrize(("places", "heard"), [(["CA"], 0), ([], 1)])
def test_an_act_in_a_country_that_nobody_follows_passes_no_filter_by_place(world, places, heard):
    world.reader(places=places)
    world.event(type="market_withdrawal", place=None, agency="ANVISA", level="critical")
    match(world.service)
    assert len(enclosed(world)) == heard


@pytest.mark.parametrize("said", [{"state": "held"}, {"state": "imported"}, {"alert": False}, {"level": "info"}])
def test_what_is_held_imported_a_mere_step_or_too_small_goes_to_nobody(world, said):
    world.reader()
    world.event(**said)
    match(world.service)
    assert enclosed(world) == []


def test_who_has_not_confirmed_gets_nothing_but_the_question(world):
    world.reader(confirmed=False)
    world.event()
    match(world.service)
    assert enclosed(world) == []


def test_one_address_in_two_follows_hears_once(world):
    first = world.reader(cadence="daily")
    second = world.reader(therapies=["AMX0035"])
    world.event()
    match(world.service)
    assert first.id != second.id
    assert enclosed(world) == [(second.id, "EV0001", "news")]


def test_a_correction_reaches_who_got_the_error_whatever_the_filter(world, hook):
    got = world.reader("webhook", hook.url, types=["authorization_revoked"])
    world.reader("webhook", hook.url + "/other", types=["approval"])
    wrong = world.event()
    match(world.service)
    list(deliver(world.service))
    with writing(world.service.engine) as session:
        session.get(Event, wrong.id).state = "corrected"
    right = world.event(type="market_withdrawal", corrects=wrong.id)
    match(world.service)
    assert enclosed(world) == [(got.id, wrong.id, "news"), (got.id, right.id, "correction")]


def test_confirmations_go_to_those_who_asked(world):
    asked = world.reader(address="a@example.org", confirmations=True)
    world.reader(address="b@example.org")
    event = world.event(certainty="reported")
    match(world.service)
    for _ in range(2):  # a mark that comes twice is told once
        with writing(world.service.engine) as session:
            told = session.get(Event, event.id)
            told.confirmation_due, told.certainty = world.moment, "stated"
        match(world.service)
    assert [row for row in enclosed(world) if row[2] == "confirmation"] == [(asked.id, event.id, "confirmation")]


def test_much_at_once_is_one_summary_for_people_and_one_by_one_for_machines(world, hook):
    person, machine = world.reader(), world.reader("webhook", hook.url)
    for _ in range(5):
        world.event()
    match(world.service)
    with reading(world.service.engine) as session:
        counts = Counter(row.subscription_id for row in session.exec(select(Delivery)).all())
    assert counts == {person.id: 1, machine.id: 5}


def test_matching_again_after_a_lost_mark_tells_nobody_twice(world):
    world.reader()
    event = world.event()
    match(world.service)
    before = enclosed(world)
    with writing(world.service.engine) as session:
        session.get(Event, event.id).matched_at = None
    assert match(world.service) == 1
    assert enclosed(world) == before


def test_small_news_wait_for_the_hour_of_digests_and_a_machine_has_them_at_once(world, hook):
    person, machine = world.reader(), world.reader("webhook", hook.url, level="minor")
    world.event(type="designation", level="minor", alert=False)
    match(world.service)
    with reading(world.service.engine) as session:
        kinds = {row.subscription_id: row.kind for row in session.exec(select(Delivery)).all()}
    assert kinds == {person.id: "digest", machine.id: "alert"}


def test_a_quiet_week_has_its_delivery(world):
    world.reader(cadence="weekly", timezone="Europe/Madrid")
    match(world.service)
    with reading(world.service.engine) as session:
        [owed] = session.exec(select(Delivery)).all()
    assert (owed.slot, owed.due_at) == ("2025-09-01", datetime(2025, 9, 1, 6, 0, tzinfo=UTC))


ZONES = ("America/New_York", "Europe/London", "Australia/Sydney", "Australia/Lord_Howe")


@given(
    zone=st.sampled_from(ZONES),
    hour=st.integers(0, 23),
    start=st.sampled_from([date(2025, 3, 7), date(2025, 3, 28), date(2025, 4, 4), date(2025, 10, 3), date(2025, 10, 24),
                           date(2025, 10, 31)]),
    step=st.sampled_from([7, 13, 30]),
)  # fmt: skip
def test_exactly_one_digest_a_local_day(zone, hour, start, step):
    """Whatever the minute at which news is matched, each local day has one digest, due on that day."""
    moment, slots = datetime(start.year, start.month, start.day, tzinfo=UTC), {}
    for _ in range(5 * 24 * 60 // step):
        day = next_day(moment, hour, zone, "daily")
        due = due_on(day, hour, ZoneInfo(zone))
        assert due > moment
        assert due.astimezone(ZoneInfo(zone)).date() == day
        assert slots.setdefault(day, due) == due
        moment += timedelta(minutes=step)
    days = sorted(slots)
    assert days == [days[0] + timedelta(days=n) for n in range(len(days))]
    assert sorted(slots.values()) == [slots[day] for day in days]
