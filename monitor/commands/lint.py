"""`therawatch lint`: the faults of a pack."""

from pathlib import Path
from typing import Annotated

import typer

from monitor.commands.shell import AsJson, call_of, show
from monitor.path.assemble import catalog_of
from monitor.vocabulary.pack import read_pack


def lint(
    context: typer.Context, pack: Annotated[Path, typer.Argument(help="A pack: a TOML file.")], as_json: AsJson = False
) -> None:
    """A pack's faults; exit 2 when there are any."""
    found = read_pack(pack, catalog_of(call_of(context).settings))
    told = {"pack": found.pack.name, "therapies": len(found.therapies), "watches": len(found.watches)}
    show(
        [told],
        as_json=as_json,
        text=lambda r: f"{r['pack']}: {r['therapies']} therapies, {r['watches']} watches, sound",
    )
