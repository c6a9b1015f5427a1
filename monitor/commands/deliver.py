"""`therawatch deliver`: a round of sending."""

import typer

from monitor.commands.shell import AsJson, call_of, delivery_in_words, say, show
from monitor.telling.deliver import deliver as send_what_is_due
from monitor.telling.pause import sending_paused


def deliver(context: typer.Context, as_json: AsJson = False) -> None:
    """Send what is owed and due."""
    failed = 0
    with call_of(context).service() as service:
        if sending_paused(service):
            say("sending is paused; `therawatch resume` starts it again")
        for line in send_what_is_due(service):
            failed += line["error"] is not None
            show([line], as_json=as_json, text=delivery_in_words)
    raise typer.Exit(1 if failed else 0)
