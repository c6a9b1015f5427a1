"""The only writer of events: numbers, titles, levels and threads them, and ties their evidence to them."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlmodel import Session, func, select

from monitor.events.intents import OF_EVIDENCE, Amendment, Intent, NewEvent
from monitor.vocabulary.event_types import LEVELS, REGISTRY, TYPES, alerts, stated_from, thread_of
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.wording import title_of
from store.states import Certainty, EventState, Level, Polarity
from store.tables import Event, Evidence, Policy, Reading

WORST = 4
"""The worst tier there is."""
THREADED = frozenset({"type", "step", "therapy", "place", "trial"})
"""Fields that say to which matter an event belongs."""
RETITLED = frozenset({"type", "step", "place", "places", "trial", "drug"})
"""Fields that show in the title."""

REMEMBERED = (
    "type", "place", "places", "trial", "agency", "polarity", "occurred_on", "day", "level", "level_reasons",
    "certainty", "tier", "thread", "step", "alert", "title", "kind", "subtype", "mark_date", "dated_by",
)  # fmt: skip
"""Fields of which it is kept what they said before an amendment, for who asks what was known at a moment."""

OWN = ("at", "proofs", "places", "thread", "title", "tier", "certainty", "alert", "id", "polarity",
       "moved_to")  # fmt: skip
"""Fields of an intent that the event does not take as they are."""


def record(session: Session, intent: Intent, pack: Pack) -> Event:
    """Carry an intent out; returns the event, new or amended. The pack says what its drug is called in the title.

    Raises NoResultFound for an unknown event.
    """
    if isinstance(intent, NewEvent):
        (event,) = record_all(session, [intent], pack)
        return event
    event = session.get_one(Event, intent.event_id)
    before = said_by(event)
    _amend(event, intent, pack)
    if "type" in intent.fields:
        weigh(session, event)
    remember(event, before, intent.at)
    session.add(event)
    evidence = evidence_of(intent, event.id)
    session.add_all(evidence)
    session.flush()
    for row, proof in zip(evidence, intent.proofs, strict=True):
        if proof.seen:
            session.add(Reading(evidence_id=row.id or 0, **proof.seen))
    return event


def record_all(session: Session, new: Sequence[NewEvent], pack: Pack) -> list[Event]:
    """Add new events in the order given, each with its evidence."""
    last = session.exec(select(func.max(Event.sequence))).one() or 0
    events = [event_of(intent, number, pack) for number, intent in enumerate(new, start=last + 1)]
    evidence = [proof for event, intent in zip(events, new, strict=True) for proof in evidence_of(intent, event.id)]
    proofs = [proof for intent in new for proof in intent.proofs]
    session.add_all(events)
    session.flush()
    session.add_all(evidence)
    session.flush()
    for row, proof in zip(evidence, proofs, strict=True):
        if proof.seen:  # kept beside it, and written with the transaction
            session.add(Reading(evidence_id=row.id or 0, **proof.seen))
    return events


def event_of(new: NewEvent, sequence: int, pack: Pack) -> Event:
    """The event that an intent stands for, under its number in the log. Touches nothing."""
    where = list(new.places) or ([new.place] if new.place else [])
    thread = new.thread or _thread(new)
    tier = new.tier or min((proof.tier for proof in new.proofs), default=WORST)
    level, reasons = level_of(new.type, new.therapy, new.moved_to)
    given = {name: value for name, value in asdict(new).items() if name not in OWN}
    event = Event(
        **given,
        id=new.id or _event_id(sequence, new.type, thread, new.occurred_on, new.at),
        sequence=sequence,
        places=where,
        polarity=Polarity(new.polarity),
        thread=thread,
        day=new.occurred_on or new.at.date().isoformat(),
        detected_at=new.at,
        released_at=new.at if new.state == EventState.RELEASED else None,
        matched_at=new.at if new.state == EventState.IMPORTED else None,
        level=level,
        level_reasons=reasons,
        tier=tier,
        certainty=new.certainty or _certainty(new, tier),
        alert=alerts(new.type, new.step) if new.alert is None else new.alert,
        title="",
    )
    event.title = new.title or title_of(event, pack)
    return event


def retold(event: Event, **given: Any) -> Event:
    """An event as it is told to one reader: a copy with other fields, which is never stored."""
    return Event(**event.model_dump() | given)


def _certainty(new: NewEvent, tier: int) -> Certainty:
    """How sure an act is by the best tier that tells of it; what history says was weighed when it was compiled."""
    worst = REGISTRY if new.state == EventState.IMPORTED else stated_from(new.type, new.step)
    return Certainty.STATED if tier <= worst else Certainty.REPORTED


def _thread(act: NewEvent | Event) -> str:
    return thread_of(act.type, therapy=act.therapy, place=act.place, trial=act.trial, drug=act.drug, step=act.step)


def _amend(event: Event, amendment: Amendment, pack: Pack) -> None:
    usual = event.thread == _thread(event)
    for name, value in amendment.fields.items():
        setattr(event, name, value)
    event.day = event.occurred_on or event.detected_at.date().isoformat()
    if usual and THREADED & set(amendment.fields):
        event.thread = _thread(event)
    if RETITLED & set(amendment.fields):
        event.title = title_of(event, pack)


def said_by(event: Event) -> dict[str, Any]:
    """What an event says now, to be remembered where it changes."""
    return {name: getattr(event, name) for name in REMEMBERED}


def remember(event: Event, before: Mapping[str, Any], at: datetime) -> None:
    """Keep with an event what it said until a moment, where it says something else since. Nobody can have read what it
    said in the moment of finding; that it was disputed then shows that the log knows when."""
    was = {name: value for name, value in before.items() if value != getattr(event, name)}
    if was and (at > event.detected_at or "certainty" in was):
        event.former = [*(event.former or ()), {"until": at.isoformat(), "said": was}]


def weigh(session: Session, event: Event) -> None:
    """Give an event the level of its type, or that which its rule was moved to before it was found."""
    policy = session.get(Policy, event.rule) if event.rule else None
    moved_to = policy.level if policy and policy.at <= event.detected_at else None
    event.level, event.level_reasons = level_of(event.type, event.therapy, moved_to)


def level_of(type_: str, therapy: str | None, moved_to: Level | None = None) -> tuple[Level, list[str]]:
    """How much an event of a type matters, and why: as a maintainer has moved what its rule reads, and of a drug that
    is not in the pack one level less."""
    level = Level(TYPES[type_].level)
    reasons = [f"{type_} is {level}"]
    if moved_to and moved_to != level:
        level = moved_to
        reasons.append(f"moved to {level} by a maintainer")
    if therapy:
        return level, [*reasons, "watched drug"]
    if TYPES[type_].family == "answer":
        return level, reasons
    lower = Level(LEVELS[max(0, LEVELS.index(level) - 1)])
    return lower, [*reasons, f"not a drug of the pack: {lower}"]


def _event_id(sequence: int, type_: str, thread: str, occurred_on: str | None, at: datetime) -> str:
    """A short name for an event, kept for ever: the link in every alert."""
    seed = f"{sequence}|{type_}|{thread}|{occurred_on}|{at.isoformat()}".encode()
    return "EV" + base64.b32encode(hashlib.sha256(seed).digest()).decode()[:10]


def evidence_of(intent: Intent, event_id: str) -> list[Evidence]:
    """The evidence that an intent brings to its event. Touches nothing."""
    return [
        Evidence(**{name: getattr(proof, name) for name in OF_EVIDENCE}, event_id=event_id, at=intent.at)
        for proof in intent.proofs
    ]
