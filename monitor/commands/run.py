"""Commands that look at the world: serve, check, replay, sample."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress

from monitor.commands.shell import AsJson, call_of, err, show
from monitor.path.check import ACCEPTING, LIVE, check_all, due, source_of
from monitor.path.replay import replay
from monitor.settings import Misconfigured
from monitor.telling.match import match
from monitor.watching.captures import Fetching
from sources.base import SourceError
from sources.records import Record


def check_command(
    context: typer.Context,
    watches: Annotated[list[str] | None, typer.Argument(help="Names of watches; default: those that are due.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every watch, due or not.")] = False,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many watches at a time.")] = 4,
    accept: Annotated[bool, typer.Option("--accept", help="Believe the named watches, much as has moved.")] = False,
    as_json: AsJson = False,
) -> None:
    """One cycle: what is due is fetched, compared, recorded and matched."""
    failed = 0
    if accept and not watches:
        raise typer.BadParameter("expected the names of the watches that a person has looked at", param_hint="--accept")
    with call_of(context).service() as service:
        names = tuple(watches or ())
        try:
            total = len(due(service, names, everything=everything))
        except KeyError as unknown:
            raise Misconfigured(f"{service.settings.config}: expected names of its watches, found {unknown}") from None
        guard = ACCEPTING if accept else LIVE
        results = check_all(service, names, everything=everything, workers=workers, guard=guard)
        with Progress(console=err, transient=True, disable=not sys.stderr.isatty()) as progress:
            task = progress.add_task("checking", total=total)
            for checked in results:
                progress.advance(task)
                failed += checked.outcome in ("failed", "refused")
                show([checked.line()], as_json=as_json, text=_checked)
        match(service)
    raise typer.Exit(1 if failed else 0)


def _checked(row: Any) -> str:
    told = f"{row['watch']}: {row['outcome']}, {row['pages']} pages, {row['records']} records"
    told += f", {row['changes']} changes, {row['events']} events, {row['ms']} ms"
    return told + (f" ({row['error']})" if row["error"] else "")


def replay_command(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="DIR/<record or set>/<version>.<ext>, version = capture time.")],
    source: Annotated[str | None, typer.Option(help="The adapter; default: told from the folder's name.")] = None,
    as_json: AsJson = False,
) -> None:
    """Play the recorded payloads of one source through the same path as a live check."""
    failed = 0
    for checked in replay(call_of(context).settings, folder, source):
        failed += checked.outcome in ("failed", "refused")
        show([checked.line()], as_json=as_json, text=_checked)
    err.print("replay profile: guards off, a vanished record counts at once", markup=False)
    raise typer.Exit(1 if failed else 0)


def sample(
    context: typer.Context,
    watch: Annotated[str, typer.Argument(help="The name of a watch of the pack.")],
    to: Annotated[Path | None, typer.Option(help="Also write <n>.<ext> and <n>.expected.json here.")] = None,
) -> None:
    """The pages of a watch as they are now, and what is read from them. Nothing is stored."""
    with call_of(context).service() as service:
        try:
            (row,) = due(service, (watch,))
        except KeyError as unknown:
            raise Misconfigured(f"{service.settings.config}: expected the name of a watch, found {unknown}") from None
        source = source_of(service, row)
        fetch = Fetching(service.client, service.engine, row, source, now=service.now, sweep=True)
        failed = 0
        try:
            for number, page in enumerate(source.pages(fetch), start=1):
                records = list(source.parse(page))
                read = [record.model_dump(mode="json") for record in records if isinstance(record, Record)]
                failed += len(records) - len(read)
                show(read, as_json=True, text=str)
                if to is not None:
                    _keep_sample(to, number, page.body, SUFFIXES.get(source.family, ".txt"), read)
        except SourceError as problem:
            err.print(f"{watch}: {problem}", markup=False)
            failed += 1
    raise typer.Exit(1 if failed else 0)


def _keep_sample(folder: Path, number: int, body: bytes, suffix: str, read: list[dict[str, Any]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{number}{suffix}").write_bytes(body)
    (folder / f"{number}.expected.json").write_text(json.dumps(read, indent=2, ensure_ascii=False) + "\n")


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    web: Annotated[bool, typer.Option("--web/--no-web", help="Serve the pages.")] = True,
    clock: Annotated[bool, typer.Option("--clock/--no-clock", help="Run the scheduled jobs.")] = True,
) -> None:
    """The service: pages on an address, scheduled checks, alerts."""
    from monitor.commands.serve import serve as run_service  # noqa: PLC0415 - FastAPI and uvicorn cost every other command a second

    with call_of(context).service() as service:
        run_service(service, host=host, port=port, web=web, clock=clock)


SUFFIXES = {"json": ".json", "xml": ".xml", "html": ".html"}

COMMANDS = {"serve": serve, "check": check_command, "replay": replay_command, "sample": sample}
