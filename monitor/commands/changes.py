"""`therawatch changes`: the change log."""

from collections.abc import Mapping
from functools import partial

import typer

from monitor.commands.narrowing import Level, RoutineKind, State, Tier
from monitor.commands.shell import (
    AsJson,
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
from monitor.standing.contract import ChangeLine
from monitor.telling.channels import teller_titles
from store.database import reading


def changes(
    context: typer.Context,
    since: Since = None,
    therapy: Therapy = None,
    type_: Type = None,
    level: Level = None,
    source: SourceName = None,
    state: State = None,
    place: Place = None,
    tier: Tier = None,
    routine: RoutineKind = None,
    search: Search = None,
    as_json: AsJson = False,
) -> None:
    """The change log: what differed, before and after."""
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
        routine=routine,
        search=search,
    )
    with call.service() as service, reading(service.engine) as session:
        titles = teller_titles(service)
        show(listing.changes(session, asked), as_json=as_json, text=partial(_change, titles))


def _change(titles: Mapping[str, str], row: ChangeLine) -> str:
    kind = f"changed, and changed back {row['back_at']}" if row["back_at"] else row["kind"]
    source = titles.get(row["watch"]) or titles.get(row["source"]) or row["source"]
    head = f"{row['detected_at']}  {source}  {row['item']}  {kind}  {row['title']}"
    fields = (f"    {f['path']}: {_short(f['before'])} -> {_short(f['after'])}" for f in row["fields"])
    words = (f"    {line['words']}" for line in row["routine"])
    return "\n".join([head, *words, *fields])


def _short(value: object) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= 100 else text[:97] + "..."
