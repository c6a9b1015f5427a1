"""`therawatch subscribe`: a new subscription."""

from typing import Annotated

import typer

from monitor.commands.shell import AsJson, call_of, show, subscription_in_words
from monitor.telling import subscriptions as steps
from monitor.telling.slots import WEEKDAYS
from monitor.telling.subscription_lines import line
from monitor.vocabulary.event_types import TIERS
from monitor.vocabulary.topics import TOPICS

Doors = Annotated[
    bool, typer.Option("--only-doors", help="Only what opens a door: approvals, early access, new or open trials.")
]
Tier = Annotated[
    list[int] | None,
    typer.Option(
        help=f"Only what one of this tier tells of: {', '.join(f'{tier} {who}' for tier, who in TIERS.items())}."
    ),
]
Mute = Annotated[list[str] | None, typer.Option(help=f"Leave a topic out: {', '.join(TOPICS)}.")]
Hide = Annotated[bool, typer.Option("--hide-outcomes", help="How a trial went is told behind a link, not in the mail.")]
Neutral = Annotated[bool, typer.Option("--neutral-subject", help="The subject of a mail tells nothing.")]
QuietDay = Annotated[list[str] | None, typer.Option(help=f"No mail on this day: {', '.join(WEEKDAYS)}.")]
About = Annotated[
    str, typer.Option(help="news, or trouble: sources that fail and messages that do not arrive, for maintainers.")
]
Secret = Annotated[str | None, typer.Option(help="whsec_..., for webhooks; default: a new one.")]
Owner = Annotated[str | None, typer.Option(help="Mail address that hears when a webhook is paused.")]


def subscribe(
    context: typer.Context,
    channel: Annotated[str, typer.Option(help="email or webhook.")],
    to: Annotated[str, typer.Option(help="The address.")],
    therapy: Annotated[list[str] | None, typer.Option(help="Only these therapies.")] = None,
    type_: Annotated[list[str] | None, typer.Option("--type", help="Only these types of event.")] = None,
    level: Annotated[str, typer.Option(help="The lowest level that is sent.")] = "minor",
    only_doors: Doors = False,
    place: Annotated[list[str] | None, typer.Option(help="Only these places.")] = None,
    tier: Tier = None,
    mute: Mute = None,
    wording: Annotated[str, typer.Option(help="plain or technical.")] = "plain",
    hide_outcomes: Hide = False,
    neutral_subject: Neutral = False,
    cadence: Annotated[str, typer.Option(help="immediate, daily or weekly.")] = "immediate",
    hour: Annotated[int, typer.Option(help="Hour of the digest, local time.")] = 8,
    timezone: Annotated[str, typer.Option(help="Time zone, such as Europe/Madrid.")] = "UTC",
    quiet_day: QuietDay = None,
    about: About = "news",
    secret: Secret = None,
    owner: Owner = None,
    confirmations: Annotated[bool, typer.Option("--confirmations", help="Also when a regulator confirms.")] = False,
    confirmed: Annotated[bool, typer.Option("--confirmed", help="You vouch: no opt-in mail.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add a subscription; a webhook's secret is shown this once."""
    options = ({"owner": owner} if owner else {}) | ({"neutral_subject": True} if neutral_subject else {})
    with call_of(context).service() as service:
        added, key = steps.subscribe(
            service, channel=channel, address=to, therapies=therapy or (), types=type_ or (), places=place or (),
            tiers=tier or (), level=level, only_doors=only_doors, muted=mute or (), wording=wording,
            hide_outcomes=hide_outcomes,
            cadence=cadence, at_hour=hour, timezone=timezone, quiet_days=quiet_day or (), secret=secret,
            confirmed=confirmed, confirmations=confirmations, options=options, about=about,
        )  # fmt: skip
    show([line(added, key)], as_json=as_json, text=subscription_in_words)
