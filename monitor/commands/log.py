"""Commands that read the log: changes, events."""

import typer

from monitor import listing
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
    moment,
    one_of,
    show,
)
from monitor.taxonomy import LEVELS, TYPES
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
    as_json: AsJson = False,
) -> None:
    """The change log: what differed, before and after."""
    with call_of(context).service() as service, reading(service.engine) as session:
        rows = listing.changes(
            session,
            since=moment(since, "--since"),
            therapy=therapy,
            type=one_of(type_, "--type", TYPES),
            level=one_of(level, "--level", LEVELS),
            source=source,
            state=one_of(state, "--state", STATES),
        )
        show(rows, as_json=as_json, text=_change)


def _change(row: listing.Line) -> str:
    told = f"{row['detected_at']}  {row['source']}  {row['item']}  {row['kind']}  {row['title']}"
    fields = (f"    {f['path']}: {_short(f['before'])} -> {_short(f['after'])}" for f in row["fields"])
    return "\n".join([told, *fields])


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
    with call_of(context).service() as service, reading(service.engine) as session:
        rows = listing.events(
            session,
            since=moment(since, "--since"),
            therapy=therapy,
            type=one_of(type_, "--type", TYPES),
            level=one_of(level, "--level", LEVELS),
            source=source,
            state=one_of(state, "--state", STATES),
            as_of=day(as_of, "--as-of", service.now().date()) if as_of else None,
            known_at=moment(known_at, "--known-at"),
        )
        show(rows, as_json=as_json, text=_event)


def _event(row: listing.Line) -> str:
    told = f"{row['event']}  {row['occurred_on'] or 'no date'}  {row['level']}  {row['title']}"
    return f"{told}  [{row['certainty']}, tier {row['tier']}, {row['state']}]"


COMMANDS = {"changes": changes, "events": events}
