"""Which of several clocks on one database ticks: one leads, and when it dies another takes over."""

import threading

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from monitor.logs import log

LEAD = 0x7E7C
"""Names the lead among the advisory locks of a PostgreSQL database."""


class Leader:
    """The lead of one database, held or not.

    On PostgreSQL it is an advisory lock of a connection kept open for it: the database gives it to another as soon as
    the connection ends, however that happens. An SQLite file has one clock, and `serve` holds a lock file beside it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._alone = engine.dialect.name != "postgresql"
        self._connection: Connection | None = None
        self._lock = threading.Lock()
        self._said: bool | None = None

    def leads(self) -> bool:
        """Whether this process leads now; takes the lead where nobody has it. Says so at first, and
        when it changes."""
        if self._alone:
            return True
        with self._lock:
            has = self._holds() or self._takes()
            news, self._said = has != self._said, has
        if news:
            log.info("this clock leads" if has else "this clock stands by: another one leads")
        return has

    def resign(self) -> None:
        """Leave the lead to others."""
        with self._lock:
            if self._connection is not None:
                self._connection.invalidate()  # the lock ends with the connection, which goes into no pool
                self._drop()

    def _holds(self) -> bool:
        if self._connection is None:
            return False
        try:
            self._connection.execute(select(1))
        except SQLAlchemyError:
            self._drop()
        return self._connection is not None

    def _takes(self) -> bool:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if connection.scalar(select(func.pg_try_advisory_lock(LEAD))):
            self._connection = connection
            return True
        connection.close()
        return False

    def _drop(self) -> None:
        assert self._connection is not None
        self._connection.close()
        self._connection = None
