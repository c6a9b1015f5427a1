"""Subscribing, the double opt-in, links that cannot be forged, and the key they hang on."""

import random
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from monitor.settings import Misconfigured, Settings
from monitor.telling.deliver import deliver
from monitor.telling.match import match
from monitor.telling.pause import end_past_pauses, pause_subscription
from monitor.telling.secrets import Keyring, key_file, open_keyring
from monitor.telling.subscription_lines import line
from monitor.telling.subscriptions import (
    by_token,
    confirm,
    end_by_token,
    pause_by_token,
    resume_by_token,
    subscribe,
    subscriptions,
    unsubscribe,
)
from notifiers.email import Email
from store.database import reading
from store.tables import Delivery


def test_a_webhook_gets_a_secret_that_is_shown_once_and_stored_encrypted(world):
    made, secret = subscribe(world.service, channel="webhook", address="https://hook.example/x")
    assert secret.startswith("whsec_")
    assert secret not in made.secret
    assert open_keyring(world.service.settings).decrypt(made.secret) == secret
    assert line(made, secret)["secret"] == secret
    assert "secret" not in line(subscriptions(world.service)[0])
    assert made.confirmed_at is not None


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ({"channel": "pigeon"}, "channel"),
        ({"address": "nobody"}, "to"),
        ({"level": "huge"}, "level"),
        ({"types": ["miracle"]}, "type"),
        ({"places": ["Mars"]}, "place"),
        ({"therapies": ["aspirin"]}, "therapy"),
        ({"cadence": "hourly"}, "cadence"),
        ({"at_hour": 24}, "hour"),
        ({"timezone": "Europe/Atlantis"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"options": {"colour": "red"}}, "options.colour"),
        ({"secret": "whsec_QUJD"}, "secret"),
        ({"channel": "webhook", "address": "https://a.org", "secret": "whsec_QUJD"}, "secret"),
    ],
)
def test_a_fault_names_its_key(world, wrong, key):
    with pytest.raises(Misconfigured, match=f"^{key}: "):
        subscribe(world.service, **({"channel": "email", "address": "a@example.org"} | wrong))
    assert subscriptions(world.service) == []


KEY = "c2xpcHMgb2YgdGhlIGhhbmQgd2hlbiBhIHNlY3JldCBpcyBwYXN0"


@pytest.mark.parametrize(
    "slip",
    [
        "v1,whsec_" + KEY,
        "whsec_" + KEY[:-1],  # a letter lost, or the padding trimmed
        "WHSEC_" + KEY,
        KEY,
        "whsec_" + KEY.replace("c", "-", 1),  # the alphabet for addresses
        f'"whsec_{KEY}"',
        "whsec_" + KEY + "\n",
        "whsec_" + KEY[:20] + " " + KEY[20:],
        "whsec_" + KEY * 2,  # 78 bytes
    ],
)
def test_a_secret_with_a_slip_is_refused_and_not_shown(world, slip):
    with pytest.raises(Misconfigured, match=r"^secret: expected whsec_ and the base64 of 24 to 64 bytes") as told:
        subscribe(world.service, channel="webhook", address="https://hook.example/x", secret=slip)
    assert KEY[:12] not in str(told.value)
    assert subscriptions(world.service) == []


@pytest.mark.parametrize(
    "address",
    ["https://", "https:///x", "ftp://a.org/x", "http://a.org:99999/x", "http://a.org:0/x", "http://a..b/x",
     "http://[::1/x", "http://256.1.1.1/x", "http://-a.org/x", "http://" + "a" * 64 + ".org/x", "//a.org/x",
     "http://a b.org/x", "https://user:pass@a.org/x"],
)  # fmt: skip
def test_a_webhook_that_cannot_be_is_refused(world, address):
    with pytest.raises(Misconfigured, match=r"^to: expected a web address such as https://example\.org/hook"):
        subscribe(world.service, channel="webhook", address=address)


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1/x", "http://localhost/x", "http://[::1]/x", "http://10.1.2.3/x", "https://169.254.169.254/x",
     "https://a.org:8443/x"],
)  # fmt: skip
def test_a_webhook_that_would_be_refused_each_time_is_refused_at_once(world, address):
    world.with_settings(allow_private=False)
    with pytest.raises(Misconfigured, match=r"^to: expected .*THERAWATCH_ALLOW_PRIVATE"):
        subscribe(world.service, channel="webhook", address=address)


def test_any_name_of_a_therapy_will_do(world):
    assert world.reader(therapies=["qalsody", "Albrioza"]).therapies == ["tofersen", "AMX0035"]


def kept(kind):
    """A notifier that keeps what it would send."""
    sent = []
    return type("Kept", (kind,), {"send": lambda _, message, now: sent.append(message)}), sent


def test_double_opt_in(world):
    made = world.reader(confirmed=False)
    world.service.notifiers["email"], sent = kept(Email)
    assert [one["state"] for one in deliver(world.service)] == ["sent"]
    token = sent[0].confirm_url.split("/")[-2]
    with reading(world.service.engine) as session:
        [owed] = session.exec(select(Delivery)).all()
    assert token.encode() not in owed.body
    assert confirm(world.service, token).confirmed_at == world.moment
    assert by_token(world.service, "confirm", token).id == made.id


def test_the_opt_in_ends_after_two_days(world):
    made = world.reader(confirmed=False)
    world.passes(hours=49)
    with pytest.raises(ValueError, match="48 hours"):
        confirm(world.service, open_keyring(world.service.settings).token("confirm", made.id))


def test_pause_resume_and_stop_from_links(world):
    made, keyring = world.reader(), open_keyring(world.service.settings)
    manage = keyring.token("manage", made.id)
    assert pause_by_token(world.service, manage).paused_at is not None
    assert resume_by_token(world.service, manage).paused_at is None
    assert end_by_token(world.service, keyring.token("stop", made.id)).ended_at is not None
    assert subscriptions(world.service) == []
    with pytest.raises(Misconfigured, match="found 99"):
        unsubscribe(world.service, 99)


def test_a_pause_from_a_link_ends_by_itself_after_four_weeks(world):
    made = world.reader(cadence="weekly")
    world.service.notifiers["email"], sent = kept(Email)
    paused = pause_by_token(world.service, open_keyring(world.service.settings).token("manage", made.id))
    assert paused.paused_until == world.moment + timedelta(days=28)
    for _ in range(4):
        world.event()
        match(world.service)
        assert list(deliver(world.service)) == []
        world.passes(days=7)
    assert [one["state"] for one in deliver(world.service)] == ["sent"]
    [digest] = sent  # four weeks in one message, and it says until when the next pause would last
    assert len(digest.entries) == 4
    assert digest.pause_until == "24 Oct 2025"
    [one] = subscriptions(world.service)
    assert (one.paused_at, one.paused_because, one.paused_until) == (None, None, None)


def test_a_pause_without_an_end_waits_for_a_person(world):
    made = world.reader()
    pause_subscription(world.service, made.id, "refused for good")
    again = pause_by_token(world.service, open_keyring(world.service.settings).token("manage", made.id))
    assert (again.paused_because, again.paused_until) == ("refused for good", None)
    world.passes(days=400)
    assert end_past_pauses(world.service) == 0
    assert subscriptions(world.service)[0].paused_at is not None


def test_no_bent_or_borrowed_token_opens_anything():
    keyring, other = Keyring("k" * 40), Keyring("o" * 40)
    good = keyring.token("stop", 7)
    assert keyring.read_token("stop", good) == 7
    assert len(keyring.token("manage", 10**9)) < 60
    draw = random.Random(7)
    bent = [other.token("stop", 7), keyring.token("manage", 7), "", "8" + good[1:], "ü", "7." + "A" * 500]
    for _ in range(1000):
        place = draw.randrange(len(good))
        flipped = chr(ord(good[place]) ^ (1 << draw.randrange(7)))
        bent.append(good[:place] + flipped + good[place + 1 :])
    for token in bent:
        with pytest.raises(ValueError, match="expected a stop link"):
            keyring.read_token("stop", token)


def test_the_key_is_made_once_beside_the_database(tmp_path: Path):
    settings = Settings(database_url=f"sqlite:///{tmp_path}/a.db")
    first = open_keyring(settings).encrypt("x")
    assert open_keyring(settings).decrypt(first) == "x"
    assert stat.S_IMODE(key_file(tmp_path / "a.db").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["a.db.key"]
    with pytest.raises(Misconfigured, match="another one"):
        Keyring("another").decrypt(first)
    for url in ("sqlite://", "postgresql+psycopg://u@h/d"):
        with pytest.raises(Misconfigured, match="THERAWATCH_SECRET_KEY"):
            open_keyring(Settings(database_url=url))
