"""The same act told again, or a new one? Step *attribute* of the one path: it decides and touches nothing.

Candidates in, intent out. What tellers disagree on is kept with the evidence and shown; the word of the better tier
stands, and the event says that it is disputed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from monitor.events.evidence import FROM_FIELDS, amended, open_to
from monitor.events.intents import Amendment, Intent, NewEvent, Proof, Teller, act_of, dated, proof_by
from monitor.events.release import PRESS, doubt, state_of, told_surely
from monitor.events.same_act import distance, same_act
from monitor.events.which_trial import left_open, with_its_trial
from monitor.vocabulary.claims import MIDDLE, Claim
from monitor.vocabulary.countries import elsewhere
from monitor.vocabulary.dates import last_day
from monitor.vocabulary.event_types import (
    ALERTING,
    COMPLETES,
    TYPES,
    alerts,
    at_least,
    slug,
    thread_of,
)
from monitor.vocabulary.places import PLACES
from store.states import BELIEVED, STANDING, EventState
from store.tables import Event

SAME_WEEKS = timedelta(days=45)
"""No substance gets a further form or use so soon after its first approval in a place."""

PATHWAYS: dict[tuple[str, str | None], str] = {
    ("accelerated_approval", "US"): "accelerated",
    ("accelerated_approval", "CA"): "noc_c",
    **{("approval", place): "not_stated" for place in PLACES},
}
"""The only pathway a type can mean in a place; elsewhere the kind waits for a source that names it."""

SPONSOR = 3
OPENS = frozenset({"authorised", "converted"})
ENDS = frozenset({"market_ended", "authorisation_ended"})
WORDED = (EventState.HELD, EventState.RELEASED)
"""States in which what was found just now may still become another act: nobody was told, and no person has decided."""

SAME_ACT = timedelta(days=21)
"""A register and a company date one act alike but for the delay of telling."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The known events among which a claim may find its own, in the order of the log.

    They are those of its therapy (or of the drug as written) and of its thread, in every state; `repeated` names
    those that the same source told in the same words before, `beside` those that it tells in this very text, `trials`
    the trials of the therapy.
    """

    events: Sequence[Event] = ()
    repeated: frozenset[str] = frozenset()
    trials: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()


def attribute(claim: Claim, teller: Teller, candidates: Candidates) -> Intent | None:
    """What to record of a claim: a new event, more evidence for a known one, or nothing where it only repeats."""
    teller = _heard(teller, claim)
    claim = replace(claim, kind=claim.kind or PATHWAYS.get((claim.type, claim.place)))
    claim = _at_its_place(_of_its_therapy(claim, candidates.events), candidates.events)
    if not teller.typed and (intent := _in_one_text(claim, teller, candidates)) is not None:
        return intent
    trials: list[str] = []
    if candidates.trials or candidates.events:
        claim, trials = with_its_trial(claim, teller, candidates.events, candidates.trials)
    sure = told_surely(claim, teller)
    claim, event = _met(claim, teller, candidates, len(trials), sure=sure) if candidates.events else (claim, None)
    if event is None and sure and (event := _by_other_name(claim, teller, candidates.events)) is not None:
        fields = amended(event, replace(claim, type=event.type, step=event.step, kind=None), teller)
        if claim.type == "full_approval_conversion":
            fields |= {"type": claim.type, "step": "converted", "kind": claim.kind}
        return _more(event, teller, proof_by(teller, claim), fields, candidates)
    if event is None and not sure and same_act(claim, candidates.events, trials=len(trials)) is not None:
        claim = replace(claim, doubt=doubt(claim, teller))  # against what is told: it waits also where it is old
    if event is None:
        return _new(claim, teller, candidates.events)
    return _more(event, teller, proof_by(teller, claim), amended(event, claim, teller), candidates)


def _met(
    claim: Claim, teller: Teller, candidates: Candidates, trials: int, *, sure: bool
) -> tuple[Claim, Event | None]:
    """The known event of which a claim tells, if there is one, and the claim as it is then meant."""
    event = same_act(claim, open_to(claim, teller, candidates.events, sure=sure), trials=trials)
    if event is None and (other := _as_it_stands(claim, candidates.events)) is not None:
        claim = other
        event = same_act(claim, open_to(claim, teller, candidates.events, sure=sure))
    if event is None and claim.trial and sure:
        event = left_open(claim, teller, candidates.events)
    return claim, event


def _in_one_text(claim: Claim, teller: Teller, candidates: Candidates) -> Intent | None:
    """Two readings of one text, of which the taxonomy lets only one stand, where the more telling one must wait: they
    are one event, and it waits. None where the claim is no such reading."""
    told_beside = (event for event in candidates.events if event.id in candidates.beside)
    for event in (event for event in told_beside if _may_be_one(claim, event)):
        proof, why = (proof_by(teller, claim),), doubt(claim, teller)
        if claim.type in TYPES[event.type].instead_of and event.state == EventState.HELD and _likely(event.confidence):
            return Amendment(event.id, teller.at, {}, proof)
        fresh = event.state in WORDED and event.detected_at == teller.at and event.matched_at is None
        if event.type in TYPES[claim.type].instead_of and fresh and why and _likely(claim.confidence):
            return Amendment(event.id, teller.at, _waits(claim, teller, why), proof)
    return None


def _waits(claim: Claim, teller: Teller, why: str) -> dict[str, Any]:
    """The fields with which an event becomes this act, and waits."""
    own = {name: value for name, value in act_of(claim).items() if value is not None}
    own |= dated(claim, teller) if claim.occurred_on else {}
    step = claim.step or TYPES[claim.type].step
    own |= {"step": step, "alert": alerts(claim.type, step)}
    own |= {"place": None} if TYPES[claim.type].scope == "trial" else {}
    return own | {"state": EventState.HELD, "held_because": why, "released_at": None}


def _may_be_one(claim: Claim, event: Event) -> bool:
    pairs = ((claim.place, event.place), (slug(claim.trial or ""), slug(event.trial or "")))
    return elsewhere(claim.agency) == elsewhere(event.agency) and all(
        not own or not known or own == known for own, known in pairs
    )


def _likely(confidence: float | None) -> bool:
    return confidence is None or confidence >= MIDDLE


def _more(
    event: Event, teller: Teller, proof: Proof, fields: Mapping[str, Any], candidates: Candidates
) -> Amendment | None:
    return None if event.id in candidates.repeated else Amendment(event.id, teller.at, fields, (proof,))


def _at_its_place(claim: Claim, events: Sequence[Event]) -> Claim:
    """A market end told without a place belongs to the only place where the drug is authorised, unless it is told of a
    country elsewhere."""
    told = claim.place or claim.beside or not claim.therapy or TYPES[claim.type].family != "market"
    if told or elsewhere(claim.agency):
        return claim
    ladders: dict[str, list[Event]] = {}
    for event in events:
        if event.place and event.therapy == claim.therapy and event.state in BELIEVED and event.step in OPENS | ENDS:
            ladders.setdefault(event.place, []).append(event)
    open_ = [place for place, ladder in ladders.items() if _last(ladder).step in OPENS]
    return replace(claim, place=open_[0]) if len(open_) == 1 else claim


def _of_its_therapy(claim: Claim, events: Sequence[Event]) -> Claim:
    """A trial told by its number belongs to its therapy, as the registry showed it."""
    if claim.therapy or not claim.trial:
        return claim
    owners = {event.therapy for event in events if event.trial and slug(event.trial) == slug(claim.trial)} - {None}
    return replace(claim, therapy=owners.pop()) if len(owners) == 1 else claim


def _last(ladder: Sequence[Event]) -> Event:
    def day(event: Event) -> tuple[date, bool]:
        return last_day(event.occurred_on) if event.occurred_on else event.detected_at.date(), event.step in ENDS

    return max(ladder, key=day)


def _by_other_name(claim: Claim, teller: Teller, events: Sequence[Event]) -> Event | None:
    """The same act under its other name: a register shows the conversion of a conditional approval as one more
    efficacy supplement, and prose calls it by its name."""
    if not (claim.therapy and claim.place):
        return None
    if claim.type == "label_expansion" and teller.typed:
        named, typed = "converted", False
    elif claim.type == "full_approval_conversion":
        named, typed = "form_added", True
    else:
        return None
    near = [
        event
        for event in events
        if (event.therapy, event.place, event.step) == (claim.therapy, claim.place, named)
        and event.state in STANDING
        and (not typed or event.confidence == FROM_FIELDS)
        and distance(claim.occurred_on, event.occurred_on) <= SAME_ACT
    ]
    return min(near, key=lambda event: event.sequence, default=None)


def _heard(teller: Teller, claim: Claim) -> Teller:
    """A sponsor is one for its own therapies alone; of other drugs it is press."""
    elsewhere = teller.tier == SPONSOR and teller.therapies is not None and claim.therapy not in teller.therapies
    return replace(teller, tier=PRESS) if elsewhere else teller


def _new(claim: Claim, teller: Teller, events: Sequence[Event]) -> NewEvent:
    spec = TYPES[claim.type]
    step: str | None = claim.step or spec.step
    thread = thread_of(
        claim.type, therapy=claim.therapy, place=claim.place, trial=claim.trial, drug=claim.drug, step=claim.step
    )
    ladder = [event for event in events if event.thread == thread]
    step = _follow_up(step, ladder)
    alert = _alerts_alone(claim, step, ladder, events)
    state, because = state_of(claim, teller, ladder)
    places = (claim.place, *claim.beside) if claim.place and claim.beside and claim.first else ()
    act, proof = act_of(claim), proof_by(teller, claim)
    return NewEvent(
        **act
        | dated(claim, teller)
        | {"step": step, "place": claim.place if spec.scope != "trial" else None, "places": places, "thread": thread},
        at=teller.at,
        state=state,
        held_because=because,
        alert=alert,
        proofs=(proof,),
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
