"""What the answers say before and after a verdict that is not given yet: from the few acts that can move them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import select
from sqlmodel import Session

from monitor.events.outcome import Outcome
from monitor.standing.courses import Course, courses
from monitor.standing.status import known, leading
from monitor.vocabulary.event_types import MOVING
from store.columns import EVENT, Act
from store.states import BELIEVED


@dataclass(frozen=True, slots=True)
class Sides:
    """One answer before and after."""

    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Afterwards:
    """Of one place the newest drug (its act and kind) and how a therapy stands there, and that in trials; None where
    there is nothing to ask: an act without a place, a drug that is not followed."""

    therapy: str | None
    place: str | None
    newest: Sides | None
    standing: Sides | None
    stage: Sides | None


def afterwards(session: Session, comes: Outcome, today: date) -> Afterwards:
    """How things stand today, and how they would."""
    about = comes.told[0] if comes.told else comes.event
    place, therapy = about.place, about.therapy
    of_place = _sides(session, comes, EVENT.c.place == place, EVENT.c.step.in_(sorted(MOVING))) if place else None
    of_drug = _sides(session, comes, EVENT.c.therapy == therapy) if therapy else None
    return Afterwards(
        therapy,
        place,
        newest=_both(of_place, lambda acts: leading(courses(acts, today).values(), place=place or "")),
        standing=_both(of_drug, lambda acts: _course(acts, today).standing(place or "")) if place else None,
        stage=_both(of_drug, lambda acts: _course(acts, today).stage(today)),
    )


def _course(acts: Sequence[Act], today: date) -> Course:
    """That of the one therapy these acts are of."""
    return next(iter(courses(acts, today).values()), Course(None, ()))


def _sides(session: Session, comes: Outcome, *where: Any) -> tuple[list[Act], list[Act]]:
    """The acts that count before and after."""
    rows = session.connection().execute(select(EVENT).where(EVENT.c.state.in_(BELIEVED), *where)).all()
    before = cast(Sequence[Act], rows)
    kept: Iterable[Act] = (act for act in before if act.id != comes.event.id) if not comes.stands else before
    ids = {told.id for told in comes.told}
    after = [*(act for act in kept if act.id not in ids), *comes.told]
    return known(before), known(after)


def _both(acts: tuple[list[Act], list[Act]] | None, ask: Any) -> Sides | None:
    return Sides(*map(ask, acts)) if acts else None
