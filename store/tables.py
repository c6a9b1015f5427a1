"""The tables and nothing else.

Snapshots, captures, changes, evidence and reviews are only ever added; triggers in the migrations refuse
anything else. Every moment is aware UTC. Enumerations are stored as the words of contract.md.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Connection, Enum, Index, LargeBinary, MetaData, UniqueConstraint, text
from sqlalchemy.event import listens_for
from sqlmodel import Field, SQLModel

from store.states import (
    About,
    Cadence,
    Certainty,
    ChangeKind,
    DecisionState,
    DeliveryKind,
    DeliveryState,
    Door,
    EventState,
    Health,
    Level,
    Notice,
    Polarity,
    Role,
    RunOutcome,
    Verdict,
    Way,
    Wording,
)

SQLModel.metadata.naming_convention = {  # Alembic needs names to alter constraints on SQLite
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.model_config["defer_build"] = True  # pydantic never validates rows; to prepare for it costs at each start
metadata: MetaData = SQLModel.metadata

APPEND_ONLY = ("capture", "snapshot", "change", "evidence", "review", "seal", "audit")
"""Tables whose rows are never updated or deleted."""


def _json() -> Any:
    return Column(JSON, nullable=False)


def _word(states: type[StrEnum]) -> Any:
    """The type of a column that holds a word of an enumeration: the plain word in the database, the member in Python.

    A word that the enumeration does not have is refused when it is bound, so a misspelt one is neither stored nor
    silently compared with.
    """
    words = {states: [state.value for state in states]}
    return Enum(
        states, values_callable=words.__getitem__,  # asked again for every copy that SQLAlchemy makes of the type
        native_enum=False, length=None, validate_strings=True,
    )  # fmt: skip


def _partly(name: str, column: str, *, where: str) -> Index:
    """An index of some rows. SQLAlchemy imports a database's dialect with the first option of an index that is meant
    for it: so the condition is put in when the tables are made."""
    return Index(name, column, info={"where": where})


@listens_for(metadata, "before_create")
def say_where(made: MetaData, connection: Connection, **_: Any) -> None:
    """Give the indexes of some rows their condition, in the options of this database."""
    for index in (index for table in made.tables.values() for index in table.indexes):
        if where := index.info.get("where"):
            index.dialect_options[connection.dialect.name]["where"] = text(where)


class Watch(SQLModel, table=True):
    """One configured use of a source, as the pack last named it, and how it fares."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    source: str
    options: dict[str, Any] = Field(sa_column=_json())
    url: str | None = None
    base_url: str | None = None
    therapies: list[str] = Field(default_factory=list, sa_column=_json())
    every_seconds: int
    hold: bool = False  # as the pack says: what it tells waits for a maintainer
    held_at: datetime | None = None  # since when a maintainer wants that, too
    paused_at: datetime | None = None  # since when a maintainer lets it rest
    active: bool = True  # False: no longer in the pack; its history stays
    next_check_at: datetime = Field(index=True)
    leased_until: datetime | None = None
    baseline_at: datetime | None = None
    last_success_at: datetime | None = None
    swept_at: datetime | None = None  # last run that read everything, not only what the source said had moved
    failures: int = 0
    health: Health = Field(default=Health.NEW, sa_type=_word(Health))
    problem: str | None = None
    missing: list[str] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True))
    )  # asked for and not there
    revision: int = 0  # Source.revision of the last good run
    stamp: str | None = None  # what the source says of the age of its own data, as last read
    stamp_since: datetime | None = None  # when it was first seen to say so
    size_median: int | None = None  # bytes of the last good captures, for the doorman's floor
    sizes: list[int] = Field(default_factory=list, sa_column=_json())
    noise: dict[str, Any] = Field(default_factory=dict, sa_column=_json())  # what the page source learnt to ignore
    marks: dict[str, Any] = Field(default_factory=dict, sa_column=_json())  # by what the doorman knows its page


class Run(SQLModel, table=True):
    """One attempt to check one watch, with its outcome."""

    __table_args__ = (Index("ix_run_outcome", "outcome", "ms"),)
    id: int | None = Field(default=None, primary_key=True)
    watch_id: int = Field(foreign_key="watch.id", index=True)
    started_at: datetime
    finished_at: datetime
    outcome: RunOutcome = Field(sa_type=_word(RunOutcome))
    pages: int = 0
    records: int = 0
    changes: int = 0
    events: int = 0
    note: str | None = None
    ms: int = 0


class Memory(SQLModel, table=True):
    """What a watch remembers of one address, so that it can ask "has it moved?". Updated in place."""

    __table_args__ = (UniqueConstraint("watch_id", "url"),)
    id: int | None = Field(default=None, primary_key=True)
    watch_id: int = Field(foreign_key="watch.id", index=True)
    url: str
    etag: str | None = None
    last_modified: str | None = None
    sha256: str
    content_type: str = ""
    checks: int = 0  # since it was last read whole
    fetched_at: datetime


class Host(SQLModel, table=True):
    """Manners owed to one host: its robots.txt and until when it asked to be left alone."""

    name: str = Field(primary_key=True)  # scheme://host:port
    robots: str | None = None
    robots_at: datetime | None = None
    wait_until: datetime | None = None


class Body(SQLModel, table=True):
    """The bytes of a response, stored once, compressed. Retention may delete it; captures stay."""

    sha256: str = Field(primary_key=True)
    size: int
    packed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Capture(SQLModel, table=True):
    """A response kept as evidence: where, when, and the hash of its body. Append-only."""

    id: int | None = Field(default=None, primary_key=True)
    watch_id: int = Field(foreign_key="watch.id", index=True)
    url: str
    fetched_at: datetime
    status: int
    content_type: str = ""
    sha256: str = Field(index=True)
    refused: str | None = None  # why the doorman did not believe it


class Item(SQLModel, table=True):
    """The thing followed over time, known by source and key (NCT01234567).

    `scope` is the watch, for sources that are as many as their addresses (feeds, pages): two feeds may use one id for
    two things, or carry one article in two wordings. It is empty for registers, where a key means one thing.
    """

    __table_args__ = (UniqueConstraint("source", "scope", "key"),)
    id: int | None = Field(default=None, primary_key=True)
    source: str
    scope: str = ""
    key: str
    title: str
    url: str
    snapshot_id: int | None = None  # the latest
    present: bool = True
    updated_on: str | None = None  # the source's own date of its last update, as last read; never content
    verified_on: str | None = None  # when the sponsor of a study last vouched for its record; never content
    acronym: str | None = None  # of a study, as its registry gives it; never content
    others: list[str] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    """Numbers of a study in other registries, as its own gives them; never content."""
    mark: bytes | None = Field(default=None, sa_column=Column(LargeBinary))  # of the bytes last read; never content


class Sighting(SQLModel, table=True):
    """That a watch has seen an item: first, last, and how often it was missing since."""

    watch_id: int = Field(foreign_key="watch.id", primary_key=True)
    item_id: int = Field(foreign_key="item.id", primary_key=True)
    first_at: datetime
    last_at: datetime
    missed: int = 0
    missed_since: datetime | None = None


class Snapshot(SQLModel, table=True):
    """An item as it stood at one moment. Append-only."""

    id: int | None = Field(default=None, primary_key=True)
    item_id: int = Field(foreign_key="item.id", index=True)
    run_id: int = Field(foreign_key="run.id")
    capture_id: int = Field(foreign_key="capture.id", index=True)
    taken_at: datetime
    packed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))  # zlib of canonical JSON
    fingerprint: str
    revision: int


class Change(SQLModel, table=True):
    """Two neighbouring snapshots that differ: mechanical and certain. Append-only, hash-chained.

    `folded_into`: the change whose line of the log also tells of this one, which took it back within a moment.
    """

    __table_args__ = (
        _partly("ix_change_folded_into", "folded_into", where="folded_into IS NOT NULL"),
    )  # fmt: skip
    id: int | None = Field(default=None, primary_key=True)
    item_id: int = Field(foreign_key="item.id", index=True)
    watch_id: int = Field(foreign_key="watch.id", index=True)
    run_id: int = Field(foreign_key="run.id")
    kind: ChangeKind = Field(sa_type=_word(ChangeKind))
    before_id: int | None = Field(default=None, foreign_key="snapshot.id")
    after_id: int | None = Field(default=None, foreign_key="snapshot.id")
    differences: list[dict[str, Any]] = Field(sa_column=_json())  # {field, path, before, after}
    detected_at: datetime = Field(index=True)
    previous_hash: str
    hash: str
    folded_into: int | None = None


def _listed(row: Any) -> str:
    """The day that an event stands under in lists: that of the act as far as it is known, else when we heard of it."""
    values = row.get_current_parameters()
    return str(values["occurred_on"] or values["detected_at"].date().isoformat())


class Event(SQLModel, table=True):
    """What happened in the world: one row however many sources tell of it.

    `occurred_on` is text: `2024-09-24`, `2024-09` or `2024`; a missing day is not invented. `matched_as` is what of it
    decided who hears, as it was at `matched_at`: later evidence may change the event, not whom it was owed to.
    """

    __table_args__ = (
        _partly("ix_event_unmatched", "state", where="matched_at IS NULL"),
        _partly("ix_event_confirmation_due", "confirmation_due", where="confirmation_due IS NOT NULL"),
        Index("ix_event_day", "day", "sequence"),
        Index("ix_event_level_state", "level", "state"),  # not by the state first: nearly all are released
        _partly("ix_event_held", "detected_at", where="state = 'held'"),
        _partly("ix_event_disputed", "detected_at", where="certainty = 'disputed'"),
        _partly("ix_event_corrects", "corrects", where="corrects IS NOT NULL"),
        _partly("ix_event_cause", "cause", where="cause IS NOT NULL"),
        Index("ix_event_therapy_step", "therapy", "step"),
        Index("ix_event_rule", "rule", "sequence"),
    )  # fmt: skip
    id: str = Field(primary_key=True)  # EV...
    sequence: int = Field(index=True, unique=True)
    type: str
    therapy: str | None = Field(default=None, index=True)  # name in the pack
    drug: str | None = None  # as written by the first teller
    place: str | None = None
    places: list[str] = Field(default_factory=list, sa_column=_json())  # that one alert speaks for; `place` first
    agency: str | None = None
    trial: str | None = Field(default=None, index=True)
    polarity: Polarity = Field(sa_type=_word(Polarity))
    occurred_on: str | None = None
    day: str = Field(default=None, sa_column_kwargs={"server_default": "", "default": _listed})  # it is listed under
    detected_at: datetime = Field(index=True)
    released_at: datetime | None = None
    level: Level = Field(sa_type=_word(Level))
    level_reasons: list[str] = Field(default_factory=list, sa_column=_json())
    certainty: Certainty = Field(sa_type=_word(Certainty))
    tier: int
    thread: str = Field(index=True)
    step: str | None = Field(default=None, index=True)
    alert: bool = True  # False: a rung of the ladder without an alert of its own
    title: str
    kind: str | None = None
    subtype: str | None = None
    phase: str | None = None
    planned_start: str | None = None
    marketed_from: str | None = None
    mark_event: str | None = None  # C, C1, M, X of hand-compiled history
    mark_date: str | None = None  # the same of its date; P made known on, L at the latest on
    dated_by: int | None = None  # tier of who told its date; 0 a maintainer
    note: str | None = None
    rule: str | None = None
    confidence: float | None = None
    state: EventState = Field(sa_type=_word(EventState))
    held_because: str | None = None
    matched_at: datetime | None = None
    matched_as: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    confirmation_due: datetime | None = None  # a nearer teller stands for it; who waits for that is yet to be told
    confirmation_matched_at: datetime | None = None
    corrects: str | None = None
    confirmed_at: datetime | None = None  # a maintainer stands for it, whoever told it
    cause: str | None = None  # of a changed answer: the event that changed it
    sentence: str | None = None  # that a maintainer wrote for readers, in place of the template's
    former: list[dict[str, Any]] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True), nullable=True)
    )  # what of it was another before it was amended: until when, and what it said; the oldest first


class Evidence(SQLModel, table=True):
    """The tie between an event and what tells of it: source, quote, tier, when. Append-only."""

    __table_args__ = (
        _partly("ix_evidence_capture_sha256", "capture_sha256", where="capture_sha256 IS NOT NULL"),
    )  # fmt: skip
    id: int | None = Field(default=None, primary_key=True)
    event_id: str = Field(foreign_key="event.id", index=True)
    change_id: int | None = Field(default=None, foreign_key="change.id", index=True)
    source: str  # of the watch's source, or the history's own words
    watch: str | None = None
    tier: int
    url: str | None = None
    quote: str | None = None
    told_type: str | None = None
    told_on: str | None = None  # the date of the act as this teller gives it
    told_kind: str | None = None
    published_on: str | None = None
    retrieved_at: datetime | None = None
    capture_sha256: str | None = None
    at: datetime


class Reading(SQLModel, table=True):
    """What each reader made of a piece of evidence from prose, kept with it as it was read."""

    __table_args__ = (
        _partly("ix_reading_unexplained", "evidence_id", where="words IS NULL"),
    )  # fmt: skip
    evidence_id: int = Field(primary_key=True, foreign_key="evidence.id")
    type: str  # as it was read
    rules: str  # what the rules made of it
    network: float  # how likely the trained network finds it
    news: float  # what the judge makes of both: that it is news here
    medicine: float  # that the medicine is the right one
    texts: list[str] = Field(default_factory=list, sa_column=_json())  # title, the sentences before, it, those after
    row: int  # which of them it is
    words: list[Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    # those without which the network finds it least likely, each with what it loses; None: not tried yet


class Review(SQLModel, table=True):
    """A maintainer's verdict on an event, with a note. Append-only."""

    id: int | None = Field(default=None, primary_key=True)
    event_id: str = Field(foreign_key="event.id", index=True)
    verdict: Verdict = Field(sa_type=_word(Verdict))
    by: str
    at: datetime
    note: str
    amended: dict[str, Any] = Field(default_factory=dict, sa_column=_json())


class Decision(SQLModel, table=True):
    """A verdict that a person has given and may still undo. When it takes effect it becomes a Review."""

    __table_args__ = (
        _partly("ix_decision_waiting", "due_at", where="state = 'waiting'"),
    )  # fmt: skip
    id: int | None = Field(default=None, primary_key=True)
    event_id: str = Field(foreign_key="event.id", index=True)
    verdict: Verdict = Field(sa_type=_word(Verdict))
    by: str
    door: Door = Field(sa_type=_word(Door))
    at: datetime
    note: str
    amended: dict[str, Any] = Field(default_factory=dict, sa_column=_json())
    second_by: str | None = None  # who agreed, where two people are asked for
    due_at: datetime | None = None  # when it takes effect; None: a second person is yet to agree
    state: DecisionState = Field(default=DecisionState.WAITING, sa_type=_word(DecisionState))
    ended_at: datetime | None = None  # when it took effect, was undone or lapsed


class Snooze(SQLModel, table=True):
    """An event that is put off: until a moment, until another source tells of it, or whichever comes first."""

    event_id: str = Field(primary_key=True, foreign_key="event.id")
    until: datetime | None = None
    tellers: int | None = None  # how much evidence there was: more of it ends the wait
    by: str
    at: datetime


class Policy(SQLModel, table=True):
    """What a maintainer wants done with what a rule reads, where that is not as usual."""

    rule: str = Field(primary_key=True)
    way: Way = Field(sa_type=_word(Way))
    level: Level | None = Field(default=None, sa_type=_word(Level))  # of what it reads; None: that of the type
    by: str  # who edited it last
    at: datetime  # when; what was detected before stays as it is
    note: str = ""


class Attestation(SQLModel, table=True):
    """That a maintainer has looked by hand and found a statement still true. It holds for a while, and while the
    statement says the same."""

    therapy: str = Field(primary_key=True)
    place: str = Field(primary_key=True)  # empty: in trials
    said: str  # the state that the statement names
    by: str
    at: datetime
    note: str  # where she looked


class Maintainer(SQLModel, table=True):
    """Who may sign in to the desk."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    password_hash: str  # argon2, with its salt and its cost
    role: Role = Field(sa_type=_word(Role))
    created_at: datetime


class SignIn(SQLModel, table=True):
    """One maintainer signed in with one browser. Moments are real time."""

    token_hash: str = Field(primary_key=True)  # the token itself is in the browser alone
    maintainer_id: int = Field(foreign_key="maintainer.id", index=True)
    started_at: datetime
    seen_at: datetime


class Audit(SQLModel, table=True):
    """What a person did: who, when, by which door, on what, and how it was before and after. Append-only; holds no
    address of a reader and no secret."""

    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    who: str
    role: Role = Field(sa_type=_word(Role))
    door: Door = Field(sa_type=_word(Door))
    act: str  # approve, pause, ...
    matter: str = Field(index=True)  # what it was done to: `event EV7Q2M`, `watch company-news`
    before: dict[str, Any] = Field(default_factory=dict, sa_column=_json())
    after: dict[str, Any] = Field(default_factory=dict, sa_column=_json())
    note: str = ""


class Subscription(SQLModel, table=True):
    """Who wants which events, how and how often."""

    id: int | None = Field(default=None, primary_key=True)
    channel: str  # name of a notifier
    address: str = Field(index=True)
    options: dict[str, Any] = Field(default_factory=dict, sa_column=_json())
    secret: str | None = None  # encrypted; two with a blank between them while one is changed for the other
    secret_until: datetime | None = None  # two are stored, the newer first: when the older one ends
    seal: str | None = None  # keyed hash of channel and address
    about: About = Field(default=About.NEWS, sa_type=_word(About))
    therapies: list[str] = Field(default_factory=list, sa_column=_json())
    types: list[str] = Field(default_factory=list, sa_column=_json())
    places: list[str] = Field(default_factory=list, sa_column=_json())
    tiers: list[int] = Field(default_factory=list, sa_column=_json())  # of who tells of it
    level: Level = Field(default=Level.MINOR, sa_type=_word(Level))  # the lowest that is sent
    only_doors: bool = False  # what opens a door, of any level, and nothing else
    muted: list[str] = Field(default_factory=list, sa_column=_json())  # topics
    wording: Wording = Field(default=Wording.PLAIN, sa_type=_word(Wording))
    hide_outcomes: bool = False  # how a trial went is told behind a link
    confirmations: bool = False
    cadence: Cadence = Field(default=Cadence.IMMEDIATE, sa_type=_word(Cadence))
    at_hour: int = 8
    timezone: str = "UTC"
    quiet_days: list[str] = Field(default_factory=list, sa_column=_json())  # weekdays without mail: mon ... sun
    created_at: datetime
    confirmed_at: datetime | None = None
    revised_at: datetime | None = None  # when she last asked for something else
    paused_at: datetime | None = None
    paused_because: str | None = None
    paused_until: datetime | None = None  # None: until resumed by hand
    ended_at: datetime | None = None


class Delivery(SQLModel, table=True):
    """One message owed to one subscription. Its contents are fixed at the first attempt."""

    __table_args__ = (
        UniqueConstraint("subscription_id", "slot"),
        Index("ix_delivery_counted", "subscription_id", "kind", "state"),
        Index("ix_delivery_owed", "created_at", "id"),
        _partly("ix_delivery_waiting", "due_at", where="state = 'waiting'"),
    )  # fmt: skip
    id: str = Field(primary_key=True)
    subscription_id: int = Field(foreign_key="subscription.id", index=True)
    kind: DeliveryKind = Field(sa_type=_word(DeliveryKind))
    slot: str  # what makes it the only one: the local date of a digest, the event of an alert
    created_at: datetime  # when it was first owed
    due_at: datetime = Field(index=True)
    state: DeliveryState = Field(default=DeliveryState.WAITING, sa_type=_word(DeliveryState))
    attempts: int = 0  # since it was last owed: sending it again on request starts anew
    resent: int = 0  # how often a person asked for it again
    leased_until: datetime | None = None  # real time, whatever moment the facts are seen at
    first_attempt_at: datetime | None = None
    body: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    error: str | None = None
    sent_at: datetime | None = None


class Attempt(SQLModel, table=True):
    """One try at sending a delivery, and what came of it: the delivery's log. Kept for a year."""

    id: int | None = Field(default=None, primary_key=True)
    delivery_id: str = Field(foreign_key="delivery.id", index=True)
    at: datetime = Field(index=True)
    accepted: bool
    said: str | None = None  # why it was not


class Enclosure(SQLModel, table=True):
    """Puts an event in a delivery. Its key is the promise that nobody is told twice."""

    subscription_id: int = Field(foreign_key="subscription.id", primary_key=True)
    event_id: str = Field(foreign_key="event.id", primary_key=True, index=True)
    notice: Notice = Field(primary_key=True, sa_type=_word(Notice))
    delivery_id: str = Field(foreign_key="delivery.id", index=True)


class Seal(SQLModel, table=True):
    """What a row of another table was when it was last told, hashed and chained; see `store.seals`. Append-only."""

    __table_args__ = (
        Index("ix_seal_row", "table_name", "row_key"),
        _partly("ix_seal_told", "id", where="(table_name || '') IN ('event', 'evidence', 'review')"),
    )  # fmt: skip
    id: int | None = Field(default=None, primary_key=True)
    table_name: str
    row_key: str  # its primary key, a JSON array
    form: int  # which columns the digest covers
    digest: str
    hash: str  # over the hash before and all of this


class Flag(SQLModel, table=True):
    """A switch or counter of the installation: sending paused, pack version, head of the hash chain."""

    name: str = Field(primary_key=True)
    value: str
