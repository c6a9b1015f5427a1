"""Whether a new event is released, held for a maintainer, or history. Pure."""

from collections.abc import Sequence

from monitor.events.intents import Teller
from monitor.vocabulary.claims import HOLD, MIDDLE, Claim
from monitor.vocabulary.dates import NEWS_AGE, last_day
from monitor.vocabulary.event_types import NEEDS_MORE_THAN_PRESS, TYPES
from store.states import EventState
from store.tables import Event

PRESS = 4
FOUND_FIRST = "found at first check"
PRESS_ALONE = "press alone: neither a regulator nor the company has said so yet"
UNSURE = "unsure: "
"""How the judge's reasons begin."""
TRIAL_OPEN = "which trial is meant is not said"


def state_of(claim: Claim, teller: Teller, thread: Sequence[Event]) -> tuple[EventState, str | None]:
    """State of a new event and, when held, why (contract.md, First sight; design.md section 4).

    `thread` holds the events of its matter, in whatever state.
    """
    reason = doubt(claim, teller)
    if claim.doubt:
        return EventState.HELD, reason  # also where it is old or found at first sight: it is not believed
    old = claim.history or (claim.occurred_on is not None and last_day(claim.occurred_on) < teller.at.date() - NEWS_AGE)
    if teller.baseline:
        later = _later(claim, teller, thread, old)
        return (EventState.HELD, FOUND_FIRST) if later else (EventState.IMPORTED, None)
    if old:
        return EventState.IMPORTED, None
    return (EventState.HELD, reason) if reason else (EventState.RELEASED, None)


def doubt(claim: Claim, teller: Teller) -> str | None:
    """Why a maintainer must look before this claim is believed; None when it may be told at once."""
    if teller.hold:
        return f"the watch {teller.watch} is set to hold"
    if claim.doubt:
        return claim.doubt
    if teller.typed:
        return None
    if claim.decision == HOLD:
        return claim.because or f"the reading is unsure ({claim.confidence:.2f}, rule {claim.rule})"
    if claim.therapy is None:
        return "the drug is not in the pack"
    if teller.tier >= PRESS and (claim.step or TYPES[claim.type].step) in NEEDS_MORE_THAN_PRESS:
        return PRESS_ALONE
    return None


def told_surely(claim: Claim, teller: Teller) -> bool:
    """Whether a claim was read as what is told at once, whoever tells it."""
    return doubt(claim, teller) in (None, PRESS_ALONE)


def read_surely(event: Event) -> bool:
    """Whether an event was read as what is told at once: it is believed, or waits only for a better teller, a look at
    what was there first, or the name of its trial."""
    because = event.held_because or ""
    return event.state != EventState.HELD or because in (PRESS_ALONE, FOUND_FIRST) or because.startswith(TRIAL_OPEN)


def settles(event: Event, claim: Claim, teller: Teller) -> bool:
    """Whether a further telling lets a held event out: it would be told at once by itself, or it was the press alone
    that told the event, or tells it now, and somebody nearer tells the same, be it in words that are not sure."""
    if (why := doubt(claim, teller)) is None:
        return True
    alike = claim.type == event.type and min(claim.confidence, event.confidence or 0) >= MIDDLE
    if why == PRESS_ALONE:
        return alike and event.tier < PRESS and (event.held_because or "").startswith(UNSURE)
    return alike and teller.tier < PRESS and event.held_because == PRESS_ALONE and why.startswith(UNSURE)


def _later(claim: Claim, teller: Teller, thread: Sequence[Event], old: bool) -> bool:
    """Whether a baseline shows a later state than the history tells. What lies before the last known step of its
    thread, or is old where no history was compiled, only fills it in."""
    if TYPES[claim.type].family == "registration":
        return False  # that a record exists is no later state
    days = [last_day(event.occurred_on) for event in thread if event.occurred_on and event.detected_at < teller.at]
    if not days or claim.occurred_on is None:
        return not old
    return last_day(claim.occurred_on) > max(days)
