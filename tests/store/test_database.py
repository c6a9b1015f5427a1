"""Every connection is prepared, writers queue up, and what is append-only stays as it was written."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, StatementError
from sqlmodel import select

from store.database import LATER, noting, reading, writing
from store.engine import open_engine
from store.tables import APPEND_ONLY, Audit, Capture, Change, Event, Evidence, Flag, Item, Review, Run, Snapshot, Watch
from tests.fresh import fresh

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    fresh(tmp_path / "therawatch.db")
    engine = open_engine(f"sqlite:///{tmp_path / 'therawatch.db'}")
    yield engine
    engine.dispose()


def a_watch(moment: datetime = NOON) -> Watch:
    return Watch(name="als-trials", source="clinicaltrials", options={}, every_seconds=60, next_check_at=moment)


def test_every_connection_has_the_pragmas(engine: Engine) -> None:
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10000}
    expected["recursive_triggers"] = 1

    with engine.connect() as first, engine.connect() as second:
        for connection in (first, second):
            found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in expected}
            assert found == expected


def test_only_what_must_not_be_lost_waits_for_the_disk(engine: Engine) -> None:
    def kept(connection: Connection) -> object:
        return connection.exec_driver_sql("PRAGMA synchronous").scalar()

    found = []
    for _ in range(2):  # whatever the connection was last used for
        with writing(engine) as session:
            found.append(kept(session.connection()))
        with noting(engine) as connection:
            found.append(kept(connection))
        with writing(engine, LATER) as session:
            found.append(kept(session.connection()))
    assert found == [2, 1, 1] * 2


def test_a_second_writer_waits_and_does_not_fail(engine: Engine) -> None:
    with writing(engine) as session:
        session.add(Flag(name="counter", value="0"))
    took: list[float] = []
    inside = threading.Event()

    def count(hold: float) -> None:
        began = time.monotonic()
        with writing(engine) as session:
            inside.set()
            flag = session.exec(select(Flag)).one()
            time.sleep(hold)
            flag.value = str(int(flag.value) + 1)
            session.add(flag)
        took.append(time.monotonic() - began)

    first = threading.Thread(target=count, args=(0.4,))
    first.start()
    assert inside.wait(60)
    count(0)
    first.join()

    with reading(engine) as session:
        assert session.exec(select(Flag)).one().value == "2"
    assert max(took) < 5


def test_readers_are_not_kept_waiting_by_a_writer(engine: Engine) -> None:
    with writing(engine) as writer:
        writer.add(Flag(name="sending", value="paused"))
        writer.flush()
        with reading(engine) as reader:
            assert reader.exec(select(Flag)).all() == []


def test_a_block_that_raises_writes_nothing(engine: Engine) -> None:
    def pull_the_plug() -> None:
        with writing(engine) as session:
            session.add(Flag(name="sending", value="paused"))
            session.flush()
            raise RuntimeError("the plug was pulled")

    with pytest.raises(RuntimeError):
        pull_the_plug()

    with reading(engine) as session:
        assert session.exec(select(Flag)).all() == []


def test_naive_moments_are_refused(engine: Engine) -> None:
    naive = datetime(2026, 1, 1)

    with pytest.raises(StatementError, match="naive"), writing(engine) as session:
        session.add(a_watch(naive))


def test_moments_come_back_aware_and_in_utc(engine: Engine) -> None:
    madrid = timezone(timedelta(hours=1))
    with writing(engine) as session:
        session.add(a_watch(NOON.astimezone(madrid)))

    with reading(engine) as session:
        found = session.exec(select(Watch)).one().next_check_at

    assert found == NOON
    assert found.utcoffset() == timedelta(0)


def write_one_of_each(engine: Engine) -> None:
    with writing(engine) as session:
        session.add(a_watch())
        session.add(Item(source="clinicaltrials", key="NCT00000001", title="A study", url="https://example.org"))
        session.add(
            Event(id="EV1", sequence=1, type="approval", polarity="positive", detected_at=NOON, level="critical",
                  certainty="stated", tier=1, thread="us/a/authorisation", title="approved", state="released")
        )  # fmt: skip
        session.flush()
        session.add(Run(watch_id=1, started_at=NOON, finished_at=NOON, outcome="changed"))
        session.add(Capture(watch_id=1, url="https://example.org", fetched_at=NOON, status=200, sha256="ab"))
        session.flush()
        session.add(
            Snapshot(item_id=1, run_id=1, capture_id=1, taken_at=NOON, packed=b"x", fingerprint="f", revision=1)
        )
        session.flush()
        session.add(
            Change(item_id=1, watch_id=1, run_id=1, kind="changed", before_id=1, after_id=1, differences=[],
                   detected_at=NOON, previous_hash="", hash="h")
        )  # fmt: skip
        session.add(Review(event_id="EV1", verdict="confirmed", by="maintainer", at=NOON, note="read it"))
        session.flush()
        session.add(Evidence(event_id="EV1", change_id=1, source="clinicaltrials", tier=2, at=NOON))
        session.add(Audit(at=NOON, who="an-editor", role="maintainer", door="desk", act="approve", matter="event EV1"))


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize(
    "statement",
    [
        'UPDATE "{table}" SET id = id + 1',
        'DELETE FROM "{table}"',
        'INSERT OR REPLACE INTO "{table}" SELECT * FROM "{table}"',
    ],
    ids=["update", "delete", "replace"],
)
def test_append_only_tables_refuse_to_be_rewritten(engine: Engine, table: str, statement: str) -> None:
    write_one_of_each(engine)
    count = f'SELECT count(*), max(id) FROM "{table}"'
    with engine.connect() as connection:
        before = connection.exec_driver_sql(count).one()

    with (
        pytest.raises(DBAPIError, match=f"the table {table} is append-only"),
        engine.begin() as connection,
    ):
        connection.exec_driver_sql(statement.format(table=table))

    with engine.connect() as connection:
        assert connection.exec_driver_sql(count).one() == before
