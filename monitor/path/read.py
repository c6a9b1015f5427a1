"""From pages to records: the doorman lets the page in, the source reads it, and noise is settled. Nothing is stored."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from monitor.service import Service
from monitor.watching.completeness import unreadable
from monitor.watching.doorman import Implausible, refusal
from monitor.watching.guards import LIVE, Guard
from monitor.watching.identity import Marks, marks_of, stranger
from monitor.watching.sieve import Lot, Sifted, sift
from monitor.watching.snapshots import contents, scope_of
from sources.base import Page, Source, Unexpected
from sources.records import Announcement, Passage, Record
from store.database import reading
from store.look_columns import Knowing


@dataclass(frozen=True)
class Reading:
    """What one run read, before anything is stored: the records, each with the page it stands on, and the long answers
    of which the rest is read when it is taken in."""

    pages: list[Page]
    records: list[tuple[Record, Page]]
    problems: list[Unexpected]
    learnt: dict[str, Any]
    whole: bool  # every page was read anew, so an absence means something
    notes: tuple[str, ...] = ()  # what the maintainer should know of a good run
    marks: Marks | None = None  # by what the page will be known
    lifted: str | None = None  # the refusal that a person has lifted
    same: bool = False  # word for word what the last good look read, so that nothing was settled
    still: bool = False  # a page that says what is stored of it, once noise is taken out
    unsteady: bool = False  # a further look differed, or something is put off: no measure for the next run
    sifted: Sifted = field(default_factory=Sifted)
    late: list[Unexpected] = field(default_factory=list)  # those problems that long answers came up with
    odd: frozenset[str] = frozenset()  # keys of records that proved unreadable later

    @property
    def total(self) -> int:
        """How many records the answers hold, with those that cannot be read."""
        return len(self.records) + len(self.problems) + self.sifted.parts - len(self.late)

    def without(self, key: str, source: Source, why: str) -> "Reading":
        """The same without a record that proved unreadable later. Raises Unexpected when too much is."""
        left = [(record, page) for record, page in self.records if record.key != key]
        problems, odd = [*self.problems, Unexpected(why, key=key)], self.odd | {key}
        refuse_unreadable(source, problems, self.total, left, self.sifted.answered - odd)
        self.sifted.parts -= len(left) == len(self.records)  # it is a part of a long answer, which is not read again
        early = [problem for problem in problems if problem not in self.late]
        return replace(self, records=left, problems=early, late=[], odd=odd)

    def batches(self, source: Source) -> Iterator[list[tuple[Record, Page]]]:
        """The records, of long answers some at a time: the rest is not read until it is asked for. What of those cannot
        be read joins the problems. Raises Unexpected."""
        yield self.records
        for found, problems in self.of_lots(source, self.sifted.lots):
            self.late.extend(problems)
            self.problems.extend(problems)
            yield found

    def of_lots(
        self, source: Source, lots: Sequence[Lot]
    ) -> Iterator[tuple[list[tuple[Record, Page]], list[Unexpected]]]:
        """What these parts of long answers hold, some at a time, and what of it cannot be read. Raises Unexpected."""
        for found, problems in self.sifted.read(source, lots):
            yield [(record, page) for record, page in found if record.key not in self.odd], problems


def read_pages(
    service: Service,
    watch: Knowing,
    source: Source,
    pages: list[Page],
    *,
    again: Callable[[], list[Page]] | None,
    guard: Guard = LIVE,
    well: bool = False,
) -> Reading:
    """Doorman and parser: pages in, records out, noise settled. Raises SourceError (Unexpected where the address
    asked for is not what answered) or Implausible.

    `well`: the last look was a good one, by today's reader; what shows the same lines again is not settled.
    """
    for page in pages:
        _admit(page, watch, source, guard)
    sifted = Sifted(pages)
    if (long := source.apart_from) is not None and any(len(page.body) >= long for page in pages):
        with reading(service.engine) as session:
            sifted = sift(session, source, scope_of(watch, source), pages)
    parsed = [(found, page) for page in sifted.rest for found in source.parse(page)]
    problems = [found for found, _ in parsed if isinstance(found, Unexpected)]
    records = [(found, page) for found, page in parsed if isinstance(found, Record)]
    if problems and not sifted.parts:
        refuse_unreadable(source, problems, len(parsed), records)
    whole = bool(records or sifted.parts) or not all(page.unchanged for page in pages)
    reading_ = Reading(pages, records, problems, watch.noise, whole, sifted=sifted)
    plain = again is None or type(source).settle is Source.settle
    if again is None or plain:
        _load_reader(source)
        return reading_
    marks = _marks_of(records, lines=True)
    if well and not problems and marks and Marks.read(watch.marks).same(marks):
        return replace(reading_, same=True)
    settled = _settled(service, watch, source, replace(reading_, marks=marks), again, guard)
    if not settled.still:
        _load_reader(source)
    return settled


def _load_reader(source: Source) -> None:
    """Load the reader of prose for a source of texts, also where none is read yet: before there is news, and before
    others wait for our turn to write to end. Its rules cost half a second."""
    if issubclass(source.record, Announcement | Passage):
        import monitor.reading.prose.announcements  # noqa: F401, PLC0415


def _settled(
    service: Service, watch: Knowing, source: Source, first: Reading, again: Callable[[], list[Page]], guard: Guard
) -> Reading:
    """What a reading leaves once noise is taken out, after further looks. The same bytes are read once."""
    first_read, marks = [record for record, _ in first.records], first.marks
    read = {_bytes_of(first.pages): first_read}
    before, gone = _stored(service, watch, source, [record.key for record in first_read])
    lifted = recognised(watch, first.records, before, guard, marks) if marks else None

    def look_again() -> list[Record]:
        shown = again()
        if (sent := _bytes_of(shown)) not in read:
            for page in shown:
                _admit(page, watch, source, guard)
            passages = [(found, page) for page in shown for found in source.parse(page) if isinstance(found, Record)]
            if seen := _marks_of(passages, lines=False):
                recognised(watch, passages, before, guard, seen)
            read[sent] = [record for record, _ in passages]
        return read[sent]

    settled = source.settle(first_read, before=before, again=look_again, learnt=watch.noise)
    home = {record.key: page for record, page in first.records}
    records = [(record, home.get(record.key, first.pages[0])) for record in settled.records]
    still = marks is not None and all(one.says(before.get(one.key)) for one in settled.records)
    undecided = not settled.learnt.keys().isdisjoint(("waiting", "strangers"))
    unsteady = undecided or any(shown != first_read for shown in read.values())
    return replace(
        first, records=records, learnt=settled.learnt, notes=settled.notes, lifted=lifted, unsteady=unsteady,
        marks=replace(marks, lines="") if marks and unsteady else marks, still=still and not gone,
    )  # fmt: skip


def _bytes_of(pages: Sequence[Page]) -> tuple[tuple[str, str, str], ...]:
    """By what two looks are known to have been sent the same."""
    return tuple((page.url, page.content_type, page.sha256) for page in pages)


def _marks_of(records: Sequence[tuple[Record, Page]], *, lines: bool) -> Marks | None:
    """By what the page of a passage is known, and if asked all its `lines`; None for other records."""
    record, page = records[0] if len(records) == 1 else (None, None)
    if page is None or not isinstance(record, Passage):
        return None
    return marks_of(page.decoded.text, record.blocks, page.url, lines=lines)


def refuse_unreadable(
    source: Source,
    problems: Sequence[Unexpected],
    total: int,
    records: Sequence[tuple[Record, Page]],
    answered: Collection[str] = (),
) -> None:
    """Raises Unexpected where too much of an answer cannot be read."""
    missing = source.missing([record for record, _ in records], answered) if problems else ()
    if problems and (reason := unreadable(problems, total, missing=missing)):
        raise Unexpected(reason)


def recognised(
    watch: Knowing, records: Sequence[tuple[Record, Page]], before: dict[str, Any], guard: Guard, marks: Marks
) -> str | None:
    """The refusal of the page with these marks that a person has lifted. Raises Implausible when it is not the page
    that the watch knows."""
    (record, page), *_ = records
    assert isinstance(record, Passage), record.key
    lines = before.get(record.key, {}).get("blocks")
    reason = stranger(Marks.read(watch.marks), lines, marks, record.blocks) if lines else None
    if reason and guard.strangers:
        raise Implausible(f"{page.url}: not the page that is watched: {reason}; {_if_right(watch)}", page)
    return reason


def _admit(page: Page, watch: Knowing, source: Source, guard: Guard) -> bool:
    """Let a page in that is the page. Raises Implausible with the doorman's reason."""
    floor = watch.size_median if source.family == "html" else None  # lists have totals, and short last pages
    if page.unchanged:
        return True
    if reason := refusal(page, family=source.family, median=floor, accepted=guard.looked_at):
        hint = f"; {_if_right(watch)}" if source.family == "html" and not guard.looked_at else ""
        raise Implausible(f"{page.url}: {reason}{hint}", page)
    return True


def _if_right(watch: Knowing) -> str:
    return f"if that is the page now, use `therawatch check {watch.name} --accept`"


def _stored(
    service: Service, watch: Knowing, source: Source, keys: Iterable[str]
) -> tuple[dict[str, Any], frozenset[str]]:
    with service.engine.connect() as connection:
        return contents(connection, watch, source, keys)
