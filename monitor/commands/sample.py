"""`therawatch sample`: the pages of a watch and what is read from them."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor.commands.shell import call_of, say, show
from monitor.path.check import source_of
from monitor.path.round import due
from monitor.settings import Misconfigured
from monitor.watching.captures import Fetching
from sources.base import SourceError
from sources.records import Record

SUFFIXES = {"json": ".json", "xml": ".xml", "html": ".html"}


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
            say(f"{watch}: {problem}")
            failed += 1
    raise typer.Exit(1 if failed else 0)


def _keep_sample(folder: Path, number: int, body: bytes, suffix: str, read: list[dict[str, Any]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{number}{suffix}").write_bytes(body)
    (folder / f"{number}.expected.json").write_text(json.dumps(read, indent=2, ensure_ascii=False) + "\n")
