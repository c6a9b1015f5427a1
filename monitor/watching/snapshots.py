"""One record: a new snapshot and what changed, or nothing. Steps *snapshot*, *compare* of the one path."""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, bindparam
from sqlalchemy import select as choose
from sqlmodel import Session, col, select

from monitor.kill_points import kill_point
from monitor.vocabulary.differences import RECORD, Difference
from monitor.watching.captures import ZLIB_LEVEL
from monitor.watching.chain import canonical, chained, digest, head
from monitor.watching.compare import Mistaken, compare, other_matter
from monitor.watching.observed import Known, Observed
from monitor.watching.odd import AtWork
from monitor.watching.rereading import Captures
from monitor.watching.returns import familiar_lines, folds_into, window_of
from monitor.watching.runs import ASIDE, Keeps
from sources.base import Page, Source
from sources.records import Content, Record, Study
from store.look_columns import Knowing
from store.states import ChangeKind
from store.tables import Capture, Change, Flag, Item, Run, Snapshot, Watch, metadata

SIGHTING, SNAPSHOT = metadata.tables["sighting"], metadata.tables["snapshot"]
MINE = SIGHTING.c.watch_id == bindparam("watch"), SIGHTING.c.item_id.in_(bindparam("items", expanding=True))
SEEN = choose(SIGHTING.c.item_id).where(*MINE)
SEEN_AGAIN = SIGHTING.update().where(*MINE).values(last_at=bindparam("now"), missed=0, missed_since=None)
THESE = (
    col(Item.source) == bindparam("source"), col(Item.scope) == bindparam("scope"),
    col(Item.key).in_(bindparam("keys", expanding=True)),
)  # fmt: skip
LATEST = col(Snapshot.id) == Item.snapshot_id
KNOWN = select(Item, Snapshot.fingerprint, Snapshot.revision).join(Snapshot, LATEST).where(*THESE)
CONTENTS = choose(col(Item.key), col(Item.present), col(Snapshot.packed)).join(Snapshot, LATEST).where(*THESE)
ADD = SNAPSHOT.insert().returning(SNAPSHOT.c.id)
PACKED = choose(SNAPSHOT.c.packed).where(SNAPSHOT.c.id == bindparam("snapshot"))
SHORT = 15  # signs of a fingerprint that tell two sayings of one record apart
BATCH = 500  # SQLite takes 32,766 variables; smaller statements are kinder to its planner
Value = TypeVar("Value")


@dataclass
class Observation:
    """What one run adds to the store, inside its transaction."""

    session: Session
    watch: Watch
    run: Run
    source: Source
    at: datetime
    baseline: bool
    pages: Keeps  # where the pages of the run are kept
    known: dict[str, Known] = field(default_factory=dict)
    strangers: bool = True  # a record that is of another matter than before is not believed
    told: dict[str, int] = field(default_factory=dict)  # keys of the records observed so far, and what they said
    kept: dict[str, Capture] = field(default_factory=dict)  # by address
    captures: Captures = field(init=False)
    scope: str = field(init=False)  # where the keys of this watch mean one thing
    last_hash: str | None = None  # of the chain of changes, which only this transaction makes longer
    changes: int = 0

    def __post_init__(self) -> None:
        self.captures = Captures(self.session, self.source)
        self.scope = scope_of(self.watch, self.source)

    def observe(self, records: Sequence[tuple[Record, Page]], at: AtWork) -> list[Observed]:
        """Compare records, each with its page, with their latest snapshots and add what is new: all of a run, or some
        of them after others. A record told twice in one run is one record; raises Mistaken where a register then says
        two things of it. `at` is told which record is at work."""
        keys = [record.key for record, _ in records if record.key not in self.told]
        self.known = recall(self.session, self.source.name, self.scope, keys)
        observed: dict[str, Observed] = {}
        moved = False
        for record, page in records:
            at.record = record
            if record.key in self.told:
                self._said_again(record)
                continue
            moved |= record.key in self.known and _note_aside(self.known[record.key].item, record)
            sight = observed[record.key] = self._observe(record, page)
            if page.mark != sight.item.mark:
                sight.item.mark = page.mark
        at.record = None
        if moved:
            self.session.merge(Flag(name=ASIDE, value=str(self.run.id)))
        self.sighted({sight.item.id: sight.fresh for sight in observed.values() if sight.item.id is not None})
        return list(observed.values())

    def _said_again(self, record: Record) -> None:
        if self.told[record.key] != int(digest(canonical(record.content()))[:SHORT], 16) and not self.source.needs_url:
            raise Mistaken("expected one record of this key, found two that say different things")

    def _observe(self, record: Record, page: Page) -> Observed:
        content = record.content()
        text = canonical(content)
        mark = digest(text)
        self.told[record.key] = int(mark[:SHORT], 16)
        known = self.known.get(record.key)
        if known is None:
            return self._first(record, page, content, text, mark)
        item = known.item
        if known.fingerprint == mark:
            if known.revision == self.source.revision and item.present:
                return Observed(record, item, content, content, (), None, fresh=False)
            return self._again(record, page, known, content, text, mark, ())
        reread = self.captures.content(item) if known.revision != self.source.revision else None
        before = reread or content_of(self.session, item)
        differences = compare(before, content, record=type(record), paths=self.source.paths)
        same_eyes = reread is not None or known.revision == self.source.revision
        if self.strangers and same_eyes and (reason := other_matter(before, content)):
            raise Mistaken(f"{reason}; if its number was given anew, use `therawatch check {self.watch.name} --accept`")
        return self._again(record, page, known, content, text, mark, differences, before, same_eyes=same_eyes)

    def _keep(self, page: Page) -> Capture:
        """The capture of a page from which something is stored, kept once: of a long answer what it says of one record,
        but for a first look, which stores them all."""
        page = page.of if self.baseline and page.of is not None else page
        if page.url not in self.kept:
            self.kept[page.url] = self.pages.keep(self.session, page)
            kill_point("K4")
        return self.kept[page.url]

    def _first(self, record: Record, page: Page, content: Content, text: bytes, mark: str) -> Observed:
        item = Item(source=self.source.name, scope=self.scope, key=record.key, title=record.title, url=record.url)
        _note_aside(item, record)
        self.session.add(item)
        kept = self._keep(page)
        if item.id is None:  # its page was kept before
            self.session.flush()
        snapshot = self._snapshot(item, text, mark, kept)
        differences = (Difference(RECORD, RECORD, None, "present"),)
        change = None if self.baseline else self.change(item, ChangeKind.APPEARED, None, snapshot, differences)
        return Observed(record, item, None, content, differences, change, fresh=True, sha256=kept.sha256)

    def _again(
        self,
        record: Record,
        page: Page,
        known: Known,
        content: Content,
        text: bytes,
        mark: str,
        differences: tuple[Difference, ...],
        before: Content | None = None,
        *,
        same_eyes: bool = True,
    ) -> Observed:
        """Add a snapshot, and a change where something differs. Differences between what an older adapter read and
        what today's reads are *reread* (`same_eyes` False), unless the older capture could be read again."""
        item, earlier, came_back = known.item, known.item.snapshot_id, not known.item.present
        kind = ChangeKind.CHANGED if same_eyes else ChangeKind.REREAD
        kept = self._keep(page)
        snapshot = self._snapshot(item, text, mark, kept)
        item.title, item.url, item.present = record.title, record.url, True
        if came_back:
            differences = (Difference(RECORD, RECORD, None, "present"), *differences)
            kind = ChangeKind.APPEARED
        was = content if before is None else before
        familiar: frozenset[str] = frozenset()
        folded = None
        if differences and item.id is not None and earlier is not None:
            window = window_of(self.watch)
            if record.lines:
                familiar = familiar_lines(self.session, item.id, earlier, self.at, window)
            if kind == ChangeKind.CHANGED:
                folded = folds_into(self.session, item.id, earlier, mark, self.at, window, differences, familiar)
        change = self.change(item, kind, earlier, snapshot, differences, folded) if differences else None
        return Observed(
            record, item, was, content, differences, change, fresh=False, sha256=kept.sha256, familiar=familiar
        )

    def _snapshot(self, item: Item, text: bytes, mark: str, capture: Capture) -> int:
        """Add a snapshot, and return its id."""
        values = {
            "item_id": item.id,
            "run_id": self.run.id,
            "capture_id": capture.id,
            "taken_at": self.at,
            "packed": zlib.compress(text, ZLIB_LEVEL),
            "fingerprint": mark,
            "revision": self.source.revision,
        }
        item.snapshot_id = made = int(self.session.connection().execute(ADD, values).scalar_one())
        return made

    def change(
        self,
        item: Item,
        kind: ChangeKind,
        before_id: int | None,
        after_id: int | None,
        differences: Sequence[Difference],
        folded_into: int | None = None,
    ) -> Change:
        """Add a change to the log, chained to the one before."""
        assert item.id is not None and self.watch.id is not None and self.run.id is not None
        change = Change(
            item_id=item.id,
            watch_id=self.watch.id,
            run_id=self.run.id,
            kind=kind,
            before_id=before_id,
            after_id=after_id,
            differences=[asdict(difference) for difference in differences],
            detected_at=self.at,
            previous_hash=self.last_hash or head(self.session),
            hash="",
            folded_into=folded_into,
        )
        change.hash = self.last_hash = chained(change)
        self.session.add(change)
        self.session.flush()
        self.changes += 1
        return change

    def sighted(self, items: Mapping[int, bool]) -> None:
        """Note that this watch has seen these items now, with whether they are new."""
        assert self.watch.id is not None
        connection, fresh = self.session.connection(), [item for item in items if items[item]]
        for some in in_lots([item for item in items if not items[item]]):
            mine = {"watch": self.watch.id, "items": some}
            if connection.execute(SEEN_AGAIN, mine | {"now": self.at}).rowcount < len(some):
                fresh += sorted(set(some) - set(connection.scalars(SEEN, mine)))  # another watch knows it
        if fresh:
            now = {"watch_id": self.watch.id, "first_at": self.at, "last_at": self.at, "missed": 0}
            connection.execute(SIGHTING.insert(), [now | {"item_id": item} for item in fresh])


def _note_aside(item: Item, record: Record) -> bool:
    """Keep with the item what a study's record says beside its content, as last read; whether that has moved."""
    if not isinstance(record, Study):
        return False
    before = item.updated_on, item.verified_on, item.acronym, item.others
    item.updated_on = record.last_update_posted or item.updated_on
    item.verified_on = record.verified_on or item.verified_on
    item.acronym = record.acronym or item.acronym
    item.others = list(record.others) or None
    return before != (item.updated_on, item.verified_on, item.acronym, item.others)


def scope_of(watch: Knowing, source: Source) -> str:
    """Where a key means one thing: in the whole register, or in this one feed or page."""
    return watch.name if source.needs_url else ""


def in_lots(values: Sequence[Value], size: int = BATCH) -> list[Sequence[Value]]:
    """So many at a time as one statement should name."""
    return [values[start : start + size] for start in range(0, len(values), size)]


def recall(session: Session, source: str, scope: str, keys: Iterable[str]) -> dict[str, Known]:
    """What the store knows of these keys of a source, in a few queries."""
    known: dict[str, Known] = {}
    for some in in_lots(list(dict.fromkeys(keys))):
        for item, mark, revision in session.exec(KNOWN, params={"source": source, "scope": scope, "keys": some}):
            known[item.key] = Known(item, mark, revision)
    return known


def contents(
    connection: Connection, watch: Knowing, source: Source, keys: Iterable[str]
) -> tuple[dict[str, Content], frozenset[str]]:
    """The contents of the latest snapshots of these keys of a watch, as far as the store knows them, and which of the
    keys count as gone."""
    found: dict[str, Content] = {}
    gone: set[str] = set()
    mine = {"source": source.name, "scope": scope_of(watch, source)}
    for some in in_lots(list(dict.fromkeys(keys))):
        for key, present, packed in connection.execute(CONTENTS, mine | {"keys": some}):
            found[key] = unpack(packed)
            gone |= set() if present else {key}
    return found, frozenset(gone)


def content_of(session: Session, item: Item) -> Content:
    """The content of an item's latest snapshot."""
    packed = session.connection().scalar(PACKED, {"snapshot": item.snapshot_id})
    assert packed is not None, f"item {item.source}/{item.key} has no snapshot"
    return unpack(packed)


def unpack(packed: bytes) -> Content:
    """A snapshot's content out of its stored form."""
    content: Content = json.loads(zlib.decompress(packed))
    return content
