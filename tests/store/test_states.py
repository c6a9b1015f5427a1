"""A state is one of a few words, and a misspelt one is refused: by mypy, and again by the column."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import NoneType
from typing import get_args, get_type_hints

import pytest
from mypy import api
from sqlalchemy import Engine, Enum, text
from sqlalchemy.exc import StatementError
from sqlmodel import Session, SQLModel, select

from store.database import reading, writing
from store.engine import open_engine
from store.states import Cadence, DeliveryKind, DeliveryState, Level
from store.tables import Delivery, Subscription, metadata
from tests.fresh import fresh

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    fresh(tmp_path / "therawatch.db")
    engine = open_engine(f"sqlite:///{tmp_path / 'therawatch.db'}")
    with writing(engine) as session:
        session.add(Subscription(id=1, channel="email", address="a@example.org", created_at=NOW, level=Level.MAJOR))
        session.flush()
        session.add(
            Delivery(
                id="d1", subscription_id=1, kind=DeliveryKind.DIGEST, slot="2026-03-01", created_at=NOW, due_at=NOW
            )
        )
    yield engine
    engine.dispose()


def only(session: Session) -> Delivery:
    return session.exec(select(Delivery)).one()


def test_the_database_holds_the_word_and_reading_gives_the_member(engine: Engine) -> None:
    with engine.connect() as connection:
        assert connection.execute(text("select state from delivery")).scalar_one() == "waiting"

    with reading(engine) as session:
        assert only(session).state is DeliveryState.WAITING
        assert session.get_one(Subscription, 1).cadence is Cadence.IMMEDIATE
        assert json.dumps({"state": only(session).state}) == '{"state": "waiting"}'


def test_a_misspelt_state_is_refused_when_it_is_stored(engine: Engine) -> None:
    with (
        pytest.raises(StatementError, match="'wating' is not among the defined enum values"),
        writing(engine) as session,
    ):
        only(session).state = "wating"  # type: ignore[assignment]

    with reading(engine) as session:
        assert only(session).state is DeliveryState.WAITING


def test_a_misspelt_state_is_refused_when_it_is_asked_for(engine: Engine) -> None:
    with reading(engine) as session, pytest.raises(StatementError, match="'sned' is not among the defined enum values"):
        session.exec(select(Delivery).where(Delivery.state == "sned")).all()


def test_every_column_of_words_is_typed_with_its_enumeration() -> None:
    for table in SQLModel.__subclasses__():
        kinds = get_type_hints(table)
        for column in metadata.tables[str(table.__tablename__)].columns:
            if isinstance(column.type, Enum):
                held = set(get_args(kinds[column.name])) - {NoneType} or {kinds[column.name]}
                assert held == {column.type.enum_class}, f"{table.__name__}.{column.name}"


def test_mypy_sees_a_misspelt_state(tmp_path: Path) -> None:
    snippet = tmp_path / "snippet.py"
    snippet.write_text(
        "from store.states import EventState\n"
        "class Event:\n"
        "    state: EventState\n"
        "def release(event: Event) -> None:\n"
        "    event.state = EventState.RELEASED\n"
        "    event.state = EventState.RELAESED\n"
        "    event.state = 'relaesed'\n"
    )

    found, _, _ = api.run(["--strict", "--config-file=", "--cache-dir", str(tmp_path / "cache"), str(snippet)])

    assert [line.split(":")[1] for line in found.splitlines() if ": error:" in line] == ["6", "7"], found
