"""Routine changes read from the store: the words of a page of changes, and how the dates of a study have slipped."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, cast, or_
from sqlmodel import Session, col, select

from monitor.reading.routine.dates_moved import DATES
from monitor.reading.routine.kinds import FIELDS, Earlier, Routine
from monitor.reading.routine.readers import routine
from monitor.reading.routine.slips import slip
from monitor.vocabulary.differences import Difference
from monitor.watching.snapshots import unpack
from sources.records import Content, StudyStatus
from store.tables import Change, Item, Snapshot

NEWS = ("changed", "appeared")
"""Kinds of changes that tell what a source did; a reread tells what an adapter learnt."""

SUBMISSIONS = "submissions["
GOAL = "primary_outcomes"
STATUS = "status"
BESIDE = (*DATES, "enrollment", GOAL, SUBMISSIONS, "products[")
"""How fields begin whose words need the record as it is now; those of a goal need it as it was too."""

Values = dict[str, list[tuple[Any, Any]]]
"""Field to its values before and after, change by change."""


@dataclass(frozen=True)
class Move:
    """One change of one date of a study, as the table of its history shows it."""

    source: str  # the registry that moved it
    field: str
    seen_at: datetime
    before: str | None
    after: str | None
    slip_days: int | None
    words: str | None  # the slip, where there is one


def routines(session: Session, changes: Sequence[tuple[Change, Item]]) -> dict[int, list[Routine]]:
    """The routine changes of each of these changes by its id, in two queries whatever their number."""
    news = [(change, item) for change, item in changes if change.kind in NEWS]
    earlier = _earlier(session, [change for change, _ in news if _has_field(change, lambda field: field in FIELDS)])
    contents = _contents(session, [change for change, _ in news])
    return {
        change.id: routine(
            [Difference(**difference) for difference in change.differences],
            before=contents.get(change.before_id or 0, {}),
            after=contents.get(change.after_id or 0, {}),
            on=change.detected_at.date(),
            earlier=earlier.get(change.id, {}),
            key=item.key,
        )
        for change, item in news
        if change.id is not None
    }


def fields_of(kind: str) -> list[str]:
    """How the fields begin one of which every change with a routine change of this kind names; none: any may."""
    words = [field for field, meant in FIELDS.items() if meant == kind]
    return words + ([SUBMISSIONS] if kind == "label" else [])


def telling(kind: str) -> list[ColumnElement[bool]]:
    """Conditions that every change with a routine change of this kind meets, and some others too."""
    text = cast(col(Change.differences), String)
    named = [text.contains(f'"{field}', autoescape=True) for field in fields_of(kind)]
    where: list[ColumnElement[bool]] = [col(Change.kind).in_(NEWS)]
    return [*where, or_(*named)] if named else where


def slip_history(session: Session, items: Iterable[Item]) -> list[Move]:
    """Every change of a date of these items, by registry and date, oldest first; one query."""
    sources = {item.id: item.source for item in items}
    query = select(Change).where(col(Change.item_id).in_(sources), *telling("date_moved")).order_by(col(Change.id))
    moves = [
        _move(sources[change.item_id], difference, change.detected_at)
        for change in session.exec(query)
        for difference in change.differences
        if difference["field"] in DATES
    ]
    return sorted(moves, key=lambda move: (move.source, list(DATES).index(move.field)))


def _move(source: str, difference: Mapping[str, Any], at: datetime) -> Move:
    before, after = difference["before"], difference["after"]
    way = slip(before, after)
    words = (f"{way.words} {'later' if way.days > 0 else 'earlier'}" if way.days else "no delay") if way else None
    return Move(source, difference["field"], at, before, after, way.days if way else None, words)


def _has_field(change: Change, wanted: Callable[[str], bool]) -> bool:
    return any(wanted(difference["field"]) for difference in change.differences)


def _in_other_words(change: Change) -> bool:
    """Whether a status is told in a registry's own word, which only the record maps to ours."""
    return any(
        difference["field"] == STATUS and difference["after"] not in set(StudyStatus)
        for difference in change.differences
    )


def _contents(session: Session, changes: Sequence[Change]) -> dict[int, Content]:
    """Snapshot to its content: of those alone that words rest on, as unpacking is what takes long."""
    worded = [change for change in changes if _in_other_words(change)]
    now = {change.after_id for change in changes if _has_field(change, lambda field: field.startswith(BESIDE))}
    earlier = {change.before_id for change in changes if _has_field(change, lambda field: field == GOAL)}
    ids = {id for id in now | earlier if id is not None}
    ids |= {id for change in worded for id in (change.before_id, change.after_id) if id is not None}
    query = select(Snapshot.id, Snapshot.packed).where(col(Snapshot.id).in_(ids))
    return {id: unpack(packed) for id, packed in session.exec(query) if id is not None} if ids else {}


def _earlier(session: Session, changes: Sequence[Change]) -> dict[int | None, Earlier]:
    """What went before each of these changes in its item, field by field."""
    if not changes:
        return {}
    wanted = {change.id for change in changes}
    query = (
        select(Change.id, Change.item_id, Change.differences)
        .where(
            col(Change.item_id).in_({change.item_id for change in changes}),
            col(Change.kind).in_(NEWS),
            col(Change.id) <= max(id for id in wanted if id is not None),
        )
        .order_by(col(Change.id))
    )
    so_far: dict[int, Values] = defaultdict(lambda: defaultdict(list))
    earlier: dict[int | None, Earlier] = {}
    for id, item, differences in session.exec(query):
        values = so_far[item]
        if id in wanted:
            earlier[id] = {field: tuple(sides) for field, sides in values.items()}
        for difference in differences:
            if difference["field"] in FIELDS:
                values[difference["field"]].append((difference["before"], difference["after"]))
    return earlier
