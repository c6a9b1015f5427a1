"""What the answers read of the log, column by column, and the shapes of the rows.

The classes of `store.tables` are made anew at every start, and their rows one by one: both cost more than the answers.
`tests/store/test_columns.py` holds these columns to those tables.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy import (
    JSON,
    Boolean,
    ColumnElement,
    DateTime,
    Dialect,
    Integer,
    String,
    TypeDecorator,
    case,
    cast,
    column,
    literal_column,
    or_,
    table,
)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, whatever the database makes of it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        return moments_of(dialect)


def moments_of(dialect: Dialect) -> Callable[[Any], Any]:
    """How a moment is read of what a database holds."""
    return _read_of_text if dialect.name == "sqlite" else _read


def _read_of_text(value: str | None) -> datetime | None:
    """A moment as SQLite holds it, without its zone."""
    return datetime.fromisoformat(f"{value}+00:00") if value else None


def _read(value: datetime | None) -> datetime | None:
    return value and value.astimezone(UTC)


def word(value: str) -> ColumnElement[str]:
    """A word of our own, mostly of `store.states`, written into a statement. With a bound one SQLite plans the
    statement anew each time it runs, where an index of the table is partial. No place for what comes from outside: it
    is an AssertionError where it is no plain word."""
    assert value.replace("_", "").isalpha(), f"expected a word of our own, found {value!r}"
    return literal_column(f"'{value}'", String)


def texts(*names: str) -> list[Any]:
    """Columns of text."""
    return [column(name, String) for name in names]


EVENT = table(
    "event",
    *texts(
        "id", "type", "therapy", "place", "trial", "polarity", "occurred_on", "certainty", "step", "kind", "phase",
        "planned_start", "marketed_from", "mark_event", "mark_date", "state", "corrects",
    ),
    column("sequence", Integer), column("tier", Integer), column("alert", Boolean), column("detected_at", Moment),
    column("released_at", Moment), column("confirmed_at", Moment), column("former", JSON),
)  # fmt: skip
EVIDENCE = table(
    "evidence",
    *texts("event_id", "source", "watch", "url", "quote", "capture_sha256"),
    column("id", Integer), column("tier", Integer), column("retrieved_at", Moment), column("at", Moment),
)  # fmt: skip
WATCH = table(
    "watch",
    *texts("name", "source", "stamp", "health"),
    column("id", Integer), column("every_seconds", Integer), column("active", Boolean), column("options", JSON),
    column("therapies", JSON), column("noise", JSON), column("missing", JSON),
    column("last_success_at", Moment), column("stamp_since", Moment),
)  # fmt: skip
BY_WHAT = {"options": ("agency",), "noise": ("newest", "gap"), "therapies": ("",), "missing": ("",)}
WEIGHING: list[Any] = [
    case((or_(*(cast(one, String).contains(f'"{key}') for key in BY_WHAT[one.name])), one)).label(one.name)
    if isinstance(one.type, JSON)
    else one
    for one in WATCH.c
]
"""By what the word of a watch is weighed. What it is not weighed by comes as None: ten thousand watches have options,
and what they learnt of their pages, that would take longer to read than all else, and most of the memory."""
ATTESTATION = table("attestation", *texts("therapy", "place", "said"), column("at", Moment))
READER = table(
    "subscription",
    *texts("channel", "address", "about", "level", "cadence", "timezone"),
    *(column(name, JSON) for name in ("therapies", "types", "places", "tiers", "muted", "quiet_days")),
    column("id", Integer), column("at_hour", Integer), column("only_doors", Boolean),
    column("confirmed_at", Moment), column("ended_at", Moment),
)  # fmt: skip
CHOOSING: list[Any] = [
    case((cast(one, String) != literal_column("'[]'"), one)).label(one.name) if isinstance(one.type, JSON) else one
    for one in READER.c
    if not isinstance(one.type, Moment)
]
"""By what readers are chosen. An empty list comes as None: nearly all of the six of each reader are, and to read them
as JSON would take longer than to choose."""
REVIEW = table("review", column("id", Integer), *texts("event_id"))
SEAL = table("seal", column("id", Integer), *texts("table_name", "row_key"))
FLAG = table("flag", *texts("name", "value"))


class Told(Protocol):
    """What every reader of an event's columns takes of it."""

    @property
    def id(self) -> str: ...
    @property
    def sequence(self) -> int: ...
    @property
    def type(self) -> str: ...
    @property
    def therapy(self) -> str | None: ...
    @property
    def place(self) -> str | None: ...
    @property
    def occurred_on(self) -> str | None: ...
    @property
    def step(self) -> str | None: ...


class Act(Told, Protocol):
    """What an answer takes from an event."""

    @property
    def trial(self) -> str | None: ...
    @property
    def polarity(self) -> str: ...
    @property
    def detected_at(self) -> datetime: ...
    @property
    def released_at(self) -> datetime | None: ...
    @property
    def confirmed_at(self) -> datetime | None: ...
    @property
    def certainty(self) -> str: ...
    @property
    def tier(self) -> int: ...
    @property
    def alert(self) -> bool: ...
    @property
    def kind(self) -> str | None: ...
    @property
    def phase(self) -> str | None: ...
    @property
    def planned_start(self) -> str | None: ...
    @property
    def marketed_from(self) -> str | None: ...
    @property
    def mark_event(self) -> str | None: ...
    @property
    def mark_date(self) -> str | None: ...
    @property
    def state(self) -> str: ...
    @property
    def corrects(self) -> str | None: ...


class Proof(Protocol):
    """What an answer takes from a piece of evidence."""

    @property
    def event_id(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def watch(self) -> str | None: ...
    @property
    def tier(self) -> int: ...
    @property
    def url(self) -> str | None: ...
    @property
    def quote(self) -> str | None: ...
    @property
    def retrieved_at(self) -> datetime | None: ...
    @property
    def capture_sha256(self) -> str | None: ...


class Looking(Protocol):
    """What is known of a watch where its word is weighed; None is nothing (see WEIGHING)."""

    @property
    def name(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def options(self) -> Mapping[str, Any] | None: ...
    @property
    def therapies(self) -> Sequence[str] | None: ...
    @property
    def every_seconds(self) -> int: ...
    @property
    def last_success_at(self) -> datetime | None: ...
    @property
    def stamp(self) -> str | None: ...
    @property
    def stamp_since(self) -> datetime | None: ...
    @property
    def noise(self) -> Mapping[str, Any] | None: ...
    @property
    def health(self) -> str: ...
    @property
    def missing(self) -> Sequence[str] | None: ...


class Weighed(Protocol):
    """What the choice of readers takes from an event."""

    @property
    def id(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def polarity(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def therapy(self) -> str | None: ...
    @property
    def place(self) -> str | None: ...
    @property
    def places(self) -> Sequence[str]: ...
    @property
    def agency(self) -> str | None: ...
    @property
    def tier(self) -> int: ...
    @property
    def alert(self) -> bool: ...
    @property
    def detected_at(self) -> datetime: ...


class Reader(Protocol):
    """What the choice of readers takes from a subscription; None is an empty list (see CHOOSING)."""

    @property
    def id(self) -> int | None: ...
    @property
    def channel(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def about(self) -> str: ...
    @property
    def therapies(self) -> Sequence[str] | None: ...
    @property
    def types(self) -> Sequence[str] | None: ...
    @property
    def places(self) -> Sequence[str] | None: ...
    @property
    def tiers(self) -> Sequence[int] | None: ...
    @property
    def level(self) -> str: ...
    @property
    def only_doors(self) -> bool: ...
    @property
    def muted(self) -> Sequence[str] | None: ...
    @property
    def cadence(self) -> str: ...
    @property
    def at_hour(self) -> int: ...
    @property
    def timezone(self) -> str: ...
    @property
    def quiet_days(self) -> Sequence[str] | None: ...
