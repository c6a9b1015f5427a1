"""How a run ends: something read, nothing new, or a source problem. Each is noted on the run and on its watch."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from logging import INFO
from statistics import median
from typing import Any, Protocol, TypedDict

from sqlalchemy import Connection, Engine, bindparam
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from monitor.logs import log
from monitor.service import Service
from monitor.watching.captures import Fetching, remember
from monitor.watching.doorman import Implausible, Shrank
from monitor.watching.memory import Memories
from monitor.watching.odd import cause_of
from sources.base import Page, Source, Unexpected, Unreachable
from store.database import noting, writing
from store.states import Health, RunOutcome
from store.tables import Capture, Run, Watch, metadata

LONGEST_WAIT = timedelta(days=1)
"""A watch that fails is asked again after a day at the latest; a source may ask for a day of rest at most."""

SOON = 60  # seconds to the first try after trouble of our own

KEPT_OF_REFUSED = 3
"""Pages that are kept of an answer that as a whole is not believed."""

TROUBLE = (RunOutcome.FAILED, RunOutcome.REFUSED)
"""Outcomes of a run that did not succeed."""

WATCH, RUN = metadata.tables["watch"], metadata.tables["run"]
NOTE_RUN = RUN.insert()
NO_NEWS = {"outcome": RunOutcome.UNCHANGED, "records": 0, "changes": 0, "events": 0}
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
    session: Session, watch: Watch, now: datetime, pages: int, records: int, *, begun: int | None = None
) -> Run:
    """Add a run to the session, or go on with one that was `begun`; its outcome is noted before the session commits."""
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


def close_run(run: Run, started: float) -> None:
    """Note how long it took."""
    run.ms = round((time.monotonic() - started) * 1000)


def succeeded(
    watch: Watch, source: Source, pages: Sequence[Page], now: datetime, *, problem: str | None, sweep: bool
) -> None:
    """Note a good run on its watch."""
    watch.baseline_at = watch.baseline_at or now
    watch.last_success_at = now
    watch.failures, watch.problem = 0, problem
    watch.health = Health.OK if problem is None else Health.SHAPE_CHANGED
    watch.revision = source.revision
    watch.next_check_at = now + timedelta(seconds=watch.every_seconds)
    watch.swept_at = now if sweep else watch.swept_at
    if sizes := [len(page.body) for page in pages if len(pages) == 1 and not page.unchanged]:
        watch.sizes = [*watch.sizes, round(median(sizes))][-5:]
        watch.size_median = round(median(watch.sizes))


class Keeps(Protocol):
    """Where pages of a run came from, and how they are kept: a live fetch, or a recording."""

    pages: list[Page]
    sweep: bool

    def keep(self, session: Session, page: Page, *, refused: str | None = None) -> Capture:
        """Keep a page as evidence."""
        ...

    def remember(self, connection: Connection) -> None:
        """Note, at the end of a good run, what its pages said of themselves."""
        ...


class Looks:
    """Checks that found every page as it was: nothing to store but that we looked.

    Most checks end here, so they are written many at a time. A crash loses at most the notes not yet written, and then
    the next check looks again; no change is among them.
    """

    def __init__(self, engine: Engine, *, together: int = 64) -> None:
        self._engine = engine
        self._together = together
        self._waiting: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any] | None, Fetching]] = []
        self._lock = threading.Lock()
        self.memories: Memories | None = None  # of the watches of the round, where it is one of many

    def note(self, watch: Watch, fetch: Fetching, now: datetime, started: float) -> Checked:
        """Note that a watch was checked and nothing had moved; a record that was missing is missing still."""
        look = Checked(
            watch.name, RunOutcome.UNCHANGED, pages=len(fetch.pages), error=watch.problem,
            ms=round((time.monotonic() - started) * 1000),
        )  # fmt: skip
        run = NO_NEWS | {"watch_id": watch.id, "started_at": now, "finished_at": now, "note": watch.problem}
        run |= {"pages": look.pages, "ms": look.ms}
        then: dict[str, Any] = {"id_": watch.id, "now": now, "next": now + timedelta(seconds=watch.every_seconds)}
        health, more = Health.OK if watch.problem is None else watch.health, None
        if fetch.sweep or watch.failures or watch.health != health or watch.stamp_since == now:
            more = {"id_": watch.id, "said": watch.stamp, "said_since": watch.stamp_since, "now_is": health}
            more["swept"] = now if fetch.sweep else watch.swept_at
        with self._lock:
            self._waiting.append((run, then, more, fetch))
            if len(self._waiting) >= self._together:
                self._write()
        if log.level <= INFO:
            log.info("run", **look.line())
        return look

    def flush(self, also: Callable[[Connection], None] = lambda _: None) -> None:
        """Write what waits, and what is to be written `also`, in one transaction."""
        with self._lock:
            self._write(also)

    def _write(self, also: Callable[[Connection], None] = lambda _: None) -> None:
        with noting(self._engine) as connection:
            if self._waiting:
                runs, looks, more, fetches = zip(*self._waiting, strict=True)
                connection.execute(NOTE_RUN, runs)
                connection.execute(NOTE_LOOK, looks)
                if moved := list(filter(None, more)):
                    connection.execute(NOTE_MORE, moved)
                remember(connection, (page for fetch in fetches for page in fetch.learnt()))
            also(connection)
        self._waiting.clear()


class Unforeseen(Exception):
    """An exception that no step foresaw: of the adapter, the database or the machine. Its traceback is in the log."""

    def __init__(self, problem: BaseException) -> None:
        self.ours = isinstance(problem, SQLAlchemyError | MemoryError)
        super().__init__(f"unexpected {type(problem).__name__}: {cause_of(problem)}; the log has the traceback")


def _storable(problem: Exception) -> str:
    """The words of a problem as every database takes them: without NUL and without halves of characters."""
    return str(problem).replace("\0", "").encode("utf-8", "replace").decode()


def failed(
    service: Service, watch: Watch, fetch: Keeps | None, problem: Exception, now: datetime, started: float
) -> Checked:
    """A source problem: visible, counted, never a change. The old snapshot stays.

    Where not even that can be noted (the database is full, or locked for too long) it is only said: the lease of the
    watch then keeps the source from being asked again at once.
    """
    outcome = RunOutcome.FAILED if isinstance(problem, Unreachable | Unforeseen) else RunOutcome.REFUSED
    said = _storable(problem)
    try:
        with writing(service.engine) as session:
            watch = session.get_one(Watch, watch.id)
            run = open_run(session, watch, now, len(fetch.pages) if fetch else 0, 0)
            run.outcome, run.note = outcome, said
            for page in _evidence_of(problem, fetch):
                assert fetch is not None
                fetch.keep(session, page, refused=said)
            watch.failures += 1
            watch.health = _health(problem)
            watch.problem = said
            watch.next_check_at = now + _back_off(watch, problem)
            close_run(run, started)
    except (SQLAlchemyError, OSError, MemoryError) as trouble:
        log.exception("run not noted", watch=watch.name)
        return Troubled(watch.name, RunOutcome.FAILED, error=f"{said}; not noted: {cause_of(trouble)}")
    checked = result_of(watch, run)
    ours = isinstance(problem, Unforeseen) and problem.ours
    return Troubled(**vars(checked)) if ours else checked


def _evidence_of(problem: Exception, fetch: Keeps | None) -> Sequence[Page]:
    """The pages to keep of an answer that is not believed: the one at fault, else the last of the whole, so that who
    is to accept it can look at it."""
    if fetch is None:
        return ()
    page: Page | None = getattr(problem, "page", None)
    if page is not None:
        return (page,)
    refused = isinstance(problem, Implausible | Unexpected)
    whole = [one for one in fetch.pages if not one.unchanged] if refused else []
    return whole[-KEPT_OF_REFUSED:]


def _health(problem: Exception) -> Health:
    if isinstance(problem, Shrank):
        return Health.SHRANK
    if isinstance(problem, Unexpected):
        return Health.SHAPE_CHANGED
    return Health.BLOCKED if isinstance(problem, Implausible) else Health.FAILING


def _back_off(watch: Watch, problem: Exception) -> timedelta:
    """Double the interval up to a day, and never ask before the source said we may. Trouble of our own (the database,
    memory) is no reason to look away for long: the first waits are short."""
    ours = isinstance(problem, Unforeseen) and problem.ours
    first = min(SOON, watch.every_seconds) if ours else watch.every_seconds
    wait = min(LONGEST_WAIT, timedelta(seconds=first * 2 ** min(watch.failures - 1, 10)))
    asked = getattr(problem, "retry_after", None)
    return max(wait, timedelta(seconds=asked)) if asked else wait


def result_of(watch: Watch, run: Run) -> Checked:
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
