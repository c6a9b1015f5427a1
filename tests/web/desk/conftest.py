"""The desk over a first start: maintainers, events that wait, and a browser's way of signing in."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient
from httpx import Response

from monitor.events.intents import NewEvent, Proof
from monitor.events.record import record
from monitor.people import maintainers as people
from monitor.people.audit import at_terminal
from monitor.people.maintainers import add
from monitor.service import Service
from monitor.web.app import create_app
from store.database import writing
from store.states import EventState
from tests.web.conftest import NOW

PASSWORD = "correct horse battery"
TOKEN = re.compile(r'name="token" value="([0-9a-f]+)"')


@dataclass
class Desk:
    """Somebody at the desk with a browser of her own."""

    client: TestClient
    name: str

    def get(self, path: str) -> Response:
        return self.client.get(path)

    def token(self, page: str = "/review") -> str:
        """The token that forms of a page bear."""
        found = TOKEN.search(self.client.get(page).text)
        assert found, page
        return found[1]

    def post(self, path: str, page: str = "/review", **fields: Any) -> Response:
        """Send a form of a page."""
        return self.client.post(path, data={"token": self.token(page), **fields})

    def act(self, event: str, act: str, **fields: Any) -> Response:
        """Press a button of an event's page."""
        return self.post(f"/review/events/{event}/{act}", **fields)


def browser_of(service: Service) -> TestClient:
    """A browser that has never been here. It speaks https, or it would keep no cookie."""
    return TestClient(create_app(service), base_url="https://als.example")


def signs_in(client: TestClient, name: str, password: str = PASSWORD, **more: str) -> Response:
    """Send the form of the sign-in."""
    found = TOKEN.search(client.get("/review/sign-in").text)
    assert found
    given = {"token": found[1], "name": name, "password": password, **more}
    return client.post("/review/sign-in", data=given, follow_redirects=False)


@dataclass
class Clock:
    """The moment at which the desk sees the facts."""

    moment: datetime = NOW

    def goes_on(self, **span: float) -> None:
        """Let time pass."""
        self.moment += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    """A clock that stands until it is told to go on."""
    return Clock()


@pytest.fixture
def service(service: Service, clock: Clock) -> Service:
    """A first start, seen by that clock."""
    return replace(service, now=lambda: clock.moment)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed at the least cost: what it costs in earnest is argon2's own matter."""
    monkeypatch.setattr(people, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def at_desk(service: Service) -> Iterator[Callable[..., Desk]]:
    """Makes a maintainer and signs her in."""
    opened: list[TestClient] = []

    def open_desk(name: str = "an-editor", role: str = "maintainer") -> Desk:
        add(service, name, PASSWORD, role, at_terminal("root"))
        client = browser_of(service)
        opened.append(client)
        assert signs_in(client, name).status_code == 303
        return Desk(client, name)

    yield open_desk
    for client in opened:
        client.close()


@pytest.fixture
def desk(at_desk: Callable[..., Desk]) -> Desk:
    """A maintainer at the desk."""
    return at_desk()


def hold(
    service: Service,
    type_: str = "clinical_hold",
    polarity: str = "negative",
    minutes: int = 60,
    at: datetime | None = None,
    **facts: Any,
) -> str:
    """Put an event into the queue, so many minutes old; returns its id."""
    at = at or NOW - timedelta(minutes=minutes)
    proof = Proof(source="feed", tier=4, quote="The words of a release.", url="https://news.example/1", retrieved_at=at)
    given = {
        "therapy": "tofersen",
        "place": "US",
        "drug": "tofersen",
        "occurred_on": "2026-11-20",
        "rule": "prose.hold",
        "held_because": "press alone: neither a regulator nor the company has said so yet",
    }
    new = NewEvent(
        type=type_, polarity=polarity, at=at, state=EventState.HELD, proofs=(proof,), **(given | facts)
    )  # fmt: skip
    with writing(service.engine) as session:
        return record(session, new, service.pack).id


@pytest.fixture
def waits(service: Service) -> Callable[..., str]:
    """Puts an event into the queue; returns its id."""
    return partial(hold, service)
