"""What further evidence does to an event: contradict it, replace it, or make it more exact. No queries."""

from monitor.vocabulary.claims import Claim
from monitor.vocabulary.wording import title_of_event
from store.states import EventState, Polarity
from store.tables import Event

STANDING = (EventState.RELEASED, EventState.HELD, EventState.IMPORTED, EventState.CORRECTED)
"""States in which an event takes part: further evidence may be for it."""
OPPOSED = {(Polarity.POSITIVE, Polarity.NEGATIVE), (Polarity.NEGATIVE, Polarity.POSITIVE)}
STATED_KINDS = frozenset({"regular", "accelerated", "conditional", "exceptional_circumstances", "noc_c"})


def contradicts(event: Event, claim: Claim) -> bool:
    """Whether the claim tells the opposite, or another pathway where both state one."""
    if (event.polarity, claim.polarity) in OPPOSED:
        return True
    stated = {event.kind, claim.kind} & STATED_KINDS
    return len(stated) == 2


def take_over(event: Event, claim: Claim) -> None:
    """The better teller's word stands in place of the worse one's."""
    event.type, event.polarity, event.kind = claim.type, Polarity(claim.polarity), claim.kind or event.kind
    event.occurred_on = claim.occurred_on or event.occurred_on
    event.title = title_of_event(event)


def sharpen(event: Event, claim: Claim, better: bool) -> None:
    """Taxonomy rule 32: an approval of unstated kind takes the exact type when a source states it."""
    if claim.kind in STATED_KINDS and event.kind not in STATED_KINDS and event.step == "authorised":
        event.kind, event.type = claim.kind, claim.type
        event.title = title_of_event(event)
    precise = claim.occurred_on and (event.occurred_on is None or len(claim.occurred_on) > len(event.occurred_on))
    if claim.occurred_on and (precise or (better and not (claim.at_latest and event.occurred_on))):
        event.occurred_on = claim.occurred_on
    event.trial = event.trial or claim.trial
    event.agency = event.agency or claim.agency
