"""How the watches fare, as lines for pages and the interface."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import union_all
from sqlmodel import Session, col, desc, select

from monitor.standing.contract import RunLine, WatchLine
from monitor.standing.timeline import stamp
from monitor.watching.freshness import age_of, in_time
from monitor.watching.manners import hosts_without_rules
from sources.base import Source, Unreachable
from sources.http.address import address_of, without_secrets
from store.states import Health
from store.tables import Run, Watch

UNCONFIRMED = "its address is not confirmed: it has not answered here yet"
RUNS = 5
"""Runs of late that are shown of each watch."""

_OF_ONE = select(Run.id).where(Run.watch_id == Watch.id).order_by(desc(col(Run.id))).limit(1).correlate(Watch)
_IDS = [select(_OF_ONE.offset(place).scalar_subquery()).where(col(Watch.active)) for place in range(RUNS)]
LATEST = select(Run).where(col(Run.id).in_(union_all(*_IDS))).order_by(desc(col(Run.id)))
"""Those runs, each found by an index: to number all the runs of years takes as long as there are of them."""


def watches(
    session: Session,
    now: datetime,
    *,
    sources: Mapping[str, type[Source]],
    titles: Mapping[str, str] | None = None,
    unconfirmed: Collection[str] = (),
) -> list[WatchLine]:
    """How each active watch fares at a moment. `titles` are the names of watches for readers, `unconfirmed` those of
    which the pack says that their address is not confirmed.

    `stale`: the last success is too old to vouch for anything (`monitor.watching.freshness`), or there was none.
    """
    recent: dict[int, list[RunLine]] = defaultdict(list)
    for run in session.exec(LATEST):
        recent[run.watch_id].append(_run_line(run))
    rows = session.exec(select(Watch).where(col(Watch.active)).order_by(Watch.name))
    pages = hosts_without_rules(session)
    lines = []
    for watch in rows:
        remarks = [*_remarks(watch, pages), *([UNCONFIRMED] if watch.name in unconfirmed and _mute(watch) else [])]
        runs = recent.get(watch.id or 0, [])
        lines.append(_watch_line(watch, now, sources.get(watch.source), titles or {}, runs, remarks))
    return lines


def _mute(watch: Watch) -> bool:
    return watch.last_success_at is None


def _remarks(watch: Watch, pages: frozenset[str]) -> list[str]:
    """What a maintainer should know of a watch that is no problem."""
    try:
        shown = bool(pages and watch.url) and address_of(str(watch.url)).place in pages
    except Unreachable:  # no address: the watch says so itself
        return []
    if not shown:
        return []
    return ["its host has no robots.txt but a web page, or redirects that lead nowhere: there are no rules"]


def _watch_line(
    watch: Watch,
    now: datetime,
    source: type[Source] | None,
    titles: Mapping[str, str],
    runs: list[RunLine],
    remarks: list[str],
) -> WatchLine:
    age, stale = age_of(watch, source, now), not in_time(watch, now)
    well = watch.health == Health.OK
    return {
        "watch": watch.name,
        "source": watch.source,
        "title": titles.get(watch.name) or titles.get(watch.source) or watch.source,
        "url": without_secrets(watch.url) if watch.url else None,
        "therapies": watch.therapies,
        "every_seconds": watch.every_seconds,
        "last_success_at": stamp(watch.last_success_at),
        "health": Health.FROZEN if age.frozen and well else Health.LATE if stale and well else watch.health,
        "problem": "; ".join(filter(None, (watch.problem, age.frozen))) or None,
        "data_of": age.stamp,
        "newest_entry": age.newest_entry,
        "remarks": remarks,
        "failures": watch.failures,
        "next_check_at": stamp(watch.next_check_at),
        "stale": stale,
        "paused_at": stamp(watch.paused_at) if watch.paused_at else None,
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
