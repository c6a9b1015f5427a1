"""What a source understood from a page. Records are shallow and canonical, so that comparing stays simple.

Empty strings, lists and objects count as absent; white space is folded; registry dates stay the text they are
(`2026-05` is not a day). What differs is told in the source's own words; what they mean is said beside them, in the
enumerations of this file: the adapter maps the one to the other by a table and raises Unexpected at an unknown word.
Their values are stored with records and must not change; those of studies and phases are the words of the largest
registry, so that snapshots from before there were enumerations read the same.
"""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

Json = Any
Content = dict[str, Json]
"""A record as it is compared and stored: field to canonical JSON value, absent fields left out."""


class Record(BaseModel):
    """Base of all records. `key` names the item within its source."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    volatile: ClassVar[frozenset[str]] = frozenset({"key", "url"})
    """Fields that never count as a change."""
    entries: ClassVar[frozenset[str]] = frozenset()
    """Fields that are tables by key; each cell is compared on its own."""
    columns: ClassVar[frozenset[str]] = frozenset()
    """Fields that are one row, name to value; each value is compared on its own."""
    loose: ClassVar[frozenset[str]] = frozenset()
    """Fields in which letter case and punctuation count for nothing."""
    growing: ClassVar[frozenset[str]] = frozenset()
    """Fields of `columns` that show the newest only: what is gone from them has rolled off and is no difference."""
    open_keys: ClassVar[frozenset[str]] = frozenset()
    """Fields of `columns` whose keys are facts of the record, not fields of its source: any of them may go."""
    prose: ClassVar[frozenset[str]] = frozenset()
    """Fields of `columns` that hold long texts; of each, the sentences that are gone and those that are new differ."""
    lines: ClassVar[frozenset[str]] = frozenset()
    """Fields that are text in blocks; compared line by line."""
    wordings: ClassVar[Mapping[str, str]] = {}
    """Field in our words to the field that holds the source's own; what differs is quoted from the latter."""
    derived: ClassVar[frozenset[str]] = frozenset()
    """Fields, and cells of tables (`submissions.act`), that say what other fields mean. They are kept with the record
    and are no difference of their own: an adapter that learns to read more has no news."""

    key: str
    title: str
    url: str

    def content(self) -> Content:
        """The comparable fields. Absent, empty and blank are the same: left out."""
        return self._content()

    def says(self, content: Content | None) -> bool:
        """Whether this is its content. Of a page that says what is stored the thousands of lines are only compared."""
        if content is None:
            return False
        same = {name for name in self.lines if _as_stored(getattr(self, name), content.get(name))}
        return self._content(same) == {name: value for name, value in content.items() if name not in same}

    def _content(self, without: Collection[str] = ()) -> Content:
        raw = self.model_dump(mode="json", exclude={*self.volatile, *without})
        return {name: value for name, value in ((n, tidy(v)) for n, v in raw.items()) if value is not None}


def _as_stored(lines: Sequence[Sequence[str]], stored: Json) -> bool:
    """Whether lines are word for word what is stored of them, which is tidy."""
    return bool(lines and stored) and list(map(list, lines)) == stored


SEQUENCES = (list, tuple)


def tidy(value: Json) -> Json:
    """Fold white space, drop what is empty; None when nothing is left."""
    if isinstance(value, str):
        return (value if _is_tidy(value) else " ".join(value.split())) or None
    if isinstance(value, SEQUENCES):
        kept = []
        for inner in value:  # of a page thousands of lines: those that stay as they are ask for no further call
            if inner.__class__ is str and inner.isprintable() and "  " not in inner and inner.strip(" ") == inner != "":
                kept.append(inner)
            elif (folded := tidy(inner)) is not None:
                kept.append(folded)
        return kept or None
    if isinstance(value, Mapping):
        found = {key: tidy(inner) for key, inner in value.items()}
        return {key: inner for key, inner in found.items() if inner is not None} or None
    return value


def _is_tidy(text: str) -> bool:
    """Whether it is as nearly all come: no other white space than a blank is printable."""
    return text.isprintable() and "  " not in text and text.strip(" ") == text


class StudyStatus(StrEnum):
    """How a study stands; the last five are of expanded access, and of records whose registry shows next to nothing."""

    NOT_YET_RECRUITING = "NOT_YET_RECRUITING"
    RECRUITING = "RECRUITING"
    ENROLLING_BY_INVITATION = "ENROLLING_BY_INVITATION"
    ACTIVE_NOT_RECRUITING = "ACTIVE_NOT_RECRUITING"
    COMPLETED = "COMPLETED"
    SUSPENDED = "SUSPENDED"
    TERMINATED = "TERMINATED"
    WITHDRAWN = "WITHDRAWN"
    UNKNOWN = "UNKNOWN"  # set by the registry, not by the sponsor
    AVAILABLE = "AVAILABLE"
    NO_LONGER_AVAILABLE = "NO_LONGER_AVAILABLE"
    TEMPORARILY_NOT_AVAILABLE = "TEMPORARILY_NOT_AVAILABLE"
    APPROVED_FOR_MARKETING = "APPROVED_FOR_MARKETING"
    WITHHELD = "WITHHELD"


RUNNING = frozenset(
    {
        StudyStatus.NOT_YET_RECRUITING,
        StudyStatus.RECRUITING,
        StudyStatus.ENROLLING_BY_INVITATION,
        StudyStatus.ACTIVE_NOT_RECRUITING,
    }
)
"""A study that is planned or under way."""


class Phase(StrEnum):
    """Phase of a study; a combined one has two of them."""

    NA = "NA"
    EARLY_PHASE1 = "EARLY_PHASE1"
    PHASE1 = "PHASE1"
    PHASE2 = "PHASE2"
    PHASE3 = "PHASE3"
    PHASE4 = "PHASE4"


class Counted(StrEnum):
    """Whether a date or a number of participants is what happened, or what is planned."""

    ACTUAL = "ACTUAL"
    ESTIMATED = "ESTIMATED"


class Study(Record):
    """A clinical study as a registry holds it: its status and phases in our words, the rest in the registry's."""

    volatile: ClassVar[frozenset[str]] = Record.volatile | {
        "last_update_posted",
        "verified_on",
        "acronym",
        "aliases",
        "others",
    }
    wordings: ClassVar[Mapping[str, str]] = {"status": "status_text"}
    columns: ClassVar[frozenset[str]] = frozenset({"sites"})
    open_keys: ClassVar[frozenset[str]] = frozenset({"sites"})

    aliases: tuple[str, ...] = ()  # other numbers of the registry that lead to this study
    others: tuple[str, ...] = ()  # its numbers in other registries
    acronym: str | None = None
    status: StudyStatus
    status_text: str | None = None  # the registry's own word for it
    last_known_status: StudyStatus | None = None
    why_stopped: str | None = None
    phases: tuple[Phase, ...] = ()
    sponsor: str | None = None
    collaborators: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    interventions: tuple[str, ...] = ()  # `DRUG: velorastat`, sorted
    enrollment: int | None = None
    enrollment_type: Counted | None = None
    start: str | None = None
    start_type: Counted | None = None
    primary_completion: str | None = None
    primary_completion_type: Counted | None = None
    completion: str | None = None
    completion_type: Counted | None = None
    first_posted: str | None = None
    results_posted: str | None = None
    disposition_posted: str | None = None
    has_results: bool | None = None
    results_submissions: Json = None
    unposted_events: Json = None
    primary_outcomes: tuple[str, ...] = ()
    secondary_outcomes: tuple[str, ...] = ()
    eligibility: str | None = None
    minimum_age: str | None = None
    maximum_age: str | None = None
    sex: str | None = None
    healthy_volunteers: bool | None = None
    sites: dict[str, str] = {}  # city and country to how many sites there are in which state
    site_count: int = 0
    site_countries: tuple[str, ...] = ()
    site_statuses: dict[str, int] = {}
    removed_countries: tuple[str, ...] = ()
    expanded_access: bool | None = None
    last_update_posted: str | None = None
    verified_on: str | None = None  # when its sponsor last vouched for the record; often only a month


class Official(Record):
    """What an authority says: who acts and where it holds, and by which names and numbers a therapy is known in it."""

    derived: ClassVar[frozenset[str]] = frozenset({"authority", "place", "names", "numbers"})

    authority: str | None = None  # by its short name: `FDA`
    place: str | None = None  # one of the places of events: `US`
    names: tuple[str, ...] = ()  # drugs as written, where the record has a field for them
    numbers: tuple[str, ...] = ()  # applications: `NDA123456`


class SubmissionAct(StrEnum):
    """What an authority did about a submission."""

    AUTHORISED = "authorised"
    AUTHORISED_CONDITIONALLY = "authorised_conditionally"
    CONVERTED = "converted"  # a conditional authorisation made full
    EXTENDED = "extended"  # a new use or form of what is authorised
    GENERIC = "generic"  # a copy of another firm's drug authorised, also tentatively
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"  # the firm takes its application back


class Submission(BaseModel):
    """One original application or supplement within an application; `act` is None where its status is routine."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    act: SubmissionAct | None = None
    status: str | None = None
    status_date: str | None = None  # as the payload writes it: `20230425`
    class_code: str | None = None
    review_priority: str | None = None
    documents: int = 0


class MarketAct(StrEnum):
    """Whether a product is sold."""

    SOLD = "sold"
    ENDED = "ended"
    NOT_YET = "not_yet"


class Product(BaseModel):
    """One product of an application; `act` is None where the source does not say whether it is sold."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    act: MarketAct | None = None
    brand_name: str | None = None
    marketing_status: str | None = None
    dosage_form: str | None = None
    route: str | None = None
    active_ingredients: tuple[str, ...] = ()
    te_code: str | None = None
    reference_drug: str | None = None


class Application(Official):
    """An application at an authority: its submissions by type and number, its products by number."""

    volatile: ClassVar[frozenset[str]] = Record.volatile | {"title"}
    entries: ClassVar[frozenset[str]] = frozenset({"submissions", "products"})
    derived: ClassVar[frozenset[str]] = Official.derived | {"generic", "submissions.act", "products.act"}

    generic: bool | None = None  # True for a copy of another firm's drug
    sponsor: str | None = None
    submissions: dict[str, Submission] = {}
    products: dict[str, Product] = {}


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
