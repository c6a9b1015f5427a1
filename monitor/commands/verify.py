"""`therawatch verify`: whether what is stored is what was stored."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor.commands.shell import AsJson, call_of, show
from monitor.path.receipts import read_receipts
from monitor.path.verify import verify as checks

SHOWN = 20
"""So many findings of a check are named in words; `--json` names all."""


def verify(
    context: typer.Context,
    received: Annotated[
        Path | None, typer.Option(help="A receiver's log, JSON Lines of id, status, to and sha256: compared too.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Recompute hashes, fingerprints and seals, and derive the events again; exit 1 where anything is not as it was."""
    broken = 0
    receipts = read_receipts(received) if received else None
    with call_of(context).service(fill=False) as service:
        for checked in checks(service, receipts):
            broken += len(checked.broken)
            show([checked.line()], as_json=as_json, text=_verified)
    raise typer.Exit(1 if broken else 0)


def _verified(row: Mapping[str, Any]) -> str:
    words = f"{row['check']}: {row['looked_at']} looked at, {len(row['broken'])} not as they were"
    if "head" in row:
        words += f", head {row['head']}"
    named = [f"    {fault}" for fault in row["broken"][:SHOWN]]
    if len(row["broken"]) > SHOWN:
        named.append(f"    and {len(row['broken']) - SHOWN} more")
    if row["check"] == "events" and row["broken"]:
        named.append("    `therawatch rederive` lists them")
    return "\n".join([words, *named])
