"""Seals: what a session writes is sealed, what goes beside it is refused, an upgrade brings seals to today's form."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, insert, select, text, update

from store import seals
from store.database import reading, writing
from store.engine import open_engine
from store.reseal import seal_all
from store.seals import FORM, SEAL, SEALED, change, digest, key_of, rows_of
from store.states import Certainty, EventState, Level, Polarity
from store.tables import Event, Item, Watch, metadata
from tests.fresh import fresh

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
EVENT = metadata.tables["event"]


def act(identity: str = "EV1", sequence: int = 1) -> Event:
    return Event(
        id=identity, sequence=sequence, type="approval", step="authorised", polarity=Polarity.POSITIVE,
        detected_at=AT, level=Level.CRITICAL, certainty=Certainty.STATED, tier=1, thread="us/x/authorisation",
        title="approved", state=EventState.HELD,
    )  # fmt: skip


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    fresh(tmp_path / "store.db")
    made = open_engine(f"sqlite:///{tmp_path}/store.db")
    with writing(made) as session:
        session.add(act())
        session.add(Item(source="registry", key="NCT1", title="A study", url="", acronym="STARLIGHT"))
        session.add(Item(source="registry", key="NCT2", title="Another", url=""))
    yield made
    made.dispose()


def newest(engine: Engine, table: str) -> dict[str, tuple[int, str]]:
    with engine.connect() as connection:
        query = select(SEAL).where(SEAL.c.table_name == table).order_by(SEAL.c.id)
        return {row.row_key: (row.form, row.digest) for row in connection.execute(query)}


def sound(engine: Engine, table: str) -> bool:
    """Whether every row of the table is what its newest seal says."""
    found = newest(engine, table)
    with engine.connect() as connection:
        rows = list(rows_of(connection, table))
    return {key_of(table, row): digest(table, row, found[key_of(table, row)][0]) for row in rows} == {
        key: mark for key, (_, mark) in found.items()
    }


@pytest.mark.parametrize(
    "statement",
    [
        update(Event).values(title="withdrawn"),
        delete(Event),
        update(EVENT).values(title="withdrawn"),
        delete(EVENT).where(EVENT.c.id == "EV1"),
        insert(EVENT).values(**act("EV2", 2).model_dump()),
    ],
)
def test_a_statement_beside_the_seals_is_refused_before_it_runs(engine: Engine, statement: Any) -> None:
    with pytest.raises(RuntimeError, match=r"store\.seals\.change"), writing(engine) as session:
        session.execute(statement)

    with reading(engine) as session:
        assert [(event.id, event.title) for event in session.scalars(select(Event))] == [("EV1", "approved")]
    assert sound(engine, "event")


def test_a_statement_through_change_is_sealed(engine: Engine) -> None:
    with writing(engine) as session:
        assert change(session, update(Event).values(title="withdrawn")) == 1

    assert sound(engine, "event")
    with engine.connect() as connection:
        count = select(SEAL.c.id).where(SEAL.c.table_name == "event")
        assert len(connection.execute(count).all()) == 2


def test_other_tables_take_any_statement(engine: Engine) -> None:
    with writing(engine) as session:
        session.execute(update(Watch).values(failures=0))


@pytest.mark.parametrize(
    "given",
    [
        {"confirmed_at": AT},
        {"cause": "EV9"},
        {"matched_at": AT},
        {"matched_as": {"level": "info"}},
        {"confirmation_due": AT},
        {"confirmation_matched_at": AT},
    ],
)
def test_who_stands_for_an_event_and_whom_it_was_owed_to_are_sealed(given: dict[str, Any]) -> None:
    row = act().model_dump()
    assert digest("event", row) != digest("event", row | given)


def test_of_items_those_with_an_acronym_are_sealed(engine: Engine) -> None:
    assert len(newest(engine, "item")) == 1
    assert sound(engine, "item")


def test_an_upgrade_brings_seals_to_todays_form_but_not_those_of_altered_rows(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER seal_refuses_delete"))
        connection.execute(SEAL.delete())
    with monkeypatch.context() as past:
        past.setattr(seals, "FORM", 1)
        past.setitem(SEALED, FORM, SEALED[1])
        with writing(engine) as session:
            session.add(act("EV2", 2))
            session.add(act("EV3", 3))
        with writing(engine) as session:
            change(session, update(Event).where(Event.id == "EV1").values(title="approved"))  # type: ignore[arg-type]
    with engine.begin() as connection:
        connection.execute(text("UPDATE event SET title = 'forged' WHERE id = 'EV3'"))
        connection.execute(text("INSERT INTO item (source, scope, key, title, url, present, acronym) "
                                "VALUES ('registry', '', 'NCT3', 'x', '', 1, 'DAYBREAK')"))  # fmt: skip
        seal_all(connection, anew=False)

    forms = {key: form for key, (form, _) in newest(engine, "event").items()}
    assert forms == {'["EV1"]': FORM, '["EV2"]': FORM, '["EV3"]': 1}
    assert not sound(engine, "event")
    assert sound(engine, "item")  # no form before covered items
