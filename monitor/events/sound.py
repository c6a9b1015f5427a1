"""What an unsure reading may not do to an event, nor an event read unsurely to a claim. Pure."""

from collections.abc import Iterable
from datetime import timedelta

from monitor.events.evidence import contradicts
from monitor.events.intents import Teller
from monitor.events.release import read_surely, told_surely
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.dates import first_day, last_day
from store.states import EventState
from store.tables import Event

ZONES = timedelta(days=1)
"""By so much the days of one moment differ around the world."""
FROM_FIELDS = 1.0
"""The confidence of what is read from the fields of a register, which names no act but a supplement's class."""


def open_to(claim: Claim, teller: Teller, events: Iterable[Event]) -> list[Event]:
    """The events of which a claim may tell: not one that it contradicts where either of the two was read unsurely, so
    that it waits beside what is told and does not dispute it; nor one that was here before the act was done."""
    sure = told_surely(claim, teller)
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
