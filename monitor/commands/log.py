"""Commands that read the log: changes, events."""

from collections.abc import Mapping
from typing import Any

import typer

from monitor.commands.shell import (
    AsJson,
    AsOf,
    KnownAt,
    Level,
    RoutineKind,
    Since,
    SourceName,
    State,
    Therapy,
    Type,
    call_of,
    day,
    moment,
    one_of,
    show,
)
from monitor.reading.routine.kinds import KINDS
from monitor.standing import log as listing
from monitor.vocabulary.event_types import LEVELS, TYPES
from store.database import reading

STATES = ("held", "released", "dismissed", "corrected", "imported")


def changes(
    context: typer.Context,
    since: Since = None,
    therapy: Therapy = None,
    type_: Type = None,
    level: Level = None,
    source: SourceName = None,
    state: State = None,
    routine: RoutineKind = None,
    as_json: AsJson = False,
) -> None:
    """The change log: what differed, before and after."""
    asked = _filters(since, therapy, type_, level, source, state)
    asked["routine"] = one_of(routine, "--routine", KINDS)
    with call_of(context).service() as service, reading(service.engine) as session:
        show(listing.changes(session, **asked), as_json=as_json, text=_change)


def _filters(
    since: str | None, therapy: str | None, type_: str | None, level: str | None, source: str | None, state: str | None
) -> dict[str, Any]:
    """What is asked for, read before anything is opened: wrong usage leaves no trace."""
    return {
        "since": moment(since, "--since"),
        "therapy": therapy,
        "type": one_of(type_, "--type", TYPES),
        "level": one_of(level, "--level", LEVELS),
        "source": source,
        "state": one_of(state, "--state", STATES),
    }


def _change(row: Mapping[str, Any]) -> str:
    told = f"{row['detected_at']}  {row['source']}  {row['item']}  {row['kind']}  {row['title']}"
    fields = (f"    {f['path']}: {_short(f['before'])} -> {_short(f['after'])}" for f in row["fields"])
    words = (f"    {one['words']}" for one in row["routine"])
    return "\n".join([told, *words, *fields])


def _short(value: object) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= 100 else text[:97] + "..."


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
    asked = _filters(since, therapy, type_, level, source, state)
    asked["as_of"] = day(as_of, "--as-of", call.settings.moment().date()) if as_of else None
    asked["known_at"] = moment(known_at, "--known-at")
    with call.service() as service, reading(service.engine) as session:
        show(listing.events(session, **asked), as_json=as_json, text=_event)


def _event(row: Mapping[str, Any]) -> str:
    told = f"{row['event']}  {row['occurred_on'] or 'no date'}  {row['level']}  {row['title']}"
    return f"{told}  [{row['certainty']}, tier {row['tier']}, {row['state']}]"


COMMANDS = {"changes": changes, "events": events}
