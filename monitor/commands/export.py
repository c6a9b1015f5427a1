"""`therawatch export`: the change log and the events as files."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor.commands.shell import call_of, err
from monitor.standing import log as listing
from monitor.standing.filters import Filters
from store.database import reading
from store.states import BELIEVED

PUBLISHED = Filters(among=BELIEVED)

NOTE = """The change log and the events of Therawatch, as JSON Lines, oldest first.

changes.jsonl   what differed: one line a change, each field before and after
events.jsonl    what happened: one line an event, with its evidence

What is held for a maintainer, or was dismissed, is no fact and not in them (`therawatch events --state held`).

Subscriptions and deliveries are personal and stay in the database.
"""


def export(context: typer.Context, folder: Annotated[Path, typer.Argument(help="A folder; made if absent.")]) -> None:
    """The change log and the events as files."""
    folder.mkdir(parents=True, exist_ok=True)
    with call_of(context).service() as service, reading(service.engine) as session:
        counts = {
            "changes.jsonl": _write(folder / "changes.jsonl", listing.changes(session, PUBLISHED)),
            "events.jsonl": _write(folder / "events.jsonl", listing.events(session, PUBLISHED)),
        }
    (folder / "README.txt").write_text(NOTE, encoding="utf-8")
    err.print(", ".join(f"{name}: {count} lines" for name, count in counts.items()), markup=False)


def _write(path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write beside the place and move there, so that a half-written file never stands under the name."""
    count = 0
    unfinished = path.with_suffix(".unfinished")
    with unfinished.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    unfinished.replace(path)
    return count
