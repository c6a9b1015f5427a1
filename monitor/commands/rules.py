"""`therawatch rules`: by which rules news were read, and what is done with what they read."""

from typing import Annotated

import typer

from monitor.commands.shell import AsJson, call_of, say, show
from monitor.events.policies import in_words, rule_lines
from monitor.events.review import Overruled
from monitor.settings import Misconfigured
from store.database import reading


def rules(
    context: typer.Context,
    rule: Annotated[str | None, typer.Argument(help="One rule; default: all that read something in a year.")] = None,
    as_json: AsJson = False,
) -> None:
    """By which rules news were read in the past year, what became of it, and what each edit would have changed."""
    with call_of(context).service() as service, reading(service.engine) as session:
        try:
            found = rule_lines(session, service.now(), rule)
        except Overruled as problem:
            raise Misconfigured(str(problem)) from None
    if not show(found, as_json=as_json, text=in_words) and not as_json:
        say("no rule has read anything in the past year")
