"""`therawatch backup`: a consistent copy of the database."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from monitor.commands.shell import call_of, err, sqlite_file
from monitor.settings import Misconfigured


def backup(context: typer.Context, file: Annotated[Path, typer.Argument(help="Where to; it must not exist.")]) -> None:
    """A consistent copy of the SQLite database, taken while the service runs."""
    database = sqlite_file(call_of(context).settings)
    if file.exists() or not database.is_file():
        raise Misconfigured(f"expected a database at {database} and nothing at {file}")
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(file)) as copy:
        source.backup(copy)
    err.print(f"{file}: {file.stat().st_size} bytes", markup=False)
