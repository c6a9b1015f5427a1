"""Of several trials of a therapy, the one that a claim is about. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from monitor.events.intents import Teller
from monitor.events.release import TRIAL_OPEN
from monitor.events.same_act import distance
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.event_types import ALERTING, TYPES, at_least, slug
from store.states import BELIEVED, STANDING
from store.tables import Event

SEVERAL, MOST_NAMED = 2, 4
CLOSES = frozenset({"result", "completed", "terminated", "withdrawn", "futility"})
"""Steps with which a trial ends."""
SAME_NEWS = timedelta(days=10)
"""So long the press tells of what a nearer teller has named the trial of, without naming it."""


def with_its_trial(
    claim: Claim, teller: Teller, events: Sequence[Event], trials: Iterable[str]
) -> tuple[Claim, list[str]]:
    """The claim, and of the trials of its drug those that it may be about.

    One that may be about several and names none is about the only one of which a nearer teller told the same in the
    days before; the nearer teller itself may speak of another. Where there is none, what would alert waits for a
    person."""
    possible = _possible(claim, teller, events, trials)
    if claim.trial or len(possible) < SEVERAL:
        return claim, possible
    told = [event for event in _same_news(claim, teller, events) if event.tier < teller.tier]
    near = {slug(event.trial): event.trial for event in told if event.trial}
    if len(near) == 1:
        return replace(claim, trial=next(iter(near.values()))), possible
    if not at_least(TYPES[claim.type].level, ALERTING):
        return claim, possible
    named = ", ".join(possible[:MOST_NAMED]) + (" ..." if len(possible) > MOST_NAMED else "")
    return replace(claim, doubt=claim.doubt or f"{TRIAL_OPEN}: {named}"), possible


def _possible(claim: Claim, teller: Teller, events: Iterable[Event], trials: Iterable[str]) -> list[str]:
    """The trials of the drug that a claim may be about: those that did not end long before."""
    spec = TYPES[claim.type]
    if spec.scope != "trial" or not claim.therapy:
        return []
    over = {
        slug(event.trial)
        for event in events
        if event.trial
        and event.step in CLOSES
        and event.state in BELIEVED
        and distance(_day(claim, teller), event.occurred_on) > spec.window
    }
    return sorted(trial for trial in trials if slug(trial) not in over)


def left_open(claim: Claim, teller: Teller, events: Iterable[Event]) -> Event | None:
    """The event that waits only for its trial, where a nearer teller names one in these days, surely."""
    near = _same_news(claim, teller, events)
    if any(event.trial for event in near):
        return None
    further = [event for event in near if event.tier > teller.tier]
    waiting = [event for event in further if (event.held_because or "").startswith(TRIAL_OPEN)]
    return waiting[0] if len(waiting) == 1 else None


def _same_news(claim: Claim, teller: Teller, events: Iterable[Event]) -> list[Event]:
    return [
        event
        for event in events
        if TYPES[claim.type].scope == "trial"
        and event.state in STANDING
        and (event.therapy, event.type, event.polarity) == (claim.therapy, claim.type, claim.polarity)
        and distance(_day(claim, teller), event.day) <= SAME_NEWS
    ]


def _day(claim: Claim, teller: Teller) -> str:
    return claim.occurred_on or teller.at.date().isoformat()
