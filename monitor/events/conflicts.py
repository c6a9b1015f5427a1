"""That those who tell of an event disagree, said by a person where no field shows it; and that they agree after all."""

from datetime import datetime

from sqlmodel import Session

from monitor.events.intents import Amendment
from monitor.events.record import record
from monitor.events.review import must_be_open
from monitor.events.review_decisions import matter
from monitor.people.audit import Who, note_act
from monitor.vocabulary.event_types import stated_from
from monitor.vocabulary.pack import Pack
from store.states import Certainty
from store.tables import Event


def turn_conflict(session: Session, event: Event, who: Who, now: datetime, pack: Pack) -> bool:
    """Say that the tellers of an event disagree, or, where that is said, that they agree; returns whether they disagree
    now. Readers see it at once beside the event; nobody is sent a message. Raises Overruled."""
    must_be_open(event)
    before = event.certainty
    agreed = Certainty.STATED if event.tier <= stated_from(event.type, event.step) else Certainty.REPORTED
    after = agreed if before == Certainty.DISPUTED else Certainty.DISPUTED
    record(session, Amendment(event.id, now, {"certainty": after}), pack)
    act = "conflict" if after == Certainty.DISPUTED else "no conflict"
    note_act(session, who, act, matter(event), at=now, before={"certainty": before}, after={"certainty": after})
    return after == Certainty.DISPUTED
