"""Setting up: a new database gets the schema of today, any other must have it already."""

from sqlalchemy import Engine

from store.revision import current, require_current


def prepare(engine: Engine) -> None:
    """Set up an empty database; any other must have today's schema already.

    Raises SchemaMismatch.
    """
    if current(engine) is None:
        from store.schema import upgrade  # noqa: PLC0415 - the libraries of migrations, for a new database alone

        upgrade(engine)
    require_current(engine)
