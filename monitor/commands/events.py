"""`therawatch events`: the log of events."""

import typer

from monitor.commands.narrowing import Level, State, Tier
from monitor.commands.shell import (
    AsJson,
    AsOf,
    KnownAt,
    Place,
    Search,
    Since,
    SourceName,
    Therapy,
    Type,
    call_of,
    show,
)
from monitor.standing import log as listing
from monitor.standing.contract import EventLine
from store.database import reading

UNCONFIRMED = {"held": "HELD, not confirmed: ", "dismissed": "DISMISSED, it did not happen: "}
"""What stands before the title of an event that is no fact."""


def events(
    context: typer.Context,
    since: Since = None,
    therapy: Therapy = None,
    type_: Type = None,
    level: Level = None,
    source: SourceName = None,
    state: State = None,
    place: Place = None,
    tier: Tier = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    search: Search = None,
    as_json: AsJson = False,
) -> None:
    """What happened, one line per real-world event however many sources told of it."""
    call = call_of(context)
    asked = call.filters(
        since=since,
        therapy=therapy,
        type=type_,
        level=level,
        source=source,
        state=state,
        place=place,
        tier=tier,
        as_of=as_of,
        known_at=known_at,
        search=search,
    )
    with call.service() as service, reading(service.engine) as session:
        show(listing.events(session, asked), as_json=as_json, text=_event)


def _event(row: EventLine) -> str:
    vague = f" (known to the {row['known_to']})" if row["known_to"] in ("month", "year") else ""
    when = f"{row['occurred_on']}{vague}" if row["occurred_on"] else "no date"
    title = UNCONFIRMED.get(row["state"], "") + row["title"]
    return f"{row['event']}  {when}  {row['level']}  {title}  [{row['certainty']}, tier {row['tier']}, {row['state']}]"
