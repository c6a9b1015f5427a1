"""When an answer may have moved: at the newest seal of an event, of its evidence or of a review."""

from sqlalchemy import Select, literal_column, select

from store.columns import SEAL, word

TELLING = ("event", "evidence", "review")
"""Tables of which a new seal may move an answer."""

NEWEST: Select[tuple[int]] = (
    select(SEAL.c.id)
    .where((SEAL.c.table_name + literal_column("''")).in_([word(table) for table in TELLING]))
    .order_by(SEAL.c.id.desc())
    .limit(1)
)
"""Answered by the index of these alone (`ix_seal_told`), which is made in the same words; by the bare name SQLite would
sort all of theirs by the index of rows."""
