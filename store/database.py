"""Sessions. Writers take turns; readers never block them (WAL)."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from sqlmodel import Session

QUEUE = threading.RLock()
"""Where the writers of this process wait for one another. SQLite's own waiting is unfair: with many threads one of them
starves until its patience ends. What is left to it are the writers of other processes."""


@dataclass(frozen=True)
class Kept:
    """When a commit is on the disk, in the words of each database."""

    sqlite: str
    postgresql: str


AT_ONCE = Kept("FULL", "on")
LATER = Kept("NORMAL", "off")
"""Whole and in order all the same: a loss of power takes the last commits, never a part of one."""

TURN = 0x7E7A  # names our turn among the advisory locks of a PostgreSQL database


def __getattr__(name: str) -> "type[Session]":
    """`reading`: a session for queries, to be opened on an engine by a `with`: one transaction from the first question
    on, in which the database stands still. What it holds is never written. A round without news asks for none, and
    imports no mapper."""
    if name != "reading":
        raise AttributeError(name)
    from sqlmodel import Session  # noqa: PLC0415 - as it says

    globals()[name] = Session
    return Session


@contextmanager
def writing(engine: Engine, kept: Kept = AT_ONCE) -> "Iterator[Session]":
    """One transaction: committed when the block ends, rolled back when it raises.

    Writers take turns, so that numbers and hash chains have no gaps; those of one process stand in a queue. What is
    `LATER` on the disk is only what would be worked out again, with the same outcome, before anybody outside hears.
    """
    from store.seals import ADDED, TOUCHED, Writer, seal_touched  # noqa: PLC0415 - as above
    from store.search import SEARCHED, index_touched  # noqa: PLC0415

    with QUEUE, Writer(engine, expire_on_commit=False) as session, session.begin():
        connection = session.connection()
        take_turn(connection, kept)
        yield session
        session.flush()
        if touched := session.info.pop(TOUCHED, None):
            seal_touched(connection, touched, session.info.pop(ADDED, {}))
            if not touched.keys().isdisjoint(SEARCHED):
                index_touched(connection, touched)


@contextmanager
def noting(engine: Engine, kept: Kept = LATER) -> Iterator[Connection]:
    """The same without a session, for a few statements on tables that bear no seals. Most may be lost with the power:
    leases, and looks that found nothing new. It does not wait for the disk; what is written later takes it along."""
    with QUEUE, engine.begin() as connection:
        take_turn(connection, kept)
        yield connection


def take_turn(connection: Connection, kept: Kept = AT_ONCE) -> None:
    """Be the only one who writes until the transaction ends, which has just begun.

    On SQLite the write lock is taken at once: read-then-write in a plain BEGIN fails under contention whatever the busy
    timeout says. PostgreSQL has an advisory lock for it.
    """
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection  # at a twentieth of the cost
        driver.execute("ROLLBACK")
        if connection.info.get("kept", AT_ONCE) is not kept:
            driver.execute(f"PRAGMA synchronous={kept.sqlite}")
            connection.info["kept"] = kept
        try:
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as problem:  # locked for too long, full, damaged: in the words of everybody else's faults
            raise DBAPIError.instance("BEGIN IMMEDIATE", None, problem, sqlite3.Error) from problem
    else:
        patient = func.set_config("synchronous_commit", kept.postgresql, True)
        connection.execute(select(func.pg_advisory_xact_lock(TURN), patient))
