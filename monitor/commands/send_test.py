"""`therawatch send-test`: a message marked as a test."""

import typer

from monitor.commands.shell import AsJson, SubscriptionId, call_of, delivery_in_words, show
from monitor.people.audit import at_terminal
from monitor.telling.deliver import send_test as send


def send_test(context: typer.Context, subscription: SubscriptionId, as_json: AsJson = False) -> None:
    """Send a message marked as a test."""
    with call_of(context).service() as service:
        line = send(service, subscription, by=at_terminal())
    show([line], as_json=as_json, text=delivery_in_words)
    raise typer.Exit(1 if line["error"] else 0)
