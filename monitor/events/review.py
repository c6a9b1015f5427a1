"""A maintainer's verdict on an event: confirmed, corrected, dismissed or merged. Step *review* of the one path.

The log keeps both: a wrong event stays as it was told, and what corrects it is an event of its own, in the same
thread, which reaches everyone who got the wrong one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from monitor.events.intents import Amendment, NewEvent, intent_of, proof_of
from monitor.events.record import record
from monitor.vocabulary.dates import first_day
from monitor.vocabulary.event_types import TYPES
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.places import PLACES
from store.states import REVIEWABLE, EventState, Polarity
from store.states import Verdict as Ruling
from store.tables import Enclosure, Event, Evidence, Review

POLARITIES = tuple(Polarity)
AMENDABLE = ("type", "therapy", "place", "trial", "polarity", "occurred_on", "kind", "phase", "step", "sentence")
"""What a correction may change."""
BY_HAND = 0
"""Above every tier: no source moves a date that a person has put right."""

AFTER = {
    Ruling.CONFIRMED: EventState.RELEASED,
    Ruling.CORRECTED: EventState.CORRECTED,
    Ruling.DISMISSED: EventState.DISMISSED,
    Ruling.MERGED: EventState.DISMISSED,
}
"""The state in which a verdict leaves an event."""


@dataclass(frozen=True)
class Verdict:
    """Who decided, when, and why. Personal data stays out of `by`: a role or a pseudonym will do."""

    by: str
    at: datetime
    note: str


class Overruled(Exception):
    """The verdict cannot be taken: says what was expected and what was found."""


def confirm(session: Session, event: Event, verdict: Verdict, pack: Pack) -> None:
    """Release a held event, and with an alert that speaks for several places its rungs there. Raises Overruled."""
    must_be_held(event)
    for held in (event, *rungs_elsewhere(session, event)):
        _rule(session, held, Ruling.CONFIRMED, verdict, pack)


def dismiss(session: Session, event: Event, verdict: Verdict, pack: Pack) -> Event | None:
    """Say that it did not happen. Whoever was told gets a correction, which is returned. Raises Overruled."""
    must_be_open(event)
    back = taken_back(session, event, verdict)
    _rule(session, event, Ruling.DISMISSED, verdict, pack)
    return record(session, back, pack) if back else None


def taken_back(session: Session, event: Event, verdict: Verdict) -> NewEvent | None:
    """What takes an event back for who was told of it; None where nobody was."""
    if not _was_sent(session, event):
        return None
    title = f"{event.title} (taken back)"
    return replace(_corrected(session, event, verdict), step=None, polarity="neutral", title=title)


def correct(session: Session, event: Event, verdict: Verdict, amended: dict[str, Any], pack: Pack) -> Event:
    """Replace an event by what is right; the new one reaches everyone who got the old one. Raises Overruled."""
    must_be_open(event)
    right = put_right(session, event, verdict, amended)
    _rule(session, event, Ruling.CORRECTED, verdict, pack, amended)
    return record(session, right, pack)


def put_right(session: Session, event: Event, verdict: Verdict, amended: dict[str, Any]) -> NewEvent:
    """What stands in the place of an event. Raises Overruled for what a correction cannot say."""
    check(amended)
    right = _corrected(session, event, verdict)
    if "type" in amended:
        spec = TYPES[amended["type"]]
        right = replace(right, step=spec.step, polarity=spec.polarity or event.polarity)
    if {"type", "therapy", "place", "trial"} & set(amended):
        right = replace(right, thread=None)
    if "therapy" in amended:
        right = replace(right, drug=amended["therapy"])
    if "place" in amended:
        right = replace(right, places=())
    if "occurred_on" in amended:
        right = replace(right, mark_date=None, dated_by=BY_HAND)
    return replace(right, title=None, **amended)


def merge(session: Session, event: Event, into: Event, verdict: Verdict, pack: Pack) -> None:
    """Say that two rows are one event: the evidence is copied to the one that stays. Raises Overruled."""
    must_be_open(event)
    if event.id == into.id:
        raise Overruled(f"expected two events, found {event.id} twice")
    proofs = tuple(proof_of(evidence) for evidence in _evidence(session, event))
    _rule(session, event, Ruling.MERGED, verdict, pack, {"into": into.id})
    record(session, Amendment(into.id, verdict.at, proofs=proofs), pack)


def rungs_elsewhere(session: Session, event: Event) -> Sequence[Event]:
    """The held rungs in the other places that an alert speaks for."""
    elsewhere = [place for place in event.places if place != event.place]
    query = select(Event).where(
        Event.type == event.type,
        Event.therapy == event.therapy,
        Event.detected_at == event.detected_at,
        Event.state == EventState.HELD,
        col(Event.alert).is_(False),
        col(Event.place).in_(elsewhere),
    )
    return session.exec(query.order_by(col(Event.sequence))).all() if elsewhere else ()


def _corrected(session: Session, event: Event, verdict: Verdict) -> NewEvent:
    """The event once more, as a correction of itself."""
    return replace(
        intent_of(event, _evidence(session, event)),
        id=None,
        at=verdict.at,
        state=EventState.RELEASED,
        corrects=event.id,
        rule="review",
        confirmed_at=verdict.at,
        alert=True,
        held_because=None,
        sentence=None,  # it said what is corrected now
    )


def reword(session: Session, event: Event, sentence: str | None, at: datetime, pack: Pack) -> None:
    """Write the sentence that readers get; None: the template's."""
    record(session, Amendment(event.id, at, {"sentence": sentence}), pack)


def must_be_held(event: Event) -> None:
    """Raise Overruled for any but a held event."""
    if event.state != EventState.HELD:
        raise Overruled(f"expected a held event, found {event.id} {event.state}")


def must_be_open(event: Event) -> None:
    """Raise Overruled for an event on which no verdict can be given any more."""
    if event.state not in REVIEWABLE:
        raise Overruled(f"expected an event that is {', '.join(REVIEWABLE)}, found {event.id} {event.state}")


def _was_sent(session: Session, event: Event) -> bool:
    return session.exec(select(Enclosure.event_id).where(Enclosure.event_id == event.id)).first() is not None


def _evidence(session: Session, event: Event) -> Sequence[Evidence]:
    return session.exec(select(Evidence).where(Evidence.event_id == event.id).order_by(col(Evidence.id))).all()


def check(amended: dict[str, Any]) -> None:
    """Raise Overruled for what a correction cannot say."""
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


def _rule(
    session: Session,
    event: Event,
    ruling: Ruling,
    verdict: Verdict,
    pack: Pack,
    amended: Mapping[str, Any] | None = None,
) -> None:
    """Write a verdict down, and what it makes of the event."""
    fields: dict[str, Any] = {"state": AFTER[ruling], "matched_at": event.matched_at or verdict.at}
    if ruling == Ruling.CONFIRMED:
        fields |= {"held_because": None, "released_at": verdict.at, "confirmed_at": verdict.at, "matched_at": None}
    record(session, Amendment(event.id, verdict.at, fields), pack)
    session.add(
        Review(
            event_id=event.id,
            verdict=ruling,
            by=verdict.by,
            at=verdict.at,
            note=verdict.note,
            amended=dict(amended or {}),
        )
    )
    session.flush()
