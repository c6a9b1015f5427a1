"""Receivers that hang, a mail server that turns everybody away, a hook that is down for days: the good ones notice
nothing, and nothing is lost."""

import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from sqlmodel import select
from structlog.testing import capture_logs

from demo.receivers import hanging
from monitor.path.assemble import assembled
from monitor.service import Service
from monitor.settings import Misconfigured, Settings
from monitor.telling.deliver import deliver, send_test
from monitor.telling.deliveries import Arrears, arrears, deliveries, resend, resend_since
from monitor.telling.match import match
from monitor.telling.subscriptions import subscribe, unsubscribe
from notifiers.digest import Digest, EventBody
from notifiers.webhook import Webhook
from store.database import reading, writing
from store.states import DeliveryState
from store.tables import Delivery, Event
from tests.fresh import fresh
from tests.stories.stage import Hook, Postbox

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
PROMPT = 9.0
"""Seconds that a good receiver may wait on a busy machine: one that hangs is given up after ten."""


@dataclass
class Scene:
    """An installation without a world: events happen when we say so, and the clock is ours."""

    service: Service
    moment: datetime = START
    happened: int = 0

    def passes(self, **span: float) -> None:
        self.moment += timedelta(**span)

    def event(self) -> str:
        """An approval ends; every reader is owed the news."""
        self.happened += 1
        event = Event(
            id=f"EVBAD{self.happened:03}", sequence=1_000_000 + self.happened, type="authorization_revoked", place="US",
            therapy="AMX0035", drug="Relyvrio", polarity="negative", occurred_on="2026-03-01", detected_at=self.moment,
            released_at=self.moment, level="critical", certainty="stated", tier=1, title="Withdrawal of approval",
            thread=f"us/amx0035/authorisation/{self.happened}", state="released",
        )  # fmt: skip
        with writing(self.service.engine) as session:
            session.add(event)
        match(self.service)
        return event.id

    def owed(self) -> list[Delivery]:
        with reading(self.service.engine) as session:
            return list(session.exec(select(Delivery).order_by(Delivery.created_at, Delivery.id)))


@cache
def first_start() -> bytes:
    """The database of a first start with the bundled pack: made once a process."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "watch.db"
        fresh(database)
        with assembled(Settings.from_environ({}, database_url=f"sqlite:///{database}")):
            pass
        return database.read_bytes()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    (tmp_path / "watch.db").write_bytes(first_start())
    settings = Settings.from_environ({}, database_url=f"sqlite:///{tmp_path}/watch.db", allow_private=True)
    with assembled(settings) as service:
        made: list[Scene] = []
        made.append(Scene(replace(service, now=lambda: made[0].moment)))
        yield made[0]


def with_mail(scene: Scene, url: str) -> None:
    scene.service = replace(scene.service, settings=scene.service.settings.model_copy(update={"smtp_url": url}))


@dataclass
class Timed:
    """A hook that notes when each call came, in seconds since the round began."""

    hook: Hook
    came: list[float] = field(default_factory=list)


@contextmanager
def server_saying(answer: Callable[[str], str | None]) -> Iterator[tuple[str, list[float]]]:
    """A mail server of few words: `answer` gets each verb (first `greeting`) and says the reply; None hangs up. Yields
    its URL and the moments of all connections."""
    connections: list[float] = []
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        server.settimeout(0.1)
        stopped = threading.Event()

        def serve() -> None:
            while not stopped.is_set():
                try:
                    line = server.accept()[0]
                except TimeoutError:
                    continue
                connections.append(time.monotonic())
                threading.Thread(target=_speak, args=(line, answer), daemon=True).start()

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"smtp://127.0.0.1:{server.getsockname()[1]}", connections
        stopped.set()
        thread.join()


def _speak(line: socket.socket, answer: Callable[[str], str | None]) -> None:
    with suppress(OSError), line, line.makefile("rwb") as talk:  # who is turned away may hang up in the middle
        heard, in_data = "greeting", False
        while heard:
            said = answer("END" if in_data else heard)
            in_data = said is not None and said.startswith("354")
            if said is None:
                return
            talk.write(said.encode() + b"\r\n")
            talk.flush()
            if said.startswith("421"):
                return
            raw = talk.readline()
            while in_data and raw not in (b".\r\n", b""):
                raw = talk.readline()
            heard = _upper(raw.decode().strip())


def _upper(line: str) -> str:
    verb, _, rest = line.partition(" ")
    return f"{verb.upper()} {rest}".strip()


def test_six_that_hang_hold_up_no_good_one(scene: Scene, postbox: Postbox) -> None:
    """Ten good hooks and a mail server beside six hooks that never answer: in one round, each with two alerts."""
    with_mail(scene, postbox.url)
    with ExitStack() as receivers:
        for address in [receivers.enter_context(hanging()) for _ in range(6)]:
            subscribe(scene.service, channel="webhook", address=address)
        hooks = [receivers.enter_context(Hook()) for _ in range(10)]
        for hook in hooks:
            subscribe(scene.service, channel="webhook", address=hook.url)
        for number in range(5):
            subscribe(scene.service, channel="email", address=f"reader{number}@example.org", confirmed=True)
        scene.event()
        scene.event()
        begun = time.monotonic()
        states = [line["state"] for line in deliver(scene.service)]
        whole = time.monotonic() - begun

    assert [len(hook.got) for hook in hooks] == [2] * 10
    assert len(postbox.mails) == 10
    assert states == ["sent"] * 30 + ["waiting"] * 6, "the good ones first; a receiver that hangs has one turn a round"
    assert whole < 45, "those that hang, ten seconds each, are waited for together"


def test_what_falls_due_while_others_hang_goes_at_once(scene: Scene, hook: Hook) -> None:
    subscribe(scene.service, channel="webhook", address=hook.url)
    with hanging() as address:
        subscribe(scene.service, channel="webhook", address=address)
        scene.event()
        round_, moments = deliver(scene.service), list[float]()
        first = next(round_)
        assert first["state"] == "sent"
        scene.event()
        begun = time.monotonic()
        moments += [time.monotonic() - begun for line in round_ if line["state"] == "sent"]

    assert len(moments) == 1
    assert moments[0] < PROMPT


def test_many_mails_take_one_connection(scene: Scene) -> None:
    with server_saying(polite) as (url, connections):
        with_mail(scene, url)
        for number in range(15):
            subscribe(scene.service, channel="email", address=f"reader{number}@example.org", confirmed=True)
        scene.event()
        states = [line["state"] for line in deliver(scene.service)]
    assert states == ["sent"] * 15
    assert len(connections) == 1


def polite(heard: str) -> str:
    """A mail server that takes everything."""
    return {"greeting": "220 here", "DATA": "354 go on", "QUIT": "221 bye"}.get(heard.partition(" ")[0], "250 ok")


def test_a_server_that_ends_a_used_connection_gets_another(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some take five mails a connection, then say 421 or nothing: no mail is held up and none is counted against."""
    taken = {"END": 0}

    def tired(heard: str) -> str | None:
        if heard.startswith("MAIL") and taken["END"] and taken["END"] % 5 == 0:
            taken["END"] += 100
            return "421 five are enough" if taken["END"] < 200 else None
        if heard == "greeting":
            taken["END"] = 0
        if heard == "END":
            taken["END"] += 1
        return polite(heard)

    monkeypatch.setattr("notifiers.smtp.AT_ONCE", 30)  # seconds: here the machine may be what is slow
    with server_saying(tired) as (url, connections):
        with_mail(scene, url)
        for number in range(12):
            subscribe(scene.service, channel="email", address=f"reader{number}@example.org", confirmed=True)
        scene.event()
        lines = list(deliver(scene.service))
    assert [(line["state"], line["attempts"]) for line in lines] == [("sent", 1)] * 12
    assert len(connections) == 3


REFUSALS = {
    "421 at the greeting": lambda heard: "421 too busy" if heard == "greeting" else polite(heard),
    "421 at EHLO": lambda heard: "421 not now" if heard.startswith(("EHLO", "HELO")) else polite(heard),
    "421 at MAIL": lambda heard: "421 closing" if heard.startswith("MAIL") else polite(heard),
    "554 at the greeting": lambda heard: "554 no service for you" if heard == "greeting" else polite(heard),
}


@pytest.mark.parametrize("how", REFUSALS)
def test_a_server_that_turns_all_away_is_left_alone_longer_and_longer(scene: Scene, how: str) -> None:
    """A round every five seconds for six minutes, as under `serve`: a handful of connections, no attempt counted."""
    with server_saying(REFUSALS[how]) as (url, connections):
        with_mail(scene, url)
        for number in range(6):
            subscribe(scene.service, channel="email", address=f"reader{number}@example.org", confirmed=True)
        scene.event()
        for _ in range(72):
            list(deliver(scene.service))
            scene.passes(seconds=5)
        asked = len(connections)
    assert 2 <= asked <= 5, f"{asked} connections in six minutes"
    assert {(one.state, one.attempts) for one in scene.owed()} == {(DeliveryState.WAITING, 0)}

    with server_saying(polite) as (url, connections):  # another server, by a changed setting: no waiting
        with_mail(scene, url)
        assert [line["state"] for line in deliver(scene.service)] == ["sent"] * 6
        assert len(connections) == 1


def test_a_refused_password_is_remembered_over_restarts(scene: Scene) -> None:
    def guarded(heard: str) -> str:
        if heard.startswith("EHLO"):
            return "250-here\r\n250 AUTH PLAIN LOGIN"
        return "535 wrong password" if heard.startswith("AUTH") else polite(heard)

    with server_saying(guarded) as (url, connections):
        with_mail(scene, url.replace("smtp://", "smtp://us:wrong@"))
        subscribe(scene.service, channel="email", address="reader@example.org", confirmed=True)
        scene.event()
        for _ in range(12):
            with assembled(scene.service.settings, fill=False) as restarted:
                list(deliver(replace(restarted, now=scene.service.now)))
            scene.passes(seconds=30)
    assert 2 <= len(connections) <= 5
    [owed] = scene.owed()
    assert (owed.state, owed.attempts) == (DeliveryState.WAITING, 0)
    assert "wrong" not in (owed.error or "").replace("wrong password", "")


@pytest.mark.parametrize("verb", ["RCPT", "DATA", "END"])
def test_a_server_that_hangs_up_on_one_recipient_stops_nobody_else(scene: Scene, verb: str) -> None:
    recipient = {"now": ""}

    def picky(heard: str) -> str | None:
        if heard.startswith("RCPT"):
            recipient["now"] = heard
        if heard.startswith(verb) and "bad@" in recipient["now"]:
            return "421 not that one"
        return polite(heard)

    with server_saying(picky) as (url, _):
        with_mail(scene, url)
        for name in ("a", "bad", "c", "d"):
            subscribe(scene.service, channel="email", address=f"{name}@example.org", confirmed=True)
        scene.event()
        lines = list(deliver(scene.service))
    assert sorted((line["state"], line["attempts"]) for line in lines) == [("sent", 1)] * 3 + [("waiting", 1)]


def test_a_sender_that_is_refused_is_given_up_in_the_end(scene: Scene) -> None:
    """5xx at MAIL counts as an attempt: it is shown as failed, not tried for ever."""
    with server_saying(lambda heard: "550 who are you" if heard.startswith("MAIL") else polite(heard)) as (url, asked):
        with_mail(scene, url)
        subscribe(scene.service, channel="email", address="reader@example.org", confirmed=True)
        scene.event()
        for _ in range(24 * 5):
            list(deliver(scene.service))
            scene.passes(hours=1)
    [owed] = scene.owed()
    assert (owed.state, owed.attempts) == (DeliveryState.FAILED, 9)
    assert len(asked) == 9


def rounds(scene: Scene, count: int, **apart: float) -> None:
    """So many rounds of sending, each some time after the other."""
    for _ in range(count):
        list(deliver(scene.service))
        scene.passes(**apart)


def test_a_hook_that_is_down_for_three_days_loses_nothing(scene: Scene, hook: Hook, postbox: Postbox) -> None:
    """It hears all it missed under the ids it never took, in a week of hourly rounds; its owner was told meanwhile."""
    with_mail(scene, postbox.url)
    subscribe(scene.service, channel="webhook", address=hook.url, options={"owner": "owner@example.org"})
    hook.answers = [(503, {"Retry-After": "1"})]
    first = scene.event()
    rounds(scene, 36, hours=1)
    second = scene.event()
    rounds(scene, 36, hours=1)
    hook.answers = [(204, {})]
    refused = {got.id: got.body for got in hook.got}
    hook.got.clear()

    rounds(scene, 24, hours=1)

    assert {got.told["id"] for got in hook.got} == {first, second}
    assert {got.id: got.body for got in hook.got} == refused, "the same ids and bodies"
    assert len(hook.got) == 2
    [mail] = postbox.mails
    assert (str(mail["To"]), "does not answer" in str(mail["Subject"])) == ("owner@example.org", True)


def test_what_was_given_up_in_a_longer_outage_goes_out_when_the_hook_is_back(scene: Scene, hook: Hook) -> None:
    """Four days: the first alert was given up after 75 hours. The next one that arrives brings it along."""
    subscribe(scene.service, channel="webhook", address=hook.url)
    hook.answers = [(500, {})]
    first = scene.event()
    rounds(scene, 92, hours=1)
    assert [one.state for one in scene.owed()] == [DeliveryState.FAILED]
    assert arrears(scene.service).failed == 1
    hook.answers = [(204, {})]
    hook.got.clear()
    second = scene.event()

    rounds(scene, 3, hours=1)

    assert [got.told["id"] for got in hook.got] == [second, first]
    assert arrears(scene.service) == Arrears(failed=0, overdue=0, overdue_since=None)


def test_one_message_that_a_hook_refuses_is_not_sent_for_ever(scene: Scene, hook: Hook) -> None:
    """Others arrive meanwhile, so it is the message; it is given up, shown, and only sent again when a person asks."""
    subscribe(scene.service, channel="webhook", address=hook.url)
    hook.answers = [(400, {})]
    scene.event()
    rounds(scene, 1, minutes=1)
    [bad] = scene.owed()
    for _ in range(100):
        hook.answers = [(400, {})]
        rounds(scene, 1, minutes=1)
        hook.answers = [(204, {})]
        scene.event()
        with writing(scene.service.engine) as session:  # only the new one is tried while the hook accepts
            held = session.get_one(Delivery, bad.id)
            due, held.due_at = held.due_at, scene.moment + timedelta(hours=3)
            session.add(held)
        rounds(scene, 1, minutes=59)
        with writing(scene.service.engine) as session:
            held = session.get_one(Delivery, bad.id)
            held.due_at = due
            session.add(held)
    [bad] = [one for one in scene.owed() if one.id == bad.id]
    assert (bad.state, bad.attempts) == (DeliveryState.FAILED, 10)

    resend(scene.service, bad.id)
    hook.got.clear()
    hook.answers = [(204, {})]
    rounds(scene, 1, minutes=1)
    [again] = hook.got
    assert (again.id, again.body) == (bad.id, bad.body)
    [bad] = [one for one in scene.owed() if one.id == bad.id]
    assert (bad.state, bad.attempts, bad.resent) == (DeliveryState.SENT, 1, 1)


def test_the_operator_sees_and_sends_again(scene: Scene, hook: Hook, postbox: Postbox) -> None:
    with_mail(scene, postbox.url)
    subscribe(scene.service, channel="webhook", address=hook.url)
    subscribe(scene.service, channel="email", address="reader@example.org", confirmed=True)
    event = scene.event()
    rounds(scene, 1, hours=1)
    with reading(scene.service.engine) as session:
        lines = list(deliveries(session))
        assert list(lines[0]) == [
            "delivery",
            "subscription",
            "channel",
            "state",
            "due_at",
            "attempts",
            "error",
            "events",
        ]
        assert [(line["subscription"], line["state"], line["events"]) for line in lines if line["channel"] == "webhook"]
        assert {line["channel"] for line in lines} == {"webhook", "email"}
        assert list(deliveries(session, state=DeliveryState.FAILED)) == []
        assert [line["subscription"] for line in deliveries(session, subscription_id=2)] == [2]
        assert list(deliveries(session, since=scene.moment)) == []
    assert {tuple(line["events"]) for line in lines} == {(event,)}

    again = resend_since(scene.service, START)

    assert {line["delivery"] for line in again} == {line["delivery"] for line in lines}
    rounds(scene, 1, hours=1)
    assert len(hook.got) == 2 and len({(got.id, got.body) for got in hook.got}) == 1
    assert len({str(mail["Message-ID"]) for mail in postbox.mails}) == 1 and len(postbox.mails) == 2
    assert resend_since(scene.service, scene.moment) == []


@pytest.mark.parametrize("why", ["unknown", "void", "test", "not yet"])
def test_what_cannot_be_sent_again_says_why(scene: Scene, hook: Hook, why: str) -> None:
    subscribe(scene.service, channel="webhook", address=hook.url)
    if why == "test":
        found = send_test(scene.service, 1)["delivery"]
    else:
        scene.event()
        found = scene.owed()[0].id if why != "unknown" else "nothing"
    if why == "void":
        unsubscribe(scene.service, 1)
    with pytest.raises(Misconfigured, match=r"expected the id|has ended|is not sent again|has not left yet"):
        resend(scene.service, found)


def test_a_fault_of_ours_in_one_delivery_holds_up_no_other(scene: Scene, hook: Hook) -> None:
    """It is counted and shown, logged in full, and not held against the receiver."""

    class Clumsy(Webhook):
        def send(self, message: Digest | EventBody, now: datetime) -> None:
            if "clumsy" in message.address:
                raise ZeroDivisionError("a slip of ours")
            super().send(message, now)

    scene.service = replace(scene.service, notifiers={**scene.service.notifiers, "webhook": Clumsy})
    subscribe(scene.service, channel="webhook", address=hook.url + "/clumsy")
    subscribe(scene.service, channel="webhook", address=hook.url)
    scene.event()
    with capture_logs() as said:
        lines = sorted(deliver(scene.service), key=lambda line: line["subscription"])
    assert [(line["state"], line["attempts"]) for line in lines] == [("waiting", 1), ("sent", 1)]
    assert "ZeroDivisionError: a slip of ours" in str(lines[0]["error"])
    assert any(one["log_level"] == "error" for one in said)
