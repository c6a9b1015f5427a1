"""Whether time alone can bring nothing: what awaited silences and answers were last worked out from still stands, and
the day has not come on which the next can begin. `monitor.standing.overdue` works them out."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, select

from monitor.service import Service
from monitor.standing.newest_seal import NEWEST
from monitor.watching.runs import ASIDE
from store.columns import FLAG
from store.look_columns import CHANGE, SNAPSHOT

if TYPE_CHECKING:
    from store.tables import Event

LOOKED = "overdue"
"""Flag: on which day the silences were last worked out, the day before which no other can begin, and what stood in the
store."""

RULE_BOOKS = ("silence.py", "decision_dates.py")


def _newest(column: Any) -> Any:
    return select(column).order_by(column.desc()).limit(1).scalar_subquery()


def _flag(name: str) -> Any:
    return select(FLAG.c.value).where(FLAG.c.name == name).scalar_subquery()


STANDS: Select[Any] = select(
    _flag(LOOKED),
    _newest(SNAPSHOT.c.id),
    _newest(CHANGE.c.id),  # also of a record that has gone
    NEWEST.scalar_subquery(),
    _flag(ASIDE),
)
"""What was noted last, and what stands in the store."""


def note_overdue(service: Service) -> "Sequence[Event]":
    """Record the silences that have begun, and the answers that changed; returns both.

    Cheap until a day on which time alone can bring something, unless what stands in the store has moved.
    """
    with service.engine.connect() as connection:
        noted, stands = _stands(connection)
    if _holds(noted, stands, service.now().date()):
        return ()
    from monitor.standing.overdue import work_out  # noqa: PLC0415 - with the mapper and all that it records by

    return work_out(service, stands, noted=bool(noted))


def _stands(connection: Connection) -> tuple[str, str]:
    """What was noted when the silences were last worked out, and what stands in the store now."""
    noted, *newest = connection.execute(STANDS).one()
    return noted or "", "/".join(map(str, (*newest, _rules())))


@cache
def _rules() -> str:
    """By what the rules are known: those of another version of the software find other silences."""
    return sha256(b"".join(Path(__file__).with_name(name).read_bytes() for name in RULE_BOOKS)).hexdigest()[:12]


def _holds(noted: str, stands: str, today: date) -> bool:
    """Whether nothing can have begun since. A day before that of the note is a clock that was set back."""
    since, _, rest = noted.partition("/")
    until, _, stood = rest.partition("/")
    return stood == stands and since <= today.isoformat() < until
