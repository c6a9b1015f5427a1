"""One page of a list, newest first, from a place in it on: rows that are added meanwhile move nothing.

A place is the key of a row: `before` it lie the older rows, `after` it the newer ones.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Generic, TypeVar

from sqlalchemy import literal, tuple_
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from monitor.standing.conditions import change_query, event_conditions
from monitor.standing.contract import ChangeLine
from monitor.standing.filter_values import short
from monitor.standing.filters import Filters
from monitor.standing.log import change_lines, is_of_kind
from monitor.standing.timeline import once_each
from store.tables import Event

MOST_COUNTED = 1000
"""Beyond it a list is not counted: it has more than that."""
READ_AT_ONCE, READ_FOR_A_PAGE = 50, 200
"""Changes that are read in search of a kind that their words alone tell: where a page stays short, the next goes on."""
LARGEST = 2**31 - 1
MARK = re.compile(r"(?:([0-9-]{4,10})\.)?([0-9]{1,10})")

Key = tuple[Any, ...]
R = TypeVar("R")


@dataclass(frozen=True)
class Place:
    """Where in a list a page begins or ends: `1042`, or with the day that comes first in its order, `2025-08-29.57`."""

    number: int
    day: str | None = None

    def __str__(self) -> str:
        return f"{self.day}.{self.number}" if self.day else str(self.number)


@dataclass(frozen=True)
class Total:
    """How many rows a list has; `capped`: more than that."""

    number: int
    capped: bool = False


@dataclass(frozen=True)
class Page(Generic[R]):
    """Rows, newest first; the place of the first of them if there are newer ones, and of the last if older ones.

    `total` counts the whole list while the session is open; None where each row would have to be read for it.
    """

    rows: Sequence[R]
    newer: Place | None
    older: Place | None
    total: Callable[[], Total | None]


def place(text: str) -> Place:
    """The place that a text of an address names. Raises ValueError."""
    match = MARK.fullmatch(text)
    if match is None or int(match[2]) > LARGEST:
        raise ValueError(f"expected a place in a list as its links give it, such as 2025-08-29.57; found {short(text)}")
    return Place(int(match[2]), match[1])


def events_by_day(
    session: Session, asked: Filters, *, before: Place | None = None, after: Place | None = None, size: int
) -> Page[Event]:
    """Events by the day of the act, or of their detection, each thing that happened once. Raises Unaccepted."""
    query = select(Event).where(*event_conditions(session, asked))
    keys = [col(Event.day), col(Event.sequence)]
    found = _stretch(session, query, keys, _of_event_by_day, before=before, after=after, size=size)
    return replace(found, rows=once_each(found.rows))


def events_by_detection(
    session: Session, asked: Filters, *, before: Place | None = None, after: Place | None = None, size: int
) -> Page[Event]:
    """Events as they were detected. Raises Unaccepted."""
    query = select(Event).where(*event_conditions(session, asked))
    keys = [col(Event.sequence)]
    return _stretch(session, query, keys, lambda event: Place(event.sequence), before=before, after=after, size=size)


def changes(
    session: Session, asked: Filters, *, before: Place | None = None, after: Place | None = None, size: int
) -> Page[ChangeLine]:
    """Changes as they were found. Raises Unaccepted."""
    query, key = change_query(session, asked)
    if asked.routine:
        return _of_kind(session, query, key, asked, before=before, size=size)
    found = _stretch(session, query, [key], Place, before=before, after=after, size=size)
    return Page(_lines(session, found.rows, asked), found.newer, found.older, found.total)


def _of_kind(
    session: Session, query: SelectOfScalar[int], key: Any, asked: Filters, *, before: Place | None, size: int
) -> Page[ChangeLine]:
    """Changes with a routine change of a kind: whether they have one shows when they are read. They lead one way."""
    shown: list[ChangeLine] = []
    read, older = 0, before
    while len(shown) < size and read < READ_FOR_A_PAGE:
        found = _stretch(session, query, [key], Place, before=older, after=None, size=READ_AT_ONCE)
        shown += [line for line in _lines(session, found.rows, asked) if is_of_kind(line, asked.routine)]
        read, older = read + READ_AT_ONCE, found.older
        if older is None:
            break
    if len(shown) > size:
        shown, older = shown[:size], Place(shown[size - 1]["change"])
    return Page(shown, None, older, lambda: None)


def _lines(session: Session, ids: Sequence[int], asked: Filters) -> list[ChangeLine]:
    return list(change_lines(session, ids, among=asked.among))[::-1]


def _stretch(
    session: Session,
    query: SelectOfScalar[R],
    keys: list[Any],
    place_of: Callable[[R], Place],
    *,
    before: Place | None,
    after: Place | None,
    size: int,
) -> Page[R]:
    total = partial(_total, session, query)
    if after:
        later = query.where(_beyond(keys, after, newer=True)).order_by(*keys).limit(size + 1)
        rows = session.exec(later).all()
        if len(rows) > size:
            shown = rows[:size][::-1]
            return Page(shown, place_of(shown[0]), place_of(shown[-1]), total)
        before = None  # the newest rows: a whole page of them
    if before:
        query = query.where(_beyond(keys, before, newer=False))
    rows = session.exec(query.order_by(*(key.desc() for key in keys)).limit(size + 1)).all()
    shown = rows[:size]
    newer = (place_of(shown[0]) if shown else before) if before else None
    return Page(shown, newer, place_of(shown[-1]) if len(rows) > size else None, total)


def _beyond(keys: list[Any], mark: Place, *, newer: bool) -> Any:
    values = [mark.day or "", mark.number][-len(keys) :]
    row, limit = (tuple_(*keys), tuple_(*values)) if len(keys) > 1 else (keys[0], values[0])
    return row > limit if newer else row < limit


def _of_event_by_day(event: Event) -> Place:
    return Place(event.sequence, event.day)


def _total(session: Session, query: SelectOfScalar[Any]) -> Total:
    listed = query.with_only_columns(literal(1)).order_by(None).limit(MOST_COUNTED + 1)
    counted = session.exec(select(func.count()).select_from(listed.subquery())).one()
    return Total(min(counted, MOST_COUNTED), counted > MOST_COUNTED)
