"""`therawatch pause`: all sending stopped."""

import typer

from monitor.commands.shell import call_of, err
from monitor.telling.pause import pause_all


def pause(context: typer.Context) -> None:
    """Stop all sending; what is owed waits."""
    with call_of(context).service() as service:
        pause_all(service)
    err.print("sending is paused", markup=False)
