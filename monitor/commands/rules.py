"""`therawatch rules`: by which rules news were read, and what is done with what they read."""

from typing import Annotated, Any

import typer

from monitor.commands.shell import AsJson, call_of, show
from monitor.events.policies import rule_lines
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
    show(found, as_json=as_json, text=in_words)


def in_words(row: Any) -> str:
    """`trial_registered.registers: default; 3 held, 12 released; would add 3 if passed, lose 12 if held`."""
    year = row["year"]
    became = ", ".join(f"{year[name]} {name}" for name in ("held", "released", "dismissed", "corrected") if year[name])
    words = f"{row['rule']}: {row['way']}" + (f" since {row['at']}, by {row['by']}" if row["by"] else "")
    words += f" ({row['note']})" if row["note"] else ""
    return (
        f"{words}; {became or 'nothing'}; had it passed {year['added']} more out, had it been held {year['lost']} fewer"
    )
