"""What lists are searched by: the words of a text, and tables of them that follow whatever is written."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine
from sqlmodel import col, select

from store import schema
from store.database import reading, writing
from store.engine import open_engine
from store.search import holding, words_of
from store.tables import Change, Event, Evidence, Item, Run, Watch
from tests.fresh import fresh

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Qalsody (tofersen): US approval, formally ended", "qalsody tofersen us approval formally ended"),
        ("two trials of Trial, studies and study", "two trial of study and"),
        ("ALS is a status, not lens or virus", "als is a status not len or virus"),
        ("Sjögren SJOGREN ﬁrst STRASSE straße", "sjogren first strasse"),
        ("CNM-Au8 NCT04856982 not_yet_recruiting", "cnm au8 nct04856982 not yet recruiting"),
        ("筋萎縮 症", "筋 萎 縮 症"),
        ('title:x* NEAR("a b", 2) ^c -d OR "', "title x near a b 2 c d or"),
        ("\x00 * \" ' ( ) % \\", ""),
        ("x" * 10_000, "x" * 64),
    ],
)
def test_the_words_of_a_text_are_plain(text: str, words: str) -> None:
    assert words_of(text) == words.split()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    fresh(tmp_path / "therawatch.db")
    engine = open_engine(f"sqlite:///{tmp_path / 'therawatch.db'}")
    yield engine
    engine.dispose()


def an_event(number: int, title: str) -> Event:
    return Event(
        id=f"EV{number}", sequence=number, type="approval", polarity="positive", detected_at=NOON, level="critical",
        certainty="stated", tier=1, thread="x/y", title=title, state="released",
    )  # fmt: skip


def proof(event: str, quote: str) -> Evidence:
    return Evidence(event_id=event, source="drugsfda", tier=1, quote=quote, at=NOON)


def a_change(number: int, before: object, after: object) -> Change:
    told = [{"field": "status", "path": "overallStatus", "before": before, "after": after}]
    return Change(
        id=number, item_id=1, watch_id=1, run_id=1, kind="changed", differences=told, detected_at=NOON,
        previous_hash="", hash=str(number),
    )  # fmt: skip


def found(engine: Engine, name: str, text: str) -> list[int]:
    number, holds = holding("sqlite", name, words_of(text))
    with reading(engine) as session:
        return list(session.exec(select(number).where(holds).order_by(number)))


def a_log(engine: Engine) -> None:
    with writing(engine) as session:
        session.add(Watch(id=1, name="trials", source="trials", options={}, every_seconds=60, next_check_at=NOON))
        session.flush()
        session.add(Run(id=1, watch_id=1, started_at=NOON, finished_at=NOON, outcome="changed"))
        session.add(Item(id=1, source="trials", key="NCT00000001", title="A study of Sjögren", url="x"))
        session.flush()
        session.add_all([a_change(1, "RECRUITING", "COMPLETED"), a_change(2, ["a", {"b": "ancillary"}], 312)])
        session.add_all([an_event(1, "Approved in Japan"), an_event(2, "Refused in Japan")])
        session.flush()
        session.add(proof("EV2", "The committee said no."))


def test_what_is_written_can_be_found_and_what_is_rewritten_anew(engine: Engine) -> None:
    a_log(engine)
    assert found(engine, "change", "sjogren") == [1, 2]
    assert found(engine, "change", "completed recruiting") == [1]
    assert found(engine, "change", "Ancillary") == found(engine, "change", "312") == [2]
    assert found(engine, "change", "before") == [], "a key of the difference is no word of it"
    assert found(engine, "event", "japan") == [1, 2]
    assert found(engine, "event", "committees japan") == [2]
    with writing(engine) as session:
        event = session.get_one(Event, "EV1")
        event.title = "Approved in Canada"
        session.add(proof("EV1", "A conditional approval."))
    assert found(engine, "event", "japan") == [2]
    assert found(engine, "event", "conditional canada") == [1]
    with reading(engine) as session:
        days = session.exec(select(Event.day).order_by(col(Event.sequence))).all()
    assert days == ["2026-01-01", "2026-01-01"], "of an act without a day, when it was heard of"


def test_an_older_database_can_be_searched_after_the_upgrade(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'old.db'}")
    schema.upgrade(engine)
    a_log(engine)
    with schema._changing(engine) as connection:
        config = schema._config()
        config.attributes["connection"] = connection
        command.downgrade(config, "0014")
    schema.upgrade(engine)
    assert found(engine, "change", "completed") == [1]
    assert found(engine, "event", "japan committee") == [2]
    with reading(engine) as session:
        assert session.exec(select(Event.day)).first() == "2026-01-01"
    engine.dispose()
