"""`therawatch pause`: all sending stopped."""

import typer

from monitor.commands.shell import call_of, say
from monitor.telling.pause import pause_all


def pause(context: typer.Context) -> None:
    """Stop all sending; what is owed waits."""
    with call_of(context).service() as service:
        pause_all(service)
    say("sending is paused")
