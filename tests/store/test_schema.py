"""The migrations build what the tables say, and a database that does not fit is left alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect
from sqlmodel import Session, SQLModel, select

from store import revision, schema
from store.engine import open_engine
from store.prepare import prepare
from store.tables import APPEND_ONLY, Delivery, Subscription

VERSION_TABLE = "alembic_version"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'therawatch.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def from_tables(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'tables.db'}")
    SQLModel.metadata.create_all(engine)
    yield engine
    engine.dispose()


def drawn(engine: Engine) -> dict[str, Any]:
    """Everything a database says of its tables, in a form that can be compared."""
    look = inspect(engine)
    return {
        table: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"], column["primary_key"])
                for column in look.get_columns(table)
            },
            "indexes": sorted(
                (str(index["name"]), tuple(index["column_names"]), bool(index["unique"]), condition(index))
                for index in look.get_indexes(table)
            ),
            "uniques": sorted((u["name"], tuple(u["column_names"])) for u in look.get_unique_constraints(table)),
            "foreign keys": sorted(
                (str(key["name"]), tuple(key["constrained_columns"]), key["referred_table"])
                for key in look.get_foreign_keys(table)
            ),
            "primary key": look.get_pk_constraint(table)["constrained_columns"],
        }
        for table in look.get_table_names()
        if table != VERSION_TABLE
    }


def condition(index: Any) -> str:
    """The condition of a partial index, as text."""
    return str(index.get("dialect_options", {}).get("sqlite_where", ""))


def set_revision(engine: Engine, number: str) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '{number}'")


def test_migrations_and_tables_build_the_same_database(engine: Engine, from_tables: Engine) -> None:
    schema.upgrade(engine)

    migrated, created = drawn(engine), drawn(from_tables)

    assert migrated.keys() == created.keys()
    for table in created:
        assert migrated[table] == created[table], table


def test_every_append_only_table_has_its_triggers(engine: Engine) -> None:
    schema.upgrade(engine)

    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        found = {name for (name,) in rows}

    assert found == {f"{table}_refuses_{action}" for table in APPEND_ONLY for action in ("update", "delete")}


def test_the_newest_revision_is_the_head_of_the_chain() -> None:
    scripts = ScriptDirectory.from_config(schema._config())

    assert revision.head() == scripts.get_current_head()
    assert revision.revisions() == tuple(reversed([script.revision for script in scripts.walk_revisions()]))


def test_an_empty_database_is_set_up_and_then_accepted(engine: Engine) -> None:
    assert revision.current(engine) is None

    prepare(engine)

    assert revision.current(engine) == revision.head()
    prepare(engine)  # and left as it is the second time
    schema.upgrade(engine)


def test_an_older_schema_is_refused_with_the_way_out(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    schema.upgrade(engine)
    monkeypatch.setattr(revision, "head", lambda: "9999")

    with pytest.raises(revision.SchemaMismatch, match=r"expected schema 9999, found the older .* `therawatch migrate`"):
        revision.require_current(engine)


def test_a_newer_schema_is_refused_and_not_touched(engine: Engine) -> None:
    schema.upgrade(engine)
    set_revision(engine, "from_the_future")
    before = drawn(engine)

    for step in (revision.require_current, prepare, schema.upgrade):
        with pytest.raises(revision.SchemaMismatch, match="newer than this version of Therawatch"):
            step(engine)

    assert revision.current(engine) == "from_the_future"
    assert drawn(engine) == before


def test_a_database_of_something_else_is_refused(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE recipes (name TEXT)")

    with pytest.raises(revision.SchemaMismatch, match="found the tables recipes"):
        prepare(engine)

    assert inspect(engine).get_table_names() == ["recipes"]


def test_a_failing_upgrade_leaves_nothing_behind(engine: Engine) -> None:
    to_revision(engine, "0003")
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE delivery ADD COLUMN resent INTEGER")  # in the way half through
    before = drawn(engine)

    with pytest.raises(Exception, match="duplicate column name: resent"):
        schema.upgrade(engine)

    assert revision.current(engine) == "0003"
    assert drawn(engine) == before


def test_foreign_keys_are_enforced_again_after_an_upgrade(engine: Engine) -> None:
    schema.upgrade(engine)

    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


SLOTS = {
    "opt-in": "opt_in",
    "test/0a1b2c": "test",
    "paused/2026-03-04T05:06:07Z": "paused_notice",
    "summary/EV7Q2M": "summary",
    "summary/EV7Q2M+": "summary",
    "EV7Q2M/confirmation": "confirmation",
    "EV7Q2M/confirmation+": "confirmation",
    "EV7Q2M": "alert",
    "EV7Q2M++": "alert",
    "2026-03-09": "digest",
}
"""What a slot said of its delivery before deliveries had a kind."""


def test_old_deliveries_get_their_kind_from_their_slot(engine: Engine) -> None:
    to_revision(engine, "0003")
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO subscription (id, channel, address, options, therapies, types, places, level, confirmations,"
            " cadence, at_hour, timezone, created_at)"
            " VALUES (1, 'email', 'a@example.org', '{}', '[]', '[]', '[]', 'minor', 0, 'immediate', 8, 'UTC',"
            " '2026-03-01 00:00:00')"
        )
        for number, slot in enumerate(SLOTS):
            connection.exec_driver_sql(
                "INSERT INTO delivery (id, subscription_id, slot, due_at, state, attempts, first_attempt_at)"
                " VALUES (?, 1, ?, '2026-03-05 00:00:00', 'sent', 1, ?)",
                (f"d{number}", slot, "2026-03-04 00:00:00" if number % 2 else None),
            )

    schema.upgrade(engine)

    with Session(engine) as session:
        found = session.exec(select(Delivery)).all()
        reader = session.get_one(Subscription, 1)
    assert (reader.tiers, reader.muted, reader.address) == ([], [], "a@example.org"), "who asked for all still does"
    assert {one.slot: one.kind.value for one in found} == SLOTS
    assert {one.resent for one in found} == {0}
    assert {one.created_at.day for one in found} == {4, 5}, "the first attempt, or where there was none the due time"


def to_revision(engine: Engine, revision: str) -> None:
    """Bring an empty database to an earlier schema."""
    with engine.begin() as connection:
        config = schema._config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
