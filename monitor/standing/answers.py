"""The answer to "what is the newest drug?" is watched too: when events change it, that is an event of its own."""

import json
from datetime import datetime

from sqlmodel import Session, func, select

from monitor.events.attribute import event_id
from monitor.service import Service
from monitor.standing.status import Rule, known, newest
from monitor.vocabulary.event_types import TYPES, slug
from monitor.vocabulary.places import PLACES
from store.states import Certainty, EventState, Level, Polarity
from store.tables import Event, Flag

RULE: Rule = "substance"


def note_changed_answers(service: Service, session: Session, now: datetime, *, quiet: bool = False) -> list[Event]:
    """Compare each place's answer with the one last noted; a difference is recorded as `answer_changed`.

    The first answer of an installation is noted in silence, and so is (`quiet`) what a baseline adds: there the log
    learns, nothing happens. The event completes the act that caused it: a line of the log, not an alert of its own.
    """
    events = known(session.exec(select(Event)))
    changed = []
    for place in PLACES:
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
    sequence = (session.exec(select(func.max(Event.sequence))).one() or 0) + 1
    thread = f"{place.lower()}/answer/{slug(service.pack.pack.name)}"
    event = Event(
        id=event_id(sequence, "answer_changed", thread, None, now),
        sequence=sequence,
        type="answer_changed",
        therapy=after,
        drug=after,
        place=place,
        polarity=Polarity.NEUTRAL,
        occurred_on=now.date().isoformat(),
        detected_at=now,
        released_at=now,
        level=Level(TYPES["answer_changed"].level),
        level_reasons=["the answer to the question readers ask is another one"],
        certainty=Certainty.STATED,
        tier=1,
        thread=thread,
        step="answer_changed",
        alert=False,
        title=f"Newest drug, {place}: {after or 'none'} (before: {before or 'none'})",
        rule=f"newest.{RULE}",
        confidence=1.0,
        state=EventState.RELEASED,
    )
    session.add(event)
    session.flush()
    return event
