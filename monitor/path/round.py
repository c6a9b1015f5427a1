"""One round of looking: what is due, leased, checked several at a time, each watch on its own."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, bindparam
from sqlalchemy.orm import defer
from sqlmodel import col, select

from monitor.logs import log
from monitor.path.check import LEARNT, check
from monitor.path.read import LIVE, Guard
from monitor.service import Service
from monitor.standing.overdue import note_overdue
from monitor.watching.leases import FREE, Leases, real_time
from monitor.watching.memory import Memories, hosts_of
from monitor.watching.runs import LONGEST_WAIT, Checked, Looks
from store.database import reading, writing
from store.tables import Watch

ACTIVE = (
    select(Watch)
    .options(*(defer(learnt) for learnt in LEARNT))
    .where(col(Watch.active).is_(True))
    .order_by(col(Watch.next_check_at), col(Watch.id))
)
AWAKE = ACTIVE.where(col(Watch.paused_at).is_(None))
DUE = AWAKE.where(col(Watch.next_check_at) <= bindparam("now"), FREE)
LATE = ACTIVE.where(col(Watch.next_check_at) > bindparam("latest"))
NEXT_CHECKS = LATE.with_only_columns(col(Watch.next_check_at), col(Watch.every_seconds))


def check_all(
    service: Service,
    names: Sequence[str] = (),
    *,
    everything: bool = False,
    workers: int = 4,
    guard: Guard = LIVE,
    stop: Callable[[], bool] = bool,
) -> Iterator[Checked]:
    """Check what is due (or everything, or the named watches), several at a time; yields as they finish. Then what
    should have come by now and did not is recorded. What another process looks at is left to it, unless asked for.

    No further watch is begun once `stop` says so. Raises KeyError with the names that are no active watch.
    """
    watches = due(service, names, everything=everything, pull=True)
    looks, leases = Looks(service.engine), Leases(service.engine, service.settings.lease_seconds)

    def begin(watch: Watch) -> Checked | None:
        if stop():
            return None
        return check(service, watch, looks, guard)

    if watches:
        with leases.held(watches, asked=bool(names) or everything, last=looks.flush) as ours:
            looks.memories = Memories(service.engine, ours, hosts_of(service.engine))
            yield from filter(None, _several(begin, ours, workers))
    if not stop():
        note_overdue(service)


def _several(
    begin: Callable[[Watch], Checked | None], watches: Sequence[Watch], workers: int
) -> Iterator[Checked | None]:
    """What comes of each watch, as they finish; one at a time needs no threads."""
    if workers <= 1:
        yield from map(begin, watches)
        return
    with ThreadPoolExecutor(workers, thread_name_prefix="check") as pool:
        for done in as_completed([pool.submit(begin, watch) for watch in watches]):
            yield done.result()


def due(service: Service, names: Sequence[str] = (), *, everything: bool = False, pull: bool = False) -> list[Watch]:
    """The watches to check now, the longest due first; those too that a clock which ran ahead has put off, where they
    may be pulled back; one that rests only when it is named. Raises KeyError with the names that are no active
    watch."""
    now, query, values = service.now(), ACTIVE if names else AWAKE, dict[str, datetime]()
    if not (asked := bool(names) or everything):
        query, values = DUE, {"now": now} | real_time(timedelta(seconds=service.settings.lease_seconds))
    with reading(service.engine) as session:
        watches = list(session.exec(query)) if asked else None
        if pull and any(ahead(watch, now) for watch in watches or _late(session.connection(), now)):
            session.rollback()
            pull_back(service)
            watches = None
        if watches is None:
            watches = list(session.exec(query, params=values))
    if unknown := set(names) - {watch.name for watch in watches}:
        raise KeyError(", ".join(sorted(unknown)))
    return [watch for watch in watches if not names or watch.name in names]


def pull_back(service: Service) -> list[str]:
    """Make due what a clock that ran ahead has put off further than any schedule does; returns the names of these
    watches, and says them aloud."""
    now = service.now()
    with writing(service.engine) as session:
        pulled = [w for w in session.exec(LATE, params={"latest": now + LONGEST_WAIT}) if ahead(w, now)]
        for watch in pulled:
            log.warning("next check pulled back", watch=watch.name, was=watch.next_check_at.isoformat())
            watch.next_check_at = now
            session.add(watch)
        return [watch.name for watch in pulled]


def _late(connection: Connection, now: datetime) -> Sequence[Row[datetime, int]]:
    return connection.execute(NEXT_CHECKS, {"latest": now + LONGEST_WAIT}).all()


def ahead(watch: Watch | Row[datetime, int], now: datetime) -> bool:
    """Whether a watch waits longer than its own interval and any back-off: a clock that ran ahead wrote that."""
    return watch.next_check_at > now + max(LONGEST_WAIT, timedelta(seconds=watch.every_seconds))
