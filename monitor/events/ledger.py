"""A claim entered into the log: its candidates asked for, attributed, recorded."""

from sqlmodel import Session

from monitor.events.attribute import attribute
from monitor.events.candidates import candidates
from monitor.events.intents import NewEvent, Teller
from monitor.events.record import record
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.pack import Pack


def enter(session: Session, claim: Claim, teller: Teller, pack: Pack) -> bool:
    """Attribute one claim and record what comes of it; returns whether its event is new."""
    intent = attribute(claim, teller, candidates(session, claim, teller, pack))
    if intent is not None:
        record(session, intent, pack)
    return isinstance(intent, NewEvent)
