"""Killed between any two steps of the path and run again: nothing lost, nothing sent again under another id.

Every kill is a SIGKILL of the real command. What a run without a kill leaves behind is the measure of all others.
"""

import json
import random
import shutil
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from monitor.telling.subscriptions import subscribe
from monitor.watching.captures import unpack
from tests.stories.stage import (
    PATIENCE,
    Hook,
    Installation,
    Postbox,
    Ran,
    Stage,
    application,
    look,
    study,
    tale,
    versions,
    watch,
)

BEFORE = datetime(2023, 5, 1, 12, tzinfo=UTC)
AFTER = datetime(2023, 5, 5, 12, tzinfo=UTC)
SECRET = "whsec_c3Rvcmllcy1vZi1hLWtpbGwtc3dpdGNoLWluLW1heQ=="
READER = "reader@example.org"

IN_A_CHECK = ("K1", "K3", "K4", "K5", "K6", "K7", "K8")
IN_A_DELIVERY = ("K13", "K9", "K11", "K12")

WATCHES = (
    watch("trials", "clinicaltrials", base_url="WORLD", options={"condition": "amyotrophic lateral sclerosis"}),
    watch("applications", "drugsfda", base_url="WORLD", options={"applications": ["NDA020599", "NDA215887"]}),
    watch("treatments", "page", url="WORLD/pages/treatments.html", options={"select": "main"}),
)


def the_world(**more: Any) -> Stage:
    """An approval, a study that stops, a study that says nothing new, and a page that gets a line more."""
    story = tale(
        studies=(
            study("NCT90000001", (date(2021, 1, 4), {}), (date(2023, 5, 4), {"status": "TERMINATED"})),
            study("NCT90000002", (date(2021, 1, 4), {})),
        ),
        applications=(
            application("NDA020599", date(2021, 1, 4), ("ORIG", "1", "AP", "1995-12-12")),
            application("NDA215887", date(2023, 5, 3), ("ORIG", "1", "AP", "2023-04-25")),
        ),
        pages=(
            versions(
                "treatments",
                (date(2021, 1, 4), {"title": "Treatments", "sections": [page("Riluzole")]}),
                (date(2023, 5, 4), {"title": "Treatments", "sections": [page("Riluzole", "A new line of text")]}),
            ),
        ),
        **more,
    )
    return Stage(story, at=BEFORE)


def page(*lines: str) -> dict[str, Any]:
    padding = [f"Question {number} that readers ask, and where the answer stands" for number in range(20)]
    return {"heading": "In use", "lines": [*lines, *padding]}


@dataclass
class Scene:
    """One installation between a world and two receivers."""

    home: Installation
    hook: Hook
    postbox: Postbox
    typed: Callable[..., Ran] | None = None
    """The command within this process, for what comes after the kill; without it, each has a process of its own."""

    @property
    def run(self) -> Callable[..., Ran]:
        return partial(self.typed, self.home) if self.typed else self.home.command

    def recover(self) -> None:
        """What an operator's timer does after the crash: check what there is, send until nothing is owed."""
        time.sleep(1.2 * float(self.home.environ["LEASE_SECONDS"]))  # a lease of the dead process is still running
        assert self.run("check", "--all", "--quiet").status == 0
        for _ in range(5):
            ran = self.run("deliver", "--json", "--quiet")
            assert ran.status == 0, ran.err
            if self.rows("SELECT count(*) AS n FROM delivery WHERE state = 'waiting'")[0]["n"] == 0:
                return
            time.sleep(0.3)
        raise AssertionError("still owed after five rounds")

    def rows(self, query: str) -> list[dict[str, Any]]:
        connection = sqlite3.connect(self.home.database)
        connection.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in connection.execute(query)]
        finally:
            connection.close()

    def log(self) -> dict[str, list[Any]]:
        """What is recorded, without numbers and hashes that depend on the order of work."""
        return {
            "changes": sorted(
                (row["source"], row["key"], row["kind"], json.dumps(json.loads(row["differences"]), sort_keys=True))
                for row in self.rows(
                    "SELECT item.source, item.key, kind, differences FROM change JOIN item ON item.id = item_id"
                )
            ),
            "events": sorted(
                tuple(row.values())
                for row in self.rows("SELECT type, drug, trial, occurred_on, level, state FROM event")
            ),
            "evidence": sorted(
                tuple(row.values())
                for row in self.rows(
                    "SELECT event.type, evidence.source, quote FROM evidence JOIN event ON event.id = event_id"
                )
            ),
            "owed": sorted(
                tuple(row.values())
                for row in self.rows(
                    """SELECT channel, event.type, notice, delivery.state FROM enclosure
                    JOIN event ON event.id = event_id JOIN delivery ON delivery.id = delivery_id
                    JOIN subscription ON subscription.id = enclosure.subscription_id"""
                )
            ),
        }

    def assert_sound(self) -> None:
        """Evidence has its bytes, the hash chain holds, and the receivers' own logs agree with ours."""
        verified = self.run("verify", "--json")
        assert verified.status == 0, verified.out
        for row in self.rows("SELECT capture.sha256, body.packed FROM capture LEFT JOIN body USING (sha256)"):
            assert sha256(unpack(row["packed"])).hexdigest() == row["sha256"]
        deliveries = {row["id"]: row for row in self.rows("SELECT * FROM delivery")}
        assert {row["state"] for row in deliveries.values()} <= {"sent"}
        self._assert_hook_heard(deliveries)
        self._assert_postbox_got(deliveries)

    def _assert_hook_heard(self, deliveries: dict[str, Any]) -> None:
        bodies: dict[str, set[bytes]] = {}
        for got in self.hook.got:
            bodies.setdefault(got.id, set()).add(got.body)
        assert {len(copies) for copies in bodies.values()} <= {1}, "one id, one body, however many copies"
        told = Counter(json.loads(body)["id"] for copies in bodies.values() for body in copies)
        assert set(told.values()) <= {1}, f"an event came under two ids: {told}"
        assert bodies.keys() <= deliveries.keys()
        missing = {row["id"] for row in deliveries.values() if row["subscription_id"] == 1} - bodies.keys()
        assert not missing, "sent, but the receiver never saw it"

    def _assert_postbox_got(self, deliveries: dict[str, Any]) -> None:
        ids = {str(mail["Message-ID"]) for mail in self.postbox.mails}
        owed = [row["id"] for row in deliveries.values() if row["subscription_id"] == 2]
        assert len(ids) == len(owed)
        assert all(any(delivery in message for message in ids) for delivery in owed)
        texts = {(str(mail["Message-ID"]), mail.get_body(("plain",)).get_content()) for mail in self.postbox.mails}
        assert len(texts) == len(ids), "one Message-ID, one text, however many copies"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Scene, Path, Path]]:
    """A world, an installation after its baseline, and the same with its events matched and not yet sent."""
    folder = tmp_path_factory.mktemp("kill")
    with the_world() as world, Hook() as hook, Postbox() as postbox:
        environ = {"SMTP_URL": postbox.url, "LEASE_SECONDS": "0.5", "SECRET_KEY": "k" * 40}
        home = Installation(folder / "first", world, environ)
        home.folder.mkdir()
        home.write_pack(*WATCHES)
        with home.service(secret_key="k" * 40) as service:
            assert {one.outcome for one in look(service).values()} == {"baseline"}
            subscribe(service, channel="webhook", address=hook.url, secret=SECRET, level="info")
            subscribe(service, channel="email", address=READER, confirmed=True, level="info")
        owed = shutil.copytree(home.folder, folder / "owed")
        world.at(AFTER)
        with Installation(owed, world, environ).service() as service:
            assert sum(one.events for one in look(service).values()) == 3
        yield Scene(home, hook, postbox), home.folder, owed


@pytest.fixture
def scene(prepared: tuple[Scene, Path, Path], tmp_path: Path, typed: Callable[..., Ran]) -> Scene:
    """A copy of the installation just after its baseline; the world has moved on since."""
    return replace(_copy(prepared[0], prepared[1], tmp_path), typed=typed)


@pytest.fixture
def owing(prepared: tuple[Scene, Path, Path], tmp_path: Path, typed: Callable[..., Ran]) -> Scene:
    """A copy of the installation that owes every message to each of two readers."""
    return replace(_copy(prepared[0], prepared[2], tmp_path), typed=typed)


def _copy(first: Scene, folder: Path, to: Path) -> Scene:
    first.home.world.forget()
    first.home.world.at(AFTER)
    first.hook.got.clear()
    first.postbox.mails.clear()
    first.hook.before = first.hook.after = first.postbox.after = None
    home = Installation(shutil.copytree(folder, to / "home"), first.home.world, first.home.environ)
    return Scene(home, first.hook, first.postbox)


@pytest.fixture(scope="module")
def undisturbed(prepared: tuple[Scene, Path, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """What is recorded and owed when nobody pulls the plug."""
    scene = _copy(prepared[0], prepared[1], tmp_path_factory.mktemp("undisturbed"))
    scene.recover()
    scene.assert_sound()
    assert len(scene.hook.got) == 2 and len(scene.postbox.mails) == 2
    return scene.log()


class Victim:
    """A command that somebody kills while it talks to them, once."""

    def __init__(self, scene: Scene, *arguments: str) -> None:
        self.process = scene.home.forked(*arguments)

    def kill(self) -> None:
        self.process.kill()
        time.sleep(0.05)  # let it be dead before anybody answers it

    def wait(self) -> int:
        with self.process as process:
            return process.ended(PATIENCE).returncode


def test_an_undisturbed_run_tells_each_event_once_to_each_reader(undisturbed: dict[str, list[Any]]) -> None:
    """That the newest drug is another one now goes with the approval; it is no alert of its own."""
    assert [event[0] for event in undisturbed["events"]] == ["answer_changed", "approval", "trial_stopped"]
    assert len(undisturbed["changes"]) == 3
    assert {(row[2], row[3]) for row in undisturbed["owed"]} == {("news", "sent")}
    assert len(undisturbed["owed"]) == 4


@pytest.mark.parametrize("point", IN_A_CHECK)
def test_killed_in_a_check(scene: Scene, undisturbed: dict[str, list[Any]], point: str) -> None:
    assert scene.home.command("check", "--all", KILL_AT=point).status == -signal.SIGKILL

    scene.recover()

    assert scene.log() == undisturbed
    scene.assert_sound()


def test_killed_while_a_source_is_about_to_answer(scene: Scene, undisturbed: dict[str, list[Any]]) -> None:
    victim = Victim(scene, "check", "--all")
    scene.home.world.during = victim.kill
    assert victim.wait() == -signal.SIGKILL
    scene.home.world.forget()

    scene.recover()

    assert scene.log() == undisturbed
    scene.assert_sound()


@pytest.mark.parametrize("point", IN_A_DELIVERY)
def test_killed_in_a_delivery(owing: Scene, undisturbed: dict[str, list[Any]], point: str) -> None:
    assert owing.home.command("deliver", KILL_AT=point).status == -signal.SIGKILL

    owing.recover()

    assert owing.log() == undisturbed
    owing.assert_sound()


@pytest.mark.parametrize(
    ("where", "copies"), [("half the webhook read", 2), ("webhook kept, not answered", 3), ("mail kept", 3)]
)
def test_killed_while_a_receiver_listens(
    owing: Scene, undisturbed: dict[str, list[Any]], where: str, copies: int
) -> None:
    """Only what the receiver had kept comes again, and can be told by its id."""
    victim = Victim(owing, "deliver")
    match where:
        case "half the webhook read":
            owing.hook.before = victim.kill
        case "webhook kept, not answered":
            owing.hook.after = victim.kill
        case _:
            owing.postbox.after = victim.kill
    assert victim.wait() == -signal.SIGKILL
    owing.hook.before = owing.hook.after = owing.postbox.after = None

    owing.recover()

    assert owing.log() == undisturbed
    owing.assert_sound()
    assert len(owing.postbox.mails if where == "mail kept" else owing.hook.got) == copies


def test_killed_at_the_very_first_start(tmp_path: Path, hook: Hook, postbox: Postbox) -> None:
    """While the tables are made and the pack is filled in: the next start finishes it or starts it anew."""
    with the_world() as world:
        home = Installation(tmp_path, world, {"SECRET_KEY": "k" * 40})
        home.write_pack(*WATCHES)
        for _ in range(3):
            with home.forked("check", "--all") as starting:
                while not home.database.exists() and starting.runs():
                    time.sleep(0.005)
                time.sleep(random.Random(tmp_path.name).uniform(0, 0.05))
        looked_at = _looked_at(home)  # none, unless this machine let the command go on while it held us up

        ran = home.command("check", "--all", "--json")

        assert ran.status == 0, ran.err
        assert {line["watch"] for line in ran.lines if line["outcome"] != "baseline"} == looked_at


def _looked_at(home: Installation) -> set[str]:
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(home.database)) as found:  # no tables yet
        return {name for (name,) in found.execute("SELECT name FROM watch WHERE baseline_at IS NOT NULL")}
    return set()


def test_killed_blindly_again_and_again(scene: Scene, undisturbed: dict[str, list[Any]]) -> None:
    """SIGKILL at any moment after the first byte on the wire; here what mends it has its own process too."""
    scene = replace(scene, typed=None)
    chance, ends = random.Random(2023), []
    for number in range(5):
        asked, heard = len(scene.home.world.asked), len(scene.hook.got) + len(scene.postbox.mails)
        give_up = time.monotonic() + PATIENCE
        with scene.home.forked(*(("check", "--all") if number % 2 == 0 else ("deliver",))) as victim:
            while victim.runs() and time.monotonic() < give_up:
                if (len(scene.home.world.asked), len(scene.hook.got) + len(scene.postbox.mails)) != (asked, heard):
                    time.sleep(chance.uniform(0, 0.08))
                    break
                time.sleep(0.002)
            victim.kill()
            ends.append(victim.ended(PATIENCE).returncode)
    assert -signal.SIGKILL in ends, "every command was done before it could be killed"

    scene.recover()

    assert scene.log() == undisturbed
    scene.assert_sound()
