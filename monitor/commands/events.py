"""`therawatch events`: the log of events."""

from collections.abc import Mapping
from typing import Any

import typer

from monitor.commands.shell import (
    AsJson,
    AsOf,
    KnownAt,
    Level,
    Since,
    SourceName,
    State,
    Therapy,
    Type,
    call_of,
    day,
    filters,
    moment,
    show,
)
from monitor.standing import log as listing
from store.database import reading


def events(
    context: typer.Context,
    since: Since = None,
    therapy: Therapy = None,
    type_: Type = None,
    level: Level = None,
    source: SourceName = None,
    state: State = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    as_json: AsJson = False,
) -> None:
    """What happened, one line per real-world event however many sources told of it."""
    call = call_of(context)
    asked = filters(since, therapy, type_, level, source, state)
    asked["as_of"] = day(as_of, "--as-of", call.settings.moment().date()) if as_of else None
    asked["known_at"] = moment(known_at, "--known-at")
    with call.service() as service, reading(service.engine) as session:
        show(listing.events(session, **asked), as_json=as_json, text=_event)


def _event(row: Mapping[str, Any]) -> str:
    told = f"{row['event']}  {row['occurred_on'] or 'no date'}  {row['level']}  {row['title']}"
    return f"{told}  [{row['certainty']}, tier {row['tier']}, {row['state']}]"
