"""`therawatch sample`: the pages of a watch or a source, and what is read from them."""

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor.commands.shell import call_of, say, show
from monitor.path.once import as_watch, look_once
from monitor.path.round import due
from monitor.service import Service
from monitor.settings import Misconfigured
from monitor.vocabulary.pack import Pack, WatchPlan
from monitor.vocabulary.pack_faults import watch_faults
from monitor.watching.doorman import Implausible
from sources.base import Page, SourceError, Unexpected
from sources.records import Record
from store.look_columns import Watched
from store.tables import Watch

SUFFIXES = {"json": ".json", "xml": ".xml", "html": ".html", "xlsx": ".xlsx", "csv": ".csv"}


def sample(
    context: typer.Context,
    watch: Annotated[str, typer.Argument(help="The name of a watch of the pack, or of a source.")],
    option: Annotated[
        list[str] | None, typer.Option(help='For a source: NAME=VALUE as in a pack, such as ids=["NCT00000000"].')
    ] = None,
    url: Annotated[str | None, typer.Option(help="For a source that needs one: the address.")] = None,
    base_url: Annotated[str | None, typer.Option(help="For a source: ask here instead.")] = None,
    to: Annotated[Path | None, typer.Option(help="Also write <n>.<ext> and <n>.expected.json here.")] = None,
) -> None:
    """The pages of a watch as they are now, and what is read from them; of a source with options, for a test. Nothing
    is stored."""
    with call_of(context).service() as service:
        row = _of_source(service, watch, option or (), url, base_url) or _of_pack(service, watch)
        failed = 0
        try:
            shown = look_once(service, row)
        except (SourceError, Implausible) as problem:
            say(f"{watch}: {problem}")
            raise typer.Exit(1) from None
        for number, page in enumerate(shown.pages, start=1):
            read = list(shown.source.parse(page))
            records = [record.model_dump(mode="json") for record in read if isinstance(record, Record)]
            for odd in (one for one in read if isinstance(one, Unexpected)):
                say(f"{watch}: {odd}")
                failed += 1
            show(records, as_json=True, text=str)
            if to is not None:
                _keep(to, number, page, SUFFIXES.get(shown.source.family), records)
    raise typer.Exit(1 if failed else 0)


def _of_pack(service: Service, name: str) -> Watched:
    try:
        (row,) = due(service, (name,))
    except KeyError as unknown:
        raise Misconfigured(f"{service.settings.config}: expected the name of a watch, found {unknown}") from None
    return row


def _of_source(
    service: Service, name: str, options: Sequence[str], url: str | None, base_url: str | None
) -> Watch | None:
    """A watch of a source with these options; None where a watch of the pack has the name. Raises Misconfigured."""
    if name not in service.sources or any(plan.name == name for plan in service.pack.watches):
        return None
    try:
        given = tomllib.loads("\n".join(options))
    except tomllib.TOMLDecodeError as problem:
        raise Misconfigured(f'--option: expected NAME=VALUE such as condition="a disease" ({problem})') from None
    plan = WatchPlan(name=name, source=name, every="1d", url=url, base_url=base_url, options=given)
    if faults := watch_faults(plan, Pack(pack=service.pack.pack), service.sources):
        raise Misconfigured("\n".join(fault.removeprefix(f"watches.{name}.") for fault in faults))
    return as_watch(service, name, given, url=url, base_url=base_url)


def _keep(folder: Path, number: int, page: Page, suffix: str | None, read: list[dict[str, Any]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    head = page.body.lstrip()[:1]
    suffix = suffix or {b"{": ".json", b"[": ".json", b"<": ".xml"}.get(head, ".txt")
    (folder / f"{number}{suffix}").write_bytes(page.body)
    expected = json.dumps(read, indent=2, ensure_ascii=False) + "\n"
    (folder / f"{number}.expected.json").write_text(expected, encoding="utf-8")
