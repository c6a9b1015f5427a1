"""`therawatch verify`: whether the log is what it was: hashes and events computed anew."""

from collections.abc import Mapping
from typing import Any

import typer
from sqlmodel import col, select

from monitor.commands.shell import AsJson, call_of, show
from monitor.path.rederive import rederive
from monitor.watching.snapshots import chained
from store.database import reading
from store.tables import Change


def verify(context: typer.Context, as_json: AsJson = False) -> None:
    """Recompute the hash chain of the change log and derive the events again; exit 1 where either differs."""
    previous, broken, count = "0" * 64, [], 0
    with call_of(context).service(fill=False) as service:
        with reading(service.engine) as session:
            for change in session.exec(select(Change).order_by(col(Change.id))):
                count += 1
                if change.previous_hash != previous or chained(change) != change.hash:
                    broken.append(change.id)
                previous = change.hash
        again = rederive(service)
    links = {"check": "chain", "changes": count, "broken": broken, "head": previous}
    events = {"check": "events", "events": again.events, "differences": len(again.differences)}
    show([links, events], as_json=as_json, text=_verified)
    raise typer.Exit(1 if broken or again.differences else 0)


def _verified(row: Mapping[str, Any]) -> str:
    if row["check"] == "chain":
        return f"{row['changes']} changes, {len(row['broken'])} broken, head {row['head']}"
    return f"{row['events']} events derived again, {row['differences']} differences; `therawatch rederive` lists them"
