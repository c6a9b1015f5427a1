"""The answer to "what is the newest drug?" is watched too: when events change it, that is an event of its own."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from hashlib import sha256

from sqlmodel import Session, col, or_, select

from monitor.events.intents import NewEvent
from monitor.events.record import record
from monitor.service import Service
from monitor.standing.status import MARKET, STATES, Rule, known, newest
from monitor.standing.timeline import end_of
from monitor.vocabulary.event_types import slug
from monitor.vocabulary.places import BY_CODE, PLACES
from store.states import BELIEVED, EventState
from store.tables import Event, Flag

RULE: Rule = "substance"


ACTS = "newest:acts"
"""Flag that holds the mark of the acts from which the answers were made last."""

DECIDING = frozenset({*STATES, *MARKET, "converted"})
"""Steps of an authorisation or of a market; no other step moves an answer."""

BEARING = frozenset({"id", "therapy", "place", "step", "occurred_on", "alert", "kind", "corrects", "tier", "certainty"})
"""What an answer takes from an act, beside the day from which it counts."""


def acts_past(session: Session, today: date) -> list[Event]:
    """The believed acts of authorisation and market that are surely past on a day."""
    query = select(Event).where(
        col(Event.state).in_(BELIEVED), or_(col(Event.step).in_(DECIDING), col(Event.corrects).is_not(None))
    )
    return [act for act in known(session.exec(query)) if act.step in DECIDING and end_of(act) <= today]


def _mark(acts: Sequence[Event]) -> str:
    rows = sorted([end_of(act).isoformat(), act.model_dump_json(include=set(BEARING))] for act in acts)
    return sha256(json.dumps([PLACES, rows]).encode()).hexdigest()


def note_changed_answers(service: Service, session: Session, now: datetime, *, quiet: bool = False) -> list[Event]:
    """Compare each place's answer with the one last noted; a difference is recorded as `answer_changed`.

    The first answer of an installation is noted in silence, and so is (`quiet`) what a baseline adds: there the log
    learns, nothing happens. Nothing is compared while the acts past are those of the last time: then no answer can be
    another one. The event completes the act that caused it: a line of the log, not an alert of its own.
    """
    past = acts_past(session, now.date())
    mark, noted = _mark(past), session.get(Flag, ACTS)
    if noted and noted.value == mark:
        return []
    session.merge(Flag(name=ACTS, value=mark))
    changed = []
    for place in PLACES:
        acts = [act for act in past if act.place == place]  # by this rule no other place has a say
        after = newest(acts, {}, place=place, as_of=now.date(), rule=RULE)["therapy"]
        flag = session.get(Flag, f"newest:{place}") or Flag(name=f"newest:{place}", value="")
        before = json.loads(flag.value)["therapy"] if flag.value else None
        if flag.value and before != after and not quiet:
            changed.append(_record(session, service, place, before, after, now))
        flag.value = json.dumps({"therapy": after})
        session.add(flag)
    return changed


def _record(
    session: Session, service: Service, place: str, before: str | None, after: str | None, now: datetime
) -> Event:
    return record(
        session,
        NewEvent(
            type="answer_changed",
            polarity="neutral",
            at=now,
            state=EventState.RELEASED,
            therapy=after,
            drug=after,
            place=place,
            occurred_on=now.date().isoformat(),
            step="answer_changed",
            rule=f"newest.{RULE}",
            confidence=1.0,
            thread=f"{place.lower()}/answer/{slug(service.pack.pack.name)}",
            title=None if after else f"No drug is the newest in {BY_CODE[place].brief} any more",
            note=f"Before: {before or 'none'}.",
            tier=1,
            alert=False,
        ),
        service.pack,
    )
