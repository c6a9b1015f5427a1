"""`therawatch watches`: how each watch fares; letting one rest, and holding what it tells."""

from typing import Annotated, Any

import typer

from monitor.commands.shell import AsJson, call_of, show
from monitor.path import attended
from monitor.people.audit import at_terminal
from monitor.telling.channels import watch_lines
from store.database import reading

ACTS = {
    "rest": attended.pause_watch,
    "go-on": attended.resume_watch,
    "hold": attended.hold_watch,
    "no-hold": attended.unhold_watch,
}


def watches(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="The name of one; default: all.")] = None,
    rest: Annotated[bool, typer.Option("--rest", help="Ask it only when it is named.")] = False,
    go_on: Annotated[bool, typer.Option("--go-on", help="Ask it again.")] = False,
    hold: Annotated[bool, typer.Option("--hold", help="What it tells waits for a maintainer.")] = False,
    no_hold: Annotated[bool, typer.Option("--no-hold", help="No longer, unless the pack says so.")] = False,
    as_json: AsJson = False,
) -> None:
    """How each watch fares; let one rest or go on, hold what it tells or no longer."""
    wanted = [act for act, asked in zip(ACTS, (rest, go_on, hold, no_hold), strict=True) if asked]
    if wanted and name is None:
        raise typer.BadParameter("expected the name of a watch beside it", param_hint=f"--{wanted[0]}")
    with call_of(context).service() as service:
        for act in wanted:
            ACTS[act](service, name or "", by=at_terminal())
        with reading(service.engine) as session:
            found = watch_lines(service, session)
    shown = [line for line in found if name is None or line["watch"] == name]
    if not shown:
        raise typer.BadParameter(f"expected the name of a watch, found {name!r}", param_hint="NAME")
    show(shown, as_json=as_json, text=_in_words)


def _in_words(row: Any) -> str:
    """`trials: ok, last answer 2026-11-29T08:00:00Z, next 2026-11-29T20:00:00Z`."""
    then = f"rests since {row['paused_at']}" if row["paused_at"] else f"next {row['next_check_at']}"
    words = f"{row['watch']}: {row['health']}, last answer {row['last_success_at'] or 'never'}, {then}"
    return words + (f" ({row['problem']})" if row["problem"] else "")
