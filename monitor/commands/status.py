"""`therawatch status`: where each drug stands."""

from typing import Annotated, Any

import typer

from monitor.commands.shell import AsJson, AsOf, KnownAt, call_of, day, moment, one_of, show
from monitor.standing.log import what_is_known
from monitor.standing.status import table
from monitor.vocabulary.places import PLACES
from store.database import reading


def status(
    context: typer.Context,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    place: Annotated[str | None, typer.Option(help="Only this place, such as US.")] = None,
    as_json: AsJson = False,
) -> None:
    """The drug and pipeline status table."""
    places = [one_of(place, "--place", PLACES) or ""] if place else list(PLACES)
    call = call_of(context)
    asked, then = day(as_of, "--as-of", call.settings.moment().date()), moment(known_at, "--known-at")
    with call.service() as service, reading(service.engine) as session:
        events, evidence = what_is_known(session, then)
        show(
            table(events, evidence, pack=service.pack, as_of=asked, places=places),
            as_json=as_json,
            text=_status_in_words,
        )


def _status_in_words(row: Any) -> str:
    told = [f"{row['therapy']}, as of {row['as_of']}"]
    for place, cell in row["places"].items():
        if cell["state"] != "none":
            words = ", ".join(str(cell[key]) for key in ("kind", "market") if cell[key])
            told.append(f"  {place}: {cell['state']} since {cell['since'] or 'unknown'} ({words or 'no more known'})")
    line = row["pipeline"]
    told.append(f"  pipeline: phase {line['phase'] or '-'}, {line['state']} {line['trial'] or ''}".rstrip())
    return "\n".join(told)
