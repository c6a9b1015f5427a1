"""The watches of the store, brought in line with those that the pack names."""

from datetime import datetime

from sqlmodel import Session, select

from monitor.vocabulary.pack import Pack
from store.tables import Watch


def sync(session: Session, pack: Pack, now: datetime) -> None:
    """Bring the store's watches in line with the pack. A watch that follows something else than before starts with a
    baseline again; one that is no longer named rests, with its history."""
    rows = {watch.name: watch for watch in session.exec(select(Watch))}
    for plan in pack.watches:
        watch = rows.pop(plan.name, None)
        if watch is None:
            watch = Watch(name=plan.name, source=plan.source, options={}, every_seconds=0, next_check_at=now)
        follows = (plan.source, dict(plan.options), plan.url, plan.base_url)
        if follows != (watch.source, watch.options, watch.url, watch.base_url):
            watch.baseline_at, watch.swept_at, watch.next_check_at = None, None, now
            watch.noise, watch.marks = {}, {}
        watch.source, watch.options, watch.url, watch.base_url = follows
        watch.therapies, watch.hold, watch.active = list(plan.therapies), plan.hold, True
        watch.every_seconds = round(plan.interval.total_seconds())
        session.add(watch)
    for left in rows.values():
        left.active = False
        session.add(left)
