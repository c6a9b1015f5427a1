"""Commands about whom to tell: subscribe, subscriptions, unsubscribe, deliver, digest, send-test, pause, resume."""

from typing import Annotated, Any

import typer

from monitor.commands.shell import AsJson, Since, call_of, err, moment, show
from monitor.telling import subscriptions as steps
from monitor.telling.deliver import deliver as deliver_step
from monitor.telling.deliver import preview, send_test
from monitor.telling.pause import pause_all, resume_all, sending_paused
from notifiers.digest import Digest
from notifiers.email import render

SubscriptionId = Annotated[int, typer.Argument(help="The number of the subscription.")]


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
    show([steps.line(added, key)], as_json=as_json, text=_subscription)


def _subscription(row: Any) -> str:
    """`3  email to reader@example.org: weekly at 8:00 Europe/Madrid; level minor and above; active`."""
    when = "at once" if row["cadence"] == "immediate" else f"{row['cadence']} at {row['hour']}:00 {row['timezone']}"
    only = [", ".join(row[name]) for name in ("therapies", "types", "places") if row[name]]
    parts = [when, *only, f"level {row['level']} and above", _state(row)]
    if owner := row["options"].get("owner"):
        parts.append(f"{owner} hears when it is paused")
    told = f"{row['subscription']}  {row['channel']} to {row['to']}: {'; '.join(parts)}"
    return told + (f"\nsecret, shown this once: {row['secret']}" if "secret" in row else "")


def _state(row: Any) -> str:
    if row["ended_at"]:
        return f"ended {row['ended_at']}"
    if not row["confirmed_at"]:
        return "waits for the reader to confirm by mail"
    if row["paused_at"]:
        end = f"until {row['paused_until']}" if row["paused_until"] else f"since {row['paused_at']}"
        return f"paused {end} ({row['paused_because']})"
    return "active"


def _delivery(row: Any) -> str:
    """`sent  email to subscription 3, attempt 1 (e78edc45...)`."""
    tried = f"attempt {row['attempts']}" if row["attempts"] else "not tried"
    why = f": {row['error']}" if row["error"] else ""
    return f"{row['state']:7}  {row['channel']} of subscription {row['subscription']}, {tried} ({row['delivery']}){why}"


def subscriptions(context: typer.Context, as_json: AsJson = False) -> None:
    """All subscriptions that have not ended."""
    with call_of(context).service() as service:
        show((steps.line(one) for one in steps.subscriptions(service)), as_json=as_json, text=_subscription)


def unsubscribe(context: typer.Context, subscription: SubscriptionId, as_json: AsJson = False) -> None:
    """End a subscription."""
    with call_of(context).service() as service:
        show([steps.line(steps.unsubscribe(service, subscription))], as_json=as_json, text=_subscription)


def deliver(context: typer.Context, as_json: AsJson = False) -> None:
    """Send what is owed and due."""
    failed = 0
    with call_of(context).service() as service:
        if sending_paused(service):
            err.print("sending is paused; `therawatch resume` starts it again", markup=False)
        for line in deliver_step(service):
            failed += line["error"] is not None
            show([line], as_json=as_json, text=_delivery)
    raise typer.Exit(1 if failed else 0)


def digest(
    context: typer.Context,
    subscription: SubscriptionId,
    preview_: Annotated[bool, typer.Option("--preview", help="Print it; nothing is sent.")] = False,
    since: Since = None,
    as_json: AsJson = False,
) -> None:
    """The digest that would be sent."""
    if not preview_:
        raise typer.BadParameter("expected --preview; what is due is sent by `therawatch deliver`")
    with call_of(context).service() as service:
        found = preview(service, subscription, moment(since, "--since"))
    show([found.model_dump(mode="json")], as_json=as_json, text=lambda _: _letter(found))


def _letter(found: Digest) -> str:
    return f"Subject: {found.subject}\n\n{render(found)[0]}"


def send_test_command(context: typer.Context, subscription: SubscriptionId, as_json: AsJson = False) -> None:
    """Send a message marked as a test."""
    with call_of(context).service() as service:
        line = send_test(service, subscription)
    show([line], as_json=as_json, text=_delivery)
    raise typer.Exit(1 if line["error"] else 0)


def pause(context: typer.Context) -> None:
    """Stop all sending; what is owed waits."""
    with call_of(context).service() as service:
        pause_all(service)
    err.print("sending is paused", markup=False)


def resume(context: typer.Context) -> None:
    """Start sending again."""
    with call_of(context).service() as service:
        resume_all(service)
    err.print("sending goes on", markup=False)


COMMANDS = {
    "subscribe": subscribe,
    "subscriptions": subscriptions,
    "unsubscribe": unsubscribe,
    "deliver": deliver,
    "digest": digest,
    "send-test": send_test_command,
    "pause": pause,
    "resume": resume,
}
