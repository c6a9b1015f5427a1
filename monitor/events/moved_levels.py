"""What a rule reads, moved to another level: what that would have done in the past year, before a maintainer decides.

A reading is *lost* where somebody was sent it who asks for more than the level it would have had. One of those that a
person has confirmed forbids the move: she said that it was news, and it would have been kept from who was told.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select as sql_select
from sqlmodel import Session, case, col, exists, func, select
from typing_extensions import TypedDict

from monitor.events.record import level_of, remember, said_by, weigh
from monitor.vocabulary.event_types import LEVELS, TYPES
from store.columns import word
from store.states import PUBLISHED, About, Certainty, EventState, Level, Notice, Verdict
from store.tables import Enclosure, Event, Review, Subscription


class Moved(TypedDict):
    """What would have become of the readings of a year at another level."""

    raised: int
    lowered: int
    added: int  # told, and raised to a level from which somebody asks who did not ask for that of before
    lost: int  # sent to somebody who asks for more
    confirmed: int  # of those lost, the ones that a person has confirmed: they forbid it
    stated: int  # of those lost, the ones that a regulator or registry stands for


RANK = {level: number for number, level in enumerate(LEVELS)}
ASKED_FOR = (
    select(func.max(case({word(level): rank for level, rank in RANK.items()}, value=col(Subscription.level), else_=0)))
    .join(Enclosure, col(Enclosure.subscription_id) == col(Subscription.id))
    .where(
        Enclosure.event_id == Event.id,
        Enclosure.notice == Notice.NEWS,
        col(Subscription.only_doors).is_(False),
        col(Subscription.about) == About.NEWS,
    )
    .correlate(Event)
    .scalar_subquery()
)
"""The highest level from which somebody asks who was sent an event."""
Reading = tuple[str, bool, Level, EventState, bool, Certainty, int | None, int]
"""Type, of the pack, level, state, confirmed, certainty, the level asked for, and how many there are."""


def moves(session: Session, rule: str, after: datetime) -> dict[str, Moved]:
    """What each level would have done to what a rule has read since a moment."""
    found = _readings(session, rule, after)
    asked = set(
        session.exec(
            select(Subscription.level)
            .where(Subscription.about == About.NEWS, col(Subscription.ended_at).is_(None))
            .where(col(Subscription.only_doors).is_(False), col(Subscription.confirmed_at).is_not(None))
            .distinct()
        )
    )
    return {level: _moved(found, Level(level), [RANK[one] for one in asked]) for level in reversed(LEVELS)}


def usual_levels(session: Session, rule: str, after: datetime) -> set[str]:
    """The levels of the types that a rule has read since a moment."""
    query = select(Event.type).where(Event.rule == rule, col(Event.detected_at) > after).distinct()
    return {TYPES[type_].level for type_ in session.exec(query)}


def weigh_anew(session: Session, rule: str, since: datetime, now: datetime) -> None:
    """Give what a rule has read since a moment, and what nobody was told yet, the level that stands now."""
    query = select(Event).where(
        Event.rule == rule,
        col(Event.detected_at) >= since,
        (col(Event.state) == EventState.HELD) | col(Event.matched_at).is_(None),
    )
    for event in session.exec(query):
        before = said_by(event)
        weigh(session, event)
        remember(event, before, now)
        session.add(event)


def _readings(session: Session, rule: str, after: datetime) -> list[Reading]:
    confirmed = exists().where(col(Review.event_id) == col(Event.id), col(Review.verdict) == Verdict.CONFIRMED)
    parts = (
        col(Event.type), case((col(Event.therapy).is_(None), 0), else_=1).label("ours"), col(Event.level),
        col(Event.state), case((confirmed, 1), else_=0).label("confirmed"), col(Event.certainty),
        ASKED_FOR.label("asked_for"),
    )  # fmt: skip
    read = select(*parts).where(  # type: ignore[call-overload]
        Event.rule == rule, col(Event.detected_at) > after, col(Event.state) != EventState.IMPORTED
    )
    each = read.subquery().c
    return [
        (type_, bool(ours), level, state, bool(by_person), certainty, asked, count)
        for type_, ours, level, state, by_person, certainty, asked, count in session.execute(
            sql_select(*each, func.count()).group_by(*each)
        )
    ]


def _moved(found: Iterable[Reading], level: Level, asked: Iterable[int]) -> Moved:
    line = Moved(raised=0, lowered=0, added=0, lost=0, confirmed=0, stated=0)
    thresholds = list(asked)
    for type_, ours, before, state, confirmed, certainty, sent_from, count in found:
        after, _ = level_of(type_, "ours" if ours else None, level)
        was, is_ = RANK[before], RANK[after]
        if after == before:
            continue
        line["raised" if is_ > was else "lowered"] += count
        if state in PUBLISHED and any(was < threshold <= is_ for threshold in thresholds):
            line["added"] += count
        if sent_from is not None and is_ < sent_from:
            line["lost"] += count
            line["confirmed"] += count if confirmed else 0
            line["stated"] += count if certainty == Certainty.STATED else 0
    return line
