"""What a reader may ask for besides drugs and places: only doors, topics left out, days without mail."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from demo.receivers import MailCatcher
from monitor.path.verify import verify
from monitor.settings import Misconfigured
from monitor.standing.overdue import Trial
from monitor.telling.compose.ahead import ahead
from monitor.telling.deliver import deliver
from monitor.telling.match import match
from monitor.telling.preview import preview
from monitor.telling.slots import WEEKDAYS, next_day
from monitor.telling.subscription_lines import line
from monitor.vocabulary.event_types import TYPES
from monitor.vocabulary.topics import TOPICS, opens_door, topic_of
from store.database import reading
from store.tables import Delivery, Enclosure, Item, Subscription
from tests.monitor.telling.test_message import watched

SATURDAY = datetime(2025, 8, 30, 7, 0, tzinfo=UTC)
OPENING = {"type": "trial_status_change", "polarity": "positive", "place": None, "trial": "NCT1", "level": "info",
           "alert": False}  # fmt: skip


def enclosed(world):
    with reading(world.service.engine) as session:
        return [row.event_id for row in session.exec(select(Enclosure).order_by(Enclosure.event_id)).all()]


def owed(world):
    with reading(world.service.engine) as session:
        return session.exec(select(Delivery).order_by(Delivery.due_at)).all()


def test_every_type_has_a_topic_and_doors_are_good_news():
    assert {topic_of(name) for name in TYPES} == set(TOPICS) - {"other"}
    doors = {(name, way) for name, spec in TYPES.items() for way in spec.door}
    assert {name for name, _ in doors} >= {"approval", "expanded_access", "trial_started", "trial_registered"}
    assert not opens_door("expanded_access", "negative")
    assert not opens_door("readout_met", "positive")
    assert all(way in (spec.polarity or way, "positive") for name, spec in TYPES.items() for way in spec.door)


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ({"type": "approval", "polarity": "positive"}, True),
        ({"type": "expanded_access", "polarity": "positive", "level": "major"}, True),
        ({"type": "expanded_access", "polarity": "negative", "level": "major"}, False),
        (OPENING, True),
        ({**OPENING, "type": "trial_registered", "polarity": "neutral"}, True),
        ({**OPENING, "polarity": "neutral"}, False),
        ({"type": "readout_met", "polarity": "positive", "place": None}, False),
        ({}, False),
    ],
)
def test_who_wants_only_what_opens_a_door_is_told_of_it_whatever_its_level(world, told, wanted):
    world.reader(only_doors=True, level="critical", cadence="daily")
    world.event(**told)
    match(world.service)
    assert bool(enclosed(world)) is wanted
    assert [result.broken for result in verify(world.service) if result.broken] == []


def test_a_muted_topic_stays_out_and_the_rest_comes(world):
    world.reader(muted=["results", "payment"])
    world.event(type="readout_not_met", place=None, trial="NCT1")
    kept = world.event()
    match(world.service)
    assert enclosed(world) == [kept.id]


def test_an_alert_of_a_quiet_day_waits_for_the_hour_of_the_next_other_one(world):
    world.moment = SATURDAY
    world.reader(quiet_days=["sat", "SUN"], timezone="Europe/Madrid")
    first, second = world.event(), world.event()
    match(world.service)
    [waiting] = owed(world)
    assert (waiting.kind, waiting.slot, waiting.due_at) == ("digest", "2025-09-01", datetime(2025, 9, 1, 6, tzinfo=UTC))
    assert enclosed(world) == [first.id, second.id]


def test_what_is_owed_from_before_does_not_leave_on_a_quiet_day_nor_at_its_midnight(world):
    world.moment = SATURDAY - timedelta(days=1)
    reader = world.reader(quiet_days=["sat"], at_hour=8)
    world.event()
    match(world.service)
    [alert] = owed(world)
    assert alert.kind == "alert", "on a Friday it is owed at once"
    with MailCatcher() as box:
        world.with_settings(smtp_url=box.url)
        for hours, sent in ((0, 0), (18, 0), (25, 1)):  # Saturday morning, Sunday at one, Sunday at eight
            world.moment = SATURDAY + timedelta(hours=hours)
            assert len(list(deliver(world.service))) == sent, hours
    assert reader.quiet_days == ["sat"]


def test_a_week_without_mondays_has_its_mail_on_tuesdays(world):
    moment = datetime(2025, 8, 29, 12, tzinfo=UTC)
    days = [next_day(moment + timedelta(weeks=week), 8, "UTC", "weekly", ("mon",)) for week in range(3)]
    assert [f"{day:%a %d %b}" for day in days] == ["Tue 02 Sep", "Tue 09 Sep", "Tue 16 Sep"]


@pytest.mark.parametrize(
    ("wish", "named"),
    [
        ({"muted": ["weather"]}, "mute: expected one of approvals"),
        ({"muted": list(TOPICS)}, "mute: expected at least one left out"),
        ({"quiet_days": ["someday"]}, "quiet_day: expected one of mon"),
        ({"quiet_days": WEEKDAYS}, "quiet_day: expected at least one left out"),
        ({"tiers": [5]}, "tier: expected one of 1, 2, 3, 4, found '5'"),
        ({"wording": "poetic"}, "wording: expected one of plain, technical"),
    ],
)
def test_what_cannot_be_granted_is_named(world, wish, named):
    with pytest.raises(Misconfigured, match=named):
        world.reader(**wish)


@pytest.mark.parametrize("wish", [{"hide_outcomes": True}, {"wording": "technical"}, {"quiet_days": ["sun"]}])
def test_a_program_is_told_all_of_it_at_once_in_both_wordings(world, hook, wish):
    with pytest.raises(Misconfigured, match=f"{next(iter(wish))}: expected none for webhook"):
        world.reader("webhook", hook.url, **wish)


def test_the_line_of_a_subscription_names_every_wish(world):
    said = line(world.reader(tiers=["2", 1], only_doors=True, muted=["papers"], wording="technical", hide_outcomes=True,
                             quiet_days=["sun", "mon"]))  # fmt: skip
    assert said["tiers"] == [1, 2]
    assert (said["only_doors"], said["muted"], said["wording"], said["hide_outcomes"], said["quiet_days"]) == (
        True, ["papers"], "technical", True, ["mon", "sun"],
    )  # fmt: skip


def test_who_leaves_a_topic_out_is_not_told_that_there_was_none_of_it(world):
    watched(world, "news", last=world.moment)
    everything = world.reader(cadence="weekly")
    muted = world.reader(address="b@example.org", cadence="weekly", muted=["approvals"])
    world.event()
    assert preview(world.service, everything.id).one_line.endswith("No new ALS drug.")
    assert "No new" not in preview(world.service, muted.id).one_line


def test_dates_ahead_go_by_the_same_wishes():
    item = Item(source="clinicaltrials", key="NCT1", title="x", url="https://clinicaltrials.gov/study/NCT1")
    content = {"status": "NOT_YET_RECRUITING", "start": "2025-10", "start_type": "ESTIMATED",
               "primary_completion": "2026-05", "primary_completion_type": "ESTIMATED"}  # fmt: skip
    trial = Trial(item, None, content, "tofersen")

    def told(**wishes):
        reader = Subscription(channel="email", address="a@b.example", created_at=SATURDAY, **wishes)
        return [plan.on for plan in ahead([trial], SATURDAY.date(), titles={}, reader=reader)]

    assert told() == ["2025-10", "2026-05"]
    assert told(only_doors=True) == told(muted=["results"]) == ["2025-10"]
    assert told(muted=["trials"]) == ["2026-05"]
    assert told(tiers=[1, 3, 4]) == told(therapies=["NurOwn"]) == []
    assert told(tiers=[2]) == told()
