"""`therawatch changes`: the change log."""

from collections.abc import Mapping
from typing import Any

import typer

from monitor.commands.shell import (
    AsJson,
    Level,
    RoutineKind,
    Since,
    SourceName,
    State,
    Therapy,
    Type,
    call_of,
    filters,
    one_of,
    show,
)
from monitor.reading.routine.kinds import KINDS
from monitor.standing import log as listing
from store.database import reading


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
    asked = filters(since, therapy, type_, level, source, state)
    asked["routine"] = one_of(routine, "--routine", KINDS)
    with call_of(context).service() as service, reading(service.engine) as session:
        show(listing.changes(session, **asked), as_json=as_json, text=_change)


def _change(row: Mapping[str, Any]) -> str:
    told = f"{row['detected_at']}  {row['source']}  {row['item']}  {row['kind']}  {row['title']}"
    fields = (f"    {f['path']}: {_short(f['before'])} -> {_short(f['after'])}" for f in row["fields"])
    words = (f"    {one['words']}" for one in row["routine"])
    return "\n".join([told, *words, *fields])


def _short(value: object) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= 100 else text[:97] + "..."
