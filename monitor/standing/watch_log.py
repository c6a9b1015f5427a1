"""How the watches fare, as lines for pages and the interface."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import select as columns
from sqlalchemy import union_all
from sqlmodel import Session, col, desc, select
from sqlmodel.sql.expression import SelectOfScalar

from monitor.standing.contract import RunLine, WatchLine
from monitor.standing.timeline import stamp
from monitor.watching.freshness import age_of, in_time
from monitor.watching.manners import hosts_without_rules
from sources.base import Source, Unreachable
from sources.http.address import address_of, without_secrets
from store.columns import WATCH, WEIGHING, Looking
from store.states import Health
from store.tables import Run, Watch

UNCONFIRMED = "its address is not confirmed: it has not answered here yet"
RUNS = 5
"""Runs of late that are shown of each watch."""

_OF_ONE = select(Run.id).where(Run.watch_id == Watch.id).order_by(desc(col(Run.id))).limit(1).correlate(Watch)


@dataclass(frozen=True, slots=True)
class Part:
    """Which watches of thousands: those of these names, or so many of those whose name comes after one."""

    names: Collection[str] | None = None
    after: str = ""
    limit: int | None = None


ALL = Part()


def watches(
    session: Session,
    now: datetime,
    *,
    sources: Mapping[str, type[Source]],
    titles: Mapping[str, str] | None = None,
    unconfirmed: Collection[str] = (),
    part: Part = ALL,
) -> list[WatchLine]:
    """How each active watch fares at a moment, by name. `titles` are the names of watches for readers, `unconfirmed`
    those of which the pack says that their address is not confirmed.

    `stale`: the last success is too old to vouch for anything (`monitor.watching.freshness`), or there was none.
    """
    query = select(Watch).where(col(Watch.active)).order_by(Watch.name)
    query = query if part.names is None else query.where(col(Watch.name).in_(part.names))
    rows = session.exec((query.where(Watch.name > part.after) if part.after else query).limit(part.limit)).all()
    recent: dict[int, list[RunLine]] = defaultdict(list)
    for run in session.exec(_latest(None if part == ALL else [watch.id for watch in rows])):
        recent[run.watch_id].append(_run_line(run))
    pages = hosts_without_rules(session.connection())
    lines = []
    for watch in rows:
        remarks = [*_remarks(watch, pages), *([UNCONFIRMED] if watch.name in unconfirmed and _mute(watch) else [])]
        runs = recent.get(watch.id or 0, [])
        lines.append(_watch_line(watch, now, sources.get(watch.source), titles or {}, runs, remarks))
    return lines


def trouble_first(session: Session, now: datetime, sources: Mapping[str, type[Source]]) -> tuple[list[str], int]:
    """The names of the active watches, those that do not answer as they should first; and how many answer in time."""
    rows = session.connection().execute(columns(*_WEIGHED).where(WATCH.c.active).order_by(WATCH.c.name)).all()
    found, timely = cast(Sequence[Looking], rows), 0
    well, ill = list[str](), list[str]()
    for watch in found:
        good = in_time(watch, now)
        timely += good
        fresh = good and watch.health == Health.OK and not age_of(watch, sources.get(watch.source), now).frozen
        (well if fresh else ill).append(watch.name)
    return [*ill, *well], timely


_ASKED = {"name", "source", "health", "last_success_at", "every_seconds", "stamp", "stamp_since", "noise"}
_WEIGHED = [one for one in WEIGHING if one.name in _ASKED]
"""What `in_time` and `age_of` ask of a watch."""


def _latest(watches: Collection[int | None] | None) -> SelectOfScalar[Run]:
    """The last runs of these watches (None: of all), each found by an index: to number all the runs of years takes as
    long as there are of them."""
    of = col(Watch.active) if watches is None else col(Watch.id).in_(watches)
    ids = [select(_OF_ONE.offset(place).scalar_subquery()).where(of) for place in range(RUNS)]
    return select(Run).where(col(Run.id).in_(union_all(*ids))).order_by(desc(col(Run.id)))


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
