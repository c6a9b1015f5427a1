"""`therawatch lint`: the faults of a pack."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor.commands.shell import AsJson, call_of, show
from monitor.events.history import read_history
from monitor.path.assemble import catalog_of
from monitor.vocabulary.pack_faults import read_pack


def lint(
    context: typer.Context, pack: Annotated[Path, typer.Argument(help="A pack: a TOML file.")], as_json: AsJson = False
) -> None:
    """A pack's faults and those of its history; exit 2 when there are any."""
    checked = read_pack(pack, catalog_of(call_of(context).settings))
    rows = read_history(pack.parent / checked.pack.history, checked) if checked.pack.history else ()
    sound = {
        "pack": checked.pack.name,
        "therapies": len(checked.therapies),
        "watches": len(checked.watches),
        "history": len(rows),
    }
    show([sound], as_json=as_json, text=_sound)


def _sound(row: Mapping[str, Any]) -> str:
    counts = f"{row['therapies']} therapies, {row['watches']} watches, {row['history']} events of history"
    return f"{row['pack']}: {counts}, sound"
