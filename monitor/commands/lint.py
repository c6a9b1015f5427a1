"""`therawatch lint`: the faults of a pack."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor.commands.shell import AsJson, call_of, show
from monitor.events.history import read_history
from monitor.path.assemble import catalog_of
from monitor.vocabulary.keeping import keeps_by_default
from monitor.vocabulary.pack import parsed
from monitor.vocabulary.pack_faults import read_pack
from monitor.vocabulary.pack_gaps import gaps
from monitor.vocabulary.pack_text import PROPOSED


def lint(
    context: typer.Context, pack: Annotated[Path, typer.Argument(help="A pack: a TOML file.")], as_json: AsJson = False
) -> None:
    """A pack's faults and those of its history, exit 2 when there are any; and what a sound pack still lacks."""
    catalog = catalog_of(call_of(context).settings)
    checked = read_pack(pack, catalog)
    rows = read_history(pack.parent / checked.pack.history, checked) if checked.pack.history else ()
    proposed = sum((row.note or "").startswith(PROPOSED) for row in rows)
    sound = {
        "pack": checked.pack.name,
        "therapies": len(checked.therapies),
        "watches": len(checked.watches),
        "history": len(rows),
        "keep_the_names": [plan.name for plan in parsed(pack).watches if keeps_by_default(plan, catalog)],
        "missing": list(gaps(checked, catalog, history=len(rows), proposed=proposed)),
    }
    show([sound], as_json=as_json, text=_sound)


def _sound(row: Mapping[str, Any]) -> str:
    counts = f"{row['therapies']} therapies, {row['watches']} watches, {row['history']} events of history"
    names = ", ".join(row["keep_the_names"])
    said = (
        [f"without words of their own, keep what names the disease, its drugs or their makers: {names}"]
        if names
        else []
    )
    return "\n".join([f"{row['pack']}: {counts}, sound", *said, *(f"missing: {gap}" for gap in row["missing"])])
