"""Mail against a real server on the loopback: what is accepted, refused, cut, and how it looks."""

import asyncio
import re
import time
from contextlib import closing
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from demo.receivers import PATIENCE, free_port
from notifiers import smtp
from notifiers.base import Channel, Undeliverable
from notifiers.digest import Digest, Entry
from notifiers.email import Email, check_address, compose

NOW = datetime(2025, 8, 31, 7, 0, tzinfo=UTC)
STOP = "https://als.example/subscriptions/12345." + "x" * 43 + "/stop"


class Postbox:
    """Answers as told; keeps what it accepted."""

    def __init__(self, **answers):
        self.answers, self.got, self.controller = answers, [], None

    async def handle_RCPT(self, server, session, envelope, address, options):
        if said := self.answers.get("rcpt", []):
            return said.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.answers.get("cut"):
            server.transport.abort()
            return "250 never heard"
        if self.answers.get("hang"):
            await asyncio.sleep(60)
        if said := self.answers.get("data", []):
            return said.pop(0)
        self.got.append(envelope.content)
        return "250 OK"


@pytest.fixture
def post():
    started = []

    def start(*, user="", query="", server=None, **answers):
        box = Postbox(**answers)
        port = free_port()
        controller = Controller(box, hostname="127.0.0.1", port=port, ready_timeout=PATIENCE, **(server or {}))
        controller.start()
        started.append(controller)
        return box, f"smtp://{user}127.0.0.1:{port}{query}"

    yield start
    for controller in started:
        controller.stop()


def digest(**changed):
    entry = Entry(
        event="EV1", notice="news", level="critical", heading="Relyvrio: US approval formally ended",
        sentence="The US approval ended.", how_sure="certain", occurred_on="2025-08-29", url="https://als.example/events/EV1",
        thread="us/amx0035/authorisation",
    )  # fmt: skip
    values = {
        "id": "d1", "message_id": "<d1@als.example>", "subscription": 7, "address": "reader@example.org", "options": {},
        "cadence": "immediate", "subject": "Relyvrio: US approval formally ended", "one_line": "The US approval ended.",
        "important": (entry,), "thread": "us/amx0035/authorisation", "manage_url": "https://als.example/subscriptions/m",
        "stop_url": STOP, "pause_url": "https://als.example/subscriptions/m/pause",
    }  # fmt: skip
    return Digest(**(values | changed))


def send(url, **changed):
    channel = Channel(post=None, base_url="https://als.example", mail_from="Watch <watch@als.example>", smtp_url=url)
    with closing(Email(channel)) as notifier:
        notifier.send(digest(**changed), NOW)


def test_an_accepted_message_is_complete(post):
    box, url = post()
    send(url)
    [raw] = box.got
    mail = message_from_bytes(raw, policy=default)
    assert mail["Subject"] == "Relyvrio: US approval formally ended"
    assert mail["Message-ID"] == "<d1@als.example>"
    assert mail["References"] == "<thread.us.amx0035.authorisation.7@als.example>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert f"List-Unsubscribe: <{STOP}>".encode() in raw
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    text = mail.get_body(("plain",)).get_content()
    for said in ("The US approval ended.", "https://als.example/events/EV1", STOP, "not medical advice"):
        assert said in text
    assert "@media (prefers-color-scheme: dark)" in mail.get_body(("html",)).get_content()


def test_a_neutral_subject_on_request(post):
    box, url = post()
    send(url, options={"neutral_subject": True})
    assert message_from_bytes(box.got[0], policy=default)["Subject"] == "News you asked for"


def test_grey_listing_passes_at_the_second_try(post):
    box, url = post(rcpt=["451 come back later"])
    with pytest.raises(Undeliverable) as told:
        send(url)
    assert (told.value.status, told.value.permanent, told.value.channel) == (451, False, False)
    send(url)
    assert len(box.got) == 1


@pytest.mark.parametrize(
    ("answers", "status", "permanent", "channel"),
    [
        ({"rcpt": ["550 no such person"]}, 550, True, False),
        ({"rcpt": ["421 closing"]}, 421, False, False),
        ({"data": ["450 busy"]}, 450, False, False),
        ({"data": ["554 we do not like it"]}, 554, False, False),
        ({"data": ["552 too big"]}, 552, False, False),
    ],
)
def test_refusals_are_told_apart(post, answers, status, permanent, channel):
    _, url = post(**answers)
    with pytest.raises(Undeliverable) as told:
        send(url)
    assert (told.value.status, told.value.permanent, told.value.channel) == (status, permanent, channel)


def test_a_cut_in_data_is_tried_again(post):
    _, url = post(cut=True)
    with pytest.raises(Undeliverable, match="broke off at DATA") as told:
        send(url)
    assert not told.value.permanent
    assert not told.value.channel


def test_a_server_that_hangs_is_left(post, monkeypatch):
    monkeypatch.setattr(smtp, "TIMEOUT", 1.5)  # of each step: those before DATA are answered on a busy machine too
    _, url = post(hang=True)
    start = time.monotonic()
    with pytest.raises(Undeliverable, match="broke off at DATA"):
        send(url)
    assert time.monotonic() - start < 30, "it hangs for sixty"


def test_a_wrong_password_stops_the_channel_and_is_not_shown(post):
    def nobody(*_):
        return AuthResult(success=False, handled=False)

    _, url = post(user="user:hunter2@", server={"authenticator": nobody, "auth_require_tls": False})
    with pytest.raises(Undeliverable) as told:
        send(url)
    assert told.value.channel
    assert told.value.status == 535
    assert "hunter2" not in str(told.value)


def test_starttls_is_not_given_up_silently(post):
    box, url = post(query="?starttls=1")
    with pytest.raises(Undeliverable) as told:
        send(url)
    assert told.value.channel
    assert box.got == []


def test_nobody_at_home_stops_the_channel():
    with pytest.raises(Undeliverable) as told:
        send("smtp://127.0.0.1:9")
    assert told.value.channel


def test_addresses():
    assert check_address(" Reader.One+als@Example.ORG ") == "Reader.One+als@example.org"
    for wrong in ("", "a", "a@", "@b.org", "a b@c.org", "a@b.org\r\nBcc: c@d.org", "a..b@c.org",
                  "A <a@b.org>", "ä@b.org", "a@" + "b" * 300):  # fmt: skip
        with pytest.raises(ValueError, match="expected a mail address"):
            check_address(wrong)


LONG = "Qalsody: Zulassung für Erwachsene mit einer bestätigten SOD1-Mutation in der ganzen Europäischen Union, "


@pytest.mark.parametrize(
    "subject",
    [
        LONG + "dazu die Auflagen der Behörde",
        "ルセルナ：筋萎縮性側索硬化症の治療薬として厚生労働省が承認し、来月から処方できるようになります。" * 2,
        "É" * 150,
        "Relyvrio: " + "a long line of plain words without any accent " * 6,
        "kurz: ä",
    ],
)
@pytest.mark.parametrize(
    "sender", ["watch@als.example", "Wächter über sehr viele Zulassungen und Studien <w@als.example>"]
)
def test_long_headers_of_words_are_folded_and_read_the_same(subject, sender):
    """RFC 2047: an encoded word has at most 75 characters, a line with one at most 76."""
    raw = compose(digest(subject=subject), sender=sender, now=NOW)
    head = raw.split(b"\r\n\r\n")[0]
    assert all(len(word) <= 75 for word in re.findall(rb"=\?[^?]+\?.\?[^?]*\?=", head))
    for line in head.split(b"\r\n"):
        assert len(line) <= 78 or not re.search(rb"=\?utf-8", line, re.IGNORECASE) or b"<" in line
    mail = message_from_bytes(raw, policy=default)
    assert mail["Subject"] == " ".join(subject.split())
    assert str(mail["From"]) == sender
    assert mail["List-Id"].endswith("<updates.als.example>")
    assert f"List-Unsubscribe: <{STOP}>".encode() in raw, "an address stays in one piece"
    assert b"Message-ID: <d1@als.example>" in raw
