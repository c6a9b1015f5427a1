"""The known events among which a claim may find its own: one query for attribution, which decides without asking."""

from sqlmodel import Session, and_, col, func, or_, select

from monitor.events.attribute import Candidates, place_of
from monitor.events.intents import Teller
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.event_types import thread_of
from store.tables import Event, Evidence


def candidates(session: Session, claim: Claim, teller: Teller) -> Candidates:
    """The events of the claim's therapy (or of the drug as written) and of its thread, in the order of the log, and
    which of them this teller has told in the same words before."""
    thread = thread_of(
        claim.type, therapy=claim.therapy, place=place_of(claim), trial=claim.trial, drug=claim.drug, step=claim.step
    )
    concerned = [col(Event.thread) == thread]
    if claim.therapy:
        concerned.append(col(Event.therapy) == claim.therapy)
    elif claim.drug:
        concerned.append(and_(col(Event.therapy).is_(None), func.lower(Event.drug) == claim.drug.lower()))
    events = session.exec(select(Event).where(or_(*concerned)).order_by(col(Event.sequence))).all()
    return Candidates(tuple(events), _repeated(session, [event.id for event in events], claim, teller))


def _repeated(session: Session, ids: list[str], claim: Claim, teller: Teller) -> frozenset[str]:
    if not ids:
        return frozenset()
    query = select(Evidence.event_id).where(
        col(Evidence.event_id).in_(ids),
        Evidence.watch == teller.watch,
        Evidence.url == teller.url,
        Evidence.quote == claim.quote,
    )
    return frozenset(session.exec(query))
