"""`therawatch deliveries`: what is owed, sent and failed, and why."""

from typing import Annotated

import typer

from monitor.commands.shell import LARGEST, AsJson, Since, call_of, one_of, owed_in_words, show
from monitor.telling import deliveries as listing
from store.database import reading
from store.states import DeliveryState


def deliveries(
    context: typer.Context,
    state: Annotated[str | None, typer.Option(help=f"Only these: {', '.join(DeliveryState)}.")] = None,
    subscription: Annotated[int | None, typer.Option(max=LARGEST, help="Only of this subscription.")] = None,
    since: Since = None,
    as_json: AsJson = False,
) -> None:
    """What is owed, sent and failed, in the order in which it came to be owed."""
    word = one_of(state, "--state", DeliveryState)
    call, wanted = call_of(context), DeliveryState(word) if word else None
    start = call.filters(since=since).since
    with call.service() as service, reading(service.engine) as session:
        lines = listing.deliveries(session, state=wanted, subscription_id=subscription, since=start)
        show(lines, as_json=as_json, text=owed_in_words)
