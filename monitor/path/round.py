"""One round of looking: what is due, leased, checked several at a time, each watch on its own."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime, timedelta
from typing import Protocol, cast

from sqlalchemy import Connection, bindparam, select

from monitor.logs import log
from monitor.path.check import check
from monitor.service import Service
from monitor.standing.stillness import note_overdue
from monitor.watching.guards import LIVE, Guard
from monitor.watching.leases import FREE, Leases, real_time
from monitor.watching.memory import Memories
from monitor.watching.runs import LONGEST_WAIT, Checked, Looks
from store.database import AT_ONCE, noting
from store.look_columns import LEARNT, WATCH, Watched

ACTIVE = (
    select(*(one for one in WATCH.c if one.name not in LEARNT))
    .where(WATCH.c.active.is_(True))
    .order_by(WATCH.c.next_check_at, WATCH.c.id)
)
AWAKE = ACTIVE.where(WATCH.c.paused_at.is_(None))
DUE = AWAKE.where(WATCH.c.next_check_at <= bindparam("now"), FREE)
LATE = ACTIVE.where(WATCH.c.next_check_at > bindparam("latest"))
NEXT_CHECKS = LATE.with_only_columns(WATCH.c.next_check_at, WATCH.c.every_seconds)
PULL = WATCH.update().where(WATCH.c.id == bindparam("early")).values(next_check_at=bindparam("now"))


class Planned(Protocol):
    """By what it is known how long a watch waits."""

    @property
    def next_check_at(self) -> datetime: ...
    @property
    def every_seconds(self) -> int: ...


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

    def begin(watch: Watched) -> Checked | None:
        if stop():
            return None
        return check(service, watch, looks, guard)

    if watches:
        with leases.held(watches, asked=bool(names) or everything, last=looks.flush) as ours:
            looks.memories = Memories(service.engine, ours, shared=True)
            yield from filter(None, _several(begin, ours, workers))
    if not stop():
        note_overdue(service)


def _several(
    begin: Callable[[Watched], Checked | None], watches: Sequence[Watched], workers: int
) -> Iterator[Checked | None]:
    """What comes of each watch, as they finish; one at a time needs no threads."""
    if workers <= 1:
        yield from map(begin, watches)
        return
    with ThreadPoolExecutor(workers, thread_name_prefix="check") as pool:
        for done in as_completed([pool.submit(begin, watch) for watch in watches]):
            yield done.result()


def due(service: Service, names: Sequence[str] = (), *, everything: bool = False, pull: bool = False) -> list[Watched]:
    """The watches to check now, the longest due first; those too that a clock which ran ahead has put off, where they
    may be pulled back; one that rests only when it is named. Raises KeyError with the names that are no active
    watch."""
    now, query, values = service.now(), ACTIVE if names else AWAKE, dict[str, datetime]()
    if not (names or everything):
        query, values = DUE, {"now": now} | real_time(timedelta(seconds=service.settings.lease_seconds))
    with service.engine.connect() as connection:
        if pull and _any_ahead(connection, now):
            connection.rollback()
            pull_back(service)
        watches = cast(list[Watched], connection.execute(query, values).all())
    if not names:
        return watches
    if unknown := set(names) - {watch.name for watch in watches}:
        raise KeyError(", ".join(sorted(unknown)))
    return [watch for watch in watches if watch.name in names]


def pull_back(service: Service) -> list[str]:
    """Make due what a clock that ran ahead has put off further than any schedule does; returns the names of these
    watches, and says them aloud."""
    now = service.now()
    with noting(service.engine, AT_ONCE) as connection:
        late = connection.execute(LATE, {"latest": now + LONGEST_WAIT})
        pulled = [watch for watch in cast(Iterable[Watched], late) if ahead(watch, now)]
        for watch in pulled:
            log.warning("next check pulled back", watch=watch.name, was=watch.next_check_at.isoformat())
            connection.execute(PULL, {"early": watch.id, "now": now})
        return [watch.name for watch in pulled]


def _any_ahead(connection: Connection, now: datetime) -> bool:
    late = cast(Sequence[Planned], connection.execute(NEXT_CHECKS, {"latest": now + LONGEST_WAIT}).all())
    return bool(late) and any(ahead(watch, now) for watch in late)


def ahead(watch: Planned, now: datetime) -> bool:
    """Whether a watch waits longer than its own interval and any back-off: a clock that ran ahead wrote that."""
    return watch.next_check_at > now + max(LONGEST_WAIT, timedelta(seconds=watch.every_seconds))
