"""How the watches fare, as lines for pages and the interface."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, col, desc, func, select

from monitor.standing.contract import RunLine, WatchLine
from monitor.standing.timeline import stamp
from monitor.watching.freshness import in_time
from sources.http.address import without_secrets
from store.tables import Run, Watch

RUNS = 5
"""Runs of late that are shown of each watch."""


def watches(session: Session, now: datetime, *, titles: Mapping[str, str] | None = None) -> list[WatchLine]:
    """How each active watch fares at a moment. `titles` are the names of sources for readers.

    `stale`: the last success is too old to vouch for anything (`monitor.watching.freshness`), or there was none.
    """
    recent: dict[int, list[RunLine]] = defaultdict(list)
    place = func.row_number().over(partition_by=col(Run.watch_id), order_by=desc(col(Run.id))).label("place")
    ranked = select(col(Run.id).label("id"), place).subquery()
    latest = select(Run).join(ranked, ranked.c.id == col(Run.id)).where(ranked.c.place <= RUNS)
    for run in session.exec(latest.order_by(desc(col(Run.id)))):
        recent[run.watch_id].append(_run_line(run))
    rows = session.exec(select(Watch).where(col(Watch.active)).order_by(Watch.name))
    return [_watch_line(watch, now, titles or {}, recent.get(watch.id or 0, [])) for watch in rows]


def _watch_line(watch: Watch, now: datetime, titles: Mapping[str, str], runs: list[RunLine]) -> WatchLine:
    return {
        "watch": watch.name,
        "source": watch.source,
        "title": titles.get(watch.source) or watch.source,
        "url": without_secrets(watch.url) if watch.url else None,
        "therapies": watch.therapies,
        "every_seconds": watch.every_seconds,
        "last_success_at": stamp(watch.last_success_at),
        "health": watch.health,
        "problem": watch.problem,
        "failures": watch.failures,
        "next_check_at": stamp(watch.next_check_at),
        "stale": not in_time(watch, now),
        "runs": runs,
    }


def _run_line(run: Run) -> RunLine:
    return {
        "started_at": stamp(run.started_at),
        "finished_at": stamp(run.finished_at),
        "outcome": run.outcome,
        "pages": run.pages,
        "records": run.records,
        "changes": run.changes,
        "events": run.events,
        "note": run.note,
        "ms": run.ms,
    }
