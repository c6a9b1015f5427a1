"""`therawatch doctor`: whether the installation has what it needs."""

from collections.abc import Mapping
from itertools import chain
from typing import Annotated, Any

import typer

from monitor.commands.shell import AsJson, call_of, show
from monitor.path.health import examine
from monitor.path.self_check import probe


def doctor(
    context: typer.Context,
    live: Annotated[bool, typer.Option("--live", help="Also ask every source for a known record.")] = False,
    as_json: AsJson = False,
) -> None:
    """Whether this installation has what it needs, and what mends what it lacks; exit 1 when something fails."""
    failed = 0
    with call_of(context).service() as service:
        for verdict in chain(examine(service), probe(service) if live else ()):
            failed += verdict.state in ("fail", "blocked", "shape-changed")
            show([verdict.line()], as_json=as_json, text=_verdict)
    raise typer.Exit(1 if failed else 0)


def _verdict(row: Mapping[str, Any]) -> str:
    return f"{row['state']:<13} {row['check']}: {row['detail']}" + (f"; {row['fix']}" if row["fix"] else "")
