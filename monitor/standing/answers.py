"""The answer to "what is the newest drug?" is watched too: when events change it, that is an event of its own."""

import json
from datetime import datetime

from sqlmodel import Session, select

from monitor.events.intents import NewEvent
from monitor.events.record import record
from monitor.service import Service
from monitor.standing.status import Rule, known, newest
from monitor.vocabulary.event_types import slug
from monitor.vocabulary.places import BY_CODE, PLACES
from store.states import EventState
from store.tables import Event, Flag

RULE: Rule = "substance"


def note_changed_answers(service: Service, session: Session, now: datetime, *, quiet: bool = False) -> list[Event]:
    """Compare each place's answer with the one last noted; a difference is recorded as `answer_changed`.

    The first answer of an installation is noted in silence, and so is (`quiet`) what a baseline adds: there the log
    learns, nothing happens. The event completes the act that caused it: a line of the log, not an alert of its own.
    """
    every = known(session.exec(select(Event)))
    changed = []
    for place in PLACES:
        events = [event for event in every if event.place == place]  # by this rule no other place has a say
        after = newest(events, {}, place=place, as_of=now.date(), rule=RULE)["therapy"]
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
