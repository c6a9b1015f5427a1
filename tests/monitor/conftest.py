"""A service on a fresh store, what happens in its world, and a hook that answers as it is told."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import notifiers
from monitor.service import Service
from monitor.settings import Settings
from monitor.telling.subscriptions import subscribe
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.therapies import Therapies
from sources.http.client import Client
from store.database import writing
from store.engine import open_engine
from store.tables import Event, Subscription
from tests.fresh import fresh

PACK = Pack.model_validate(
    {
        "pack": {
            "name": "als",
            "condition": "amyotrophic lateral sclerosis",
            "synonyms": ["ALS", "MND"],
            "version": "1",
        },
        "therapies": [
            {
                "name": "AMX0035",
                "brands": ["Relyvrio", "Albrioza"],
                "synonyms": ["sodium phenylbutyrate and taurursodiol"],
                "applications": {"fda": ["NDA216660"]},
            },
            {"name": "tofersen", "brands": ["Qalsody"]},
            {"name": "NurOwn"},
        ],
        "watches": [],
    }
)
START = datetime(2025, 8, 29, 13, 0, tzinfo=UTC)


@dataclass
class World:
    """What tests change: the moment, and what has happened."""

    service: Service
    moment: datetime = START
    happened: int = field(default=0)

    def passes(self, **time: float) -> None:
        self.moment += timedelta(**time)

    def event(self, **said: Any) -> Event:
        """Something happens; by default Relyvrio's US approval ends."""
        self.happened += 1
        told = {
            "id": f"EV{self.happened:04}", "sequence": self.happened, "type": "authorization_revoked",
            "therapy": "AMX0035", "drug": "Relyvrio", "place": "US", "agency": "FDA", "polarity": "negative",
            "occurred_on": "2025-08-29", "detected_at": self.moment, "released_at": self.moment, "level": "critical",
            "certainty": "stated", "tier": 1, "thread": "us/amx0035/authorisation", "step": "authorisation_ended",
            "title": "Withdrawal of approval of Relyvrio", "state": "released",
        }  # fmt: skip
        event = Event(**{**told, **said})
        with writing(self.service.engine) as session:
            session.add(event)
        return event

    def reader(self, channel: str = "email", address: str = "reader@example.org", **wishes: Any) -> Subscription:
        found, _ = subscribe(self.service, channel=channel, address=address, **{"confirmed": True, **wishes})
        return found

    def with_settings(self, **changed: Any) -> None:
        settings = self.service.settings.model_copy(update=changed)
        self.service = replace(self.service, settings=settings)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A fresh store and a clock that moves when told."""
    url = f"sqlite:///{tmp_path}/watch.db"
    settings = Settings(database_url=url, mail_from="Watch <watch@als.example>", base_url="https://als.example",
                        allow_private=True, lease_seconds=30)  # fmt: skip
    fresh(tmp_path / "watch.db")
    engine = open_engine(url)
    client = Client(contact="tests@als.example", allow_private=True, pace_seconds=0)
    made: list[World] = []
    service = Service(
        settings=settings, pack=PACK, therapies=Therapies(PACK), engine=engine, sources={},
        notifiers=notifiers.load(), client=client, now=lambda: made[0].moment,
    )  # fmt: skip
    made.append(World(service))
    yield made[0]
    client.close()
    engine.dispose()


@dataclass
class Hook:
    """A receiver of webhooks: its answers in order, the last one for ever, and what it got."""

    url: str = ""
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=lambda: [(200, {})])
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def hook() -> Iterator[Hook]:
    """A real server on the loopback."""
    found = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            found.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            status, headers = found.answers.pop(0) if len(found.answers) > 1 else found.answers[0]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", "4")
            self.end_headers()
            self.wfile.write(b"said")

        log_message: Callable[..., None] = lambda *_: None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}/hook"
    yield found
    server.shutdown()
    thread.join()
    server.server_close()
