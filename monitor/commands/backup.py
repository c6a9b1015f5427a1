"""`therawatch backup`: a consistent copy of the database."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from monitor.commands.shell import call_of, say, sqlite_file
from monitor.settings import Misconfigured
from monitor.telling.secrets import key_file


def backup(context: typer.Context, file: Annotated[Path, typer.Argument(help="Where to; it must not exist.")]) -> None:
    """A consistent copy of the SQLite database, taken while the service runs."""
    database = sqlite_file(call_of(context).settings)
    if file.exists() or not database.is_file():
        raise Misconfigured(f"expected a database at {database} and nothing at {file}")
    if not file.parent.is_dir():
        raise Misconfigured(f"expected a folder to put the backup in, found none at {file.parent}")
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(file)) as copy:
        source.backup(copy)
    say(f"{file}: {file.stat().st_size} bytes")
    left_out = ["the pack", "the settings"]
    if not call_of(context).settings.secret_key:
        left_out.insert(0, f"the key {key_file(database)}, without which webhooks and links in mails are dead")
    say(f"left out, keep them apart: {'; '.join(left_out)}")
