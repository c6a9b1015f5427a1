"""What people decide, by whichever door: a verdict waits until its time to be undone is over, and then takes effect.

    decide -> waiting (for a second person) -> waiting (to be undone) -> carry_out -> done | lapsed
                            undo -> undone

Until it takes effect an event stays as it is, for readers and on every page: what is undone leaves no trace but in the
audit log. `monitor.events.review` is what a verdict does to an event; this is when.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from monitor.events import review
from monitor.events.review import Overruled
from monitor.people.audit import Who, note_act
from monitor.vocabulary.event_types import TYPES, at_least
from monitor.vocabulary.pack import Pack
from store.columns import word
from store.states import DecisionState, EventState, Level, Role
from store.states import Verdict as Ruling
from store.tables import Decision, Event, Snooze

UNDO = timedelta(minutes=10)
UNDO_CRITICAL = timedelta(minutes=2)
"""How long what a person decides may be undone; what is critical must not wait long."""

ACTS = {
    Ruling.CONFIRMED: "approve",
    Ruling.DISMISSED: "reject",
    Ruling.CORRECTED: "correct",
    Ruling.MERGED: "merge",
}
"""What each verdict is called where people act."""

AS_ROLE = str(Role.MAINTAINER)
"""Who a review says has decided: a role. Who it was stands in the audit log alone, which nobody signed out can see."""

SMALL = (Level.INFO, Level.MINOR)
"""Levels of which many events may be approved at once."""

DUE = (
    select(Decision)
    .where(col(Decision.state) == word(DecisionState.WAITING), col(Decision.due_at) <= bindparam("now"))
    .order_by(col(Decision.id))
    .with_for_update()
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants done with an event. `amended`: of a correction the fields, of a merge `into`."""

    verdict: Ruling
    note: str = ""
    amended: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rules:
    """When a decision takes effect: whether two people are asked for what is critical, and whether it may be undone."""

    two_people: bool = False
    at_once: bool = False


def decide(session: Session, event: Event, wish: Wish, who: Who, now: datetime, rules: Rules) -> Decision:
    """Give a verdict, or agree to one that waits for a second person. Raises Overruled where it cannot be given."""
    waiting = waiting_for(session, event.id)
    if waiting is not None:
        return _agree(session, event, waiting, wish, who, now)
    must_be_possible(session, event, wish)
    asks_two = rules.two_people and needs_two(event, wish)
    due = None if asks_two else now if rules.at_once else now + undo_time(event, wish)
    decision = Decision(
        event_id=event.id, verdict=wish.verdict, by=who.name, door=who.door, at=now, note=wish.note,
        amended=dict(wish.amended), due_at=due,
    )  # fmt: skip
    session.add(decision)
    if put_off := session.get(Snooze, event.id):
        session.delete(put_off)
    _note(session, event, decision, who, ACTS[wish.verdict], now)
    return decision


def _agree(session: Session, event: Event, waiting: Decision, wish: Wish, who: Who, now: datetime) -> Decision:
    same = (waiting.verdict, waiting.amended) == (wish.verdict, dict(wish.amended))
    if waiting.due_at is not None or not same:
        raise Overruled(f"expected {event.id} to be undecided, found that {waiting.by} decided to {_verb(waiting)} it")
    if waiting.by == who.name:
        raise Overruled(f"expected a second person, found {who.name}, who decided it first")
    waiting.second_by, waiting.due_at = who.name, now + undo_time(event, wish)
    session.add(waiting)
    _note(session, event, waiting, who, f"agree to {_verb(waiting)}", now)
    return waiting


def undo(session: Session, event: Event, who: Who, now: datetime) -> Decision:
    """Take a decision back that has not taken effect. Raises Overruled where there is none."""
    if (waiting := waiting_for(session, event.id)) is None:
        raise Overruled(f"expected a decision on {event.id} that has not taken effect, found none: correct it instead")
    waiting.state, waiting.ended_at = DecisionState.UNDONE, now
    session.add(waiting)
    note_act(session, who, f"undo {_verb(waiting)}", matter(event), at=now, before=_shown(waiting))
    return waiting


def carry_out(session: Session, decision: Decision, pack: Pack, now: datetime) -> bool:
    """Let a decision take effect; returns whether it did. One that fits the event no more lapses: a source may have
    said otherwise meanwhile."""
    event = session.get_one(Event, decision.event_id)
    verdict = review.Verdict(AS_ROLE, now, decision.note)
    decision.state, decision.ended_at = DecisionState.DONE, now
    try:
        if decision.verdict == Ruling.CONFIRMED:
            review.confirm(session, event, verdict, pack)
        elif decision.verdict == Ruling.DISMISSED:
            review.dismiss(session, event, verdict, pack)
        elif decision.verdict == Ruling.CORRECTED:
            review.correct(session, event, verdict, dict(decision.amended), pack)
        else:
            review.merge(session, event, session.get_one(Event, decision.amended["into"]), verdict, pack)
    except Overruled as problem:
        decision.state = DecisionState.LAPSED
        first = Who(decision.by, Role.MAINTAINER, decision.door)
        note_act(session, first, f"{_verb(decision)}: lapsed", matter(event), at=now, note=str(problem))
    session.add(decision)
    session.flush()
    return decision.state == DecisionState.DONE


def due(session: Session, now: datetime) -> Sequence[Decision]:
    """The decisions whose time to be undone is over, the oldest first."""
    return session.exec(DUE, params={"now": now}).all()


def waiting_for(session: Session, event_id: str) -> Decision | None:
    """The decision on an event that has not taken effect."""
    query = select(Decision).where(Decision.event_id == event_id, Decision.state == DecisionState.WAITING)
    return session.exec(query).first()


def edit_wording(session: Session, event: Event, wording: str, who: Who, now: datetime, pack: Pack) -> None:
    """Write the sentence that readers get of a held event; an empty one is the template's again. Raises Overruled."""
    if event.state != EventState.HELD:
        raise Overruled(f"expected a held event, found {event.id} {event.state}: what was told is corrected")
    before, after = event.sentence, " ".join(wording.split()) or None
    review.reword(session, event, after, now, pack)
    was, is_ = {"sentence": before}, {"sentence": after}
    note_act(session, who, "edit wording", matter(event), at=now, before=was, after=is_)


def put_off(
    session: Session, event: Event, who: Who, now: datetime, *, until: datetime | None, tellers: int | None
) -> None:
    """Put an event off until a moment, until there is more evidence than so much, or whichever comes first. Raises
    Overruled."""
    if event.state != EventState.HELD or waiting_for(session, event.id) is not None:
        raise Overruled(f"expected a held event that nobody has decided, found {event.id} {event.state}")
    if until is not None and until <= now:
        raise Overruled(f"expected a moment to come, found {until:%Y-%m-%d %H:%M}")
    session.merge(Snooze(event_id=event.id, until=until, tellers=tellers, by=who.name, at=now))
    said = until.isoformat() if until else None
    note_act(session, who, "snooze", matter(event), at=now, after={"until": said, "more_evidence_than": tellers})


def approve_all(session: Session, events: Sequence[Event], who: Who, now: datetime, rules: Rules) -> list[Decision]:
    """Approve many at once: small ones that one rule has read. Raises Overruled where they are anything else."""
    if len({event.rule for event in events}) > 1:
        raise Overruled("expected events that one rule has read, found several rules")
    if large := [event.id for event in events if event.level not in SMALL]:
        raise Overruled(f"expected events of level {' or '.join(SMALL)}, found {large[0]}: look at it by itself")
    return [decide(session, event, Wish(Ruling.CONFIRMED), who, now, rules) for event in events]


def undo_time(event: Event, wish: Wish) -> timedelta:
    """How long a verdict may be undone."""
    return UNDO_CRITICAL if _is_critical(event, wish) else UNDO


def needs_two(event: Event, wish: Wish) -> bool:
    """Whether a verdict sends something critical: what is only rejected, or merged, before anybody heard does not."""
    told = event.state != EventState.HELD
    return _is_critical(event, wish) and (told or wish.verdict in (Ruling.CONFIRMED, Ruling.CORRECTED))


def matter(event: Event) -> str:
    """An event as the audit log names it."""
    return f"event {event.id}"


def _is_critical(event: Event, wish: Wish) -> bool:
    becomes = TYPES.get(str(wish.amended.get("type")))
    return any(at_least(level, Level.CRITICAL) for level in (event.level, becomes.level if becomes else Level.INFO))


def must_be_possible(session: Session, event: Event, wish: Wish) -> None:
    """Raise Overruled for a verdict that cannot be given on an event as it is."""
    if wish.verdict == Ruling.CONFIRMED:
        review.must_be_held(event)
        return
    review.must_be_open(event)
    if wish.verdict == Ruling.CORRECTED:
        review.check(dict(wish.amended))
    elif wish.verdict == Ruling.MERGED:
        into = session.get(Event, str(wish.amended.get("into")))
        if into is None or into.id == event.id:
            raise Overruled(f"expected the id of another event, found {wish.amended.get('into')!r}")
        review.must_be_open(into)


def _note(session: Session, event: Event, decision: Decision, who: Who, act: str, now: datetime) -> None:
    before = {"state": event.state, "level": event.level}
    note_act(session, who, act, matter(event), at=now, before=before, after=_shown(decision), note=decision.note)


def _shown(decision: Decision) -> dict[str, Any]:
    due_at = decision.due_at.isoformat() if decision.due_at else None
    return {"verdict": decision.verdict, "amended": decision.amended, "takes_effect": due_at}


def _verb(decision: Decision) -> str:
    return ACTS[decision.verdict]
