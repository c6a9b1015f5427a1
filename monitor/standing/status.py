"""What stood when: authorisation by place, pipeline, and the newest drug, derived from dated events.

Nothing here is stored and nothing asks the clock: the same events give the same answers, in whatever order they come.
A date without a day counts from the end of its month or year, because only then it is sure to have passed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, TypeVar, get_args

from monitor.standing.contract import NewestLine, PipelineLine, PlaceLine, StatusLine
from monitor.standing.pipeline import Stage, pipeline
from monitor.standing.timeline import end_of, evidence_of, in_order, marks, past, start_of
from monitor.vocabulary.event_types import ENDING, MOVING, STEPS
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.places import PLACES
from monitor.vocabulary.wording import condition_of, for_whom_of
from store.columns import Act, Proof
from store.states import BELIEVED, EventState

A = TypeVar("A", bound=Act)
Rule = Literal["substance", "act", "formulation"]
RULES: tuple[Rule, ...] = get_args(Rule)

STATES = {name: step.approval_state for name, step in STEPS.items() if step.approval_state}
"""Step of the ladder to state of the authorisation. Every other step leaves the state as it is."""

MARKET = {name: step.market_state for name, step in STEPS.items() if step.market_state}

PRESS = 4


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
            if self.market != "not_marketed":
                self.market = MARKET[step]
            self.made_by.append(event)
        elif step == "converted" and self.state == "approved":
            self.kind = event.kind or "regular"
            self.made_by.append(event)
        elif step in STATES:
            self._enter(STATES[step], event)

    def _enter(self, state: str, event: Act) -> None:
        if state == self.state or (state == "applied" and self.state == "approved"):
            return  # a supplement or a second teller: the first one gives the date
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


def known(events: Iterable[A], known_at: datetime | None = None) -> list[A]:
    """The events that count, as far as they were known by a moment (aware UTC; None: all).

    What is held is left out, and what another of these events corrects. What was held first is known from its release
    on, and what was told and then dismissed counted until its correction came.
    """
    every = list(events)
    to_come = {e.corrects for e in every if known_at and e.corrects and e.detected_at > known_at}
    counting = [
        e
        for e in every
        if _counts(e)
        and (e.state in BELIEVED or (e.state == EventState.DISMISSED and e.released_at and e.id in to_come))
        and (known_at is None or (e.released_at or e.detected_at) <= known_at)
    ]
    replaced = {e.corrects for e in counting if e.corrects}
    return [e for e in counting if e.id not in replaced]


def _counts(event: Act) -> bool:
    """Press and community alone move nothing: not before a better teller or a maintainer stands for it."""
    alone = event.tier >= PRESS and event.confirmed_at is None and event.state != EventState.IMPORTED
    return not (alone and event.step in MOVING | ENDING)


def table(
    events: Iterable[Act],
    evidence: Mapping[str, Sequence[Proof]],
    *,
    pack: Pack,
    as_of: date,
    places: Sequence[str] = PLACES,
) -> list[StatusLine]:
    """The status lines of contract.md, in the order of the pack: one for each followed therapy, and one for each other
    that stands somewhere by then.

    Every cell also names the `events` that made it, and how well the deciding one stands (`event_mark`, `date_mark`).
    """
    gone: dict[str | None, list[Act]] = defaultdict(list)
    for event in past(events, as_of):
        gone[event.therapy].append(event)
    lines = []
    for therapy in pack.therapies:
        own = gone[therapy.name]
        here: dict[str | None, list[Act]] = defaultdict(list)
        for event in own:
            here[event.place].append(event)
        cells = {place: _cell(_after(here[place], place), here[place], evidence, as_of) for place in places}
        stage = pipeline(own, as_of)
        if therapy.followed or stage.state != "none" or any(cell["state"] != "none" for cell in cells.values()):
            lines.append(
                StatusLine(
                    therapy=therapy.name,
                    for_whom=for_whom_of(therapy),
                    followed=therapy.followed,
                    places=cells,
                    pipeline=_stage_line(stage, evidence),
                    as_of=as_of.isoformat(),
                )
            )
    return lines


def _stage_line(stage: Stage, evidence: Mapping[str, Sequence[Proof]]) -> PipelineLine:
    return {
        "phase": stage.phase,
        "state": stage.state,
        "trial": stage.trial,
        "since": stage.since,
        "evidence": evidence_of(stage.made_by, evidence),
        "looked": None,
        "data_of": None,
        **marks(stage.made_by),
    }


def standing(events: Iterable[Act], *, place: str) -> Standing:
    """The authorisation of one therapy in one place after these events of its own.

    European acts count for the EU alone; that one of them also held in the UK is an event of its own there.
    """
    return _after(in_order(events), place)


def _after(ordered: Iterable[Act], place: str) -> Standing:
    """`standing` after events that are in order."""
    result = Standing()
    for event in ordered:
        if event.place == place:
            result.take(event)
    return result


def newest(
    events: Iterable[Act],
    evidence: Mapping[str, Sequence[Proof]],
    *,
    place: str,
    as_of: date,
    rule: Rule = "substance",
    pack: Pack | None = None,
) -> NewestLine:
    """The newest drug by one of three rules; `therapy` is null when there is none.

    *substance*: the latest first authorisation here that still stands and whose marketing has not ended (an announced
    end does not remove it). *act*: the latest authorisation of a substance in any watched place, which `place` then
    names. *formulation*: the latest new form here. Generics never count. Of acts surely past, the latest is the one
    with the latest earliest day: a date without a day does not displace a day inside its month or year. The `pack`
    says for whom the drug is; without it that is left open.
    """
    return newest_among(moving(events, as_of), evidence, place=place, as_of=as_of, rule=rule, pack=pack)


def moving(events: Iterable[A], as_of: date) -> list[A]:
    """The acts that are surely past on a day, in order, and can make or unmake the newest drug: the others are many."""
    return past((event for event in events if event.step in MOVING), as_of)


def newest_among(
    acts: Sequence[Act],
    evidence: Mapping[str, Sequence[Proof]],
    *,
    place: str,
    as_of: date,
    rule: Rule,
    pack: Pack | None,
) -> NewestLine:
    """`newest` of acts that `moving` has chosen for the day."""
    event, kind = leading(acts, place=place, rule=rule) or (None, None)
    made_by = [event] if event else []
    return {
        "therapy": event.therapy if event else None,
        "for_whom": for_whom_of(pack.therapy(event.therapy)) if pack and event and event.therapy else None,
        "condition": condition_of(kind),
        "rule": rule,
        "place": event.place if event else place,
        "since": event.occurred_on if event else None,
        "kind": kind,
        "evidence": evidence_of(made_by, evidence),
        "as_of": as_of.isoformat(),
        "looked": None,
        "data_of": None,
        **marks(made_by),
    }


def leading(past: Sequence[Act], *, place: str, rule: Rule = "substance") -> tuple[Act, str | None] | None:
    """The act that makes the newest drug, with its kind, among events that are past and in order; None for none."""
    found = {"substance": _substance, "act": _act, "formulation": _formulation}[rule](past, place)
    return max(found, key=lambda pair: _newer(pair[0]), default=None)


def answers(
    events: Iterable[Act], evidence: Mapping[str, Sequence[Proof]], *, as_of: date, places: Sequence[str] = PLACES
) -> dict[tuple[str, str], NewestLine]:
    """`newest` by every rule for every place, keyed by rule and the place asked about (`act`: all places are one)."""
    every = list(events)
    asked = [(rule, place) for rule in RULES for place in places if rule != "act" or place == places[0]]
    return {(r, p): newest(every, evidence, place=p, as_of=as_of, rule=r) for r, p in asked}


def _newer(act: Act) -> tuple[date, date, bool, str]:
    return start_of(act), end_of(act), act.alert, act.id


def _cell(now: Standing, own: Sequence[Act], evidence: Mapping[str, Sequence[Proof]], as_of: date) -> PlaceLine:
    market, made_by = now.market, list(now.made_by)
    if market == "unknown":
        sold = (e for e in own if e.marketed_from and end_of(e.marketed_from) <= as_of)
        if first := next(sold, None):
            market = "marketed"
            made_by += [] if first in made_by else [first]
    since = now.since.occurred_on if now.since else None
    return {
        "state": now.state,
        "kind": now.kind,
        "market": market,
        "since": since,
        "condition": condition_of(now.kind),
        "evidence": evidence_of(made_by, evidence),
        "looked": None,
        "data_of": None,
        **marks(made_by),
    }


def _standings(past: Sequence[Act], places: Iterable[str]) -> Iterable[Standing]:
    own: dict[tuple[str | None, str | None], list[Act]] = defaultdict(list)
    for event in past:
        own[event.place, event.therapy].append(event)
    names = sorted({therapy for _, therapy in own if therapy})
    for place in places:
        for name in names:
            if (place, name) in own:
                yield _after(own[place, name], place)


def _substance(past: Sequence[Act], place: str) -> list[tuple[Act, str | None]]:
    held = [s for s in _standings(past, [place]) if s.state == "approved" and s.market != "not_marketed"]
    return [(s.grants[-1], s.kind) for s in held]


def _act(past: Sequence[Act], place: str) -> list[tuple[Act, str | None]]:
    return [(grant, grant.kind) for s in _standings(past, PLACES) for grant in s.grants]


def _formulation(past: Sequence[Act], place: str) -> list[tuple[Act, str | None]]:
    return [(e, e.kind) for e in past if e.step == "form_added" and e.place == place and e.therapy]
