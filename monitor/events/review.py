"""A maintainer's verdict on an event: confirmed, corrected, dismissed or merged. Step *review* of the one path.

The log keeps both: a wrong event stays as it was told, and what corrects it is an event of its own, in the same
thread, which reaches everyone who got the wrong one.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from monitor.events.attribute import event_id
from monitor.vocabulary.dates import first_day
from monitor.vocabulary.event_types import TYPES, thread_of
from monitor.vocabulary.places import PLACES
from monitor.vocabulary.wording import title_of_event
from store.states import EventState, Polarity
from store.states import Verdict as Ruling
from store.tables import Enclosure, Event, Evidence, Review

POLARITIES = tuple(Polarity)
AMENDABLE = ("type", "therapy", "place", "trial", "polarity", "occurred_on", "kind", "phase", "step")
"""What a correction may change."""

OPEN = (EventState.HELD, EventState.RELEASED, EventState.IMPORTED)


@dataclass(frozen=True)
class Verdict:
    """Who decided, when, and why. Personal data stays out of `by`: a role or a pseudonym will do."""

    by: str
    at: datetime
    note: str


class Overruled(Exception):
    """The verdict cannot be taken: says what was expected and what was found."""


def confirm(session: Session, event: Event, verdict: Verdict) -> None:
    """Release a held event."""
    if event.state != EventState.HELD:
        raise Overruled(f"expected a held event, found {event.id} {event.state}")
    event.state, event.held_because = EventState.RELEASED, None
    event.released_at, event.matched_at = verdict.at, None
    _note(session, event, Ruling.CONFIRMED, verdict, {})


def dismiss(session: Session, event: Event, verdict: Verdict) -> Event | None:
    """Say that it did not happen. Whoever was told gets a correction, which is returned."""
    _must_be_open(event)
    told = _was_told(session, event)
    event.state, event.matched_at = EventState.DISMISSED, event.matched_at or verdict.at
    _note(session, event, Ruling.DISMISSED, verdict, {})
    if not told:
        return None
    title = f"Correction: {event.title} was wrong"
    return _correction(session, event, verdict, {"step": None, "polarity": Polarity.NEUTRAL, "title": title})


def correct(session: Session, event: Event, verdict: Verdict, amended: dict[str, Any]) -> Event:
    """Replace an event by what is right; the new one reaches everyone who got the old one. Raises Overruled."""
    _must_be_open(event)
    _check(amended)
    event.state, event.matched_at = EventState.CORRECTED, event.matched_at or verdict.at
    _note(session, event, Ruling.CORRECTED, verdict, amended)
    changed = {"title": _title(event, amended), "thread": _thread(event, amended), **amended}
    if "type" in amended:
        spec = TYPES[amended["type"]]
        changed = {"step": spec.step, "level": spec.level, "polarity": spec.polarity or event.polarity, **changed}
    return _correction(session, event, verdict, changed)


def merge(session: Session, event: Event, into: Event, verdict: Verdict) -> None:
    """Say that two rows are one event: the evidence is copied to the one that stays."""
    _must_be_open(event)
    if event.id == into.id:
        raise Overruled(f"expected two events, found {event.id} twice")
    event.state, event.matched_at = EventState.DISMISSED, event.matched_at or verdict.at
    _copy_evidence(session, event, into, verdict.at)
    _note(session, event, Ruling.MERGED, verdict, {"into": into.id})


def _must_be_open(event: Event) -> None:
    if event.state not in OPEN:
        raise Overruled(f"expected an event that is {', '.join(OPEN)}, found {event.id} {event.state}")


def _was_told(session: Session, event: Event) -> bool:
    return session.exec(select(Enclosure.event_id).where(Enclosure.event_id == event.id)).first() is not None


def _check(amended: dict[str, Any]) -> None:
    if unknown := set(amended) - set(AMENDABLE):
        raise Overruled(f"expected fields of {', '.join(AMENDABLE)}, found {', '.join(sorted(unknown))}")
    if not amended:
        raise Overruled(f"expected at least one field of {', '.join(AMENDABLE)}, found none")
    for field, accepted in (("type", TYPES), ("place", PLACES), ("polarity", POLARITIES)):
        if field in amended and amended[field] not in accepted:
            raise Overruled(f"{field}: expected one of {', '.join(accepted)}, found {amended[field]!r}")
    if on := amended.get("occurred_on"):
        try:
            first_day(on)
        except ValueError as problem:
            raise Overruled(f"occurred_on: {problem}") from None


def _title(event: Event, amended: dict[str, Any]) -> str:
    told = event.model_dump() | ({"drug": amended["therapy"]} if amended.get("therapy") else {}) | amended
    if "type" in amended and "step" not in amended:
        told["step"] = TYPES[amended["type"]].step
    return title_of_event(Event.model_validate(told))


def _thread(event: Event, amended: dict[str, Any]) -> str:
    if not {"type", "therapy", "place", "trial"} & set(amended):
        return event.thread
    return thread_of(
        amended.get("type", event.type),
        therapy=amended.get("therapy", event.therapy),
        place=amended.get("place", event.place),
        trial=amended.get("trial", event.trial),
        drug=event.drug,
    )


def _correction(session: Session, event: Event, verdict: Verdict, changed: dict[str, Any]) -> Event:
    sequence = (session.exec(select(func.max(Event.sequence))).one() or 0) + 1
    told = event.model_dump() | changed
    told |= {
        "id": event_id(sequence, told["type"], told["thread"], told["occurred_on"], verdict.at),
        "sequence": sequence,
        "detected_at": verdict.at,
        "released_at": verdict.at,
        "matched_at": None,
        "state": EventState.RELEASED,
        "corrects": event.id,
        "rule": "review",
        "alert": True,
        "held_because": None,
    }
    fresh = Event.model_validate(told)
    session.add(fresh)
    session.flush()
    _copy_evidence(session, event, fresh, verdict.at)
    return fresh


def _copy_evidence(session: Session, event: Event, to: Event, at: datetime) -> None:
    query = select(Evidence).where(Evidence.event_id == event.id).order_by(col(Evidence.id))
    for proof in session.exec(query).all():
        session.add(Evidence(**proof.model_dump(exclude={"id", "event_id", "at"}), event_id=to.id, at=at))
    session.flush()


def _note(session: Session, event: Event, ruling: Ruling, verdict: Verdict, amended: dict[str, Any]) -> None:
    session.add(event)
    session.add(
        Review(event_id=event.id, verdict=ruling, by=verdict.by, at=verdict.at, note=verdict.note, amended=amended)
    )
    session.flush()
