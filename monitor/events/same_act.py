"""Whether a claim and an event are about one act. Pure.

They are when they agree on the family of the type, on the therapy (or the drug as written), on the place or the
trial, and lie within the family's window.
"""

from collections.abc import Iterable
from datetime import timedelta

from monitor.vocabulary.claims import HIGH, Claim
from monitor.vocabulary.countries import elsewhere
from monitor.vocabulary.dates import first_day, last_day
from monitor.vocabulary.event_types import TYPES, slug
from store.states import STANDING, EventState
from store.tables import Event

FORESIGHT = timedelta(days=14)
"""An unsure reading was not of an act that came later than this: nobody tells of an act before it happened."""


def same_act(claim: Claim, events: Iterable[Event], *, trials: int = 1) -> Event | None:
    """The standing event that this claim tells of, the nearest in time if several could be, and of two as near
    the one that does not wait.

    `trials`: how many trials of the drug it may be about; where there are several, one that is named and one that is
    not are two acts.
    """
    near = [(gap, event) for event in events if (gap := gap_between(claim, event, trials)) is not None]
    found = min(near, key=lambda pair: (pair[0], pair[1].state == EventState.HELD, pair[1].sequence), default=None)
    return found[1] if found else None


def gap_between(claim: Claim, event: Event, trials: int = 1) -> timedelta | None:
    """How far apart in time the two are told, or None when they cannot be one act."""
    spec = TYPES[claim.type]
    if event.state not in STANDING or TYPES[event.type].family != spec.family or not _one_drug(claim, event):
        return None
    if spec.scope == "trial" and not _one_trial(claim.trial, event.trial, trials):
        return None
    if spec.scope != "trial" and not _one_place(claim, event):
        return None
    if "step" in spec.apart and _rung(claim) != _rung(event):
        return None
    if event.state == EventState.HELD and (event.confidence or 1) < HIGH and _came_later(claim, event):
        return None
    if "polarity" in spec.apart and claim.polarity != event.polarity:
        return None
    gap = distance(claim.occurred_on, event.occurred_on)
    return gap if gap <= spec.window else None


def distance(first: str | None, other: str | None) -> timedelta:
    """The gap between two dates as precise as told; zero when one could be the other."""
    if first is None or other is None:
        return timedelta(0)
    return max(timedelta(0), first_day(first) - last_day(other), first_day(other) - last_day(first))


def _one_trial(first: str | None, other: str | None, trials: int) -> bool:
    if first and other:
        return slug(first) == slug(other)
    return trials <= 1 or first == other


def _one_place(claim: Claim, event: Event) -> bool:
    """Whether they may be of one place: where none is told it may be any, but of a country elsewhere it is of that."""
    if claim.place and event.place:
        return claim.place == event.place
    return elsewhere(claim.agency) == elsewhere(event.agency)


def _one_drug(claim: Claim, event: Event) -> bool:
    if claim.trial and event.trial and slug(claim.trial) == slug(event.trial):
        return not (claim.therapy and event.therapy) or claim.therapy == event.therapy
    if claim.therapy:
        return event.therapy == claim.therapy
    if claim.drug:
        return event.therapy is None and (event.drug or "").lower() == claim.drug.lower()
    return bool(claim.trial and event.trial)


def _came_later(claim: Claim, event: Event) -> bool:
    known = max(event.detected_at.date(), last_day(event.occurred_on or event.detected_at.date().isoformat()))
    return claim.occurred_on is not None and first_day(claim.occurred_on) > known + FORESIGHT


def _rung(act: Claim | Event) -> str | None:
    return act.subtype if act.type == "designation" else act.step or TYPES[act.type].step
