"""What a source understood from a page. Records are shallow and canonical, so that comparing stays simple.

Empty strings, lists and objects count as absent; white space is folded; registry dates stay the text they are
(`2026-05` is not a day). Words are the source's own, so that a difference quotes what the source says.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

Json = Any
Content = dict[str, Json]
"""A record as it is compared and stored: field to canonical JSON value, absent fields left out."""


class Record(BaseModel):
    """Base of all records. `key` names the item within its source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    volatile: ClassVar[frozenset[str]] = frozenset({"key", "url"})
    """Fields that never count as a change."""
    entries: ClassVar[frozenset[str]] = frozenset()
    """Fields that are tables by key; each cell is compared on its own."""
    lines: ClassVar[frozenset[str]] = frozenset()
    """Fields that are text in blocks; compared line by line."""

    key: str
    title: str
    url: str

    def content(self) -> Content:
        """The comparable fields. Absent, empty and blank are the same: left out."""
        raw = self.model_dump(mode="json", exclude=set(self.volatile))
        return {name: value for name, value in ((n, tidy(v)) for n, v in raw.items()) if value is not None}


def tidy(value: Json) -> Json:
    """Fold white space, drop what is empty; None when nothing is left."""
    if isinstance(value, str):
        return " ".join(value.split()) or None
    if isinstance(value, Mapping):
        kept = {key: tidy(inner) for key, inner in value.items()}
        return {key: inner for key, inner in kept.items() if inner is not None} or None
    if isinstance(value, list | tuple):
        return [inner for inner in map(tidy, value) if inner is not None] or None
    return value


class Study(Record):
    """A clinical study as a registry holds it."""

    volatile: ClassVar[frozenset[str]] = Record.volatile | {"last_update_posted", "acronym"}

    acronym: str | None = None
    status: str  # the registry's own word (`ACTIVE_NOT_RECRUITING`); the adapter knows them all
    last_known_status: str | None = None
    why_stopped: str | None = None
    phases: tuple[str, ...] = ()
    sponsor: str | None = None
    collaborators: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    interventions: tuple[str, ...] = ()  # `TYPE: name`, sorted
    enrollment: int | None = None
    enrollment_type: str | None = None
    start: str | None = None
    start_type: str | None = None
    primary_completion: str | None = None
    primary_completion_type: str | None = None
    completion: str | None = None
    completion_type: str | None = None
    first_posted: str | None = None
    results_posted: str | None = None
    disposition_posted: str | None = None
    has_results: bool | None = None
    results_submissions: Json = None
    unposted_events: Json = None
    primary_outcomes: tuple[str, ...] = ()
    eligibility: str | None = None
    site_count: int = 0
    site_countries: tuple[str, ...] = ()
    site_statuses: dict[str, int] = {}
    removed_countries: tuple[str, ...] = ()
    expanded_access: bool | None = None
    last_update_posted: str | None = None


class Submission(BaseModel):
    """One original application or supplement of an FDA application."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: str | None = None
    status_date: str | None = None  # as the payload writes it: `20230425`
    class_code: str | None = None
    review_priority: str | None = None
    documents: int = 0


class Product(BaseModel):
    """One product of an FDA application."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    brand_name: str | None = None
    marketing_status: str | None = None
    dosage_form: str | None = None
    route: str | None = None
    active_ingredients: tuple[str, ...] = ()
    te_code: str | None = None
    reference_drug: str | None = None


class Application(Record):
    """An application at the FDA: its submissions by type and number, its products by number."""

    volatile: ClassVar[frozenset[str]] = Record.volatile | {"title"}
    entries: ClassVar[frozenset[str]] = frozenset({"submissions", "products"})

    sponsor: str | None = None
    submissions: dict[str, Submission] = {}
    products: dict[str, Product] = {}


class Notice(Record):
    """An official notice: Federal Register documents, recalls, shortages."""

    volatile: ClassVar[frozenset[str]] = Record.volatile | {"excerpt"}

    published_on: str | None = None
    agency: str | None = None
    action: str | None = None
    dates: str | None = None  # the notice's own DATES sentence
    effective_on: str | None = None
    abstract: str | None = None
    dockets: tuple[str, ...] = ()
    kind: str | None = None
    excerpt: str | None = None


class Announcement(Record):
    """A release, headline or filing, as a feed carries it."""

    volatile: ClassVar[frozenset[str]] = Record.volatile | {"feed", "updated_on"}

    published_on: str | None = None
    updated_on: str | None = None
    summary: str | None = None
    feed: str | None = None


class Passage(Record):
    """What a web page says, in blocks, noise removed. `blocks` are `[place, text]` in reading order."""

    volatile: ClassVar[frozenset[str]] = Record.volatile | {"title"}  # a block says it too, with its noise settled
    lines: ClassVar[frozenset[str]] = frozenset({"blocks"})

    blocks: tuple[tuple[str, str], ...] = ()
