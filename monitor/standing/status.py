"""What stood when: authorisation by place, pipeline, and the newest drug, derived from dated events.

Nothing here is stored and nothing asks the clock: the same events give the same answers, in whatever order they come.
A date without a day counts from the end of its month or year, because only then it is sure to have passed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Literal, TypeVar, get_args

from monitor.standing.contract import NewestLine, PipelineLine, PlaceLine, StatusLine
from monitor.standing.courses import Course, Standing, courses
from monitor.standing.former import as_known
from monitor.standing.pipeline import Stage
from monitor.standing.timeline import end_of, evidence_of, marks, start_of
from monitor.vocabulary.event_types import ENDING, MOVING
from monitor.vocabulary.pack import Pack, Therapy
from monitor.vocabulary.places import PLACES
from monitor.vocabulary.wording import condition_of, for_whom_of
from store.columns import Act, Proof
from store.states import BELIEVED, EventState

A = TypeVar("A", bound=Act)
Rule = Literal["substance", "act", "formulation"]
RULES: tuple[Rule, ...] = get_args(Rule)
Leading = tuple[Act, str | None]
"""An act that can make the newest drug, and of which kind it is."""

PRESS = 4


def known(events: Iterable[A], known_at: datetime | None = None) -> list[A]:
    """The events that count, as far as they were known by a moment (aware UTC; None: all).

    What is held is left out, and what another of these events corrects. What was held first is known from its release
    on, what was told and then dismissed counted until its correction came, and each is as it was known then.
    """
    every = [as_known(event, known_at) for event in events] if known_at else list(events)
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


MOVES = MOVING | ENDING
"""Steps that press and community alone cannot make."""


def _counts(event: Act) -> bool:
    """Press and community alone move nothing: not before a better teller or a maintainer stands for it."""
    alone = event.tier >= PRESS and event.confirmed_at is None and event.state != EventState.IMPORTED
    return not (alone and event.step in MOVES)


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
    of = courses(events, as_of)
    found = [(therapy, of.get(therapy.name) or Course(therapy.name, ())) for therapy in pack.therapies]
    return [
        line_of(therapy, course, evidence, as_of=as_of, places=places)
        for therapy, course in found
        if therapy.followed or course.stands(places, as_of)
    ]


def line_of(
    therapy: Therapy,
    course: Course,
    evidence: Mapping[str, Sequence[Proof]],
    *,
    as_of: date,
    places: Sequence[str] = PLACES,
) -> StatusLine:
    """Where one therapy stands after its course."""
    return StatusLine(
        therapy=therapy.name,
        for_whom=for_whom_of(therapy),
        followed=therapy.followed,
        places={place: _cell(course, place, evidence, as_of) for place in places},
        pipeline=_stage_line(course.stage(as_of), evidence),
        as_of=as_of.isoformat(),
    )


def _stage_line(stage: Stage, evidence: Mapping[str, Sequence[Proof]]) -> PipelineLine:
    return {
        "phase": stage.phase,
        "state": stage.state,
        "trial": stage.trial,
        "since": stage.since,
        "evidence": evidence_of(stage.made_by, evidence),
        "looked": None,
        "data_of": None,
        "missing": [],
        "watched_by": [],
        "by_hand": None,
        **marks(stage.made_by),
    }


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
    moving = courses((event for event in events if event.step in MOVING), as_of)
    return newest_among(moving.values(), evidence, place=place, as_of=as_of, rule=rule, pack=pack)


def newest_among(
    past: Iterable[Course],
    evidence: Mapping[str, Sequence[Proof]],
    *,
    place: str,
    as_of: date,
    rule: Rule,
    pack: Pack | None,
) -> NewestLine:
    """`newest` of the courses of all therapies by the day."""
    event, kind = leading(past, place=place, rule=rule) or (None, None)
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
        "missing": [],
        "watched_by": [],
        "by_hand": None,
        **marks(made_by),
    }


def leading(past: Iterable[Course], *, place: str, rule: Rule = "substance") -> Leading | None:
    """The act that makes the newest drug, with its kind, after the courses of all therapies; None for none."""
    find = {"substance": _substance, "act": _act, "formulation": _formulation}[rule]
    found = [pair for course in past if course.therapy for pair in find(course, place)]
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


def _cell(course: Course, place: str, evidence: Mapping[str, Sequence[Proof]], as_of: date) -> PlaceLine:
    now = course.standing(place)
    market, made_by = now.market, list(now.made_by)
    if market == "unknown":
        sold = (e for e in course.acts_in(place) if e.marketed_from and end_of(e.marketed_from) <= as_of)
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
        "missing": [],
        "watched_by": [],
        "by_hand": None,
        **marks(made_by),
    }


def holds(stands: Standing) -> bool:
    """Whether a drug is approved and its marketing has not ended."""
    return stands.state == "approved" and stands.market != "not_marketed"


def _substance(course: Course, place: str) -> Collection[Leading]:
    stands = course.standing(place)
    return [(stands.grants[-1], stands.kind)] if holds(stands) else []


def _act(course: Course, _: str) -> Collection[Leading]:
    return [(grant, grant.kind) for place in PLACES for grant in course.standing(place).grants]


def _formulation(course: Course, place: str) -> Collection[Leading]:
    return [(event, event.kind) for event in course.acts_in(place) if event.step == "form_added"]
