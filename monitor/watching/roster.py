"""The watches of the store, brought in line with those that the pack names."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine, update
from sqlmodel import Session, col, select

from monitor.vocabulary.pack import Pack, WatchPlan
from store.database import LATER, writing
from store.tables import Watch

AT_ONCE = 100
"""Watches that are held at a time: a pack may name ten thousand."""


def sync_in_parts(engine: Engine, pack: Pack, now: datetime) -> None:
    """Bring the store's watches in line with the pack, some in a transaction, so that others may write in between.
    What was ended midway is done by doing it again: a watch that is in line stays as it is."""
    for start in range(0, len(pack.watches), AT_ONCE):
        with writing(engine, LATER) as session:
            _follow(session, pack.watches[start : start + AT_ONCE], now)
    with writing(engine) as session:
        _rest(session, pack)


def sync(session: Session, pack: Pack, now: datetime) -> None:
    """The same, in a transaction of the caller's."""
    for start in range(0, len(pack.watches), AT_ONCE):
        _follow(session, pack.watches[start : start + AT_ONCE], now)
    _rest(session, pack)


def _rest(session: Session, pack: Pack) -> None:
    """Let watches rest that the pack does not name, with their history."""
    named = {plan.name for plan in pack.watches}
    left = [id for id, name in session.exec(select(Watch.id, Watch.name).where(Watch.active)) if name not in named]
    for start in range(0, len(left), AT_ONCE):
        resting = col(Watch.id).in_(left[start : start + AT_ONCE])
        session.connection().execute(update(Watch).where(resting).values(active=False))


def _follow(session: Session, plans: Sequence[WatchPlan], now: datetime) -> None:
    """Bring some watches in line with their plans; none of them is held afterwards. One that follows something else
    than before starts with a baseline again."""
    found = session.exec(select(Watch).where(col(Watch.name).in_([plan.name for plan in plans])))
    rows = {watch.name: watch for watch in found}
    for plan in plans:
        watch = rows.get(plan.name)
        if watch is None:
            watch = Watch(name=plan.name, source=plan.source, options={}, every_seconds=0, next_check_at=now)
            rows[plan.name] = watch
        follows = (plan.source, dict(plan.options), plan.url, plan.base_url)
        if follows != (watch.source, watch.options, watch.url, watch.base_url):
            watch.baseline_at, watch.swept_at, watch.next_check_at = None, None, now
            watch.noise, watch.marks = {}, {}
        watch.source, watch.options, watch.url, watch.base_url = follows
        watch.therapies, watch.hold, watch.active = list(plan.therapies), plan.hold, True
        watch.every_seconds = round(plan.interval.total_seconds())
        session.add(watch)
    session.flush()
    for watch in rows.values():
        session.expunge(watch)
