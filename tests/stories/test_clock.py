"""The clock: it stops in time, says when its rounds fail, and of two on one database one ticks."""

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event, text

from demo.receivers import free_port
from monitor.path import clock as clock_module
from monitor.path.clock import Clock
from monitor.path.leader import Leader
from monitor.path.round import check_all
from monitor.service import Service
from monitor.web.app import create_app
from store.database import writing
from store.engine import open_engine
from tests.stories.stage import PATIENCE, Installation, Stage, study, tale, watch

START = datetime(2023, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    moves = (date(2021, 1, 4), {}), (date(2023, 5, 2), {"status": "TERMINATED"})
    story = tale(studies=tuple(study(f"NCT9000000{number}", *moves) for number in range(4)))
    with Stage(story, at=START) as world:
        found = Installation(tmp_path, world)
        found.write_pack(
            *(
                watch(f"w{number}", "clinicaltrials", base_url="WORLD", options={"ids": [f"NCT9000000{number}"]})
                for number in range(4)
            )
        )
        yield found
        world.forget()


def wait_for(what: Callable[[], object]) -> bool:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.1)
    return False


def setting(service: Service, pragma: str) -> None:
    def checkout(connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA {pragma}")

    event.listen(service.engine.pool, "checkout", checkout)


@pytest.mark.parametrize("web", ["--web", "--no-web"])
def test_serve_ends_in_time_while_a_source_hangs(home: Installation, web: str) -> None:
    asked = threading.Event()
    let_go = threading.Event()

    def hang() -> None:
        asked.set()
        let_go.wait(90)

    home.world.during = hang
    serving = home.start("serve", web, "--port", str(free_port()), "--quiet")
    try:
        while not asked.wait(0.2):
            assert serving.poll() is None, serving.communicate()
        begun = time.monotonic()
        serving.send_signal(signal.SIGTERM)
        serving.communicate(timeout=40)
        assert time.monotonic() - begun < 30
    except subprocess.TimeoutExpired:
        pytest.fail("still there after 40 s")
    finally:
        let_go.set()
        serving.kill()
        serving.communicate()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock ticks every second."""
    monkeypatch.setattr(clock_module, "JOBS", tuple(replace(job, seconds=1) for job in clock_module.JOBS))


@pytest.mark.usefixtures("quick")
def test_readiness_is_red_while_the_database_is_full(home: Installation) -> None:
    with home.service() as service:
        list(check_all(service))
        with service.engine.connect() as connection:
            size = connection.execute(text("PRAGMA page_count")).scalar_one()
        setting(service, f"max_page_count={size}")
        home.world.edits["/api/v2/studies"] = moved
        home.world.at(datetime(2023, 5, 3, 12, tzinfo=UTC))
        clock = Clock(service)
        clock.start()
        try:
            assert wait_for(lambda: any("full" in why for why in clock.late()))

            setting(service, "max_page_count=100000")
            home.world.at(datetime(2023, 5, 3, 13, tzinfo=UTC))  # an hour later it is tried again
            assert wait_for(lambda: not clock.late())
        finally:
            clock.stop()


def moved(said: Any) -> Any:
    """Every study says much that is new."""
    for one in said["studies"]:
        summary = " ".join(str(number * number) for number in range(3000))
        one["protocolSection"]["descriptionModule"] = {"briefSummary": summary}
        one["protocolSection"]["identificationModule"]["briefTitle"] = f"Another title {summary[:200]}"
    return said


@pytest.mark.usefixtures("quick")
def test_readiness_is_red_while_rounds_fail_and_green_afterwards(home: Installation) -> None:
    with home.service() as service:
        clock = Clock(service)
        app = create_app(service)
        app.state.clock = clock.late
        pages = TestClient(app)
        with writing(service.engine) as session:
            session.connection().execute(text("ALTER TABLE watch RENAME COLUMN leased_until TO gone"))
        clock.start()
        try:
            assert wait_for(lambda: pages.get("/readyz").status_code == 503)
            assert any("the job check failed" in why for why in pages.get("/readyz").json()["reasons"])

            with writing(service.engine) as session:
                session.connection().execute(text("ALTER TABLE watch RENAME COLUMN gone TO leased_until"))
            assert wait_for(lambda: pages.get("/readyz").status_code == 200)
        finally:
            clock.stop()


@pytest.fixture
def engines(postgres: str) -> Iterator[tuple[Engine, Engine]]:
    """Two processes' ways to one PostgreSQL database."""
    pair = open_engine(postgres), open_engine(postgres)
    yield pair
    for engine in pair:
        engine.dispose()


def test_one_clock_leads_and_another_takes_over(engines: tuple[Engine, Engine]) -> None:
    first, second = Leader(engines[0]), Leader(engines[1])
    assert first.leads() and first.leads()
    assert not second.leads()

    first.resign()
    assert wait_for(second.leads), "the server lets go once it sees the connection ended"
    assert not first.leads()
    second.resign()


def test_the_lead_is_free_when_its_holder_dies(engines: tuple[Engine, Engine]) -> None:
    first, second = Leader(engines[0]), Leader(engines[1])
    assert first.leads()
    with engines[1].connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"))

    assert wait_for(second.leads)
    assert not first.leads()
    second.resign()


def test_two_clocks_on_postgres_ask_every_watch_once(home: Installation, postgres: str) -> None:
    key = "k" * 40
    with (
        home.service(database_url=postgres, secret_key=key) as one,
        home.service(database_url=postgres, secret_key=key) as other,
    ):
        clocks = [Clock(one), Clock(other)]
        for clock in clocks:
            clock.start()
        try:
            assert wait_for(lambda: len(studies_asked(home)) >= 4)
            time.sleep(2)
        finally:
            for clock in clocks:
                clock.stop()

        assert len(studies_asked(home)) == 4, home.world.asked
        home.world.at(datetime(2023, 5, 3, 12, tzinfo=UTC))
        told: list[str] = []
        rounds = [
            threading.Thread(target=lambda service=service: told.extend(c.watch for c in check_all(service)))
            for service in (one, other)
        ]
        for thread in rounds:
            thread.start()
        for thread in rounds:
            thread.join()
        assert sorted(told) == ["w0", "w1", "w2", "w3"]


def studies_asked(home: Installation) -> list[str]:
    return [path for path in home.world.asked if "/studies" in path]
