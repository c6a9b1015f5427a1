"""A claim entered into the log: its candidates asked for, attributed, recorded."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, and_, col, func, or_, select

from monitor.events.attribute import Candidates, attribute
from monitor.events.intents import NewEvent, Teller
from monitor.events.record import record
from monitor.vocabulary.agencies import place_of
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.event_types import thread_of
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.therapies import RegisteredTrial
from store.states import Way
from store.tables import Event, Evidence, Item, Policy


def enter(session: Session, claim: Claim, teller: Teller, pack: Pack) -> bool:
    """Attribute one claim and record what comes of it; returns whether its event is new. An act holds where it was
    told, else where its agency decides. What a maintainer has set a rule to hold changes nothing by itself, and what
    she has moved to another level comes at that one."""
    claim = replace(claim, place=place_of(claim.agency)) if claim.agency and not claim.place else claim
    policy = session.get(Policy, claim.rule)
    if policy is not None and policy.way == Way.HOLD and not (teller.baseline or claim.history):
        claim = replace(claim, doubt=claim.doubt or f"the rule {claim.rule} is set to hold")
    intent = attribute(claim, teller, candidates(session, claim, teller, pack))
    if policy is not None and policy.level and isinstance(intent, NewEvent):
        intent = replace(intent, moved_to=policy.level)
    if intent is not None:
        record(session, intent, pack)
    return isinstance(intent, NewEvent)


def candidates(session: Session, claim: Claim, teller: Teller, pack: Pack) -> Candidates:
    """The events of the claim's therapy (or of the drug as written) and of its thread, in the order of the log, which
    of them this teller has told in the same words before, and which just now; and the trials of the therapy, as the
    pack or the log names them."""
    thread = thread_of(
        claim.type, therapy=claim.therapy, place=claim.place, trial=claim.trial, drug=claim.drug, step=claim.step
    )
    concerned = [col(Event.thread) == thread]
    if claim.therapy:
        concerned.append(col(Event.therapy) == claim.therapy)
    elif claim.drug:
        concerned.append(and_(col(Event.therapy).is_(None), func.lower(Event.drug) == claim.drug.lower()))
    events = session.exec(select(Event).where(or_(*concerned)).order_by(col(Event.sequence))).all()
    therapy = pack.by_name.get((claim.therapy or "").lower())
    trials = {*therapy.trials, *therapy.acronyms.values()} if therapy else set()
    trials |= {event.trial for event in events if event.trial and event.therapy == claim.therapy}
    told = _told(session, [event.id for event in events], teller)
    repeated = frozenset(id for id, quote, _ in told if quote == claim.quote)
    beside = frozenset(id for id, _, at in told if at == teller.at)
    return Candidates(tuple(events), repeated, frozenset(trials), beside)


def registered_trials(session: Session, before: datetime) -> list[RegisteredTrial]:
    """The trials of the pack's therapies that a registry had shown before a moment, with the acronyms it gives them."""
    query = (
        select(Event.trial, Event.therapy, Item.acronym)
        .join(Item, col(Item.key) == col(Event.trial))
        .where(Event.type == "trial_registered", col(Event.therapy).is_not(None), Event.detected_at < before)
        .order_by(col(Event.sequence))
    )
    return [RegisteredTrial(trial or "", therapy or "", acronym) for trial, therapy, acronym in session.exec(query)]


def _told(session: Session, ids: list[str], teller: Teller) -> Sequence[tuple[str, str | None, datetime]]:
    """What this teller has said on this page of these events: of which, in which words, and when."""
    if not ids:
        return ()
    query = select(Evidence.event_id, Evidence.quote, Evidence.at).where(
        col(Evidence.event_id).in_(ids), Evidence.watch == teller.watch, Evidence.url == teller.url
    )
    return session.exec(query).all()
