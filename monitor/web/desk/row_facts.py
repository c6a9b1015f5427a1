"""What a row of the queue says besides the event itself: which field moved, and whom it would reach."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict

from sqlmodel import Session, col, func, select

from monitor.service import Service
from monitor.telling.match import is_prose, readers_now, readers_of
from monitor.vocabulary.field_quotes import value_in_words
from monitor.web import labels as words
from store.tables import Change, Event, Evidence, Subscription

MOST_READERS = 500
"""With more subscriptions the list does not say whom each row would reach: the page of each event does."""
LONGEST = 60
"""Letters of a value; longer ones are texts, which the event's page shows word by word."""


class Reach(TypedDict):
    """How many people and programs want an event, each address once."""

    people: int
    programs: int


def moved(session: Session, evidence: Mapping[str, Sequence[Evidence]]) -> dict[str, str]:
    """`Status: recruiting → terminated`: of each event the first short field that has moved."""
    first = {id: proof.change_id for id, proofs in evidence.items() for proof in proofs[::-1] if proof.change_id}
    query = select(Change.id, Change.differences).where(col(Change.id).in_(set(first.values())))
    differences = dict(session.exec(query).all())
    found = {id: _short(differences.get(change, [])) for id, change in first.items()}
    return {id: said for id, said in found.items() if said}


def _short(differences: Iterable[Mapping[str, Any]]) -> str | None:
    for one in sorted(differences, key=lambda each: each["field"] != "status"):
        sides = [words.shown(one["before"]), words.shown(one["after"])]
        if all(len(side) <= LONGEST and "\n" not in side for side in sides):
            return f"{words.field_name(one['field'])}: {value_in_words(sides[0])} → {value_in_words(sides[1])}"
    return None


def reach(session: Session, service: Service, events: Iterable[Event]) -> dict[str, Reach]:
    """Whom each of these would reach if it were let out; nothing where there are too many readers to say so in time."""
    going_on = select(func.count()).select_from(Subscription).where(col(Subscription.ended_at).is_(None))
    if session.exec(going_on).one() > MOST_READERS:
        return {}
    readers = readers_now(session)
    found: dict[str, Reach] = {}
    for event in events:
        told = readers_of(session, event, readers, service.notifiers)
        people = [is_prose(reader, service.notifiers) for reader, _ in told]
        found[event.id] = {"people": sum(people), "programs": len(people) - sum(people)}
    return found
