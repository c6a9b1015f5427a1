"""`therawatch rotate`: a webhook's secret changed for another."""

from datetime import timedelta
from typing import Annotated

import typer

from monitor.commands.shell import AsJson, SubscriptionId, call_of, show, subscription_in_words
from monitor.people.audit import at_terminal
from monitor.telling import rotation as steps
from monitor.telling.subscription_lines import line

HOURS = int(steps.BOTH_VALID.total_seconds() // 3600)


def rotate(
    context: typer.Context,
    subscription: SubscriptionId,
    secret: Annotated[str | None, typer.Option(help="The new secret, whsec_...; default: one is drawn.")] = None,
    hours: Annotated[
        int, typer.Option(min=0, max=steps.LONGEST_HOURS, help="How long the old one signs beside it; 0 ends it now.")
    ] = HOURS,
    as_json: AsJson = False,
) -> None:
    """Give a webhook a new secret; for a while each message bears the signatures of both."""
    with call_of(context).service() as service:
        changed, key = steps.rotate(service, subscription, secret, both=timedelta(hours=hours), by=at_terminal())
    show([line(changed, key)], as_json=as_json, text=subscription_in_words)
