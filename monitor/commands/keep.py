"""Commands that keep the installation sound: schema, lint, doctor, migrate, verify."""

import json
import sys
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlmodel import col, select

from monitor.commands.shell import AsJson, call_of, err, show
from monitor.path.assemble import catalog_of
from monitor.path.health import examine, probe
from monitor.path.rederive import rederive
from monitor.settings import Misconfigured
from monitor.vocabulary.pack import Pack, read_pack
from monitor.watching.snapshots import chained
from store.database import open_engine, reading
from store.schema import SchemaMismatch, head, upgrade
from store.tables import Change


def schema(context: typer.Context) -> None:
    """JSON Schema of the configuration; each source's options under `$defs`."""
    described = Pack.model_json_schema()
    options = {
        name: kind.Options.model_json_schema() for name, kind in sorted(catalog_of(call_of(context).settings).items())
    }
    described.setdefault("$defs", {})["options"] = options
    sys.stdout.write(json.dumps(described, indent=2) + "\n")


def lint(
    context: typer.Context, pack: Annotated[Path, typer.Argument(help="A pack: a TOML file.")], as_json: AsJson = False
) -> None:
    """A pack's faults; exit 2 when there are any."""
    found = read_pack(pack, catalog_of(call_of(context).settings))
    told = {"pack": found.pack.name, "therapies": len(found.therapies), "watches": len(found.watches)}
    show(
        [told],
        as_json=as_json,
        text=lambda r: f"{r['pack']}: {r['therapies']} therapies, {r['watches']} watches, sound",
    )


def migrate(context: typer.Context) -> None:
    """Upgrade the schema of the database to this version's."""
    settings = call_of(context).settings
    engine = open_engine(settings.database_url)
    try:
        upgrade(engine)
    except SchemaMismatch as problem:
        raise Misconfigured(f"THERAWATCH_DATABASE_URL: {problem}") from None
    finally:
        engine.dispose()
    err.print(f"schema {head()}", markup=False)


def doctor(
    context: typer.Context,
    live: Annotated[bool, typer.Option("--live", help="Also ask every source once; nothing is stored.")] = False,
    as_json: AsJson = False,
) -> None:
    """Whether this installation has what it needs, and what mends what it lacks; exit 1 when something fails."""
    failed = 0
    with call_of(context).service() as service:
        for verdict in chain(examine(service), probe(service) if live else ()):
            failed += verdict.state in ("fail", "blocked", "shape-changed")
            show([verdict.line()], as_json=as_json, text=_verdict)
    raise typer.Exit(1 if failed else 0)


def _verdict(row: Mapping[str, Any]) -> str:
    return f"{row['state']:<13} {row['check']}: {row['detail']}" + (f"; {row['fix']}" if row["fix"] else "")


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


COMMANDS = {
    "schema": schema,
    "lint": lint,
    "doctor": doctor,
    "migrate": migrate,
    "verify": verify,
}
