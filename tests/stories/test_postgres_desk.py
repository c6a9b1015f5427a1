"""The desk on a real PostgreSQL server: a maintainer signs in, works the queue, corrects what was told, sends again."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient
from sqlmodel import select

from monitor.path.assemble import assembled
from monitor.people import maintainers as people
from monitor.people.audit import acts, at_terminal
from monitor.service import Service
from monitor.settings import Settings
from monitor.telling.deliver import deliver
from monitor.telling.subscriptions import subscribe
from store.database import reading, writing
from store.tables import Event, Policy
from tests.stories.stage import Hook
from tests.web.conftest import NOW
from tests.web.desk.conftest import PASSWORD, Clock, Desk, browser_of, hold, signs_in

SAYS = re.compile(r"<strong>(\d+) messages?</strong>")


@pytest.fixture
def hook() -> Iterator[Hook]:
    """A receiver that refuses the correction once."""
    with Hook() as opened:
        yield opened


@pytest.fixture
def clock() -> Clock:
    """A clock that stands until it is told to go on."""
    return Clock()


@pytest.fixture
def service(postgres: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """The ALS pack with its history, on PostgreSQL."""
    monkeypatch.setattr(people, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    settings = Settings(
        database_url=postgres, now=NOW, allow_private=True, pace_seconds=0, secret_key="not-a-secret-" * 4,
        base_url="https://als.example",
    )  # fmt: skip
    with assembled(settings) as opened:
        yield replace(opened, now=lambda: clock.moment)


def test_a_maintainer_works_on_postgresql(service: Service, hook: Hook, clock: Clock) -> None:
    subscribe(service, channel="webhook", address=hook.url, level="info")
    subscribe(service, channel="email", address="reader@als.example", cadence="weekly", confirmed=True)
    people.add(service, "an-editor", PASSWORD, "maintainer", at_terminal("root"))
    client: TestClient = browser_of(service)
    assert signs_in(client, "an-editor", "not the right one").status_code == 403
    assert signs_in(client, "an-editor").status_code == 303
    desk = Desk(client, "an-editor")

    wrong, noise = hold(service), hold(service, "shortage", place="CA", minutes=50)
    several = [hold(service, "trial_registered", "neutral", place=None, trial=f"NCT0900000{n}") for n in range(4)]
    queue = desk.get("/review?q=put+on+hold").text
    assert wrong in queue and noise not in queue
    for tab in ("fields", "words", "page", "raw", "tellers", "ladder", "why"):
        assert desk.get(f"/review/events/{wrong}?tab={tab}").status_code == 200, tab
    foretold = SAYS.search(desk.get(f"/review/events/{wrong}").text)
    assert foretold and int(foretold[1]) == 2

    desk.act(wrong, "approve")
    desk.act(wrong, "undo")
    clock.goes_on(minutes=11)
    list(deliver(service))
    assert hook.got == [], "undone leaves no message"
    desk.act(wrong, "approve")
    desk.act(noise, "reject", reason="noise")
    assert desk.post("/review/approve", event=several[:2]).status_code == 200
    assert desk.post("/review/rules/pass/prose.hold").status_code == 409, "a reading of it is about to be rejected"
    clock.goes_on(minutes=11)
    list(deliver(service))
    assert sorted(line_of(service, id) for id in (wrong, noise, *several)) == [
        "dismissed", "held", "held", "released", "released", "released",
    ]  # fmt: skip
    assert len(hook.got) == 3

    hook.answers = [(500, {}), (204, {})]
    desk.act(wrong, "correct", occurred_on="2026-11-19", note="The release gave another day.")
    clock.goes_on(minutes=3)
    list(deliver(service))
    with reading(service.engine) as session:
        right = session.exec(select(Event).where(Event.corrects == wrong)).one()
    failed = hook.got[-1]
    row = desk.get("/review/deliveries").text
    assert "status 500" in row
    assert "status 500" in desk.get(f"/review/deliveries/{failed.id}").text
    assert "owed again" in desk.post(f"/review/deliveries/{failed.id}/again").text
    list(deliver(service))
    assert [got.id for got in hook.got].count(failed.id) == 2
    assert "accepted" in desk.get(f"/review/deliveries/{failed.id}").text
    assert "19 Nov 2026" in client.get(f"/events/{right.id}").text

    with writing(service.engine) as session:
        session.add(Policy(way="pass", rule="prose.other", by="an-editor", at=clock.moment))
    about: dict[str, Any] = {"place": None, "trial": "NCT09000009", "rule": "prose.other"}
    passes = hold(service, "trial_registered", "neutral", at=clock.moment, **about)
    list(deliver(service))
    clock.goes_on(minutes=11)
    list(deliver(service))
    assert line_of(service, passes) == "released"
    for page in ("rules", "rules/prose.hold", "watches", "subscriptions", "subscriptions/1", "log", "log.jsonl"):
        assert desk.get(f"/review/{page}").status_code == 200, page
    for page in ("/", "/events?search=hold&tier=4", "/changes?tier=4", f"/events/{right.id}"):
        assert client.get(page).status_code == 200, page
    with reading(service.engine) as session:
        told = [row.act for row in acts(session, limit=100)][::-1]
    assert told.count("approve") == 5 and {"undo approve", "reject", "correct", "resend"} <= set(told)


def line_of(service: Service, id: str) -> str:
    """The state of an event."""
    with reading(service.engine) as session:
        return session.get_one(Event, id).state
