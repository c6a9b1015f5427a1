"""`therawatch deliveries`: what is owed, sent and failed, and why."""

from typing import Annotated

import typer

from monitor.commands.shell import LARGEST, AsJson, Since, call_of, delivery_in_full, one_of, owed_in_words, show
from monitor.telling import deliveries as listing
from monitor.telling.delivery_log import in_full
from store.database import reading
from store.states import DeliveryState


def deliveries(
    context: typer.Context,
    delivery: Annotated[str | None, typer.Argument(help="The id of one: with every attempt, and why it waits.")] = None,
    state: Annotated[str | None, typer.Option(help=f"Only these: {', '.join(DeliveryState)}.")] = None,
    subscription: Annotated[int | None, typer.Option(max=LARGEST, help="Only of this subscription.")] = None,
    since: Since = None,
    as_json: AsJson = False,
) -> None:
    """What is owed, sent and failed, in the order in which it came to be owed; or one of them with its log."""
    if delivery is not None and (state, subscription, since) != (None, None, None):
        raise typer.BadParameter("expected no filter beside the id of a delivery")
    word = one_of(state, "--state", DeliveryState)
    call, wanted = call_of(context), DeliveryState(word) if word else None
    start = call.filters(since=since).since
    with call.service() as service, reading(service.engine) as session:
        if delivery is not None:
            show([in_full(service, session, delivery)], as_json=as_json, text=delivery_in_full)
            return
        lines = listing.deliveries(session, state=wanted, subscription_id=subscription, since=start)
        show(lines, as_json=as_json, text=owed_in_words)
