"""`therawatch export`: the change log and the events as files, or maintainers' verdicts as labelled items."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor.commands.shell import call_of, say, show
from monitor.standing import log as listing
from monitor.standing.filters import Filters
from monitor.standing.labels import labels as labelled
from store.database import reading
from store.states import BELIEVED

PUBLISHED = Filters(among=BELIEVED)

NOTE = """The change log and the events of Therawatch, as JSON Lines, oldest first.

changes.jsonl   what differed: one line a change, each field before and after
events.jsonl    what happened: one line an event, with its evidence

What is held for a maintainer, or was dismissed, is no fact and not in them (`therawatch events --state held`).

Subscriptions and deliveries are personal and stay in the database.
"""


LABELS = """Maintainers' verdicts as labelled items, in the form of benchmarks/items, as JSON Lines.

labels.jsonl    one line a text: what it announces by the verdicts (expected), what was read from it, and each verdict

The texts belong to those who wrote them, and notes may name people: keep the file to yourself.
"""


def export(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Argument(help="A folder; made if absent. With --labels, stdout if left out.")
    ] = None,
    labels: Annotated[bool, typer.Option("--labels", help="Instead, the verdicts as labelled items.")] = False,
) -> None:
    """The change log and the events as files; with --labels, maintainers' verdicts as labelled items."""
    if folder is None and not labels:
        raise typer.BadParameter("expected a folder, found none", param_hint="FOLDER")
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    with call_of(context).service() as service, reading(service.engine) as session:
        if folder is None:
            show(labelled(service, session), as_json=True, text=str)
            return
        if labels:
            counts = {"labels.jsonl": _write(folder / "labels.jsonl", labelled(service, session))}
        else:
            counts = {
                "changes.jsonl": _write(folder / "changes.jsonl", listing.changes(session, PUBLISHED)),
                "events.jsonl": _write(folder / "events.jsonl", listing.events(session, PUBLISHED)),
            }
    note = ("README.labels.txt", LABELS) if labels else ("README.txt", NOTE)
    (folder / note[0]).write_text(note[1], encoding="utf-8")
    say(", ".join(f"{name}: {count} lines" for name, count in counts.items()))


def _write(path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write beside the place and move there, so that a half-written file never stands under the name."""
    count = 0
    unfinished = path.with_suffix(".unfinished")
    with unfinished.open("w", encoding="utf-8") as file:
        unfinished.chmod(0o600)
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    unfinished.replace(path)
    return count
