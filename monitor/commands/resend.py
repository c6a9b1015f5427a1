"""`therawatch resend`: what was sent or given up, once more under the same id."""

from typing import Annotated

import typer

from monitor.commands.shell import LARGEST, AsJson, call_of, owed_in_words, say, show
from monitor.people.audit import at_terminal
from monitor.telling import deliveries as steps


def resend(
    context: typer.Context,
    delivery: Annotated[str | None, typer.Argument(help="The id of a delivery (`therawatch deliveries`).")] = None,
    since: Annotated[
        str | None, typer.Option(help="All news that came to be owed at or after this moment (ISO 8601).")
    ] = None,
    after: Annotated[
        str | None,
        typer.Option(help="All news of its subscription that followed this delivery: the last one received."),
    ] = None,
    subscription: Annotated[int | None, typer.Option(max=LARGEST, help="With --since: only of this one.")] = None,
    as_json: AsJson = False,
) -> None:
    """Send again, with the same id and the same contents: one delivery, all since a moment, or all after a delivery."""
    if sum(one is not None for one in (delivery, since, after)) != 1:
        raise typer.BadParameter("expected the id of a delivery, --since TIME or --after DELIVERY, one of them")
    if subscription is not None and since is None:
        raise typer.BadParameter("expected --since TIME beside it", param_hint="--subscription")
    call = call_of(context)
    start = call.filters(since=since).since
    with call.service() as service:
        if start is not None:
            lines = steps.resend_since(service, start, subscription, by=at_terminal())
        elif after is not None:
            lines = steps.resend_after(service, after, by=at_terminal())
        else:
            assert delivery is not None
            lines = [steps.resend(service, delivery, by=at_terminal())]
    show(lines, as_json=as_json, text=owed_in_words)
    say(f"{len(lines)} to be sent again: with the next round of `therawatch deliver` or the clock")
