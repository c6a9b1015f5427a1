"""`therawatch unsubscribe`: the end of a subscription."""

import typer

from monitor.commands.shell import AsJson, SubscriptionId, call_of, show, subscription_in_words
from monitor.people.audit import at_terminal
from monitor.telling import subscriptions as steps
from monitor.telling.subscription_lines import line


def unsubscribe(context: typer.Context, subscription: SubscriptionId, as_json: AsJson = False) -> None:
    """End a subscription."""
    with call_of(context).service() as service:
        show(
            [line(steps.unsubscribe(service, subscription, by=at_terminal()))],
            as_json=as_json,
            text=subscription_in_words,
        )
