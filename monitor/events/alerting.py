"""Whether a new event is an alert of its own, seen beside what its thread and its announcement told before."""

from datetime import datetime

from sqlmodel import Session, col, select

from monitor.events.evidence import STANDING
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.event_types import ALERTING, COMPLETES, TYPES, alerts, at_least
from monitor.vocabulary.wording import title_of
from store.tables import Event


def alerts_alone(session: Session, claim: Claim, at: datetime, thread: str, step: str | None) -> bool:
    """Whether a new event is an alert of its own: not where it only completes a rung that was told before (the end
    of sales after its announcement), and not where the same words alert about another place already."""
    if not claim.first and (spoken := _told_beside(session, claim, at)) is not None:
        if spoken.matched_at is None and claim.place and spoken.place:
            both = (spoken.place, claim.place)
            spoken.title = title_of(spoken.type, polarity=spoken.polarity, drug=spoken.drug, places=both)
        return False
    if step not in COMPLETES or not at_least(TYPES[claim.type].level, ALERTING):
        return alerts(claim.type, step)
    query = select(Event.id).where(Event.thread == thread, Event.step == COMPLETES[step])
    return session.exec(query).first() is None


def _told_beside(session: Session, claim: Claim, at: datetime) -> Event | None:
    """The event of this moment that alerts about the same act in another place, and so may speak for this one."""
    query = select(Event).where(
        Event.type == claim.type,
        Event.therapy == claim.therapy,
        col(Event.place).in_(claim.beside),
        col(Event.alert).is_(True),
        Event.detected_at == at,
    )
    return session.exec(query).first()


def places_named(claim: Claim, place: str | None) -> tuple[str, ...]:
    """All places that one alert speaks for."""
    return (*((place,) if place else ()), *(claim.beside if place and claim.first else ()))


def follow_up(session: Session, thread: str, step: str | None) -> str | None:
    """Further data of a trial whose result was told are a step of their own."""
    if step != "interim":
        return step
    query = select(Event.id).where(
        Event.thread == thread,
        Event.step == "result",
        col(Event.state).in_(STANDING),
    )
    return "follow_up" if session.exec(query).first() else step
