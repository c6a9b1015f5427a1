"""The same world watched on SQLite and on PostgreSQL gives the same log, the same deliveries, a whole hash chain."""

import re
from dataclasses import replace
from pathlib import Path

from sqlmodel import col, select

from demo.receivers import WebhookEcho
from demo.story import read_story
from demo.timelapse import HERE, SECRET, START
from demo.world import World
from monitor.path.assemble import assembled
from monitor.path.figures import Figures
from monitor.path.round import check_all
from monitor.service import Service
from monitor.settings import Settings
from monitor.telling.deliver import deliver
from monitor.telling.deliveries import resend_after
from monitor.telling.delivery_log import in_full
from monitor.telling.match import match
from monitor.telling.subscriptions import subscribe
from monitor.telling.troubles import troubles
from monitor.watching.chain import chained
from store.database import reading
from store.tables import Change, Delivery, Event

MOMENTS = 14
KEY = "not-a-secret-" * 4


def figures(service: Service) -> dict[str, float]:
    """What is counted, times and sizes apart."""
    samples = [sample for metric in Figures(service).collect() for sample in metric.samples]
    return {
        " ".join((one.name, *map(str, one.labels.values()))): one.value
        for one in samples
        if not re.search("seconds|bytes", one.name)
    }


def watched(database_url: str, pack: Path) -> tuple[list[dict[str, object]], int, int, dict[str, float]]:
    """Watch the first moments of the story; returns the log, the calls received, the changes on the chain, and what is
    counted."""
    story = read_story()
    with World(story) as world, WebhookEcho(SECRET) as echo:
        pack.write_text((HERE / "pack.toml").read_text().replace("WORLD", world.url))
        settings = Settings(
            config=pack, database_url=database_url, now=START, allow_private=True, pace_seconds=0, secret_key=KEY
        )
        with assembled(settings) as service:
            service = replace(service, now=lambda: world.moment)
            subscribe(service, channel="webhook", address=echo.url, level="info", secret=SECRET)
            for moment in [START, *list(story.moments(START))[:MOMENTS]]:
                world.at(moment)
                outcomes = {checked.outcome for checked in check_all(service, everything=True, workers=1)}
                assert outcomes <= {"baseline", "changed", "unchanged"}
                match(service)
                assert {line["state"] for line in deliver(service)} <= {"sent"}
            with reading(service.engine) as session:
                events = session.exec(select(Event)).all()
                changes = session.exec(select(Change).order_by(col(Change.id))).all()
                first = session.exec(select(Delivery).order_by(col(Delivery.created_at), col(Delivery.id))).first()
                assert first is not None and in_full(service, session, first.id)["log"][0]["accepted"]
                in_trouble = len(list(troubles(service, session)))
            resend_after(service, first.id)
            counted = figures(service) | {"in trouble": in_trouble}
            told = [e.model_dump(include={"type", "therapy", "place", "trial", "occurred_on", "state"}) for e in events]
        previous = "0" * 64
        for change in changes:
            assert change.previous_hash == previous
            assert chained(change) == change.hash
            previous = change.hash
        return sorted(told, key=str), len(echo.calls), len(changes), counted


def test_both_databases_tell_the_same_story(tmp_path: Path, postgres: str) -> None:
    pack = tmp_path / "pack.toml"
    on_sqlite = watched(f"sqlite:///{tmp_path}/store.db", pack)
    on_postgres = watched(postgres, pack)
    assert on_postgres == on_sqlite
    assert on_sqlite[1] > 5
    assert on_sqlite[3]["therawatch_deliveries webhook sent"] == 1, "all that followed the first are owed again"
