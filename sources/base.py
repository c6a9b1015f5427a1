"""What a source is, what it is given (`fetch`) and what it hands on (pages, records, or a plain "no")."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from sources import TRIALS as TRIALS  # sources of operators take it from here
from sources.encodings import Decoded, decoded
from sources.records import Content, Record

Family = Literal["json", "html", "xml", "csv", "xlsx", "any"]
"""The family of content a source expects; anything else in its place is a block page or a fault."""

STAMPED_WITHIN = 4096
"""Bytes at the beginning of an answer in which a registry dates its data."""

Row = TypeVar("Row")


class SourceError(Exception):
    """The source could not be read; what is stored stays as it is."""


class Unreachable(SourceError):
    """Nobody answered, or with an error: try later. `retry_after` is in seconds, when the source named it."""

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class NeedsKey(Unreachable):
    """The source gives nothing to who does not name himself, or has no key: says which setting is missing."""


class Astray(Unreachable):
    """Redirects that lead nowhere: in a circle, on and on, or to what is not asked."""


class TooLong(Unreachable):
    """The answer is longer than any that is taken in: ask for less at once."""


class Unexpected(SourceError):
    """An answer came that the adapter does not understand: a person must look.

    The text says what was expected, what was found, and where; `key` is the record's, where it is one record's.
    """

    def __init__(self, reason: str, *, key: str | None = None) -> None:
        super().__init__(reason)
        self.key = key


@dataclass(frozen=True)
class Page:
    """A response as read. `unchanged` means the source vouched for it (304) or the bytes are those of last time.

    What one record has of a long answer is a page too (`Source.parts`): `of` is then the whole answer, and `mark` stays
    the same for as long as the source says the same.
    """

    url: str
    fetched_at: datetime
    status: int
    content_type: str
    sha256: str
    load: Callable[[], bytes] = field(repr=False, compare=False)
    unchanged: bool = False
    of: "Page | None" = field(default=None, repr=False, compare=False)
    mark: bytes | None = field(default=None, repr=False, compare=False)

    @cached_property
    def body(self) -> bytes:
        """The inflated bytes; of an unchanged page they come out of the store on first use."""
        return self.load()

    @cached_property
    def decoded(self) -> Decoded:
        """The text of a page or feed, decoded on first use, and how much of it was lost."""
        return decoded(self.body, self.content_type)


class LongPage(Page):
    """One of so many that their bytes lie on the disk and are not held."""

    @property
    def body(self) -> bytes:
        """The inflated bytes, read anew whenever they are asked for."""
        return self.load()


@dataclass(frozen=True)
class Part:
    """What a long answer says of one record, not yet read: the keys it answers to, its own first, and its page."""

    names: tuple[str, ...]
    mark: bytes
    page: Callable[[], Page]


class Fetch(Protocol):
    """How a source asks. Pace, retries, limits, memory and safe addresses are the other side's business."""

    sweep: bool
    """True when this run must read everything, whatever the source's own "nothing moved" says."""

    def __call__(
        self,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        missing: Iterable[int] = (),
        body: Mapping[str, Any] | None = None,
    ) -> Page:
        """GET an address; with a `body` put a question to it, by POST and in JSON, where a search knows no other way.
        Statuses in `missing` (openFDA's 404) are answers for the adapter to judge; every other status but 200 and 304
        raises Unreachable."""
        ...


class Options(BaseModel):
    """Base of every adapter's options: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    def missing(self) -> str | None:
        """What must be given and is not: what was expected and what was found. None when all is there."""
        return None


@dataclass(frozen=True, kw_only=True)
class About:
    """What the README says of a source: what it watches, what it tells before others do, how soon after the act,
    whether it asks for a key, and which of its real answers have been seen."""

    watches: str
    first: str
    lag: str
    where: str = ""  # the place it tells of, where it does not hold the records that say what is approved there
    key: str = "no"
    seen: str = "no, samples by hand"


@dataclass(frozen=True)
class Settled:
    """Records freed of noise, what the source has learnt about the noise of this watch, and what the maintainer should
    read in the note of the run (how many entries were left out, and why)."""

    records: tuple[Record, ...]
    learnt: dict[str, Any]
    notes: tuple[str, ...] = ()


class Source(ABC):
    """One register, API, feed or kind of page. Subclasses say where to ask and how to read the answer."""

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""  # what a reader calls it
    about: ClassVar[About | None] = None  # its row in the README
    revision: ClassVar[int] = 1  # goes up when `parse` extracts something else; such differences are no news
    tier: int = 4  # 1 regulator, 2 registry, 3 sponsor, 4 press; one adapter may serve several, by its options
    family: ClassVar[Family] = "json"
    complete: ClassVar[bool] = True  # a run lists everything followed, so an absence means something
    empties: ClassVar[bool] = False  # of a complete list: records leave it when they are over, and it may hold none
    obeys_robots: ClassVar[bool] = False
    needs: ClassVar[Literal["contact", "key"] | None] = None  # what its own host asks for; a mirror asks for nothing
    needs_url: ClassVar[bool] = False
    home: ClassVar[str] = ""  # default base address
    places: ClassVar[tuple[str, ...]] = ()  # whose regulator's records it holds (`US`), or TRIALS for a trial registry
    terms: ClassVar[str] = ""  # licence and attribution of what it shows
    record: ClassVar[type[Record]] = Record
    beside: ClassVar[tuple[type[Record], ...]] = ()  # records of other types that it hands on
    paths: ClassVar[Mapping[str, str]] = {}
    """From our field to the path in the payload; `{key}` stands for the key of an entry (`submissions.status`)."""

    apart_from: ClassVar[int | None] = None  # bytes from which on `parts` can take an answer apart

    Options: ClassVar[type[Options]] = Options
    lasting: ClassVar[frozenset[str]] = frozenset()
    """Fields that may be empty in one record; a source that shows them in none, where it did, has changed its shape."""

    stamped: ClassVar[re.Pattern[bytes] | None] = None
    """Where an answer says of what moment the source's data are: the first group."""
    moves_within: ClassVar[timedelta | None] = None
    """How long that moment may stand still; after that the source is frozen, however well it answers."""

    def __init__(self, options: BaseModel, *, url: str | None = None, base_url: str | None = None) -> None:
        self.options = options
        self.url = url
        self.base_url = (base_url or self.home).rstrip("/")

    @abstractmethod
    def pages(self, fetch: Fetch) -> Iterator[Page]:
        """Ask for everything this watch follows. Raises SourceError."""

    @abstractmethod
    def parse(self, page: Page) -> Iterator[Record | Unexpected]:
        """Bytes in, records out: no clock, no network. A record that cannot be read comes out as Unexpected in its
        place; raise it when the page as a whole is not what it should be."""

    def parts(self, page: Page) -> Sequence[Part] | None:
        """A long answer (`apart_from`) taken apart by record and not read, so that only what is new in it will be; None
        where it is to be read as a whole."""
        return None

    def wanted(self) -> tuple[str, ...]:
        """The keys that the options ask for by number, in the spelling of records; none for a search."""
        return ()

    def missing(self, records: Sequence[Record], also: Collection[str] = ()) -> tuple[str, ...]:
        """The wanted keys that no record answers to, and that are not `also` answered."""
        if not (wanted := self.wanted()):
            return ()
        answered = set(also)
        for record in records:
            answered.update(self.answers_to(record))
        return tuple(key for key in wanted if key not in answered)

    def answers_to(self, record: Record) -> tuple[str, ...]:
        """The keys by which the source finds a record: its own, and others that lead to it."""
        return (record.key,)

    def stamp(self, page: Page) -> str | None:
        """What a page says of the age of the source's data, in the source's own words; None where it says nothing."""
        found = self.stamped.search(page.body[:STAMPED_WITHIN]) if self.stamped else None
        return found[1].decode("utf-8", "replace").strip()[:80] if found else None

    def settle(
        self,
        records: Sequence[Record],
        *,
        before: Mapping[str, Content],
        again: Callable[[], Sequence[Record]],
        learnt: Mapping[str, Any],
    ) -> Settled:
        """Take out what differs at every look, for sources that cannot tell by name what is noise.

        `before` holds the stored content by key; `again` asks and parses once more, seconds later; `learnt` is what
        earlier runs of this watch returned. Typed sources have no noise: what they say is kept as it is.
        """
        return Settled(tuple(records), dict(learnt))


def each(
    rows: Iterable[Row], read: Callable[[Row], Record], *, key: Callable[[Row], str | None] | None = None
) -> Iterator[Record | Unexpected]:
    """Read rows one by one; a row that raises Unexpected comes out as that exception, the others go on.

    `key` finds the record's key in a row that cannot be read as a whole; None where not even that can be read.
    """
    for row in rows:
        try:
            yield read(row)
        except Unexpected as problem:
            problem.key = key(row) if key else None
            yield problem
