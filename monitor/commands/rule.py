"""`therawatch rule`: what a maintainer wants done with what a rule reads."""

from typing import Annotated

import typer

from monitor.commands.shell import AsJson, call_of, one_of, show
from monitor.events.policies import EDITS, edit, in_words
from monitor.events.review import Overruled
from monitor.people.audit import at_terminal
from monitor.settings import Misconfigured
from store.database import writing


def rule(
    context: typer.Context,
    rule: Annotated[str, typer.Argument(help="The name of the rule, such as trial_registered.registers.")],
    act: Annotated[str, typer.Argument(help=f"{', '.join(EDITS)}.")],
    note: Annotated[str, typer.Option(help="Why, for the log.")] = "",
    by: Annotated[str | None, typer.Option(help="Who decides; default: the name of this account.")] = None,
    as_json: AsJson = False,
) -> None:
    """Let a rule pass (what it reads of small things is approved), hold it always, put it back to default; move what it
    reads to a level, or back to that of its type (taxonomy); or undo that within ten minutes."""
    one_of(act, "ACT", EDITS)
    with call_of(context).service() as service, writing(service.engine) as session:
        try:
            line = edit(session, rule, act, at_terminal(by), service.now(), note)
        except Overruled as problem:
            raise Misconfigured(str(problem)) from None
    show([line], as_json=as_json, text=in_words)
