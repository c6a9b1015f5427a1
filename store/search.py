"""What the lists are searched by: the words of each change and event.

The words lie beside the rows, in FTS5 tables on SQLite and as `tsvector` on PostgreSQL. Both hold the words that
`words_of` takes from a text, so that one question finds the same rows on either. `store.database.writing` ends by
keeping them in step with what its transaction touched.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, cast, column, literal, literal_column, select, table, text
from sqlalchemy import event as listening

from store.tables import Change, Event, Evidence, Item, metadata

CJK = "\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff"
WORD = re.compile(rf"(?=\w)[{CJK}]|[^\W_{CJK}]+")
"""A run of letters and digits; of writing without blanks each sign is a word."""
LONGEST, MOST = 64, 5000
"""Signs of a word that count, and different words of a row."""
BATCH = 500

EVENT, CHANGE, EVIDENCE, ITEM = (metadata.tables[str(one.__tablename__)] for one in (Event, Change, Evidence, Item))
NUMBERED: Mapping[str, ColumnElement[int]] = {"event": EVENT.c.sequence, "change": CHANGE.c.id}
"""Table whose rows are searched to the number that stands for a row among the words."""
OF_EVENT = ("title", "therapy", "drug", "trial", "agency", "place", "type", "note")
OF_EVIDENCE = ("source", "quote")

TABLES = {
    "sqlite": (
        "CREATE VIRTUAL TABLE IF NOT EXISTS event_words USING fts5(words, detail=none, tokenize='ascii')",
        # without a copy of the words: a change is never rewritten
        "CREATE VIRTUAL TABLE IF NOT EXISTS change_words USING fts5(words, content='', detail=none, tokenize='ascii')",
    ),
    "postgresql": (
        "CREATE TABLE IF NOT EXISTS event_words (number integer PRIMARY KEY, words tsvector NOT NULL)",
        "CREATE TABLE IF NOT EXISTS change_words (number integer PRIMARY KEY, words tsvector NOT NULL)",
        "CREATE INDEX IF NOT EXISTS ix_event_words ON event_words USING gin (words)",
        "CREATE INDEX IF NOT EXISTS ix_change_words ON change_words USING gin (words)",
    ),
}
"""What makes the tables of the words, which SQLAlchemy has no words for."""

Words = list[str]
Touched = Mapping[str, set[tuple[Any, ...]]]


def words_of(text: str) -> Words:
    """The different words of a text in their order, without case, accents and the s of a plural."""
    if text.isascii():
        plain = text.lower()
    else:
        parts = unicodedata.normalize("NFKD", text.casefold())
        plain = unicodedata.normalize("NFC", "".join(sign for sign in parts if unicodedata.category(sign) != "Mn"))
    return list(dict.fromkeys(_singular(word[:LONGEST]) for word in WORD.findall(plain)))[:MOST]


def _singular(word: str) -> str:
    if len(word) < 4 or word[-1] != "s" or word[-2] in "suio" or not word.isascii():
        return word
    return word[:-3] + "y" if word.endswith("ies") else word[:-1]


def holding(
    dialect: str, name: str, words: Sequence[str], any_of: Sequence[Sequence[str]] = ()
) -> tuple[ColumnElement[int], ColumnElement[bool]]:
    """The number of a row among the words of a table, and that the row holds all of these words, and all the words of
    one of some groups. At least one word or group is needed."""
    if dialect == "sqlite":
        beside = table(f"{name}_words", column("rowid"))
        asked = _asked(words, any_of, quote='"', both=" AND ", either=" OR ")
        return beside.c.rowid, literal_column(f"{name}_words", String()).op("MATCH", is_comparison=True)(literal(asked))
    beside = table(f"{name}_words", column("number"), column("words"))
    asked = _asked(words, any_of, quote="'", both=" & ", either=" | ")
    from sqlalchemy.dialects.postgresql import TSQUERY  # noqa: PLC0415 - no other database asks for its dialect

    return beside.c.number, beside.c.words.op("@@", is_comparison=True)(cast(literal(asked), TSQUERY))


def _asked(words: Sequence[str], any_of: Sequence[Sequence[str]], *, quote: str, both: str, either: str) -> str:
    """The question in the language of a database. The words hold letters and digits alone, so nothing is to escape."""

    def every(of: Sequence[str]) -> str:
        return both.join(f"{quote}{word}{quote}" for word in of)

    groups = [f"({either.join(f'({every(group)})' for group in any_of)})"] if any_of else []
    return both.join([every(words)] * bool(words) + groups)


# In step -------------------------------------------------------------------------------------------------------------


SEARCHED = frozenset({"event", "evidence", "change"})
"""Tables of whose rows words are noted."""


def index_touched(connection: Connection, touched: Touched) -> None:
    """Note the words of what a transaction has touched."""
    ids = {key[0] for key in touched.get("event", ())}
    if proofs := [key[0] for key in touched.get("evidence", ())]:
        for some in _batches(proofs):
            ids |= set(connection.scalars(select(EVIDENCE.c.event_id).where(EVIDENCE.c.id.in_(some))))
    for some in _batches(sorted(ids)):
        _index_events(connection, EVENT.c.id.in_(some))
    for some in _batches(sorted(key[0] for key in touched.get("change", ()))):
        _index_changes(connection, CHANGE.c.id.in_(some))


def index_all(connection: Connection) -> None:
    """Note the words of every row that has none yet: of a database from before there were any."""
    for name, index in (("change", _index_changes), ("event", _index_events)):
        number = NUMBERED[name]
        last = connection.scalar(text(f"SELECT max({_number(connection)}) FROM {name}_words")) or 0
        while some := connection.scalars(select(number).where(number > last).order_by(number).limit(BATCH)).all():
            index(connection, number.in_(some))
            last = some[-1]


def _index_events(connection: Connection, which: ColumnElement[bool]) -> None:
    rows = connection.execute(select(EVENT.c.id, EVENT.c.sequence, *(EVENT.c[name] for name in OF_EVENT)).where(which))
    texts = {row.id: [row.sequence, *(getattr(row, name) for name in OF_EVENT)] for row in rows}
    told = select(EVIDENCE.c.event_id, *(EVIDENCE.c[name] for name in OF_EVIDENCE))
    for id, *parts in connection.execute(told.where(EVIDENCE.c.event_id.in_(texts)).order_by(EVIDENCE.c.id)):
        texts[id] += parts
    fresh = {number: words_of(" ".join(filter(None, parts)).replace("_", " ")) for number, *parts in texts.values()}
    known = _known(connection, list(fresh))
    put_words(connection, "event", {n: words for n, words in fresh.items() if known.get(n) != set(words)}, known)


def _known(connection: Connection, numbers: Sequence[int]) -> dict[int, set[str]]:
    """The words that are noted of these events, so that only what has changed is written."""
    number = _number(connection)
    words = "words" if number == "rowid" else "array_to_string(tsvector_to_array(words), ' ')"
    listed = ", ".join(map(str, numbers))
    rows = connection.exec_driver_sql(f"SELECT {number}, {words} FROM event_words WHERE {number} IN ({listed})")
    return {key: set(words.split()) for key, words in rows}


def _index_changes(connection: Connection, which: ColumnElement[bool]) -> None:
    query = select(CHANGE.c.id, CHANGE.c.differences, ITEM.c.title, ITEM.c.key, ITEM.c.source)
    rows = connection.execute(query.join(ITEM, ITEM.c.id == CHANGE.c.item_id).where(which))
    put_words(connection, "change", {row.id: change_words(row.differences, row[2:]) for row in rows})


def change_words(differences: Sequence[Mapping[str, Any]], texts: Sequence[str]) -> Words:
    """The words of a change: of its item, and of what differed, before and after."""
    fields = [one[name] for one in differences for name in ("field", "path")]
    values = (one[name] for one in differences for name in ("before", "after"))
    return words_of(" ".join([*texts, *fields, *(str(part) for value in values for part in _leaves(value))]))


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    elif value is not None:
        yield value


def put_words(connection: Connection, name: str, words: Mapping[int, Words], known: Iterable[int] = ()) -> None:
    """Write words down; of rows that are `known` there, in place of the old ones."""
    stale = [{"number": number} for number in set(known) & set(words)]
    rows = [{"number": number, "words": " ".join(of_row)} for number, of_row in words.items()]
    if not rows:
        return
    key = _number(connection)
    if stale:
        connection.execute(text(f"DELETE FROM {name}_words WHERE {key} = :number"), stale)
    value = ":words" if key == "rowid" else "array_to_tsvector(string_to_array(:words, ' '))"
    connection.execute(text(f"INSERT INTO {name}_words ({key}, words) VALUES (:number, {value})"), rows)


def _number(connection: Connection) -> str:
    return "rowid" if connection.dialect.name == "sqlite" else "number"


def _batches(keys: Sequence[Any]) -> Iterator[Sequence[Any]]:
    yield from (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))


def create_tables(_: Any, connection: Connection, **__: Any) -> None:
    """Make the tables of the words, as metadata.create_all and the migrations do."""
    for statement in TABLES[connection.dialect.name]:
        connection.exec_driver_sql(statement)


listening.listen(metadata, "after_create", create_tables)
