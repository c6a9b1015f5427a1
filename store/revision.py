"""The schema of a database: which revision it has, and which this code needs."""

import re
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, inspect, text

MIGRATIONS = Path(__file__).parent / "migrations"
REVISION = re.compile(r"(\d{4})_\w+\.py")
"""The name of a migration, whose number is its revision."""


class SchemaMismatch(Exception):
    """The database does not have the schema this code needs; nothing was written. The text says what to do."""


@cache
def revisions() -> tuple[str, ...]:
    """Every revision this code knows, the first one first."""
    names = map(REVISION.fullmatch, (file.name for file in (MIGRATIONS / "versions").iterdir()))
    return tuple(sorted(name[1] for name in names if name))


def head() -> str:
    """The revision this code needs."""
    return revisions()[-1]


def current(engine: Engine) -> str | None:
    """The revision a database has; None when it was never set up."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return found


def require_current(engine: Engine) -> None:
    """Return when the database has the schema this code needs.

    Raises SchemaMismatch and writes nothing when it is older, newer, or not a database of this service.
    """
    found, wanted = current(engine), head()
    if found == wanted:
        return
    if found is None:
        refuse_foreign(engine)
        raise SchemaMismatch(
            f"{name_of(engine)}: expected schema {wanted}, found a database without one: run `therawatch migrate`"
        )
    refuse_newer(engine, found)
    raise SchemaMismatch(
        f"{name_of(engine)}: expected schema {wanted}, found the older {found}: run `therawatch migrate`"
    )


def refuse_foreign(engine: Engine) -> None:
    """A database with tables and no revision of ours is somebody else's."""
    with engine.connect() as connection:
        tables = sorted(inspect(connection).get_table_names())
    if tables:
        raise SchemaMismatch(
            f"{name_of(engine)}: expected a database of Therawatch or an empty one, found the tables "
            f"{', '.join(tables[:5])}; nothing was written"
        )


def refuse_newer(engine: Engine, revision: str) -> None:
    """A revision that this code does not know is of a later version. Raises SchemaMismatch."""
    if revision not in revisions():
        raise SchemaMismatch(
            f"{name_of(engine)}: found schema {revision}, which is newer than this version of Therawatch (it knows "
            f"{head()} at most): install the newer version again, or restore a backup; nothing was written"
        )


def name_of(engine: Engine) -> str:
    """A database as messages name it: without its password."""
    return engine.url.render_as_string(hide_password=True)
