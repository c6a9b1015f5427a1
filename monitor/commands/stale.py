"""`therawatch stale`: what is said today and nobody vouches for, and what a maintainer has looked up herself."""

from typing import Annotated

import typer

from monitor.commands.shell import AsJson, call_of, one_of, say, show
from monitor.events.review import Overruled
from monitor.path import stale as steps
from monitor.path.stale import ACTS, IN_TRIALS, AttestedLine, StaleLine
from monitor.people.audit import at_terminal
from monitor.settings import Misconfigured
from monitor.standing.kept_answers import KeptAnswers
from store.database import reading, writing


def stale(
    context: typer.Context,
    act: Annotated[str | None, typer.Argument(help=f"{', '.join(ACTS)}; default: list the statements.")] = None,
    therapy: Annotated[str | None, typer.Argument(help="The drug, by any of its names.")] = None,
    place: Annotated[str | None, typer.Argument(help=f"The place, such as US, or {IN_TRIALS}.")] = None,
    note: Annotated[str, typer.Option(help="Where you looked, such as an address.")] = "",
    by: Annotated[str | None, typer.Option(help="Who has looked; default: the name of this account.")] = None,
    as_json: AsJson = False,
) -> None:
    """The statements that have aged because no watch answers for them; confirm that one is still true, for 30 days, or
    undo that within ten minutes."""
    one_of(act, "ACT", ACTS)
    call = call_of(context)
    if act is None:
        with call.service() as service, reading(service.engine) as session:
            found = steps.stale_lines(session, service, KeptAnswers(service.pack))
        if not show(found, as_json=as_json, text=_in_words) and not as_json:
            say("every statement was looked at in time")
        return
    if therapy is None or place is None:
        raise typer.BadParameter("expected a drug and a place", param_hint="THERAPY PLACE")
    asked = call.filters(therapy=therapy, place=None if place == IN_TRIALS else place)
    with call.service() as service:
        kept, who, now = KeptAnswers(service.pack), at_terminal(by), service.now()
        with reading(service.engine) as session:
            lines = steps.stale_lines(session, service, kept) if act == "confirm" else []
        with writing(service.engine) as session:
            try:
                name, where = asked.therapy or "", asked.place
                if act == "confirm":
                    wish = AttestedLine(therapy=name, place=where, state=None, by=None, at=None, note=note)
                    line = steps.stand_for(session, lines, wish, who, now)
                else:
                    line = steps.stand_no_longer(session, name, where, who, now)
            except Overruled as problem:
                raise Misconfigured(str(problem)) from None
    show([line], as_json=as_json, text=_attested_in_words)


def _in_words(row: StaleLine) -> str:
    """`DRUG, US: approved since 2023-04-25; not checked since 15 Nov 2026, 12:00 UTC (fda-applications)`."""
    since = f" since {row['since']}" if row["since"] else ""
    owed = f" ({', '.join(row['watches'])})" if row["watches"] else ""
    return f"{row['therapy']}, {row['place'] or IN_TRIALS}: {row['state']}{since}; {row['doubt']}{owed}"


def _attested_in_words(row: AttestedLine) -> str:
    """`DRUG, US: approved; still so, by anna at 2026-11-24T12:00:00Z (accessdata.fda.gov)`."""
    where = f"{row['therapy']}, {row['place'] or IN_TRIALS}"
    if row["at"] is None:
        return f"{where}: doubted as before"
    return f"{where}: {row['state']}; still so, by {row['by']} at {row['at']} ({row['note']})"
