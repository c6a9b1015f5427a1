"""The same act told again, or a new one? Step *attribute* of the one path: it decides and touches nothing.

Candidates in, intent out. What tellers disagree on is kept with the evidence and shown; the word of the better tier
stands, and the event says that it is disputed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from monitor.events.evidence import amended, dated
from monitor.events.intents import Amendment, Intent, NewEvent, Teller, act_of, proof_by
from monitor.events.release import state_of
from monitor.events.same_act import distance, same_act
from monitor.vocabulary import agencies
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.event_types import (
    ALERTING,
    COMPLETES,
    TYPES,
    alerts,
    at_least,
    thread_of,
)
from monitor.vocabulary.places import PLACES
from store.states import BELIEVED, STANDING
from store.tables import Event

SAME_WEEKS = timedelta(days=45)
"""No substance gets a further form or use so soon after its first approval in a place."""

PATHWAYS: dict[tuple[str, str | None], str] = {
    ("accelerated_approval", "US"): "accelerated",
    ("accelerated_approval", "CA"): "noc_c",
    **{("approval", place): "not_stated" for place in PLACES},
}
"""The only pathway a type can mean in a place; elsewhere the kind waits for a source that names it."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The known events among which a claim may find its own, in the order of the log.

    They are those of its therapy (or of the drug as written) and of its thread, in every state; `repeated` names
    those that the same source told in the same words before.
    """

    events: Sequence[Event] = ()
    repeated: frozenset[str] = frozenset()


def attribute(claim: Claim, teller: Teller, candidates: Candidates) -> Intent | None:
    """What to record of a claim: a new event, more evidence for a known one, or nothing where it only repeats."""
    place = place_of(claim)
    claim = replace(claim, place=place, kind=claim.kind or PATHWAYS.get((claim.type, place)))
    event = same_act(claim, candidates.events)
    if event is None and (other := _as_it_stands(claim, candidates.events)) is not None:
        claim = other
        event = same_act(claim, candidates.events)
    if event is None:
        return _new(claim, teller, candidates.events)
    if event.id in candidates.repeated:
        return None
    return Amendment(event.id, teller.at, amended(event, claim, teller), (proof_by(teller, claim),))


def place_of(claim: Claim) -> str | None:
    """Where the act holds: as told, else where its agency decides."""
    return claim.place or agencies.place_of(claim.agency)


def _new(claim: Claim, teller: Teller, events: Sequence[Event]) -> NewEvent:
    spec = TYPES[claim.type]
    step: str | None = claim.step or spec.step
    thread = thread_of(
        claim.type, therapy=claim.therapy, place=claim.place, trial=claim.trial, drug=claim.drug, step=step
    )
    ladder = [event for event in events if event.thread == thread]
    step = _follow_up(step, ladder)
    state, because = state_of(claim, teller, ladder)
    places = (claim.place, *claim.beside) if claim.place and claim.beside and claim.first else ()
    return NewEvent(
        **act_of(claim)
        | dated(claim)
        | {"step": step, "place": claim.place if spec.scope != "trial" else None, "places": places, "thread": thread},
        at=teller.at,
        state=state,
        held_because=because,
        alert=_alerts_alone(claim, step, ladder, events),
        proofs=(proof_by(teller, claim),),
    )


def _as_it_stands(claim: Claim, events: Sequence[Event]) -> Claim | None:
    """The claim in the light of what is authorised here (taxonomy rule 6), or None where that changes nothing.

    A further approval of a substance authorised before is a new form or use of it; a "new use" told within weeks of
    the substance's first approval here is that approval.
    """
    family = TYPES[claim.type].family
    if family not in ("authorisation", "forms") or not claim.therapy or not claim.place:
        return None
    if claim.polarity == "negative" or claim.step == "reinstated":
        return None  # a use that ended, or an approval that stands again, is neither
    thread = thread_of("approval", therapy=claim.therapy, place=claim.place, trial=None)
    authorised = [
        event.occurred_on
        for event in events
        if event.thread == thread and event.step == "authorised" and event.state in BELIEVED
    ]
    if authorised and claim.type == "approval":
        return replace(claim, type="label_expansion", step="form_added", kind=None)
    if family == "forms" and any(distance(claim.occurred_on, on) <= SAME_WEEKS for on in authorised):
        return replace(claim, type="approval", step="authorised", kind=claim.kind or "not_stated")
    return None


def _follow_up(step: str | None, ladder: Sequence[Event]) -> str | None:
    """Further data of a trial whose result is known are a step of their own."""
    if step == "interim" and any(event.step == "result" and event.state in STANDING for event in ladder):
        return "follow_up"
    return step


def _alerts_alone(claim: Claim, step: str | None, ladder: Sequence[Event], events: Sequence[Event]) -> bool:
    """Whether a new event is an alert of its own: not where it only completes a rung that is known (the end of sales
    after its announcement), and not where the same words alert about another place already and name this one."""
    if not claim.first and any(_speaks_for(event, claim) for event in events):
        return False
    if step not in COMPLETES or not at_least(TYPES[claim.type].level, ALERTING):
        return alerts(claim.type, step)
    return all(event.step != COMPLETES[step] for event in ladder)


def _speaks_for(event: Event, claim: Claim) -> bool:
    return (
        event.alert
        and event.state in STANDING
        and (event.type, event.therapy) == (claim.type, claim.therapy)
        and event.place in claim.beside
        and claim.place in event.places
        and distance(claim.occurred_on, event.occurred_on) <= TYPES[claim.type].window
    )
