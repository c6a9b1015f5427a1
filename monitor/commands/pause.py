"""`therawatch pause`: all sending stopped, or one subscription paused."""

from typing import Annotated

import typer

from monitor.commands.shell import LARGEST, call_of, say
from monitor.people.audit import at_terminal
from monitor.telling.pause import pause_all, pause_subscription


def pause(
    context: typer.Context,
    subscription: Annotated[
        int | None, typer.Argument(max=LARGEST, help="The number of a subscription; default: all sending.")
    ] = None,
) -> None:
    """Stop all sending, or that to one subscription; what is owed waits."""
    with call_of(context).service() as service:
        if subscription is None:
            pause_all(service, by=at_terminal())
        else:
            pause_subscription(service, subscription, by=at_terminal())
    say("sending is paused" if subscription is None else f"subscription {subscription} is paused")
