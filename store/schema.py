"""The way of a database from one revision of its schema to the one this code needs."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, inspect

from store.database import take_turn
from store.reseal import seal_all
from store.revision import MIGRATIONS, SchemaMismatch, current, name_of, refuse_foreign, refuse_newer
from store.search import index_all
from store.tables import Seal

_SEALS = str(Seal.__tablename__)


def upgrade(engine: Engine) -> None:
    """Bring a database to the schema this code needs, in one transaction; on failure it is as it was.

    Raises SchemaMismatch when the database is newer than the code.
    """
    revision = current(engine)
    if revision is None:
        refuse_foreign(engine)
    else:
        refuse_newer(engine, revision)
    with _changing(engine) as connection:
        config = _config()
        config.attributes["connection"] = connection
        sealed = _SEALS in inspect(connection).get_table_names()
        command.upgrade(config, "head")
        if revision is not None:
            seal_all(connection, anew=not sealed)
            index_all(connection)


@contextmanager
def _changing(engine: Engine) -> Iterator[Connection]:
    """A connection in one write transaction. On SQLite, where altering means making a table anew, foreign keys rest
    meanwhile (the pragma is ignored inside a transaction) and are checked before the commit."""
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        if sqlite:
            raw.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                take_turn(connection)
                yield connection
                if sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()):
                    raise SchemaMismatch(
                        f"{name_of(engine)}: the upgrade would leave rows without their parents: {broken}"
                    )
        finally:
            if sqlite:
                raw.execute("PRAGMA foreign_keys=ON")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
