"""How a run ends: something read, or nothing new. Each is noted on the run and on its watch; a run that ends badly is
told in `bad_runs`."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from logging import INFO
from typing import TYPE_CHECKING, Any, Protocol, TypedDict

from sqlalchemy import Connection, Engine, bindparam

from monitor.logs import log
from monitor.watching.fetching import Fetching, remember
from monitor.watching.memory import Memories
from sources.base import Page
from store.database import noting
from store.look_columns import LEARNT, RUN, WATCH, Watched
from store.states import Health, RunOutcome

if TYPE_CHECKING:
    from sqlmodel import Session

    from store.tables import Capture, Run, Watch

LONGEST_WAIT = timedelta(days=1)
"""A watch that fails is asked again after a day at the latest; a source may ask for a day of rest at most."""

ASIDE = "aside"
"""Flag that holds the last run in which moved what items say beside their content."""

TOGETHER = 64  # looks without news that are written at a time

TROUBLE = (RunOutcome.FAILED, RunOutcome.REFUSED)
"""Outcomes of a run that did not succeed."""

NOTE_RUN = RUN.insert()
NO_NEWS = {"outcome": RunOutcome.UNCHANGED.value, "records": 0, "changes": 0, "events": 0}
LOOKED = WATCH.update().where(WATCH.c.id == bindparam("id_"))
NOTE_LOOK = LOOKED.values(last_success_at=bindparam("now"), next_check_at=bindparam("next"))
NOTE_MORE = LOOKED.values(
    swept_at=bindparam("swept"),
    stamp=bindparam("said"),
    stamp_since=bindparam("said_since"),
    failures=0,
    health=bindparam("now_is"),
)
"""For the few looks that moved more than the moment."""
NOTE_LEARNT = LOOKED.values({name: bindparam(f"new_{name}") for name in LEARNT})
"""For those of pages that move by themselves."""


class CheckLine(TypedDict):
    """A check as `therawatch check --json` prints it."""

    watch: str
    outcome: str
    pages: int
    records: int
    changes: int
    events: int
    error: str | None
    ms: int


@dataclass(frozen=True)
class Checked:
    """Outcome of one check, as the command prints it."""

    watch: str
    outcome: RunOutcome
    pages: int = 0
    records: int = 0
    changes: int = 0
    events: int = 0
    error: str | None = None
    ms: int = 0

    def line(self) -> CheckLine:
        """The contract's JSON line."""
        return {
            "watch": self.watch,
            "outcome": self.outcome,
            "pages": self.pages,
            "records": self.records,
            "changes": self.changes,
            "events": self.events,
            "error": self.error,
            "ms": self.ms,
        }


class Troubled(Checked):
    """A check that failed by trouble of our own, not of its source: the database takes nothing, memory ran out."""


def open_run(
    session: "Session", watch: "Watch", now: datetime, pages: int, records: int, *, begun: int | None = None
) -> "Run":
    """Add a run to the session, or go on with one that was `begun`; its outcome is noted before the session commits."""
    from store.tables import Run  # noqa: PLC0415 - a look without news adds its run by a statement

    assert watch.id is not None
    if begun is not None:
        run = session.get_one(Run, begun)
        run.records = records
        return run
    run = Run(
        watch_id=watch.id, started_at=now, finished_at=now, outcome=RunOutcome.UNCHANGED, pages=pages, records=records
    )
    session.add(run)
    session.flush()
    return run


def close_run(run: "Run", started: float) -> None:
    """Note how long it took."""
    run.ms = round((time.monotonic() - started) * 1000)


class Keeps(Protocol):
    """Where pages of a run came from, and how they are kept: a live fetch, or a recording."""

    pages: list[Page]
    sweep: bool

    def keep(self, session: "Session", page: Page, *, refused: str | None = None) -> "Capture":
        """Keep a page as evidence."""
        ...

    def remember(self, connection: Connection) -> None:
        """Note, at the end of a good run, what its pages said of themselves."""
        ...


_Noted = tuple[dict[str, Any], dict[str, Any], dict[str, Any] | None, dict[str, Any] | None, Fetching]
"""The run, the watch, what few looks move of it, what it learnt, and who fetched."""


@dataclass
class Looks:
    """Checks that found every page as it was: nothing to store but that we looked.

    Most checks end here, so they are written many at a time. A crash loses at most the notes not yet written, and then
    the next check looks again; no change is among them.
    """

    engine: Engine
    memories: Memories | None = None  # of the watches of the round, where it is one of many
    _waiting: list[_Noted] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(
        self,
        watch: Watched,
        fetch: Fetching,
        now: datetime,
        started: float,
        *,
        stamp: str | None = None,
        learnt: Mapping[str, Any] | None = None,
    ) -> Checked:
        """Note that a watch was checked and nothing had moved but perhaps the `stamp` of the source, or what moves by
        itself: that was `learnt`, by column. A record that was missing is missing still."""
        look = Checked(
            watch.name, RunOutcome.UNCHANGED, pages=len(fetch.pages), error=watch.problem,
            ms=round((time.monotonic() - started) * 1000),
        )  # fmt: skip
        run = NO_NEWS | {"watch_id": watch.id, "started_at": now, "finished_at": now, "note": watch.problem}
        run |= {"pages": look.pages, "ms": look.ms}
        then: dict[str, Any] = {"id_": watch.id, "now": now, "next": now + timedelta(seconds=watch.every_seconds)}
        health, more = Health.OK if watch.problem is None else watch.health, None
        moved = stamp is not None and stamp != watch.stamp
        if fetch.sweep or watch.failures or watch.health != health or moved:
            said, since = (stamp, now) if moved else (watch.stamp, watch.stamp_since)
            more = {"id_": watch.id, "said": said, "said_since": since, "now_is": str(health)}
            more["swept"] = now if fetch.sweep else watch.swept_at
        new = {"id_": watch.id} | {f"new_{name}": learnt[name] for name in LEARNT} if learnt else None
        with self._lock:
            self._waiting.append((run, then, more, new, fetch))
            if len(self._waiting) >= TOGETHER:
                self._write()
        if log.level <= INFO:
            log.info("run", **look.line())
        return look

    def flush(self, also: Callable[[Connection], None] = lambda _: None) -> None:
        """Write what waits, and what is to be written `also`, in one transaction."""
        with self._lock:
            self._write(also)

    def _write(self, also: Callable[[Connection], None] = lambda _: None) -> None:
        with noting(self.engine) as connection:
            if self._waiting:
                runs, looks, more, learnt, fetches = zip(*self._waiting, strict=True)
                connection.execute(NOTE_RUN, runs)
                connection.execute(NOTE_LOOK, looks)
                for statement, rows in ((NOTE_MORE, more), (NOTE_LEARNT, learnt)):
                    if moved := list(filter(None, rows)):
                        connection.execute(statement, moved)
                remember(connection, (page for fetch in fetches for page in fetch.learnt()))
            also(connection)
        self._waiting.clear()


def result_of(watch: "Watch", run: "Run") -> Checked:
    checked = Checked(
        watch=watch.name,
        outcome=run.outcome,
        pages=run.pages,
        records=run.records,
        changes=run.changes,
        events=run.events,
        error=watch.problem,  # a note of a good run is none
        ms=run.ms,
    )
    if run.outcome in TROUBLE:
        log.warning("run", **checked.line())
    elif log.level <= INFO:
        log.info("run", **checked.line())
    return checked
