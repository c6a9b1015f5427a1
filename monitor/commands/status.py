"""`therawatch status`: where each drug stands."""

from functools import partial

import typer

from monitor.commands.shell import AsJson, AsOf, KnownAt, Place, call_of, show
from monitor.standing.contract import StatusLine
from monitor.standing.coverage import doubt_in_words, lookout
from monitor.standing.known_acts import what_is_known
from monitor.standing.status import table
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.places import PLACES
from monitor.vocabulary.wording import called


def status(
    context: typer.Context,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    place: Place = None,
    as_json: AsJson = False,
) -> None:
    """The drug and pipeline status table."""
    call = call_of(context)
    asked = call.filters(as_of=as_of, known_at=known_at, place=place)
    with call.answering() as log:
        events, evidence = what_is_known(log.connection, asked.known_at)
        places = [asked.place] if asked.place else PLACES
        lines = table(events, evidence, pack=log.pack, as_of=asked.as_of or call.today(), places=places)
        watched = lookout(log.connection, log.sources, log.now, log.pack.therapies).over_status(lines)
        show(watched, as_json=as_json, text=partial(_status_in_words, log.pack))


OFFICIAL = ("approved", "refused", "withdrawn")
"""States that only an authority can bring about."""


def _status_in_words(pack: Pack, row: StatusLine) -> str:
    therapy = pack.therapy(row["therapy"])
    name, whom = called(therapy).full if therapy else row["therapy"], row["for_whom"]
    parts = [f"{name}, as of {row['as_of']}{f' (for {whom})' if whom else ''}"]
    for place, cell in row["places"].items():
        if cell["state"] != "none":
            alone = cell["certainty"] == "reported" and cell["state"] in OFFICIAL
            unsure = "not confirmed by an authority" if alone else None
            words = ", ".join(filter(None, (cell["kind"], cell["market"], unsure)))
            condition = f". {cell['condition']}" if cell["condition"] else ""
            since = cell["since"] or "unknown"
            doubt = f" [{why}]" if (why := doubt_in_words(cell)) else ""
            parts.append(f"  {place}: {cell['state']} since {since} ({words or 'no more known'}){condition}{doubt}")
    doubts = {place: doubt_in_words(cell) for place, cell in row["places"].items() if cell["state"] == "none"}
    for why in dict.fromkeys(filter(None, doubts.values())):
        parts.append(f"  {why}: {', '.join(place for place, doubt in doubts.items() if doubt == why)}")
    line = row["pipeline"]
    words = f"  pipeline: phase {line['phase'] or '-'}, {line['state']} {line['trial'] or ''}".rstrip()
    parts.append(f"{words} [{why}]" if (why := doubt_in_words(line)) else words)
    return "\n".join(parts)
