"""A receiver that is out of order for a while hears later, once, under the same id."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select
from standardwebhooks import Webhook

from monitor.service import Service
from monitor.telling.subscriptions import subscribe
from store.database import reading
from store.tables import Delivery
from tests.stories.stage import Hook, Installation, Postbox, Stage, application, look, send, tale, watch

SECRET = "whsec_c3Rvcmllcy1vZi1yZWNlaXZlcnMtdGhhdC1mYWls"
APPROVED = datetime(2023, 5, 5, 12, tzinfo=UTC)


@dataclass
class Scene:
    """The FDA approves Qalsody, and two readers are owed the news; the clock is ours."""

    service: Service
    world: Stage

    def passes(self, **time: float) -> None:
        self.world.at(self.world.moment + timedelta(**time))

    def rounds(self, count: int, **apart: float) -> list[str]:
        """What became of the deliveries in so many rounds, each some time after the other."""
        states = []
        for _ in range(count):
            states += [str(line["state"]) for line in send(self.service)]
            self.passes(**apart)
        return states

    @property
    def owed(self) -> Delivery:
        with reading(self.service.engine) as session:
            return session.exec(select(Delivery)).one()


@pytest.fixture
def scene(tmp_path: Path, postbox: Postbox) -> Iterator[Scene]:
    """The day of the approval, after the check that found it: nobody has subscribed yet."""
    story = tale(
        applications=(
            application("NDA020599", date(2021, 1, 4), ("ORIG", "1", "AP", "1995-12-12")),
            application("NDA215887", date(2023, 5, 3), ("ORIG", "1", "AP", "2023-04-25")),
        )
    )
    with Stage(story, at=APPROVED - timedelta(days=4)) as world:
        home = Installation(tmp_path, world)
        home.write_pack(
            watch("applications", "drugsfda", base_url="WORLD", options={"applications": ["NDA020599", "NDA215887"]})
        )
        with home.service(smtp_url=postbox.url) as service:
            assert look(service)["applications"].outcome == "baseline"
            yield Scene(service, world)


def approve(scene: Scene) -> None:
    scene.world.at(APPROVED)
    found = look(scene.service)["applications"]
    assert (found.outcome, found.changes) == ("changed", 1)


def test_a_hook_that_answers_503_for_an_hour_hears_once(scene: Scene, hook: Hook) -> None:
    subscribe(scene.service, channel="webhook", address=hook.url, secret=SECRET)
    hook.answers = [(503, {}), (503, {}), (503, {}), (204, {})]
    approve(scene)

    assert scene.rounds(20, minutes=10) == ["waiting", "waiting", "waiting", "sent"]

    assert len(hook.got) == 4
    assert len({got.id for got in hook.got}) == len({got.body for got in hook.got}) == 1
    for got in hook.got:
        told = Webhook(SECRET).verify(got.body, got.headers)
        assert (told["type"], told["therapy"]["id"], told["place"]) == ("approval", "tofersen", "US")
    assert send(scene.service) == []


def test_a_hook_is_not_asked_before_the_time_it_named(scene: Scene, hook: Hook) -> None:
    subscribe(scene.service, channel="webhook", address=hook.url, secret=SECRET)
    hook.answers = [(503, {"Retry-After": "7200"}), (204, {})]
    approve(scene)
    assert scene.rounds(1, minutes=119) == ["waiting"]
    assert send(scene.service) == []

    scene.passes(minutes=2)

    assert scene.rounds(1, minutes=1) == ["sent"]
    assert len(hook.got) == 2


def test_a_mail_server_that_says_451_gets_the_same_mail_later(scene: Scene, postbox: Postbox) -> None:
    subscribe(scene.service, channel="email", address="reader@example.org", confirmed=True)
    postbox.answers = ["451 greylisted, try again later", "451 still", "250 kept"]
    approve(scene)

    assert scene.rounds(40, minutes=5) == ["waiting", "waiting", "sent"]

    mail = postbox.mails[0]
    assert len(postbox.mails) == 1
    assert postbox.refused == [mail["Message-ID"]] * 2
    assert scene.owed.id in str(mail["Message-ID"])
    assert "Qalsody" in str(mail["Subject"]) or "tofersen" in str(mail["Subject"])


def test_a_mail_server_that_is_away_is_not_held_against_the_reader(scene: Scene) -> None:
    """Nobody listens at the port: the channel is down, and no attempt is counted."""
    subscribe(scene.service, channel="email", address="reader@example.org", confirmed=True)
    approve(scene)
    away = scene.service.settings.model_copy(update={"smtp_url": "smtp://127.0.0.1:9"})
    broken = Scene(Service(**{**vars(scene.service), "settings": away}), scene.world)

    assert broken.rounds(3, minutes=6) == ["waiting"] * 3

    assert scene.owed.attempts == 0
    assert scene.rounds(1, minutes=1) == ["sent"]


def test_a_receiver_that_is_away_holds_up_no_other(scene: Scene, hook: Hook, postbox: Postbox) -> None:
    subscribe(scene.service, channel="webhook", address=hook.url, secret=SECRET)
    subscribe(scene.service, channel="email", address="reader@example.org", confirmed=True)
    hook.answers = [(500, {})]
    approve(scene)

    assert sorted(str(line["state"]) for line in send(scene.service)) == ["sent", "waiting"]

    assert len(postbox.mails) == 1


def test_a_hook_that_never_answers_well_is_given_up_and_shown(scene: Scene, hook: Hook) -> None:
    """Ten attempts over three days; then the delivery has failed, and says why."""
    subscribe(scene.service, channel="webhook", address=hook.url, secret=SECRET)
    hook.answers = [(500, {})]
    approve(scene)

    states = scene.rounds(24 * 8, hours=1)

    assert states == ["waiting"] * 9 + ["failed"]
    assert len(hook.got) == len(states)
    assert len({got.id for got in hook.got}) == 1
    assert scene.owed.error == "status 500"
