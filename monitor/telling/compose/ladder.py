"""The steps of a matter in order, as a reader climbs them: from asking for approval to the end.   (pure)"""

from collections.abc import Sequence

from monitor.vocabulary.event_types import STEPS, TYPES
from notifiers.digest import Rung
from store.tables import Event

RUNGS = 8
ASIDE = frozenset({"record_stale"})
"""What is said of the register, not of the matter: no step up or down."""
MARKET_ENDS = ("market_end_announced", "market_ended")


def ladder_of(event: Event, thread: Sequence[Event]) -> list[tuple[Event, str]]:
    """The steps of the matter in order, from the last approval before this event onwards."""
    known = {rung.id: rung for rung in (*thread, event)}
    rungs = sorted(known.values(), key=lambda rung: (_when(rung), rung.sequence))
    steps = [(rung, step) for rung in rungs if (step := step_of(rung)) and (step not in ASIDE or rung.id == event.id)]
    start = 0
    for place, (rung, step) in enumerate(steps):
        if rung.id == event.id:
            break
        if step == "authorised":
            start = place + 1
    return steps[start:][-RUNGS:]


def rungs_of(event: Event, thread: Sequence[Event]) -> tuple[Rung, ...]:
    """The same for readers, each step in words."""
    return tuple(
        Rung(step=step, label=step_label(step), on=rung.occurred_on, tier=rung.tier)
        for rung, step in ladder_of(event, thread)
    )


def step_label(step: str) -> str:
    """A rung of a ladder in words; a step of an older version with its underscores as blanks."""
    return STEPS[step].label if step in STEPS else step.replace("_", " ")


def step_of(event: Event) -> str | None:
    """The rung an event stands for."""
    return event.step or (TYPES[event.type].step if event.type in TYPES else None)


def _when(event: Event) -> str:
    return event.occurred_on or event.detected_at.date().isoformat()
