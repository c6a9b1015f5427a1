"""Commands that carry the log elsewhere and back: export, backup, restore."""

import json
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.engine import make_url

from monitor.commands.shell import call_of, err
from monitor.settings import Misconfigured, Settings
from monitor.standing import log as listing
from store.database import open_engine, reading
from store.schema import SchemaMismatch, require_current

NOTE = """The change log and the events of Therawatch, as JSON Lines, oldest first.

changes.jsonl   what differed: one line a change, each field before and after
events.jsonl    what happened: one line an event, with its evidence

Subscriptions and deliveries are personal and stay in the database.
"""


def export(context: typer.Context, folder: Annotated[Path, typer.Argument(help="A folder; made if absent.")]) -> None:
    """The change log and the events as files."""
    folder.mkdir(parents=True, exist_ok=True)
    with call_of(context).service() as service, reading(service.engine) as session:
        counts = {
            "changes.jsonl": _write(folder / "changes.jsonl", listing.changes(session)),
            "events.jsonl": _write(folder / "events.jsonl", listing.events(session)),
        }
    (folder / "README.txt").write_text(NOTE, encoding="utf-8")
    err.print(", ".join(f"{name}: {count} lines" for name, count in counts.items()), markup=False)


def _write(path: Path, rows: Iterable[listing.Line]) -> int:
    """Write beside the place and move there, so that a half-written file never stands under the name."""
    count = 0
    unfinished = path.with_suffix(".unfinished")
    with unfinished.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    unfinished.replace(path)
    return count


def backup(context: typer.Context, file: Annotated[Path, typer.Argument(help="Where to; it must not exist.")]) -> None:
    """A consistent copy of the SQLite database, taken while the service runs."""
    database = _sqlite_file(call_of(context).settings)
    if file.exists() or not database.is_file():
        raise Misconfigured(f"expected a database at {database} and nothing at {file}")
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(file)) as copy:
        source.backup(copy)
    err.print(f"{file}: {file.stat().st_size} bytes", markup=False)


def restore(context: typer.Context, file: Annotated[Path, typer.Argument(help="A backup.")]) -> None:
    """Put a backup in the place of a database that is not there; the backup is checked first and stays as it is."""
    database = _sqlite_file(call_of(context).settings)
    if database.exists():
        raise Misconfigured(f"expected nothing at {database}: move the present database away first")
    if not file.is_file():
        raise Misconfigured(f"expected a backup, found nothing at {file}")
    unfinished = database.with_name(database.name + ".unfinished")
    shutil.copyfile(file, unfinished)
    try:
        _check(unfinished, file)
        unfinished.replace(database)
    finally:
        for left in unfinished.parent.glob(f"{unfinished.name}*"):
            left.unlink()
    err.print(f"{database}: {database.stat().st_size} bytes", markup=False)


def _check(copy: Path, file: Path) -> None:
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
    except SchemaMismatch as problem:
        raise Misconfigured(f"{file}: {problem}") from None
    finally:
        engine.dispose()


def _sqlite_file(settings: Settings) -> Path:
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise Misconfigured(f"expected an SQLite database; copy this one with the tools of {url.get_backend_name()}")
    return Path(url.database)


COMMANDS = {"export": export, "backup": backup, "restore": restore}
