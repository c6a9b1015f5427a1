"""What is owed is sent once it is due, retried as promised, and never told twice."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlmodel import select
from standardwebhooks import Webhook

import notifiers
from monitor.telling.claimed import claim, contents_of
from monitor.telling.deliver import deliver, send_test
from monitor.telling.deliveries import resend
from monitor.telling.match import match
from monitor.telling.pause import pause_all, pause_subscription, resume_all, resume_subscription
from monitor.telling.preview import preview
from monitor.telling.retry import wait_after
from monitor.telling.subscriptions import subscribe, unsubscribe
from notifiers.base import Undeliverable
from store.database import reading, writing
from store.tables import Delivery, Enclosure, Event, Subscription


def owed(world):
    with reading(world.service.engine) as session:
        return session.exec(select(Delivery).order_by(Delivery.due_at)).all()


def test_a_hook_that_is_down_for_a_while_hears_once_with_the_same_id_and_bytes(world, hook):
    hook.answers = [(503, {}), (503, {}), (200, {})]
    _, secret = subscribe(world.service, channel="webhook", address=hook.url)
    world.event()
    assert match(world.service) == 1
    states = []
    for _ in range(5):
        states += [line["state"] for line in deliver(world.service)]
        world.passes(minutes=40)
    assert states == ["waiting", "waiting", "sent"]
    assert len({body for _, body in hook.got}) == 1
    assert len({headers["webhook-id"] for headers, _ in hook.got}) == 1
    for headers, body in hook.got:
        assert Webhook(secret).verify(body, headers)["type"] == "authorization_revoked"
    assert list(deliver(world.service)) == []


def test_gone_pauses_the_subscription_and_keeps_what_is_owed(world, hook):
    hook.answers = [(410, {})]
    reader = world.reader("webhook", hook.url)
    world.event()
    match(world.service)
    [line] = deliver(world.service)
    assert (line["state"], line["attempts"]) == ("waiting", 1)
    with reading(world.service.engine) as session:
        assert "410" in session.get(Subscription, reader.id).paused_because
    world.passes(days=2)
    assert list(deliver(world.service)) == []
    hook.answers = [(204, {})]
    resume_subscription(world.service, reader.id)
    assert [line["state"] for line in deliver(world.service)] == ["sent"]


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        ("120", 120, 120),
        ("0", 5, 5.5),
        ("3", 5, 5.5),
        ("99999999", 86400, 86400),
        ("9" * 30, 86400, 86400),
        ("Fri, 01 Jan 2010 00:00:00 GMT", 5, 5.5),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 86400, 86400),
        ("-60", 5, 5.5),
        ("soon", 5, 5.5),
    ],
)
def test_the_longer_of_schedule_and_retry_after_is_waited(world, hook, asked, least, most):
    hook.answers = [(429, {"Retry-After": asked})]
    world.reader("webhook", hook.url)
    world.event()
    match(world.service)
    list(deliver(world.service))
    [delivery] = owed(world)
    assert timedelta(seconds=least) <= delivery.due_at - world.moment <= timedelta(seconds=most)


@pytest.mark.parametrize("asked", ["1", "30", "0", "Fri, 01 Jan 2010 00:00:00 GMT"])
@pytest.mark.parametrize("status", [429, 503])
def test_asking_for_less_never_shortens_the_window(world, hook, asked, status):
    """Nine waits of the schedule are 75.6 hours: a receiver that is back within three days is never given up."""
    hook.answers = [(status, {"Retry-After": asked})]
    world.reader("webhook", hook.url)
    world.event()
    begun = world.moment
    while not (rows := owed(world)) or rows[0].state == "waiting":
        list(deliver(world.service))
        world.moment = max(owed(world)[0].due_at, world.moment)
    assert timedelta(hours=75) < world.moment - begun < timedelta(hours=84)
    assert len(hook.got) == 10


def test_five_days_of_failures_pause(world, hook):
    hook.answers = [(500, {})]
    reader = world.reader("webhook", hook.url)
    for _ in range(14):
        world.event()
        match(world.service)
        list(deliver(world.service))
        world.passes(hours=11)
    with reading(world.service.engine) as session:
        assert "nothing was accepted for 5 days" in session.get(Subscription, reader.id).paused_because
    assert all(delivery.state == "waiting" for delivery in owed(world))


def test_a_lease_is_held_by_one_and_taken_over_when_it_ran_out(world, hook):
    world.reader("webhook", hook.url)
    world.event()
    match(world.service)
    [delivery] = owed(world)
    assert claim(world.service, [delivery.id]) == {delivery.id: 1}
    assert contents_of(world.service, [delivery.id])[delivery.id].message is not None  # and here the process dies
    assert list(deliver(world.service)) == []
    with writing(world.service.engine) as session:
        held = session.get(Delivery, delivery.id)
        held.leased_until -= timedelta(seconds=31)
        session.add(held)
        body = held.body
    [line] = deliver(world.service)
    assert (line["state"], line["attempts"], line["delivery"]) == ("sent", 2, delivery.id)
    assert hook.got[0][1] == body


def test_an_event_dismissed_before_it_leaves_is_left_out(world, hook):
    world.reader("webhook", hook.url)
    event = world.event()
    match(world.service)
    with writing(world.service.engine) as session:
        session.get(Event, event.id).state = "dismissed"
    assert [line["state"] for line in deliver(world.service)] == ["void"]
    assert hook.got == []


def test_one_receiver_does_not_touch_the_other(world, hook):
    world.reader("webhook", "http://127.0.0.1:9/nobody")
    world.reader("webhook", hook.url)
    world.event()
    match(world.service)
    assert sorted(line["state"] for line in deliver(world.service)) == ["sent", "waiting"]


def test_without_a_mail_server_mail_waits_and_is_not_blamed_on_the_address(world):
    world.reader(address="a@example.org")
    world.reader(address="b@example.org")
    world.event()
    match(world.service)
    [line] = deliver(world.service)
    assert (line["state"], line["attempts"]) == ("waiting", 0)
    assert "THERAWATCH_SMTP_URL" in line["error"]


def test_pausing_all_stops_sending_and_resuming_starts_it(world, hook):
    world.reader("webhook", hook.url)
    world.event()
    match(world.service)
    pause_all(world.service)
    assert list(deliver(world.service)) == []
    resume_all(world.service)
    assert len(list(deliver(world.service))) == 1


def test_a_test_message_says_so(world, hook):
    reader = world.reader("webhook", hook.url)
    assert send_test(world.service, reader.id)["state"] == "sent"
    body = json.loads(hook.got[0][1])
    assert (body["test"], body["schema"], body["therapy"]) == (True, "event/1", None)


def test_unsubscribing_voids_what_is_owed(world, hook):
    reader = world.reader("webhook", hook.url)
    world.event()
    match(world.service)
    unsubscribe(world.service, reader.id)
    world.event()
    assert match(world.service) == 1
    assert list(deliver(world.service)) == []
    assert [one.state for one in owed(world)] == ["void"]


def test_a_preview_shows_the_digest_and_sends_nothing(world):
    reader = world.reader(cadence="weekly")
    world.event()
    digest = preview(world.service, reader.id)
    assert [entry.heading for entry in digest.entries] == ["Relyvrio (AMX0035): US approval formally ended"]
    assert digest.stop_url.startswith("https://als.example/subscriptions/")
    assert owed(world) == []


def test_two_senders_at_once_send_each_delivery_once(world, hook):
    world.reader("webhook", hook.url)
    for _ in range(12):
        world.event()
    match(world.service)
    with ThreadPoolExecutor(3) as pool:
        rounds = list(pool.map(lambda _: list(deliver(world.service)), range(3)))
    assert sum(len(lines) for lines in rounds) == 12
    assert len({headers["webhook-id"] for headers, _ in hook.got}) == len(hook.got) == 12


def test_after_a_pause_alerts_come_as_one_summary(world):
    reader = world.reader()
    pause_subscription(world.service, reader.id)
    for _ in range(5):
        world.event()
        match(world.service)
    resume_subscription(world.service, reader.id)
    assert sorted(one.state for one in owed(world)) == ["void"] * 4 + ["waiting"]
    with reading(world.service.engine) as session:
        [waiting] = [one for one in owed(world) if one.state == "waiting"]
        assert {row.delivery_id for row in session.exec(select(Enclosure)).all()} == {waiting.id}


def test_of_what_piled_up_a_reader_may_want_nothing(world):
    reader = world.reader(cadence="weekly")
    world.event()
    match(world.service)
    resume_subscription(world.service, reader.id, "none")
    assert [one.state for one in owed(world)] == ["waiting"]  # the digest still to come is not a leftover
    world.passes(days=8)
    resume_subscription(world.service, reader.id, "none")
    assert [one.state for one in owed(world)] == ["void"]


@pytest.mark.parametrize("channel", sorted(notifiers.load()))
def test_no_channel_gives_up_before_75_hours(channel):
    """Jitter only lengthens, so the shortest window is the sum of the waits."""
    kind = notifiers.load()[channel]
    waits = [wait_after(kind, attempt, Undeliverable("away", retry_after=0)) for attempt in range(1, 40)]
    window = [wait for wait in waits if wait is not None]
    assert waits[len(window) :] == [None] * (39 - len(window))
    assert sum(kind.retries) >= 75 * 3600
    assert sum(window) >= 75 * 3600


def test_asking_for_it_again_while_it_is_tried_does_not_use_the_schedule_up(world, hook):
    world.reader("webhook", hook.url)
    world.event()
    hook.answers = [(502, {})]
    match(world.service)
    for _ in range(30):
        [line] = deliver(world.service)
        resend(world.service, line["delivery"])
        world.passes(minutes=1)
    hook.answers = [(200, {})]
    assert [line["state"] for line in deliver(world.service)] == ["sent"]
    assert len({headers["webhook-id"] for headers, _ in hook.got}) == 1
