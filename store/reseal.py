"""Seals of older forms brought to today's, when a database is upgraded."""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from store.seals import FORM, SEAL, SEALED, Row, add_seals, digest, key_of, rows_of


def seal_all(connection: Connection, *, anew: bool) -> int:
    """Bring the seals of an older database to today's form, and say how many were added.

    A row that is what its seal says gets one of today's form; one that is not keeps the seal that shows it. What bears
    none is sealed where no form before could cover it: everything (`anew`), or a table that is new among the sealed.
    """
    return sum(add_seals(connection, [(name, row) for row in _due(connection, name, anew)]) for name in SEALED[FORM])


def _due(connection: Connection, name: str, anew: bool) -> Iterator[Row]:
    query = select(SEAL.c.row_key, SEAL.c.form, SEAL.c.digest).where(SEAL.c.table_name == name).order_by(SEAL.c.id)
    newest = {key: (form, mark) for key, form, mark in connection.execute(query)}
    anew = anew or (not newest and any(name not in tables for tables in SEALED.values()))
    for row in rows_of(connection, name):
        form, mark = newest.get(key_of(name, row), (0, ""))
        if (anew and not form) or (form and digest(name, row, form) == mark):
            yield row
