"""After a good round: noted in the store, and told to the address that waits for it, since a monitor cannot report its
own death.

A round is good when nothing of it was lost by trouble of our own; that a source is away has other ways to show. The
call is one POST without contents through the guarded client, in a thread of its own: whatever becomes of it, the round
is over by then, and no other waits for it.
"""

import json
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, select

from monitor.logs import log
from monitor.service import Service
from sources.base import SourceError
from store.columns import FLAG
from store.database import AT_ONCE, noting

ROUND = "round"
"""The flag that holds when the last good round ended and how long it took."""
NOTED = select(FLAG.c.value).where(FLAG.c.name == ROUND)
NOTE = FLAG.update().where(FLAG.c.name == ROUND).values(value=bindparam("new"))

RARELY = 60.0
"""Seconds between two notes and calls: rounds are more frequent, and most find nothing due."""

DEADLINE = 10.0
"""Seconds that a call may take."""


@dataclass(frozen=True)
class Round:
    """The last good round: when it ended by the real clock, and how many seconds it took."""

    at: datetime
    seconds: float


def last_round(connection: Connection) -> Round | None:
    """The last good round that was noted."""
    value = connection.scalar(NOTED)
    if value is None:
        return None
    noted = json.loads(value)
    return Round(datetime.fromisoformat(noted["at"]), float(noted["seconds"]))


def note_round(service: Service, seconds: float) -> None:
    """Note that a good round has ended."""
    value = json.dumps({"at": datetime.now(UTC).isoformat(), "seconds": round(seconds, 3)})
    with noting(service.engine, AT_ONCE) as connection:
        if not connection.execute(NOTE, {"new": value}).rowcount:
            connection.execute(FLAG.insert(), {"name": ROUND, "value": value})


def call(service: Service) -> threading.Thread | None:
    """Call the address of the heartbeat, where there is one, in a thread that is returned and holds up nobody."""
    if service.settings.heartbeat_url is None:
        return None
    calling = threading.Thread(target=_call, args=(service, service.settings.heartbeat_url), name="heartbeat")
    calling.daemon = True
    calling.start()
    return calling


def _call(service: Service, url: str) -> None:
    try:
        answer = service.client.post(url, body=b"", headers={}, deadline=DEADLINE)
    except SourceError as problem:
        log.warning("heartbeat not taken", why=str(problem))
        return
    if not 200 <= answer.status < 300:
        log.warning("heartbeat not taken", why=f"status {answer.status}")


class Heartbeat:
    """The heartbeat of a process that goes round and round: at most one note a minute, one call at a time."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._last: float | None = None
        self._calling: threading.Thread | None = None

    def beat(self, seconds: float) -> None:
        """A good round has ended that took so long."""
        now = time.monotonic()
        if self._last is not None and now - self._last < RARELY:
            return
        self._last = now
        note_round(self._service, seconds)
        if self._calling is None or not self._calling.is_alive():
            self._calling = call(self._service)
