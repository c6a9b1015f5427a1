"""What became of one therapy by a day: its acts in order, and its authorisation in each place.   (pure)"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from monitor.standing.pipeline import Stage, pipeline
from monitor.standing.timeline import in_order, past
from monitor.vocabulary.event_types import STEPS
from store.columns import Act

STATES = {name: step.approval_state for name, step in STEPS.items() if step.approval_state}
"""Step of the ladder to state of the authorisation. Every other step leaves the state as it is."""

OF_A_REQUEST = frozenset({"none", "applied", "refused", "application_withdrawn"})
"""States of what was asked for: of what is approved, a further use or form, whose end leaves the approval as it is."""
SOLD = "marketed"
MARKET = {name: step.market_state for name, step in STEPS.items() if step.market_state}


@dataclass
class Standing:
    """The authorisation of one therapy in one place, as the events so far leave it."""

    state: str = "none"
    kind: str | None = None
    market: str | None = None
    since: Act | None = None  # the event that gives the state its date
    made_by: list[Act] = field(default_factory=list)
    grants: list[Act] = field(default_factory=list)  # every act that turned it into approved

    def take(self, event: Act) -> None:
        """Move on by one event; they come in order of date."""
        step = event.step or ""
        if step in MARKET and self.state == "approved":
            if self.market != "not_marketed" or MARKET[step] == SOLD:
                self.market = MARKET[step]
            self.made_by.append(event)
        elif step == "converted" and self.state == "approved":
            self.kind = event.kind or "regular"
            self.made_by.append(event)
        elif step in STATES:
            self._enter(STATES[step], event)

    def _enter(self, state: str, event: Act) -> None:
        if state == self.state or (self.state == "approved" and state in OF_A_REQUEST):
            return  # a second teller, for the first one gives the date, or a request beside what is approved
        if state == "withdrawn":
            self.kind, self.market = None, "not_marketed"
        elif state == "approved":
            self.kind, self.market = event.kind or "not_stated", "unknown"
            self.grants.append(event)
        else:
            self.kind = self.market = None
        self.state = state
        self.since = None if state == "none" else event
        self.made_by = [] if state == "none" else [event]


def standing(events: Iterable[Act], *, place: str) -> Standing:
    """The authorisation of one therapy in one place after these events of its own.

    European acts count for the EU alone; that one of them also held in the UK is an event of its own there.
    """
    return Course(None, in_order(events)).standing(place)


class Course:
    """The acts of one therapy that are past, in order, and what they come to in each place."""

    def __init__(self, therapy: str | None, ordered: Sequence[Act]) -> None:
        self.therapy, self.past = therapy, ordered
        self._here: dict[str | None, list[Act]] = defaultdict(list)
        for event in ordered:
            self._here[event.place].append(event)
        self._standings: dict[str, Standing] = {}
        self._stage: Stage | None = None

    def acts_in(self, place: str) -> Sequence[Act]:
        """Those of one place."""
        return self._here.get(place, ())

    def standing(self, place: str) -> Standing:
        """The authorisation in one place."""
        if place not in self._standings:
            after = self._standings[place] = Standing()
            for event in self.acts_in(place):
                after.take(event)
        return self._standings[place]

    def stage(self, as_of: date) -> Stage:
        """How far it is in trials on the day by which these acts are past."""
        if self._stage is None:
            self._stage = pipeline(self.past, as_of)
        return self._stage

    def stands(self, places: Iterable[str], as_of: date) -> bool:
        """Whether anything is known of it: an authorisation in one of these places, or a trial."""
        return self.stage(as_of).state != "none" or any(self.standing(place).state != "none" for place in places)

    def deciding(self, places: Iterable[str], as_of: date) -> Iterator[str]:
        """The events that its authorisation in these places and its stage in trials rest on."""
        for made_by in (*(self.standing(place).made_by for place in places), self.stage(as_of).made_by):
            yield from (event.id for event in made_by)


def courses(events: Iterable[Act], as_of: date = date.max) -> dict[str | None, Course]:
    """The course of each therapy that any of these events is of, by a day."""
    return {therapy: Course(therapy, past(acts, as_of)) for therapy, acts in _by_therapy(events).items()}


def courses_after(past: Iterable[Act]) -> dict[str | None, Course]:
    """The course of each therapy after these acts, which are past and in order."""
    return {therapy: Course(therapy, acts) for therapy, acts in _by_therapy(past).items()}


def _by_therapy(events: Iterable[Act]) -> dict[str | None, list[Act]]:
    own: dict[str | None, list[Act]] = defaultdict(list)
    for event in events:
        own[event.therapy].append(event)
    return own
