"""A service on a fresh store, filled with the bundled pack and its history, seen at one fixed moment."""

import shutil
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, sync_playwright

import notifiers
import sources
from monitor.events.history import import_history
from monitor.service import Service
from monitor.settings import Settings
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.pack_faults import read_pack
from monitor.vocabulary.therapies import Therapies
from monitor.watching.roster import sync
from monitor.web.app import create_app
from sources.base import Source
from sources.http.client import Client
from store.database import writing
from store.engine import open_engine
from tests.fresh import fresh
from tests.monitor.conftest import hook as hook

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@cache
def first_start() -> tuple[Mapping[str, type[Source]], Pack, bytes]:
    """The sources, the pack, and the database that they fill: made once a process."""
    catalog = sources.load()
    config = Settings().config
    pack = read_pack(config, catalog)
    assert pack.pack.history
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "web.db"
        fresh(database)
        engine = open_engine(f"sqlite:///{database}")
        with writing(engine) as session:
            sync(session, pack, NOW)
            import_history(session, pack, config.parent / pack.pack.history, NOW)
        engine.dispose()
        return catalog, pack, database.read_bytes()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """The ALS pack as a first start leaves it: history imported, no source asked yet."""
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'web.db'}", now=NOW, base_url="https://als.example")
    catalog, pack, filled = first_start()
    (tmp_path / "web.db").write_bytes(filled)
    engine = open_engine(settings.database_url)
    client = Client(contact="tests@als.example")
    yield Service(settings, pack, Therapies(pack), engine, catalog, notifiers.load(), client, settings.moment)
    client.close()
    engine.dispose()


@pytest.fixture
def open_pages(service: Service) -> Callable[[], TestClient]:
    """Makes a client of the application."""
    return lambda: TestClient(create_app(service), base_url="https://als.example", raise_server_exceptions=True)


@pytest.fixture
def pages(open_pages: Callable[[], TestClient]) -> TestClient:
    """The pages of a first start."""
    return open_pages()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for way in ("new_context", "new_page"):
            setattr(started, way, patient(getattr(started, way)))
        yield started
        started.close()


def patient(open_: Callable[..., Any]) -> Callable[..., Any]:
    """A way to open pages that wait for twice as long as they do by themselves: much may run beside them."""

    def opened(**wishes: Any) -> Any:
        found = open_(**wishes)
        found.set_default_timeout(60_000)
        return found

    return opened


@pytest.fixture
def open_site(service: Service) -> Iterator[Callable[[], str]]:
    """Starts the application on a real port, once; returns its address."""
    stops: list[Callable[[], None]] = []

    def start() -> str:
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        listening.listen()  # who comes before the server is up waits
        server = uvicorn.Server(uvicorn.Config(create_app(service), log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()

        def stop() -> None:
            server.should_exit = True
            thread.join(60)
            listening.close()

        stops.append(stop)
        return f"http://127.0.0.1:{listening.getsockname()[1]}"

    yield start
    for stop in stops:
        stop()
