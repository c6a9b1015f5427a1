"""One look at a source, of which nothing is kept: for a new pack, a sample and the self-check."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitor.path.check import asked_for, source_of
from monitor.service import Service
from monitor.watching.doorman import Implausible, refusal
from monitor.watching.fetching import Fetching
from sources.base import NeedsKey, Page, Source, Unexpected
from sources.records import Record
from store.look_columns import Watched
from store.tables import Watch


@dataclass(frozen=True)
class Shown:
    """What a source showed: its pages, the records read from them, and what could not be read."""

    source: Source
    pages: list[Page]
    records: list[Record]
    problems: list[Unexpected]


def as_watch(
    service: Service,
    source: str,
    options: Mapping[str, Any],
    *,
    url: str | None = None,
    base_url: str | None = None,
) -> Watch:
    """A watch that is in no store."""
    return Watch(
        name=source, source=source, options=dict(options), url=url, base_url=base_url, every_seconds=0,
        next_check_at=service.now(),
    )  # fmt: skip


def look_once(service: Service, watch: Watched, transport: str | None = None) -> Shown:
    """Ask a source once. Raises SourceError, and Implausible where what came is not the page."""
    source = source_of(service, watch)
    if lacking := asked_for(service.settings, source):
        raise NeedsKey(lacking)
    client = service.client.through(transport)
    ask = Fetching(client, service.engine, watch, source, now=service.now, sweep=True)
    pages = list(source.pages(ask))
    for page in pages:
        if reason := refusal(page, family=source.family, median=None):
            raise Implausible(f"{page.url}: {reason}", page)
    read = [found for page in pages for found in source.parse(page)]
    records = [found for found in read if isinstance(found, Record)]
    return Shown(source, pages, records, [found for found in read if isinstance(found, Unexpected)])
