"""`therawatch restore`: a backup put back in the place of the database."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from monitor.commands.shell import call_of, say, sqlite_file
from monitor.settings import Misconfigured, Settings
from monitor.telling.secrets import new_key_beside, unreadable
from store.database import reading
from store.engine import open_engine
from store.revision import SchemaMismatch, require_current


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A backup.")],
    without_key: Annotated[
        bool, typer.Option("--without-key", help="Go on though the key is lost: webhooks need new secrets.")
    ] = False,
) -> None:
    """Put a backup in the place of a database that is not there; the backup is checked first and stays as it is."""
    settings = call_of(context).settings
    database = sqlite_file(settings)
    if database.exists():
        raise Misconfigured(f"expected nothing at {database}: move the present database away first")
    if not file.is_file():
        raise Misconfigured(f"expected a backup, found nothing at {file}")
    unfinished = database.with_name(database.name + ".unfinished")
    shutil.copyfile(file, unfinished)
    try:
        problem = _check(unfinished, file, settings)
        if problem and not without_key:
            raise Misconfigured(f"{file}: {problem}; put the key there, or restore --without-key")
        unfinished.replace(database)
    finally:
        for left in unfinished.parent.glob(f"{unfinished.name}*"):
            left.unlink()
    say(f"{database}: {database.stat().st_size} bytes")
    if problem:
        if not settings.secret_key:
            new_key_beside(database)
        say(f"{problem}: webhooks need new secrets, and links in mails already sent are dead")


def _check(copy: Path, file: Path, settings: Settings) -> str | None:
    """Raises Misconfigured for what is no backup; returns what the key at hand cannot read of it."""
    try:
        with closing(sqlite3.connect(copy)) as database:
            (verdict,) = database.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.DatabaseError as problem:
        raise Misconfigured(f"{file}: expected an SQLite database, found something else ({problem})") from None
    if verdict != "ok":
        raise Misconfigured(f"{file}: the copy is damaged: {verdict}")
    engine = open_engine(f"sqlite:///{copy}")
    try:
        require_current(engine)
        with reading(engine) as session:
            return unreadable(session, settings)
    except SchemaMismatch as problem:
        raise Misconfigured(f"{file}: {problem}") from None
    finally:
        engine.dispose()
