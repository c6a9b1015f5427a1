"""`therawatch resume`: the end of a pause, of all sending or of one subscription."""

from typing import Annotated, cast, get_args

import typer

from monitor.commands.shell import LARGEST, AsJson, call_of, one_of, say, show, subscription_in_words
from monitor.people.audit import at_terminal
from monitor.telling.pause import Owed, resume_all, resume_subscription
from monitor.telling.subscription_lines import line


def resume(
    context: typer.Context,
    subscription: Annotated[
        int | None, typer.Argument(max=LARGEST, help="The number of a paused subscription; default: all sending.")
    ] = None,
    owed: Annotated[
        str, typer.Option(help="What becomes of what piled up: all of it, only the newest message of each, or none.")
    ] = "all",
    as_json: AsJson = False,
) -> None:
    """Go on after a pause of all sending, or of one subscription."""
    one_of(owed, "--owed", get_args(Owed))
    choice = cast(Owed, owed)
    with call_of(context).service() as service:
        if subscription is None:
            was_paused = resume_all(service, choice, by=at_terminal())
            say("sending goes on" if was_paused else "sending was not paused; it goes on")
            return
        resumed = resume_subscription(service, subscription, choice, by=at_terminal())
        show([line(resumed)], as_json=as_json, text=subscription_in_words)
