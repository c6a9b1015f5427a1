"""A clock that is set forward or back, and a long stop: nothing is sent twice, nothing is skipped, and it is said."""

from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from monitor.telling.match import match
from monitor.telling.secrets import open_keyring
from monitor.telling.subscription_lines import line
from monitor.telling.subscriptions import pause_by_token, subscribe, subscriptions
from store.states import DeliveryState
from tests.stories.stage import Hook, Postbox
from tests.stories.test_bad_receivers import START, Scene, rounds, scene, with_mail

__all__ = ["scene"]

FAR = datetime(2036, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("cadence", ["immediate", "daily", "weekly"])
def test_what_was_owed_while_the_clock_ran_ahead_is_sent_once_it_is_right(
    scene: Scene, postbox: Postbox, cadence: str
) -> None:
    with_mail(scene, postbox.url)
    subscribe(scene.service, channel="email", address="reader@example.org", cadence=cadence, confirmed=True)
    match(scene.service)
    scene.moment = FAR
    scene.event()
    scene.moment = START + timedelta(minutes=5)
    with capture_logs() as said:
        rounds(scene, 24 * 9, hours=1)
    news = [mail for mail in postbox.mails if "nothing new" not in str(mail["Subject"])]
    assert len(news) == 1
    assert any("clock was wrong" in str(one["event"]) for one in said)
    assert all(one.due_at.year == 2026 for one in scene.owed() if one.state == DeliveryState.WAITING)


def test_what_failed_while_the_clock_ran_ahead_is_tried_again_at_once(scene: Scene, hook: Hook) -> None:
    subscribe(scene.service, channel="webhook", address=hook.url)
    hook.answers = [(500, {}), (204, {})]
    scene.moment = FAR
    scene.event()
    rounds(scene, 1, minutes=1)
    scene.moment = START
    rounds(scene, 2, minutes=5)
    assert len(hook.got) == 2
    assert len({got.id for got in hook.got}) == 1
    assert [one.state for one in scene.owed()] == [DeliveryState.SENT]


def test_a_clock_set_back_an_hour_delays_no_alert_and_doubles_no_digest(scene: Scene, postbox: Postbox) -> None:
    with_mail(scene, postbox.url)
    for cadence in ("immediate", "daily"):
        subscribe(scene.service, channel="email", address=f"{cadence}@example.org", cadence=cadence, confirmed=True)
    scene.event()
    rounds(scene, 24, hours=1)
    assert len(postbox.mails) == 2
    scene.event()
    scene.passes(hours=-1)  # before it was sent
    rounds(scene, 1, minutes=1)
    assert len(postbox.mails) == 3, "an alert is due at once whatever the clock says"
    scene.passes(hours=-24)  # the digest of this day has been sent
    rounds(scene, 24 * 4, hours=1)
    assert len(postbox.mails) == 4
    assert len({str(mail["Message-ID"]) for mail in postbox.mails}) == 4


def test_after_three_weeks_of_standstill_each_reader_hears_each_thing_once(scene: Scene, postbox: Postbox) -> None:
    with_mail(scene, postbox.url)
    for cadence in ("immediate", "weekly"):
        subscribe(scene.service, channel="email", address=f"{cadence}@example.org", cadence=cadence, confirmed=True)
    scene.event()
    scene.passes(weeks=3)
    for _ in range(5):
        scene.event()
    rounds(scene, 24 * 8, hours=1)
    told = [str(mail["To"]) for mail in postbox.mails]
    assert told.count("immediate@example.org") == 6
    assert told.count("weekly@example.org") == 2, "the week that was owed, and this one"
    assert all(one.state == DeliveryState.SENT for one in scene.owed() if one.due_at < scene.moment)


def test_a_pause_by_link_under_a_wrong_clock_ends_four_weeks_from_now(scene: Scene) -> None:
    found, _ = subscribe(scene.service, channel="email", address="reader@example.org", confirmed=True)
    scene.moment = FAR
    pause_by_token(scene.service, open_keyring(scene.service.settings).token("manage", found.id or 0))
    scene.moment = START
    rounds(scene, 1, minutes=1)
    [reader] = subscriptions(scene.service)
    assert line(reader)["paused_until"] == "2026-03-30T09:00:00Z"
