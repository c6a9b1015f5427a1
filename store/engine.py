"""The engine of a database, and the pragmas of SQLite."""

import json
from operator import methodcaller
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=10000",
    "recursive_triggers=ON",  # or INSERT OR REPLACE evades the append-only triggers
)

DECODE = json.JSONDecoder().decode
"""JSON as a column of SQLite holds it; `json.loads` asks about options at each of six columns of each reader."""


def open_engine(url: str) -> Engine:
    """Open the database at an SQLAlchemy URL, set up as design.md section 8 asks.

    The schema is not touched; see `store.migrations`.
    """
    # parameters hold addresses of readers, and errors go to the log
    on_sqlite = make_url(url).get_backend_name() == "sqlite"
    engine = create_engine(url, hide_parameters=True, json_deserializer=DECODE if on_sqlite else json.loads)
    if on_sqlite:
        event.listen(engine, "connect", _prepare)
        # by the driver itself, at a tenth of the cost of a statement
        engine.dialect.do_begin = methodcaller("execute", "BEGIN")  # type: ignore[assignment, method-assign]
    return engine


def _prepare(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # the driver must not begin on its own
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
