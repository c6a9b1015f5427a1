"""What a round reads and writes while nothing has changed, column by column, and the shape of a watch.

The classes of `store.tables` and what maps them take a third of the start of a command, and most rounds end as they
began: only where something has moved are they imported. `tests/store/test_columns.py` holds these columns to those
tables.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import (
    JSON,
    Boolean,
    DateTime,
    Dialect,
    Integer,
    LargeBinary,
    TypeDecorator,
    bindparam,
    column,
    select,
    table,
)

from store.columns import moments_of, texts


class Utc(TypeDecorator[datetime]):
    """A moment that is in UTC already, as all are that a round writes: the service's clock and the real one give no
    others."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        return moments_of(dialect)


WATCH = table(
    "watch",
    *texts("name", "source", "url", "base_url", "health", "problem", "stamp"),
    column("id", Integer), column("every_seconds", Integer), column("failures", Integer), column("revision", Integer),
    column("size_median", Integer), column("active", Boolean),
    *(column(name, JSON) for name in ("options", "noise", "marks", "sizes")),
    *(
        column(name, Utc)
        for name in (
            "paused_at", "next_check_at", "leased_until", "baseline_at", "last_success_at", "swept_at", "stamp_since",
        )
    ),
)  # fmt: skip
LEARNT = ("noise", "marks", "sizes", "size_median")
"""What a watch knows its page by. A round that finds its pages as they were reads none of it: it is most of a row."""
KNOWING = select(WATCH.c.name, *(WATCH.c[name] for name in LEARNT)).where(WATCH.c.id == bindparam("id_"))
RUN = table(
    "run",
    *(column(name, Integer) for name in ("id", "watch_id", "pages", "records", "changes", "events", "ms")),
    *texts("outcome", "note"), column("started_at", Utc), column("finished_at", Utc),
)  # fmt: skip
MEMORY = table(
    "memory",
    *texts("url", "etag", "last_modified", "sha256", "content_type"),
    column("id", Integer), column("watch_id", Integer), column("checks", Integer), column("fetched_at", Utc),
)  # fmt: skip
HOST = table("host", *texts("name", "robots"), column("robots_at", Utc), column("wait_until", Utc))
BODY = table("body", *texts("sha256"), column("size", Integer), column("packed", LargeBinary))
ITEM = table("item", column("id", Integer), column("present", Boolean))
SIGHTING = table("sighting", column("watch_id", Integer), column("item_id", Integer), column("missed", Integer))
SNAPSHOT = table("snapshot", column("id", Integer))
CHANGE = table("change", column("id", Integer), *texts("hash"))

NEWS = table("event", *texts("state"), column("matched_at", Utc), column("confirmation_due", Utc))
DECISION = table("decision", *texts("state"), column("due_at", Utc))
DELIVERY = table(
    "delivery",
    *texts("kind", "state"),
    column("subscription_id", Integer), column("attempts", Integer), column("body", LargeBinary),
    column("due_at", Utc),
)  # fmt: skip
POLICY = table("policy", *texts("way"))
LIGHT = (WATCH, RUN, MEMORY, HOST, BODY, ITEM, SIGHTING, SNAPSHOT, CHANGE, NEWS, DECISION, DELIVERY, POLICY)


class Watched(Protocol):
    """What a look takes from a watch before anything has moved."""

    @property
    def id(self) -> int | None: ...
    @property
    def name(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def options(self) -> Mapping[str, Any]: ...
    @property
    def url(self) -> str | None: ...
    @property
    def base_url(self) -> str | None: ...
    @property
    def every_seconds(self) -> int: ...
    @property
    def next_check_at(self) -> datetime: ...
    @property
    def baseline_at(self) -> datetime | None: ...
    @property
    def swept_at(self) -> datetime | None: ...
    @property
    def failures(self) -> int: ...
    @property
    def health(self) -> str: ...
    @property
    def problem(self) -> str | None: ...
    @property
    def revision(self) -> int: ...
    @property
    def stamp(self) -> str | None: ...
    @property
    def stamp_since(self) -> datetime | None: ...


class Knowing(Protocol):
    """What a look takes from a watch once its page is not as it was."""

    @property
    def name(self) -> str: ...
    @property
    def noise(self) -> dict[str, Any]: ...
    @property
    def marks(self) -> dict[str, Any]: ...
    @property
    def sizes(self) -> Sequence[int]: ...
    @property
    def size_median(self) -> int | None: ...
