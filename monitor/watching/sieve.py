"""Of long answers, the parts that say something else than at the last look: only they are read.

A part is known again by the hash of its bytes, which stands with the item since it was last read. What is not known,
was read by an older adapter, or had vanished, is read.
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import bindparam, select
from sqlmodel import Session

from monitor.watching.completeness import fields_of
from monitor.watching.snapshots import in_lots, unpack
from sources.base import Page, Part, Source, Unexpected
from sources.records import Record
from store.tables import metadata

ITEM, SNAPSHOT = metadata.tables["item"], metadata.tables["snapshot"]
READ_AT_ONCE = 200
KNOWN = (
    select(ITEM.c.key, ITEM.c.id, ITEM.c.mark)
    .join(SNAPSHOT, SNAPSHOT.c.id == ITEM.c.snapshot_id)
    .where(
        ITEM.c.source == bindparam("source"), ITEM.c.scope == bindparam("scope"), ITEM.c.present.is_(True),
        ITEM.c.mark.is_not(None), SNAPSHOT.c.revision == bindparam("revision"),
        ITEM.c.key.in_(bindparam("keys", expanding=True)),
    )
)  # fmt: skip


Found = tuple[Record | Unexpected, Page, Part]


@dataclass(frozen=True)
class Lot:
    """A long answer, and which of its parts are to be read."""

    page: Page
    numbers: Sequence[int]

    def read(self, source: Source) -> Iterator[list[Found]]:
        """The parts to be read, some at a time."""
        parts = source.parts(self.page) or () if self.numbers else ()
        for some in in_lots(self.numbers, READ_AT_ONCE):
            yield [found for number in some for found in _read(source, parts[number])]


@dataclass
class Kept:
    """What of a first look is stored already: the run it is stored under, and what came of it."""

    run: int | None = None
    records: int = 0
    changes: int = 0
    events: int = 0


@dataclass
class Sifted:
    """What the sieve made of the answers of one run."""

    rest: list[Page] = field(default_factory=list)  # to be read as a whole
    lots: list[Lot] = field(default_factory=list)
    same: "array[int]" = field(default_factory=partial(array, "q"))  # the items whose part is as it was
    answered: set[str] = field(default_factory=set)  # the keys that these answer to
    parts: int = 0
    kept: Kept = field(default_factory=Kept)

    def read(
        self, source: Source, lots: Sequence[Lot] | None = None
    ) -> Iterator[tuple[list[tuple[Record, Page]], list[Unexpected]]]:
        """The records that are to be read, of all lots or of these, some at a time, and those that cannot be. Raises
        Unexpected where a whole answer cannot."""
        for lot in self.lots if lots is None else lots:
            for found in lot.read(source):
                good = [(one, page) for one, page, _ in found if isinstance(one, Record)]
                self.answered.update(name for one, _, part in found if isinstance(one, Record) for name in part.names)
                yield good, [one for one, _, _ in found if isinstance(one, Unexpected)]

    def still(self, session: Session, fields: Sequence[str], record: type[Record]) -> set[str]:
        """Those of the fields that some item shows whose part is as it was."""
        left, found = set(fields), set[str]()
        for some in in_lots(self.same) if left else ():
            latest = select(ITEM.c.snapshot_id).where(ITEM.c.id.in_(some))
            packed = select(SNAPSHOT.c.packed).where(SNAPSHOT.c.id.in_(latest))
            for content in map(unpack, session.connection().scalars(packed)):
                found |= left & fields_of(content, record)
            left -= found
            if not left:
                break
        return found


def sift(session: Session, source: Source, scope: str, pages: Sequence[Page]) -> Sifted:
    """Sort what the pages say: what is as it was, and what is to be read."""
    made = Sifted()
    for page in pages:
        parts = source.parts(page) if len(page.body) >= (source.apart_from or 0) else None
        if parts is None:
            made.rest.append(page)
            continue
        known = _known(session, source, scope, parts)
        numbers = array("l")
        for number, part in enumerate(parts):
            item, mark = known.get(part.names[0], (0, None))
            if mark == part.mark:
                made.same.append(item)
                made.answered.update(part.names)
            else:
                numbers.append(number)
        made.parts += len(parts)
        made.lots.append(Lot(page, numbers))
    return made


def _known(session: Session, source: Source, scope: str, parts: Sequence[Part]) -> dict[str, tuple[int, bytes]]:
    asked = {"source": source.name, "scope": scope, "revision": source.revision}
    known: dict[str, tuple[int, bytes]] = {}
    for some in in_lots([part.names[0] for part in parts]):
        for key, item, mark in session.connection().execute(KNOWN, asked | {"keys": some}):
            known[key] = (item, mark)
    return known


def _read(source: Source, part: Part) -> Iterator[Found]:
    """What a part says. Raises Unexpected where it is not of the record that it was taken for."""
    page = part.page()
    for found in source.parse(page):
        if isinstance(found, Record) and found.key != part.names[0]:
            raise Unexpected(f"{page.url}: expected the record {part.names[0]}, found {found.key}")
        yield found, page, part
