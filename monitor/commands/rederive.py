"""`therawatch rederive`: all events derived again, and where the log differs."""

from typing import Any

import typer

from monitor.commands.shell import AsJson, call_of, say, show
from monitor.path.rederive import rederive as derive_again


def rederive(context: typer.Context, as_json: AsJson = False) -> None:
    """All events derived again from the stored captures with today's code; exit 1 where the log differs."""
    with call_of(context).service(fill=False) as service:
        result = derive_again(service)
    show(result.differences, as_json=as_json, text=_difference)
    say(f"{result.events} events derived again, {len(result.differences)} differences")
    if result.forgotten:
        say(f"{result.forgotten} records taken from snapshots: their captures are forgotten")
    raise typer.Exit(1 if result.differences else 0)


def _difference(row: Any) -> str:
    line = f"{row['event'] or 'new'}: {row['difference']} {row['field'] or ''}".rstrip()
    because = f" ({row['why']})" if row["why"] else ""
    return f"{line}: log {row['log']}, derived {row['derived']}{because}"
