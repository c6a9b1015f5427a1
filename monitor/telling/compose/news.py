"""What the store holds about the events of one message: evidence, ladder, verdicts, and what was looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from monitor.standing.log import matter_of
from monitor.watching.freshness import in_time
from notifiers.digest import Looked
from store.states import UNCORRECTED, Notice
from store.tables import Change, Event, Evidence, Item, Review, Watch


@dataclass(frozen=True)
class News:
    """One event as it goes into one message, with everything the wording needs."""

    event: Event
    notice: Notice
    evidence: tuple[Evidence, ...] = ()
    thread: tuple[Event, ...] = ()
    differences: tuple[dict[str, Any], ...] = ()
    keys: Mapping[int, str] | None = None  # change -> key of its item
    corrected: Event | None = None
    reviews: tuple[Review, ...] = ()  # of this event and of the one it corrects


def gather(session: Session, enclosed: Sequence[tuple[Event, Notice]]) -> list[News]:
    """Read what belongs to each event."""
    return [_gather(session, event, notice) for event, notice in enclosed]


def _gather(session: Session, event: Event, notice: Notice) -> News:
    evidence = session.exec(
        select(Evidence)
        .where(Evidence.event_id == event.id)
        .order_by(col(Evidence.tier), col(Evidence.published_on), col(Evidence.watch), col(Evidence.id))
    ).all()
    thread = session.exec(select(Event).where(matter_of(event), col(Event.state).in_(UNCORRECTED))).all()
    changes = {proof.change_id for proof in evidence if proof.change_id is not None}
    told = session.exec(
        select(Change, Item.key).join(Item, col(Item.id) == col(Change.item_id)).where(col(Change.id).in_(changes))
    ).all()
    matter = [event.id] + ([event.corrects] if event.corrects else [])
    return News(
        event=event,
        notice=notice,
        evidence=tuple(evidence),
        thread=tuple(thread),
        differences=tuple(item for change, _ in told if change.kind == "changed" for item in change.differences),
        keys={change.id: key for change, key in told if change.id is not None},
        corrected=session.get(Event, event.corrects) if event.corrects else None,
        reviews=tuple(session.exec(select(Review).where(col(Review.event_id).in_(matter)).order_by(col(Review.at)))),
    )


def looked(session: Session, since: datetime, until: datetime, titles: Mapping[str, str]) -> Looked:
    """Proof of looking in a period: which watches answered, which did not, and what was too small to tell.

    `titles` are the names of watches for readers.
    """
    watches = session.exec(select(Watch).where(col(Watch.active).is_(True)).order_by(col(Watch.name))).all()
    answered = [watch for watch in watches if in_time(watch, until)]
    last = max((watch.last_success_at for watch in answered if watch.last_success_at), default=None)
    cited = select(Evidence.change_id).where(col(Evidence.change_id).is_not(None))
    routine = session.exec(
        select(func.count())
        .select_from(Change)
        .where(
            Change.kind == "changed",
            col(Change.detected_at) >= since,
            col(Change.detected_at) < until,
            col(Change.id).not_in(cited),
        )
    ).one()
    return Looked(
        watches=len(watches),
        succeeded=len(answered),
        last_at=f"{last.day} {last:%b %H:%M} UTC" if last else None,
        silent=tuple(titles.get(watch.name, watch.name) for watch in watches if watch not in answered),
        routine_changes=routine,
    )
