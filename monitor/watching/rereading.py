"""Captures read again with today's adapter: what was seen then, in the words of now."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlmodel import Session

from monitor.watching.captures import whole_body
from sources.base import Page, Source, SourceError
from sources.records import Content, Record
from store.tables import Capture, Item, Snapshot

PAGES = 8
"""Parsed captures kept at hand: the same few pages are the "before" of many changes."""


Pages = dict[str, dict[str, Record]]
"""Hash of a body to its records by key."""


@dataclass
class Captures:
    """The captures of one source as its adapter reads them today."""

    session: Session
    source: Source
    pages: Pages = field(default_factory=dict)

    def record(self, capture_id: int, key: str) -> Record | None:
        """A record as it stands in a capture; None where the body is forgotten, where it cannot be read any more, and
        for sources that take noise out of what they read, because what they had learnt then is not known."""
        if type(self.source).settle is not Source.settle:
            return None
        capture = self.session.get_one(Capture, capture_id)
        self.pages[capture.sha256] = self.pages.pop(capture.sha256, {}) or self._parsed(capture)
        if len(self.pages) > PAGES:
            del self.pages[next(iter(self.pages))]
        return self.pages[capture.sha256].get(key)

    def content(self, item: Item) -> Content | None:
        """The content of an item's latest snapshot, read again from its capture, or None as for `record`."""
        snapshot = self.session.get_one(Snapshot, item.snapshot_id)
        record = self.record(snapshot.capture_id, item.key)
        return record.content() if record else None

    def _parsed(self, capture: Capture) -> dict[str, Record]:
        body = whole_body(self.session, capture.sha256)
        if body is None:
            return {}
        page = Page(capture.url, capture.fetched_at, capture.status, capture.content_type, capture.sha256, _given(body))
        records: dict[str, Record] = {}
        try:
            for record in self.source.parse(page):
                if isinstance(record, Record):
                    records.setdefault(record.key, record)
        except SourceError:
            return {}
        return records


def _given(body: bytes) -> Callable[[], bytes]:
    return lambda: body
