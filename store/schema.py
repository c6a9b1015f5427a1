"""The schema of a database: which revision it has, which this code needs, and the way from one to the other."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

from store.database import take_turn
from store.seals import seal_all
from store.search import index_all
from store.tables import Seal

MIGRATIONS = Path(__file__).parent / "migrations"
_SEALS = str(Seal.__tablename__)


class SchemaMismatch(Exception):
    """The database does not have the schema this code needs; nothing was written. The text says what to do."""


@cache
def head() -> str:
    """The revision this code needs."""
    revision = _scripts().get_current_head()
    assert revision, f"no migration found in {MIGRATIONS}"
    return revision


def current(engine: Engine) -> str | None:
    """The revision a database has; None when it was never set up."""
    with engine.connect() as connection:
        return _revision(connection)


def prepare(engine: Engine) -> None:
    """Set up an empty database; any other must have today's schema already.

    Raises SchemaMismatch.
    """
    if current(engine) is None:
        upgrade(engine)
    require_current(engine)


def require_current(engine: Engine) -> None:
    """Return when the database has the schema this code needs.

    Raises SchemaMismatch and writes nothing when it is older, newer, or not a database of this service.
    """
    revisions, wanted = current(engine), head()
    if revisions == wanted:
        return
    if revisions is None:
        _refuse_foreign(engine)
        raise SchemaMismatch(
            f"{_name(engine)}: expected schema {wanted}, found a database without one: run `therawatch migrate`"
        )
    _refuse_newer(engine, revisions)
    raise SchemaMismatch(
        f"{_name(engine)}: expected schema {wanted}, found the older {revisions}: run `therawatch migrate`"
    )


def upgrade(engine: Engine) -> None:
    """Bring a database to the schema this code needs, in one transaction; on failure it is as it was.

    Raises SchemaMismatch when the database is newer than the code.
    """
    revision = current(engine)
    if revision is None:
        _refuse_foreign(engine)
    else:
        _refuse_newer(engine, revision)
    with _changing(engine) as connection:
        config = _config()
        config.attributes["connection"] = connection
        sealed = _SEALS in inspect(connection).get_table_names()
        command.upgrade(config, "head")
        if revision is not None:
            seal_all(connection, anew=not sealed)
            index_all(connection)


def _refuse_foreign(engine: Engine) -> None:
    """A database with tables and no revision of ours is somebody else's."""
    with engine.connect() as connection:
        tables = sorted(inspect(connection).get_table_names())
    if tables:
        raise SchemaMismatch(
            f"{_name(engine)}: expected a database of Therawatch or an empty one, found the tables "
            f"{', '.join(tables[:5])}; nothing was written"
        )


def _refuse_newer(engine: Engine, revision: str) -> None:
    known = {script.revision for script in _scripts().walk_revisions()}
    if revision not in known:
        raise SchemaMismatch(
            f"{_name(engine)}: found schema {revision}, which is newer than this version of Therawatch (it knows "
            f"{head()} at most): install the newer version again, or restore a backup; nothing was written"
        )


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


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
                        f"{_name(engine)}: the upgrade would leave rows without their parents: {broken}"
                    )
        finally:
            if sqlite:
                raw.execute("PRAGMA foreign_keys=ON")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _name(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)
