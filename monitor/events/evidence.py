"""Of which events further evidence may tell, and what it makes of one: contradict, replace or sharpen it. Pure."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from monitor.events.intents import Teller, dated
from monitor.events.release import read_surely, settles, told_surely
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.dates import AT_LATEST, MADE_KNOWN, first_day, last_day
from monitor.vocabulary.event_types import TYPES, stated_from
from store.states import Certainty, EventState, Polarity
from store.tables import Event

OPPOSED = {(Polarity.POSITIVE, Polarity.NEGATIVE), (Polarity.NEGATIVE, Polarity.POSITIVE)}
STATED_KINDS = frozenset({"regular", "accelerated", "conditional", "exceptional_circumstances", "noc_c"})
Fields = dict[str, Any]
ZONES = timedelta(days=1)
"""By so much the days of one moment differ around the world."""
FROM_FIELDS = 1.0
"""The confidence of what is read from the fields of a register, which names no act but a supplement's class."""


def open_to(claim: Claim, teller: Teller, events: Iterable[Event], *, sure: bool) -> list[Event]:
    """The events of which a claim, read surely or not, may tell: not one that it contradicts where either was read
    unsurely, so that it waits beside what is told and does not dispute it; nor one that was here before the act was
    done."""
    return [
        event
        for event in events
        if not (contradicts(event, claim) and not (sure and read_surely(event)))
        and not (sure and _came_before(event, claim, teller))
    ]


def _came_before(event: Event, claim: Claim, teller: Teller) -> bool:
    """Whether an unsure reading was here before the day of the act that is told surely now: what tells of a plan does
    not tell of the act. A day on which the act was made known counts as its own where no nearer teller was before."""
    unsure = event.state == EventState.HELD and not read_surely(event) and (event.confidence or 0) < FROM_FIELDS
    if not unsure or claim.occurred_on is None or claim.at_latest:
        return False
    if claim.announced and teller.tier > event.tier:
        return False  # the press takes up days later what a company said
    here = event.detected_at.date()
    known = max(here, last_day(event.occurred_on)) if event.occurred_on else here
    return first_day(claim.occurred_on) > known + ZONES


def amended(event: Event, claim: Claim, teller: Teller) -> Fields:
    """The fields of the event that further evidence changes, with their new values: certainty raised or disputed,
    type and date sharpened, a state that it settles. A doubtful claim is kept with the evidence and changes
    nothing, an unsure one nothing of what is told."""
    if claim.doubt or (event.state != EventState.HELD and not told_surely(claim, teller)):
        return {}
    certainty, better = event.certainty, teller.tier < event.tier
    fields: Fields = {}
    if contradicts(event, claim):
        certainty = Certainty.DISPUTED
        fields |= _replaced(event, claim, teller) if better else {}
    elif event.state != EventState.IMPORTED:
        fields |= _sharpened(event, claim) | _dated(event, claim, teller)
        if certainty == Certainty.REPORTED and teller.tier <= stated_from(event.type, event.step):
            certainty = Certainty.STATED
    fields |= {"certainty": certainty, "tier": min(event.tier, teller.tier)}
    if event.state == EventState.HELD and not (teller.baseline or claim.history) and settles(event, claim, teller):
        fields |= {"state": EventState.RELEASED, "held_because": None, "released_at": teller.at, "matched_at": None}
        if claim.type in TYPES[event.type].instead_of:  # the less telling reading is sure, and that one is told
            fields |= {"type": claim.type, "step": claim.step or TYPES[claim.type].step}
    elif (
        event.state == EventState.RELEASED
        and event.matched_at
        and (_confirms(event.certainty, certainty) or (better and event.matched_as is not None))
    ):
        fields["confirmation_due"] = teller.at
    if claim.first and event.place and event.alert and event.matched_at is None:
        fields["places"] = list(dict.fromkeys([event.place, *event.places, *claim.beside]))
    return {name: value for name, value in fields.items() if getattr(event, name) != value}


def _confirms(before: Certainty, after: Certainty) -> bool:
    return before == Certainty.REPORTED and after == Certainty.STATED


def contradicts(event: Event, claim: Claim) -> bool:
    """Whether the claim tells the opposite, or another pathway where both state one."""
    if (event.polarity, claim.polarity) in OPPOSED:
        return True
    stated = {event.kind, claim.kind} & STATED_KINDS
    return len(stated) == 2


def _replaced(event: Event, claim: Claim, teller: Teller) -> Fields:
    """The better teller's word stands in place of the worse one's."""
    vague = claim.at_latest or (claim.announced and event.mark_date is None)
    told = claim.occurred_on and not (vague and event.occurred_on)
    return {
        "type": claim.type,
        "polarity": Polarity(claim.polarity),
        "kind": claim.kind or event.kind,
        **(dated(claim, teller) if told else {}),
    }


def _sharpened(event: Event, claim: Claim) -> Fields:
    """Taxonomy rule 32: an approval of unstated kind takes the exact type when a source states it."""
    fields: Fields = {}
    if claim.kind in STATED_KINDS and event.kind not in STATED_KINDS and event.step == "authorised":
        fields |= {"kind": claim.kind, "type": claim.type}
    kept = ("trial", "agency", "subtype")
    return fields | {name: getattr(event, name) or getattr(claim, name) for name in kept}


def _dated(event: Event, claim: Claim, teller: Teller) -> Fields:
    """The date of the claim, where it is the better of the two. It does not matter who was read first."""
    told = dated(claim, teller)
    known = {name: getattr(event, name) for name in told}
    if known["dated_by"] is None:
        known["dated_by"] = event.tier
    return told if claim.occurred_on and (not event.occurred_on or _worth(**told) < _worth(**known)) else {}


def _worth(occurred_on: str, mark_date: str | None, dated_by: int) -> tuple[int, int, int, str]:
    """By what of two dates of one act the better is known, which comes first: that of the act itself before the day on
    which it was made known, and that before one on which it lies at the latest; the more precise, of the better teller,
    the earlier."""
    rank = {MADE_KNOWN: 1, AT_LATEST: 2}.get(mark_date or "", 0)
    return rank, -len(occurred_on), dated_by, occurred_on
