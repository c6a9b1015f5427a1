"""Mail end to end: a real mail server, an alert, a digest, and addresses that do not exist."""

from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller

from demo.receivers import PATIENCE, free_port
from monitor.telling.deliver import deliver
from monitor.telling.match import match
from monitor.telling.subscription_lines import line
from monitor.telling.subscriptions import resume_by_token, subscriptions


class Postbox:
    """Keeps what comes; refuses who is named in `unknown`."""

    def __init__(self):
        self.got, self.unknown = [], set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.unknown:
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.got.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"


@pytest.fixture
def postbox(world):
    box = Postbox()
    port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port, ready_timeout=PATIENCE)
    controller.start()
    world.with_settings(smtp_url=f"smtp://127.0.0.1:{port}")
    yield box
    controller.stop()


def test_an_alert_and_a_weekly_digest_tell_the_same_event_once_each(world, postbox):
    world.reader(address="now@example.org")
    world.reader(address="weekly@example.org", cadence="weekly", timezone="Europe/Madrid")
    world.event()
    match(world.service)
    list(deliver(world.service))
    for _ in range(10):
        world.passes(days=1)
        match(world.service)
        list(deliver(world.service))
    assert [(mail["To"], mail["Subject"]) for mail in postbox.got] == [
        ("now@example.org", "Relyvrio (AMX0035): US approval formally ended"),
        ("weekly@example.org", "ALS updates, week to 31 Aug 2025: 1 important"),
        ("weekly@example.org", "ALS updates, week to 7 Sep 2025: nothing seen"),  # no source is watched here
    ]


def test_an_address_is_given_up_after_refusals_on_two_days(world, postbox):
    postbox.unknown = {"gone@example.org"}
    world.reader(address="gone@example.org")
    world.reader(address="here@example.org")
    world.event()
    match(world.service)
    assert sorted(line["state"] for line in deliver(world.service)) == ["sent", "waiting"]
    assert all(one.paused_at is None for one in subscriptions(world.service))
    world.passes(hours=25)
    assert [line["state"] for line in deliver(world.service)] == ["waiting"]
    gone = next(one for one in subscriptions(world.service) if one.address == "gone@example.org")
    assert "550" in gone.paused_because
    world.passes(days=9)
    assert list(deliver(world.service)) == []


def test_the_owner_of_a_webhook_hears_once_that_it_was_paused(world, postbox, hook):
    hook.answers = [(500, {})]
    address = hook.url + "?key=hidden"
    found = world.reader("webhook", address, options={"owner": "Owner@Example.org"})
    for _ in range(14):
        world.event()
        match(world.service)
        list(deliver(world.service))
        world.passes(hours=11)
    [failing, mail] = postbox.got  # after a day of nothing but failures, and when it is paused
    assert failing["To"] == "Owner@example.org"
    text = mail.get_body(("plain",)).get_content()
    assert (mail["To"], mail["Subject"]) == ("Owner@example.org", "Your webhook at 127.0.0.1 is paused")
    assert "nothing was accepted for 5 days" in text
    assert "hidden" not in text
    [one] = subscriptions(world.service)
    assert line(one)["options"] == {"owner": "Owner@example.org"}
    link = next(word for word in text.split() if "/subscriptions/" in word)
    assert resume_by_token(world.service, link.rpartition("/")[2]).id == found.id
    hook.answers = [(204, {})]
    assert {one["state"] for one in deliver(world.service)} == {"sent"}
