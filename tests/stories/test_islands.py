"""Each watch is an island: what goes wrong in one that nobody foresaw holds up no other."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import event, update
from sqlalchemy.exc import OperationalError
from sqlmodel import col, select

from monitor.path.check import check
from monitor.path.clock import Clock
from monitor.path.round import check_all, due
from monitor.service import Service
from monitor.watching.guards import LIVE
from monitor.watching.leases import Leases
from monitor.watching.runs import Looks
from store.database import reading, writing
from store.tables import Run, Watch
from tests.stories.stage import PATIENCE, Installation, Stage, look, tale, watch, watch_row

START = datetime(2023, 5, 1, 12, tzinfo=UTC)
OTHERS = 60

MADE_UP = '''
"""A source without a network, that does what its options say."""

import sqlite3
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from errno import ENOSPC
from hashlib import sha256

from pydantic import BaseModel

from sources.base import Fetch, Page, Source
from sources.records import Announcement

SINCE = datetime(2023, 5, 1, 12, tzinfo=UTC)


def deep(n: int) -> int:
    return deep(n + 1) + 1


class Panic(BaseException):
    """As libraries that are not written in Python raise it."""


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


FAULTS = {
    "locked": sqlite3.OperationalError("database is locked"),
    "full": OSError(ENOSPC, "No space left on device"),
    "value": ValueError("half a character \\ud800 and a NUL \\0"),
    "panic": Panic("thread panicked"),
    "unspeakable": Unspeakable(),
    "nothing": StopIteration(),
}


class MadeUp(Source):
    name = "madeup"
    title = "Made up"
    record = Announcement
    tier = 4
    family = "any"
    complete = False
    needs_url = True

    class Options(BaseModel):
        fault: str = ""
        seconds: float = 0.0

    def pages(self, fetch: Fetch) -> Iterator[Page]:
        time.sleep(self.options.seconds)
        if self.options.fault == "pages":
            raise KeyError("no such thing")
        body = f"{self.url} {time.monotonic_ns()}".encode()
        page = Page(self.url, SINCE, 200, "text/plain", sha256(body).hexdigest(), lambda: body)
        fetch.pages.append(page)
        yield page

    def parse(self, page: Page) -> Iterator[Announcement]:
        if self.options.fault == "memory":
            raise MemoryError
        if self.options.fault == "depth":
            deep(0)
        if self.options.fault == "exit":
            sys.exit(3)
        if self.options.fault in FAULTS:
            raise FAULTS[self.options.fault]
        if self.options.fault == "parse":
            raise AttributeError("'NoneType' object has no attribute 'text'")
        yield Announcement(
            key=page.url, title=f"Item of {page.url}", url=page.url, published_on="2023-05-01",
            summary=f"Nothing new at {time.monotonic_ns()}",
        )
'''


def made_up(number: int, **options: object) -> str:
    return watch(f"w{number:03}", "madeup", url=f"https://example.org/{number}", options=options)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    with Stage(tale(), at=START) as world:
        folder = tmp_path / "sources"
        folder.mkdir()
        (folder / "madeup.py").write_text(MADE_UP)
        yield Installation(tmp_path, world)


def opened(home: Installation, **settings: object) -> AbstractContextManager[Service]:
    return home.service(sources_folder=home.folder / "sources", **settings)


def setting(service: Service, pragma: str) -> None:
    """Every connection gets this setting of SQLite from now on."""

    def checkout(connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA {pragma}")

    event.listen(service.engine.pool, "checkout", checkout)


EVERY_FAULT = [
    "pages",
    "parse",
    "memory",
    "depth",
    "exit",
    "locked",
    "full",
    "value",
    "panic",
    "unspeakable",
    "nothing",
]


@pytest.mark.parametrize("fault", EVERY_FAULT)
def test_one_of_sixty_one_raises_and_the_others_are_looked_at(home: Installation, fault: str) -> None:
    home.write_pack(made_up(0, fault=fault), *(made_up(number) for number in range(1, OTHERS + 1)))
    with opened(home) as service:
        checked = look(service)

        assert len(checked) == OTHERS + 1
        assert {one.outcome for name, one in checked.items() if name != "w000"} == {"baseline"}
        assert checked["w000"].outcome == "failed"
        assert checked["w000"].error is not None and checked["w000"].error.startswith("unexpected ")
        row = watch_row(service, "w000")
        assert (row.failures, row.health, row.problem) == (1, "failing", checked["w000"].error)
        assert row.next_check_at > START


def test_every_fault_at_once_and_a_broken_database_of_leases(
    home: Installation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """All of them in one round, whose leases cannot be renewed either."""

    def locked(*_: object) -> None:
        raise OperationalError("UPDATE watch", {}, sqlite3.OperationalError("database is locked"))

    monkeypatch.setattr(Leases, "renew", locked)
    bad = [made_up(number, fault=fault) for number, fault in enumerate(EVERY_FAULT)]
    home.write_pack(*bad, *(made_up(number) for number in range(100, 120)))
    with opened(home) as service:
        checked = look(service)

        assert {name for name, one in checked.items() if one.error is None} == {f"w{n}" for n in range(100, 120)}
        assert {checked[f"w{n:03}"].outcome for n in range(len(EVERY_FAULT))} == {"failed"}
        with reading(service.engine) as session:
            runs = session.exec(select(Run)).all()
            assert len(runs) == len(checked), "each look is noted"
            waiting = session.exec(select(Watch).where(col(Watch.failures) > 0)).all()
            assert len(waiting) == len(EVERY_FAULT)
            assert all(one.next_check_at > START and one.leased_until is None for one in waiting)


def test_looks_that_cannot_be_noted_give_their_leases_back(home: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    home.write_pack(made_up(0))
    with opened(home) as service:

        def locked(*_: object) -> None:
            raise OperationalError("INSERT INTO run", {}, sqlite3.OperationalError("database is locked"))

        monkeypatch.setattr(Looks, "flush", locked)
        with suppress(OperationalError):
            list(check_all(service, everything=True))

        assert watch_row(service, "w000").leased_until is None


def test_a_fault_of_the_adapter_backs_off_like_any_failure(home: Installation) -> None:
    home.write_pack(made_up(0, fault="parse"))
    with opened(home) as service:
        waits = []
        for _ in range(4):
            look(service)
            waits.append(watch_row(service, "w000").next_check_at - service.now())

    assert waits == [timedelta(hours=12), timedelta(hours=24), timedelta(hours=24), timedelta(hours=24)]


def runs_of(service: Service) -> list[Run]:
    with reading(service.engine) as session:
        return list(session.exec(select(Run)))


def test_the_clock_goes_on_beside_a_watch_that_raises(home: Installation) -> None:
    home.write_pack(made_up(0, fault="parse"), *(made_up(number) for number in range(1, 16)))
    with opened(home) as service:
        clock = Clock(service)
        clock.start()
        try:
            give_up = time.monotonic() + PATIENCE
            while len(runs_of(service)) < 16 and time.monotonic() < give_up:
                time.sleep(0.2)
            time.sleep(1)
        finally:
            clock.stop()
        with reading(service.engine) as session:
            watches = session.exec(select(Watch)).all()
        runs = runs_of(service)

    assert {w.name for w in watches if w.last_success_at is None} == {"w000"}
    assert len(runs) == 16, "each was asked once: the one that raises is left alone until its next time"


def test_many_workers_write_in_turn(home: Installation) -> None:
    home.write_pack(*(made_up(number) for number in range(300)))
    with opened(home) as service:
        for workers in (20, 64):
            checked = list(check_all(service, everything=True, workers=workers))
            assert [one.error for one in checked if one.error] == []
            assert len(checked) == 300


def test_a_locked_database_fails_the_run_and_is_tried_again_soon(home: Installation) -> None:
    home.write_pack(made_up(0), made_up(1))
    with opened(home) as service:
        look(service)
        setting(service, "busy_timeout=50")
        locked, looked = threading.Event(), threading.Event()

        def hold() -> None:
            with closing(sqlite3.connect(home.database, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                locked.set()
                looked.wait(PATIENCE)
                other.execute("ROLLBACK")

        ours = [one for one in due(service, everything=True) if one.name == "w000"]
        assert ours
        holding = threading.Thread(target=hold)
        holding.start()
        locked.wait()
        try:
            checked = check(service, ours[0], Looks(service.engine), LIVE)
        finally:
            looked.set()
            holding.join()
        assert checked.outcome == "failed"
        assert checked.error is not None and "database is locked" in checked.error

        assert look(service, "w000")["w000"].error is None


def test_a_full_database_asks_no_source_and_mends_itself(home: Installation) -> None:
    home.write_pack(made_up(0), made_up(1))
    with opened(home) as service:
        look(service)
        with service.engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        setting(service, f"max_page_count={pages}")
        failed = []
        with suppress(OperationalError):
            failed = list(check_all(service, everything=True, workers=1))
        assert all(one.outcome == "failed" and "full" in str(one.error) for one in failed if one.error)

        setting(service, "max_page_count=1000000")
        assert {one.error for one in look(service).values()} == {None}


def test_two_rounds_at_once_ask_each_watch_once(home: Installation) -> None:
    home.write_pack(*(made_up(number, seconds=0.05) for number in range(20)))
    with opened(home) as service:
        told: list[str] = []
        rounds = [
            threading.Thread(target=lambda: told.extend(one.watch for one in check_all(service, workers=4)))
            for _ in range(2)
        ]
        for one in rounds:
            one.start()
        for one in rounds:
            one.join()

    assert sorted(told) == [f"w{number:03}" for number in range(20)]


def test_a_lease_keeps_others_away_until_it_ends(home: Installation) -> None:
    home.write_pack(made_up(0))
    with opened(home) as service:
        leases = Leases(service.engine, 600)
        assert [one.name for one in leases.take(due(service), asked=False)] == ["w000"]

        assert due(service) == []
        with time_machine.travel(datetime.now(UTC) + timedelta(seconds=601)):
            assert [one.name for one in due(service)] == ["w000"], "who held it has died"


def test_a_lease_is_renewed_while_one_look_lasts(home: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """The look is longer than its lease; who comes meanwhile finds the watch taken at every moment. Renewed so often
    that a thread which a busy machine holds up for two seconds loses nothing."""
    monkeypatch.setattr("monitor.watching.leases.RENEWED_AFTER", 1 / 20)
    home.write_pack(made_up(0, seconds=3.3))
    with opened(home, lease_seconds=3) as service:
        looking = threading.Thread(target=lambda: list(check_all(service, workers=1)))
        looking.start()
        free = 0
        while looking.is_alive():
            free += watch_row(service, "w000").leased_until is not None and bool(due(service))
            time.sleep(0.1)
        looking.join()

        assert free == 0
        assert watch_row(service, "w000").leased_until is None
        assert [one for one in threading.enumerate() if one.name == "leases"] == []


def test_a_lease_is_given_back_after_the_round(home: Installation) -> None:
    home.write_pack(made_up(0))
    with opened(home) as service:
        look(service)

        assert watch_row(service, "w000").leased_until is None


def test_a_person_who_asks_does_not_wait_for_a_lease(home: Installation) -> None:
    home.write_pack(made_up(0))
    with opened(home) as service:
        Leases(service.engine, 600).take(due(service), asked=False)

        assert list(check_all(service)) == []
        assert [one.watch for one in check_all(service, ["w000"])] == ["w000"]


def test_a_lease_out_of_the_future_holds_nobody_up(home: Installation) -> None:
    home.write_pack(made_up(0))
    with opened(home) as service:
        with writing(service.engine) as session:
            session.exec(update(Watch).values(leased_until=datetime(2036, 1, 1, tzinfo=UTC)))

        assert [one.name for one in due(service)] == ["w000"]


def test_a_check_in_the_future_makes_no_watch_silent(home: Installation) -> None:
    """The clock jumped to 2036 for one check and came back."""
    home.write_pack(made_up(0), made_up(1))
    with opened(home) as service:
        assert len(list(check_all(replace(service, now=lambda: datetime(2036, 1, 1, tzinfo=UTC))))) == 2
        home.world.at(START + timedelta(days=1))

        assert sorted(one.watch for one in check_all(service)) == ["w000", "w001"]

        with reading(service.engine) as session:
            rows = session.exec(select(Watch).order_by(col(Watch.name))).all()
        assert {row.next_check_at for row in rows} == {START + timedelta(days=1, hours=12)}


def test_doctor_names_the_watches_of_a_clock_that_ran_ahead(home: Installation) -> None:
    home.write_pack(made_up(0))
    environ = {"SOURCES_FOLDER": str(home.folder / "sources")}
    home.environ.update(environ)
    home.command("check", NOW="2036-01-01T00:00:00+00:00")

    told = {line["check"]: line for line in home.command("doctor", "--json").lines}

    assert told["watches"]["state"] == "warn"
    assert "w000" in told["watches"]["detail"] and "2036-01-01" in told["watches"]["detail"]
