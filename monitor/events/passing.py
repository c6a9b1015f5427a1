"""Rules that a maintainer lets pass: what they read of small things is approved without a look from then on.

What passes is decided in her name, stands in the audit log, and may be undone like any verdict. A rule of which
somebody has rejected a reading within the last 90 days passes nothing, whatever was said of it before.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, exists
from sqlmodel import Session, col, func, select

from monitor.events.release import FOUND_FIRST
from monitor.events.review_decisions import SMALL, Rules, Wish, decide
from monitor.people.audit import Who
from monitor.vocabulary.event_types import TYPES
from store.columns import word
from store.states import Certainty, DecisionState, Door, EventState, Role, Verdict, Way
from store.tables import Decision, Event, Evidence, Policy, Review, Snooze, Watch

UNBLEMISHED = timedelta(days=90)
"""So long no reading of a rule may have been rejected."""


def _rejected(rule: Any) -> ColumnElement[bool]:
    """That a reading of a rule was rejected since a moment."""
    other, read = Event.__table__.alias("rejected"), col(Review.event_id)  # type: ignore[attr-defined]
    return exists().where(
        col(Review.verdict) == word(Verdict.DISMISSED), col(Review.at) > bindparam("since"), read == other.c.id,
        other.c.rule == rule,
    )  # fmt: skip


SET_TO_HOLD = exists().where(
    col(Evidence.event_id) == col(Event.id),
    col(Watch.name) == col(Evidence.watch),
    col(Watch.hold).is_(True) | col(Watch.held_at).is_not(None),
)
SMALL_TYPES = tuple(name for name, spec in TYPES.items() if spec.level in SMALL)
"""What is large by its type never passes for having been moved lower."""
PASSES: Select[tuple[str, str]] = (
    select(Event.id, Policy.by)  # type: ignore[assignment]
    .join(Policy, col(Policy.rule) == col(Event.rule))
    .where(
        col(Event.state) == word(EventState.HELD),
        col(Policy.way) == word(Way.PASS),
        col(Event.level).in_([word(level) for level in SMALL]),
        col(Event.detected_at) >= col(Policy.at),
        col(Event.certainty) != word(Certainty.DISPUTED),
        func.coalesce(Event.held_because, "") != FOUND_FIRST,
        ~exists().where(col(Decision.event_id) == col(Event.id)),  # what somebody has undone is hers
        ~exists().where(col(Snooze.event_id) == col(Event.id)),
        ~SET_TO_HOLD,
        col(Policy.level).is_(None) | col(Event.type).in_([word(name) for name in SMALL_TYPES]),
        ~_rejected(col(Policy.rule)),
    )
    .order_by(col(Event.sequence))
)
"""What passes, each with who lets it; `since` is UNBLEMISHED before now."""


def approve_passing(session: Session, now: datetime, rules: Rules) -> list[Decision]:
    """Approve what passes; each may be undone until its time is over."""
    wish = Wish(Verdict.CONFIRMED)
    return [
        decide(session, session.get_one(Event, id), wish, Who(by, Role.MAINTAINER, Door.RULE), now, rules)
        for id, by in session.execute(PASSES, {"since": now - UNBLEMISHED}).all()
    ]


def rejections(session: Session, now: datetime) -> Counter[str]:
    """How many readings of each rule were rejected within the last 90 days, or are about to be. Of all rules: that goes
    by the verdicts, which are few, where the question about one goes by all that it has read."""
    done = select(Event.rule, func.count()).join(Review, col(Review.event_id) == col(Event.id))
    done = done.where(Review.verdict == Verdict.DISMISSED, col(Review.at) > now - UNBLEMISHED)
    to_come = select(Event.rule, func.count()).join(Decision, col(Decision.event_id) == col(Event.id))
    to_come = to_come.where(Decision.verdict == Verdict.DISMISSED, Decision.state == DecisionState.WAITING)
    found: Counter[str] = Counter()
    for query in (done, to_come):
        found.update({name or "": count for name, count in session.exec(query.group_by(col(Event.rule)))})
    return found


def events_of(session: Session, rule: str, *, after: datetime | None = None, limit: int) -> Sequence[Event]:
    """What a rule has read, the latest first."""
    query = select(Event).where(Event.rule == rule).order_by(col(Event.sequence).desc()).limit(limit)
    return session.exec(query.where(col(Event.detected_at) > after) if after else query).all()


def matter(rule: str) -> str:
    """A rule as the audit log names it."""
    return f"rule {rule}"
