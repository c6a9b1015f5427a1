"""`therawatch subscribe`: a new subscription."""

from typing import Annotated

import typer

from monitor.commands.shell import AsJson, call_of, show, subscription_in_words
from monitor.telling import subscriptions as steps


def subscribe(
    context: typer.Context,
    channel: Annotated[str, typer.Option(help="email or webhook.")],
    to: Annotated[str, typer.Option(help="The address.")],
    therapy: Annotated[list[str] | None, typer.Option(help="Only these therapies.")] = None,
    type_: Annotated[list[str] | None, typer.Option("--type", help="Only these types of event.")] = None,
    level: Annotated[str, typer.Option(help="The lowest level that is sent.")] = "minor",
    place: Annotated[list[str] | None, typer.Option(help="Only these places.")] = None,
    cadence: Annotated[str, typer.Option(help="immediate, daily or weekly.")] = "immediate",
    hour: Annotated[int, typer.Option(help="Hour of the digest, local time.")] = 8,
    timezone: Annotated[str, typer.Option(help="Time zone, such as Europe/Madrid.")] = "UTC",
    secret: Annotated[str | None, typer.Option(help="whsec_..., for webhooks; default: a new one.")] = None,
    owner: Annotated[str | None, typer.Option(help="Mail address that hears when a webhook is paused.")] = None,
    confirmations: Annotated[bool, typer.Option("--confirmations", help="Also when a regulator confirms.")] = False,
    confirmed: Annotated[bool, typer.Option("--confirmed", help="You vouch: no opt-in mail.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add a subscription; a webhook's secret is shown this once."""
    with call_of(context).service() as service:
        added, key = steps.subscribe(
            service,
            channel=channel,
            address=to,
            therapies=therapy or (),
            types=type_ or (),
            places=place or (),
            level=level,
            cadence=cadence,
            at_hour=hour,
            timezone=timezone,
            secret=secret,
            confirmed=confirmed,
            confirmations=confirmations,
            options={"owner": owner} if owner else None,
        )
    show([steps.line(added, key)], as_json=as_json, text=subscription_in_words)
