"""The answer to "what is the newest drug?" is watched too: when events change it, that is an event of its own.

It says who moved it: certainty, tier and evidence are those of the act that changed the answer, also when more comes to
that act later; and when the act is dismissed or corrected, the changed answer falls with it. What history moves is
history: known, and never told as news.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from operator import attrgetter
from typing import cast

from sqlalchemy import select as columns
from sqlmodel import Session, case, col, null, or_, select, type_coerce
from sqlmodel.sql.sqltypes import UTCDateTime

from monitor.events.intents import Amendment, NewEvent, Proof, intent_of, proof_of
from monitor.events.record import record
from monitor.events.review import Verdict, dismiss
from monitor.service import Service
from monitor.standing.courses import MARKET, STATES, courses_after, standing
from monitor.standing.status import Rule, known, leading
from monitor.standing.timeline import dated, end_of
from monitor.vocabulary.event_types import slug
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.places import BY_CODE, PLACES
from store.columns import EVENT, Act
from store.states import BELIEVED, UNCORRECTED, Certainty, EventState
from store.tables import Event, Evidence, Flag

RULE: Rule = "substance"
ACTS = "newest:acts"
"""Flag that holds the day on which the answers were made last, the next on which an act counts that does not yet (or
nothing), and the mark of the acts from which they were."""

DECIDING = frozenset({*STATES, *MARKET, "converted"})
"""Steps of an authorisation or of a market; no other step moves an answer."""

_MOMENTS = {
    "detected_at": type_coerce(EVENT.c.detected_at, UTCDateTime).label("detected_at"),
    "confirmed_at": case((EVENT.c.confirmed_at.is_not(None), True)).label("confirmed_at"),
    "released_at": null().label("released_at"),
}
"""Of the moments of an act only the day of the first is asked, and whether there is the second."""
ACTING = columns(*(_MOMENTS.get(one.name, one) for one in EVENT.c)).where(
    EVENT.c.state.in_(sorted(BELIEVED)), or_(EVENT.c.step.in_(sorted(DECIDING)), EVENT.c.corrects.is_not(None))
)

BEARING = attrgetter("id", "therapy", "place", "step", "occurred_on", "alert", "kind", "corrects", "tier", "certainty")
"""What an answer takes from an act, beside the day from which it counts."""


def next_act(session: Session) -> date | None:
    """The next day on which a believed act is surely past that was not yet when the answers were noted: then an answer
    may change without news."""
    noted = session.get(Flag, ACTS)
    return _coming_in(noted.value) if noted else None


def _coming_in(noted: str) -> date | None:
    """The day in what was noted under ACTS."""
    day = noted.split("/")[1] if noted.count("/") == 2 else None
    return date.fromisoformat(day) if day else None


def _acts(session: Session) -> list[tuple[date, Act]]:
    """The believed acts of authorisation and market in order, each with the day from which it is surely past: read
    column by column, in the transaction of whoever has recorded one more."""
    session.flush()
    found = cast(Sequence[Act], session.connection().execute(ACTING).all())
    return [(end, act) for end, act in dated(known(found)) if act.step in DECIDING]


def _mark(acts: Sequence[tuple[date, Act]]) -> str:
    rows = [(end.isoformat(), *BEARING(act)) for end, act in acts]
    return sha256(json.dumps([PLACES, rows]).encode()).hexdigest()


def noted_on(session: Session, today: date) -> bool:
    """Whether the answers were noted on this day. Then only an act can move them, and who records one notes them."""
    noted = session.get(Flag, ACTS)
    return noted is not None and noted.value.startswith(f"{today}/")


def _looked_at(session: Session, today: date) -> tuple[list[tuple[date, Act]], str, bool]:
    """The acts past on a day, what is to be noted of them under ACTS, and whether they are those of the last time."""
    known_acts = _acts(session)
    acts = [(end, act) for end, act in known_acts if end <= today]
    mark, flag = _mark(acts), session.get(Flag, ACTS)
    coming = min((end for end, _ in known_acts if end > today), default="")
    return acts, f"{today}/{coming}/{mark}", flag is not None and flag.value.endswith(mark)


def still(session: Session, today: date) -> tuple[str, date | None] | None:
    """What is to be noted under ACTS where no answer can have moved, and `next_act`; None where one may have."""
    if noted_on(session, today):
        noted = session.get_one(Flag, ACTS).value
        return noted, _coming_in(noted)
    _, noted, same = _looked_at(session, today)
    return (noted, _coming_in(noted)) if same else None


def note_changed_answers(service: Service, session: Session, now: datetime, *, quiet: bool = False) -> list[Event]:
    """Compare each place's answer with the one last noted; a difference is recorded as `answer_changed`.

    The first answer of an installation is noted in silence, and so is (`quiet`) what a baseline adds: there the log
    learns, nothing happens. Nothing is compared while the acts past are those of the last time: then no answer can be
    another one. The event completes the act that caused it: a line of the log, not an alert of its own.
    """
    acts, noted, same = _looked_at(session, now.date())
    session.merge(Flag(name=ACTS, value=noted))
    if same:
        return []
    fallen, changed = _fall(session, service.pack, now)
    for place in PLACES:
        own = [act for _, act in acts if act.place == place]  # by this rule no other place has a say
        flag = session.get(Flag, f"newest:{place}") or Flag(name=f"newest:{place}", value="")
        before = json.loads(flag.value)["therapy"] if flag.value else None
        best = leading(courses_after(own).values(), place=place, rule=RULE) if own else None
        first = best[0] if best else None
        after = first.therapy if first else None
        if flag.value and before != after and not quiet and place not in fallen:
            cause = _cause(own, place, before, first)
            changed += [_record(session, service, place, before, best, cause, now)] if cause else []
        flag.value = json.dumps({"therapy": after})
        session.add(flag)
    return changed


def _cause(own: Sequence[Act], place: str, before: str | None, first: Act | None) -> Act | None:
    """The act that moved the answer: what ended the drug that was the newest, else what brought the one that is."""
    left = standing([event for event in own if event.therapy == before], place=place) if before else None
    if left and left.made_by and (left.state != "approved" or left.market == "not_marketed"):
        return max(left.made_by, key=lambda event: (end_of(event), event.sequence))
    return first


def _record(
    session: Session,
    service: Service,
    place: str,
    before: str | None,
    best: tuple[Act, str | None] | None,
    cause: Act,
    now: datetime,
) -> Event:
    after = best[0].therapy if best else None
    answer = NewEvent(
        type="answer_changed",
        polarity="neutral",
        at=now,
        state=EventState.IMPORTED if cause.state == EventState.IMPORTED else EventState.RELEASED,
        therapy=after,
        drug=after,
        place=place,
        kind=best[1] if best else None,
        occurred_on=now.date().isoformat(),
        step="answer_changed",
        rule=f"newest.{RULE}",
        confidence=1.0,
        thread=f"{place.lower()}/answer/{slug(service.pack.pack.name)}",
        title=None if after else f"No drug is the newest in {BY_CODE[place].brief} any more",
        note=f"Before: {before or 'none'}.",
        alert=False,
    )
    return record(session, _moved_by(session, answer, cause), service.pack)


def _moved_by(session: Session, answer: NewEvent, cause: Act) -> NewEvent:
    proofs = tuple(_proofs(session, cause))
    return replace(answer, cause=cause.id, certainty=Certainty(cause.certainty), tier=cause.tier, proofs=proofs)


def _proofs(session: Session, event: Act) -> list[Proof]:
    query = select(Evidence).where(Evidence.event_id == event.id).order_by(col(Evidence.id))
    return [replace(proof_of(one), change_id=None) for one in session.exec(query)]


def _fall(session: Session, pack: Pack, now: datetime) -> tuple[set[str], list[Event]]:
    """Take back the changed answers whose cause was dismissed, put right those whose cause was corrected, and give the
    others what came to their cause; returns the places in which an answer was taken back, and the corrections."""
    answers = select(Event).where(Event.type == "answer_changed", col(Event.state).in_(UNCORRECTED))
    fallen, corrected = set(), []
    for answer in session.exec(answers.where(col(Event.cause).is_not(None))).all():
        cause = session.get_one(Event, answer.cause)
        if cause.state == EventState.CORRECTED and (right := _successor(session, cause)) and _alike(cause, right):
            again = replace(intent_of(answer, ()), id=None, at=now, corrects=answer.id)
            record(session, Amendment(answer.id, now, {"state": EventState.CORRECTED}), pack)
            corrected.append(record(session, _moved_by(session, again, right), pack))
        elif cause.state in (EventState.DISMISSED, EventState.CORRECTED):
            because = Verdict("answers", now, f"{cause.id}, which had changed the answer, was {cause.state}")
            if correction := dismiss(session, answer, because, pack):
                corrected.append(correction)
            fallen.add(answer.place or "")
        else:
            _follow(session, answer, cause, pack, now)
    return fallen, corrected


def _follow(session: Session, answer: Event, cause: Event, pack: Pack, now: datetime) -> None:
    """A regulator confirmed, or somebody contradicted, the act that moved an answer: the answer is told as surely."""
    have = _proofs(session, answer)
    fresh = tuple(proof for proof in _proofs(session, cause) if proof not in have)
    standing_ = {"certainty": cause.certainty, "tier": cause.tier}
    moved = {name: value for name, value in standing_.items() if getattr(answer, name) != value}
    if moved or fresh:
        record(session, Amendment(answer.id, now, moved, fresh), pack)


def _successor(session: Session, event: Event) -> Event | None:
    query = select(Event).where(Event.corrects == event.id, col(Event.state).in_(BELIEVED))
    return session.exec(query.order_by(col(Event.sequence).desc())).first()


def _alike(one: Event, other: Event) -> bool:
    """Whether both move the same answer in the same way."""
    return (one.therapy, one.place, one.step) == (other.therapy, other.place, other.step)
