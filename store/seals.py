"""Seals: what was told, and to whom, hashed at every change and chained, so that another hand's alteration shows.

A session that writes (`store.database.writing`) ends by adding a seal for each row of the sealed tables that its
transaction added or changed; what it changes by statements goes through `change` and `insert_once`. The newest seal of
a row says what the row must be; a row without one was never told by this service, and a seal without its row says that
a row has gone.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from functools import cache, singledispatchmethod
from importlib import import_module
from typing import Any

from sqlalchemy import Connection, Delete, RowMapping, Select, Update, bindparam, event, inspect, select, tuple_
from sqlalchemy.orm import Session as AnySession
from sqlalchemy.orm import object_session
from sqlalchemy.sql.expression import UpdateBase
from sqlmodel import Session, SQLModel

from store.tables import Audit, Change, Delivery, Enclosure, Event, Evidence, Item, Review, Seal, metadata

_FIRST = {
    "event": (
        "sequence", "type", "therapy", "drug", "place", "places", "agency", "trial", "polarity", "occurred_on",
        "detected_at", "released_at", "level", "certainty", "tier", "thread", "step", "title", "kind", "subtype",
        "phase", "planned_start", "state", "corrects",
    ),
    "evidence": (
        "event_id", "change_id", "source", "watch", "tier", "url", "quote", "told_type", "told_on", "told_kind",
        "published_on", "capture_sha256", "at",
    ),
    "change": ("hash",),
    "review": ("event_id", "verdict", "by", "at", "note", "amended"),
    "delivery": ("subscription_id", "kind", "slot", "state", "body"),
    "enclosure": ("subscription_id", "event_id", "notice"),
}  # fmt: skip
_SECOND = {
    **_FIRST,
    "event": (*_FIRST["event"], "confirmed_at", "cause"),
    "change": ("hash", "folded_into"),
    "item": ("source", "scope", "key", "acronym"),
}
_THIRD = {
    **_SECOND,
    "event": (*_SECOND["event"], "matched_at", "matched_as", "confirmation_due", "confirmation_matched_at"),
}
_FOURTH = {
    **_THIRD,
    "event": (*_THIRD["event"], "sentence"),
    "audit": ("at", "who", "role", "door", "act", "matter", "before", "after", "note"),
}
FORM = 4
SEALED: dict[int, dict[str, tuple[str, ...]]] = {1: _FIRST, 2: _SECOND, 3: _THIRD, 4: _FOURTH}
"""Form of the seal to table to the columns it covers. Later columns make a new form: old seals keep theirs until their
row is written again or the database is upgraded."""

BEARING = {"item": "acronym"}
"""Tables of which only rows with a value in this column are sealed: an acronym says whose trial a text tells of."""

START = "0" * 64
BATCH = 200
SEAL = metadata.tables[str(Seal.__tablename__)]
ADD = SEAL.insert()
HEAD = select(SEAL.c.hash).order_by(SEAL.c.id.desc()).limit(1)
SEALS_OF = (
    select(SEAL.c.table_name, SEAL.c.row_key, SEAL.c.digest)
    .where(
        SEAL.c.table_name.in_(bindparam("tables", expanding=True)),
        SEAL.c.row_key.in_(bindparam("keys", expanding=True)),
    )
    .order_by(SEAL.c.id)
)

Key = tuple[Any, ...]
Marked = tuple[str, str]
"""A table, and the key of a row of it as a seal names it."""

Row = Mapping[str, Any] | RowMapping
Statement = Update | Delete

TOUCHED = "touched"
"""Where a session notes the rows to seal: table to primary keys."""

ADDED = "added"
"""Where it notes the rows that it has added by `insert_all`: table to primary keys to rows."""

COVERED = json.JSONEncoder(sort_keys=True, ensure_ascii=False)
KEY = json.JSONEncoder()

PLAIN = frozenset({str, int, bool, type(None)})
"""Types of values that JSON holds as they are."""


class Writer(Session):
    """A session whose writing is sealed. It executes queries, and no statement on a sealed table: see `_refusing`."""


def digest(table: str, row: Row, form: int = FORM) -> str:
    """The hash of what a form covers of a row."""
    covered = {name: value if type(value := row[name]) in PLAIN else plain(value) for name in SEALED[form][table]}
    return hashlib.sha256(COVERED.encode(covered).encode()).hexdigest()


def linked(previous: str, table: str, key: str, digest_: str, form: int) -> str:
    """The hash that ties a seal to the one before."""
    return hashlib.sha256(f"{previous}|{form}|{table}|{key}|{digest_}".encode()).hexdigest()


def plain(value: Any) -> Any:
    """A column's value as JSON holds it, the same from either database."""
    if type(value) in PLAIN:
        return value
    if isinstance(value, str):
        return str(value)  # a word of a list
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else value


def key_of(table: str, row: Row) -> str:
    """The primary key of a row as a seal names it."""
    return KEY.encode([plain(row[name]) for name in _primary(table)])


@cache
def _primary(table: str) -> tuple[str, ...]:
    return tuple(column.name for column in metadata.tables[table].primary_key.columns)


def rows_of(connection: Connection, name: str, keys: Sequence[Key] | None = None) -> Iterator[Row]:
    """The rows of a table that are sealed; those with these primary keys, or all."""
    every, some = _queries(name)
    if keys is None:
        yield from connection.execute(every).mappings()
        return
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        wanted = [key[0] for key in batch] if len(batch[0]) == 1 else list(batch)
        yield from connection.execute(some, {"keys": wanted}).mappings()


@cache
def _queries(name: str) -> tuple[Select[Any], Select[Any]]:
    """The rows of a table that are sealed, and those with some `keys`."""
    table = metadata.tables[name]
    primary = tuple(table.primary_key.columns)
    query = select(table).order_by(*primary)
    if name in BEARING:
        query = query.where(table.c[BEARING[name]].is_not(None))
    key: Any = primary[0] if len(primary) == 1 else tuple_(*primary)
    return query, query.where(key.in_(bindparam("keys", expanding=True)))


def add_seals(connection: Connection, rows: Iterable[tuple[str, Row]], new: Mapping[Marked, str] | None = None) -> int:
    """Add seals for rows of tables whose newest seal, if any, says something else, and for `new` ones by their
    digests."""
    wanted = {(name, key_of(name, row)): digest(name, row) for name, row in rows}
    known = _newest(connection, list(wanted))
    fresh = {**(new or {}), **{key: mark for key, mark in wanted.items() if known.get(key) != mark}}
    if not fresh:
        return 0
    previous = connection.scalar(HEAD) or START
    added = []
    for (name, key), mark in fresh.items():
        chained = linked(previous, name, key, mark, FORM)
        added.append({"table_name": name, "row_key": key, "form": FORM, "digest": mark, "hash": chained})
        previous = chained
    connection.execute(ADD, added)
    return len(added)


def _newest(connection: Connection, keys: list[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The newest seal of rows, by table and key."""
    seals: dict[tuple[str, str], str] = {}
    for start in range(0, len(keys), BATCH):
        tables, own = map(set, zip(*keys[start : start + BATCH], strict=True))
        found = connection.execute(SEALS_OF, {"tables": sorted(tables), "keys": sorted(own)})
        seals |= {(name, key): mark for name, key, mark in found}
    return seals


def seal_touched(
    connection: Connection, touched: Mapping[str, set[Key]], added: Mapping[str, Mapping[Key, Row]]
) -> None:
    """Seal what a transaction has touched: the last that is done in it. Rows of its own that it `added` and nobody has
    touched since are what was given, and no seal of them says so yet."""
    rest = {name: touched.get(name, set()) - added.get(name, {}).keys() for name in SEALED[FORM]}
    keyed = [(name, sorted(keys, key=str)) for name, keys in rest.items() if keys]
    new = {
        (name, key_of(name, row)): digest(name, row) for name in SEALED[FORM] for row in added.get(name, {}).values()
    }
    add_seals(connection, ((name, row) for name, keys in keyed for row in rows_of(connection, name, keys)), new)


def _touch(session: AnySession, name: str, keys: Iterable[Key]) -> None:
    given = session.info.get(ADDED, {}).get(name, {})
    for key in (noted := set(keys)):
        given.pop(key, None)
    session.info.setdefault(TOUCHED, {}).setdefault(name, set()).update(noted)


def change(session: AnySession, statement: Statement, params: Mapping[str, Any] | None = None) -> int:
    """Change rows of a sealed table by a statement, noting which; returns how many. The one way to do so: a statement
    on a sealed table that is executed otherwise raises."""
    _note(session, str(statement.table), statement, params)
    done = AnySession.execute(session, statement, params)
    return int(done.rowcount)  # type: ignore[attr-defined]


def insert_once(session: AnySession, table: type[SQLModel], values: Mapping[str, Any]) -> None:
    """Add a row by a statement, noting it, unless its key is there already."""
    name, dialect = str(table.__tablename__), import_module(f"sqlalchemy.dialects.{session.get_bind().dialect.name}")
    if name in SEALED[FORM]:
        _touch(session, name, [tuple(values[column.name] for column in metadata.tables[name].primary_key.columns)])
    AnySession.execute(session, dialect.insert(table).values(**values).on_conflict_do_nothing())


def insert_all(session: AnySession, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows by one statement, noting them; their keys are new. A column that none of them names stays empty."""
    name = str(table.__tablename__)
    if not rows:
        return
    add_given(session, name, rows)
    session.connection().execute(metadata.tables[name].insert(), list(rows))


def change_row(session: AnySession, statement: Update, params: Mapping[str, Any]) -> RowMapping | None:
    """Change the one row that a statement is about, and return what a seal covers of it; None where it is about none.
    Something of that must become other than it was: it is sealed anew as it comes back, without a look at its seals."""
    name = str(statement.table)
    row = session.connection().execute(_giving_back(statement, name), params).mappings().one_or_none()
    if row is not None:
        add_given(session, name, [row])
    return row


@cache
def _giving_back(statement: Update, name: str) -> Any:
    table = metadata.tables[name]
    return statement.returning(*table.primary_key.columns, *(table.c[column] for column in SEALED[FORM][name]))


def add_given(session: AnySession, name: str, rows: Iterable[Row]) -> None:
    """Note rows that are known to be as given now, and to bear no seal that says so."""
    if name in SEALED[FORM]:
        empty: dict[str, Any] = dict.fromkeys(SEALED[FORM][name])
        whole = {tuple(row[column] for column in _primary(name)): empty | dict(row) for row in rows}
        _touch(session, name, whole)
        session.info.setdefault(ADDED, {}).setdefault(name, {}).update(whole)


def _note(session: AnySession, name: str, statement: Statement, params: Mapping[str, Any] | None) -> None:
    """Note the rows that a statement is about to change."""
    if name not in SEALED[FORM]:
        return
    primary = tuple(metadata.tables[name].primary_key.columns)
    where = () if statement.whereclause is None else (statement.whereclause,)
    _touch(session, name, map(tuple, session.connection().execute(select(*primary).where(*where), params)))


def _refusing(execute: Callable[..., Any]) -> object:
    """A way to execute that refuses a statement beside `change` and `insert_once` before it runs: its rows would lose
    their seals. Queries are another type of statement and go as they always did."""
    guarded = singledispatchmethod(execute)

    @guarded.register(UpdateBase)
    def _(session: AnySession, statement: Any, *args: Any, **options: Any) -> Any:
        if (name := str(statement.table)) in SEALED[FORM]:
            raise RuntimeError(
                f"expected store.seals.change or insert_once for a statement on {name}, found one beside them"
            )
        return execute(session, statement, *args, **options)

    return guarded


for _way in ("exec", "execute", "scalar", "scalars"):
    setattr(Writer, _way, _refusing(getattr(Session, _way)))


def _flushed(_: Any, __: Connection, row: SQLModel) -> None:
    session = object_session(row)
    if isinstance(session, Writer):
        _touch(session, str(row.__tablename__), [tuple(inspect(row).mapper.primary_key_from_instance(row))])


for _sealed in (Event, Evidence, Change, Review, Delivery, Enclosure, Item, Audit):
    for _moment in ("after_insert", "after_update"):
        event.listen(_sealed, _moment, _flushed)
