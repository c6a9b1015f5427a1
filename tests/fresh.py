"""A database as a first start leaves it, without the half second that its migrations take: they run once a process."""

import tempfile
from functools import cache
from pathlib import Path

from store.engine import open_engine
from store.schema import upgrade


def fresh(database: Path) -> None:
    """Write a new SQLite database with today's schema and no rows."""
    database.touch(0o600)
    database.write_bytes(_migrated())


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "fresh.db"
        engine = open_engine(f"sqlite:///{database}")
        upgrade(engine)
        engine.dispose()  # the last connection takes in the -wal beside the file
        assert [file.name for file in database.parent.iterdir()] == [database.name]
        return database.read_bytes()
