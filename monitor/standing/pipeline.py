"""How far a therapy is in trials, from its dated events."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from monitor.standing.timeline import end_of
from monitor.vocabulary.event_types import STEPS
from store.columns import Act
from store.states import EventState

PHASES = {"1": 1.0, "1/2": 1.5, "2": 2.0, "2/3": 2.5, "3": 3.0, "4": 4.0}
"""Phases as written in events, and their order. A trial without one is observational or unclear: it leads nothing."""

CLOSED_STATES = ("terminated", "completed")
TRIAL_STATES = {name: step.trial_state for name, step in STEPS.items() if step.trial_state}
OPEN = {step: state for step, state in TRIAL_STATES.items() if state not in CLOSED_STATES}
CLOSED = {step: state for step, state in TRIAL_STATES.items() if state in CLOSED_STATES}
"""Steps of a trial to the words of the pipeline; those of OPEN leave it open."""

READ_OUT = {"positive": "read_out_positive", "negative": "read_out_negative"}
"""A mixed result is neither: the trial counts as completed."""

STALLED_AFTER = timedelta(days=60)
"""From the planned start without recruitment."""


@dataclass
class Stage:
    """A trial, or the whole pipeline of a therapy: its phase, state, and the events that made it."""

    phase: str | None = None
    state: str = "none"
    trial: str | None = None
    since: str | None = None
    made_by: list[Act] = field(default_factory=list)


def pipeline(past: Sequence[Act], as_of: date) -> Stage:
    """The open trial of the highest phase, else the last result; a discontinued programme overrides both.

    `past` are the acts of one therapy up to `as_of`, in order. A trial registered or started after a discontinuation
    lifts it.
    """
    trials = [trial for group in _by_trial(past) if (trial := _trial(group, as_of)).state != "none"]
    ended = next((e for e in reversed(past) if e.step == "programme_ended"), None)
    if ended and not any(_begins(e) and end_of(e) > end_of(ended) for e in past):
        return _discontinued(ended, trials)
    if open_ := [t for t in trials if t.state in OPEN.values() and t.phase in PHASES]:
        return max(open_, key=lambda t: (PHASES[t.phase or ""], end_of(t.made_by[0]), t.trial or ""))
    closed = [t for t in trials if t.state not in OPEN.values()]
    results = [t for t in closed if t.state != "completed"] or closed
    return max(results, key=lambda t: (end_of(t.made_by[0]), t.trial or ""), default=Stage())


def _begins(event: Act) -> bool:
    """Whether a trial begins here. When one did that was found begun and gives no date, nobody knows."""
    found = event.occurred_on is None and event.state == EventState.IMPORTED
    return event.step in ("registered", "started") and not found


def _by_trial(past: Sequence[Act]) -> Iterable[list[Act]]:
    groups: dict[str, list[Act]] = {}
    for event in past:
        if event.trial:
            groups.setdefault(event.trial, []).append(event)
    return groups.values()


def _trial(events: Sequence[Act], as_of: date) -> Stage:
    """One trial after its events; a result stays, whatever the registry says later."""
    stage = Stage(trial=events[0].trial)
    planned = None
    for event in events:
        stage.phase = event.phase or stage.phase
        planned = event.planned_start or planned
        state = _state_after(event)
        begins = event.step == "registered" and stage.made_by  # an entry without a date may be met late
        if state and not begins and not stage.state.startswith("read_out"):
            stage.state, stage.since, stage.made_by = state, event.occurred_on, [event]
    if stage.state == "not_yet_recruiting" and planned and end_of(planned) + STALLED_AFTER <= as_of:
        stage.state, stage.since = "stalled", (end_of(planned) + STALLED_AFTER).isoformat()
    return stage


def _state_after(event: Act) -> str | None:
    step = event.step or ""
    if step == "result":
        return READ_OUT.get(event.polarity, "completed")
    return OPEN.get(step) or CLOSED.get(step)


def _discontinued(ended: Act, trials: Sequence[Stage]) -> Stage:
    last = next((t for t in trials if t.trial == ended.trial), trials[-1] if trials else Stage())
    return Stage(ended.phase or last.phase, "discontinued", ended.trial or last.trial, ended.occurred_on, [ended])
