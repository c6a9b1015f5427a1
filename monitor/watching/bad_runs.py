"""How a run ends badly: a source problem is noted on the run and on its watch, and the old snapshot stays."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from monitor.logs import log
from monitor.service import Service
from monitor.watching.doorman import Implausible, Shrank
from monitor.watching.odd import cause_of
from monitor.watching.runs import LONGEST_WAIT, Checked, Keeps, Troubled, close_run, open_run, result_of
from sources.base import Page, Unexpected, Unreachable
from store.database import writing
from store.look_columns import Watched
from store.states import Health, RunOutcome
from store.tables import Watch

SOON = 60  # seconds to the first try after trouble of our own

KEPT_OF_REFUSED = 3
"""Pages that are kept of an answer that as a whole is not believed."""


class Unforeseen(Exception):
    """An exception that no step foresaw: of the adapter, the database or the machine. Its traceback is in the log."""

    def __init__(self, problem: BaseException) -> None:
        self.ours = isinstance(problem, SQLAlchemyError | MemoryError)
        super().__init__(f"unexpected {type(problem).__name__}: {cause_of(problem)}; the log has the traceback")


def _storable(problem: Exception) -> str:
    """The words of a problem as every database takes them: without NUL and without halves of characters."""
    return str(problem).replace("\0", "").encode("utf-8", "replace").decode()


def failed(
    service: Service, look: Watched, fetch: Keeps | None, problem: Exception, now: datetime, started: float
) -> Checked:
    """A source problem: visible, counted, never a change. The old snapshot stays.

    Where not even that can be noted (the database is full, or locked for too long) it is only said: the lease of the
    watch then keeps the source from being asked again at once.
    """
    outcome = RunOutcome.FAILED if isinstance(problem, Unreachable | Unforeseen) else RunOutcome.REFUSED
    said = _storable(problem)
    try:
        with writing(service.engine) as session:
            watch = session.get_one(Watch, look.id)
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
        log.exception("run not noted", watch=look.name)
        return Troubled(look.name, RunOutcome.FAILED, error=f"{said}; not noted: {cause_of(trouble)}")
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
