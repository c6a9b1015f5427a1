"""`therawatch subscriptions`: the subscriptions that have not ended."""

import typer

from monitor.commands.shell import AsJson, call_of, show, subscription_in_words
from monitor.telling import subscriptions as steps
from monitor.telling.subscription_lines import line


def subscriptions(context: typer.Context, as_json: AsJson = False) -> None:
    """All subscriptions that have not ended."""
    with call_of(context).service() as service:
        show(
            (line(subscription) for subscription in steps.subscriptions(service)),
            as_json=as_json,
            text=subscription_in_words,
        )
