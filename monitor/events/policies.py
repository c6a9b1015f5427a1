"""What becomes of what a rule reads, as a maintainer edits it: let pass, held always, or as usual, and at which level;
each with a note, in the audit log, and undone within ten minutes. Before she decides, what each would have done in the
past year.

Let pass: what is small is approved without her (`events.passing`). Held: all of it waits for her, whatever the judge
makes of it. Moved to a level: what it reads has that one instead of that of its type; how sure a reading must be goes
by the type all the same. Way and level are edited each by itself.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal

from sqlmodel import Session, case, col, exists, func, select
from typing_extensions import TypedDict

from monitor.events.moved_levels import Moved, moves, usual_levels, weigh_anew
from monitor.events.passing import matter, rejections
from monitor.events.review import Overruled
from monitor.events.review_decisions import SMALL, UNDO
from monitor.events.review_decisions import undo as undo_decision
from monitor.people.audit import Who, acts, note_act
from monitor.vocabulary.event_types import LEVELS
from store.states import Certainty, DecisionState, Door, EventState, Level, Verdict, Way
from store.tables import Audit, Decision, Event, Policy, Review

YEAR = timedelta(days=365)
WAYS = tuple(Way)
BY_TYPE = "taxonomy"
MOVES = (*reversed(LEVELS), BY_TYPE)
ACTS = {
    Way.PASS: "let pass", Way.HOLD: "hold always", Way.DEFAULT: "back to default",
    **{level: f"move to {level}" for level in LEVELS}, BY_TYPE: "level by type",
}  # fmt: skip
UNDO_RULE = "undo"
EDITS = (*WAYS, *MOVES, UNDO_RULE)
"""What can be done with a rule, by whichever door."""
STATES: dict[EventState, Literal["held", "released", "dismissed", "corrected"]] = {
    EventState.HELD: "held",
    EventState.RELEASED: "released",
    EventState.DISMISSED: "dismissed",
    EventState.CORRECTED: "corrected",
}
DECIDED = (Verdict.CONFIRMED, Verdict.DISMISSED)
DERIVED = ("newest.", "silence.", "review")
"""How rules begin that read no source: their events follow from others, from time, or from a person."""


class Counted(TypedDict):
    """What the readings of a rule have become within a year, and would have become if it passed or were held."""

    held: int
    released: int
    dismissed: int
    corrected: int
    added: int  # small ones that waited for a person: let pass, they would have gone out without one
    rejected: int  # those among them that a person has rejected
    lost: int  # what went out without a person: held, it would have waited
    stated: int  # what of that a regulator or registry stands for


class RuleLine(TypedDict):
    """A rule and what is done with what it reads; moments are UTC. `rejections` of 90 days forbid that it passes;
    `by`, `at` and `note` are of the last edit; `levels`: of one rule alone, what each would have done in a year."""

    rule: str
    way: str
    level: str | None  # that it was moved to; null: that of the type
    by: str | None
    at: str | None
    note: str
    rejections: int
    edits: list[str]  # what may be done with it now
    year: Counted
    levels: dict[str, Moved]


def rule_lines(session: Session, now: datetime, rule: str | None = None) -> list[RuleLine]:
    """The rules that have read something within a year, those of which most waits first, or one that ever has. Raises
    Overruled for one that has read nothing."""
    counted = _counted(session, now - YEAR, rule)
    if rule is not None and rule not in counted:
        must_have_read(session, rule)
        counted[rule] = _nothing()
    ruled = {row.rule: row for row in session.exec(select(Policy))}
    names = sorted(counted, key=lambda name: (-counted[name]["held"], name))
    rejected = rejections(session, now)
    lines = [_line(name, counted[name], ruled.get(name), rejected[name]) for name in names]
    for line in lines if rule is not None else ():
        _complete(session, line, now)
    return lines


def _complete(session: Session, line: RuleLine, now: datetime) -> None:
    """What is said of one rule alone: what each level would have done, and all that may be done with it."""
    rule = line["rule"]
    if rule.startswith(DERIVED):
        line["edits"] = []
    else:
        line["levels"] = moves(session, rule, now - YEAR)
        stands = {line["level"]} if line["level"] else usual_levels(session, rule, now - YEAR)
        possible = [level for level, moved in line["levels"].items() if stands != {level} and not moved["confirmed"]]
        line["edits"] += [*possible, *([BY_TYPE] if line["level"] else [])]
    line["edits"] += [UNDO_RULE] if last_edit(session, rule, now) else []


def _line(rule: str, year: Counted, policy: Policy | None, rejected: int) -> RuleLine:
    way = policy.way if policy else Way.DEFAULT
    return {
        "rule": rule,
        "way": way,
        "level": policy.level if policy else None,
        "by": policy.by if policy else None,
        "at": f"{policy.at:%Y-%m-%dT%H:%M:%SZ}" if policy else None,
        "note": policy.note if policy else "",
        "rejections": rejected,
        "edits": [one for one in WAYS if one != way and not (one == Way.PASS and rejected)],
        "year": year,
        "levels": {},
    }


def in_words(row: RuleLine) -> str:
    """`trial_registered.registers: default; 3 held; let pass, 3 more would have gone out; held, 0 fewer`."""
    year = row["year"]
    became = ", ".join(f"{year[state]} {state}" for state in STATES.values() if year[state])
    words = f"{row['rule']}: {row['way']}" + (f", moved to {row['level']}" if row["level"] else "")
    words += f" since {row['at']}, by {row['by']}" if row["by"] else ""
    words += f" ({row['note']})" if row["note"] else ""
    would = f"let pass, {year['added']} more would have gone out; held, {year['lost']} fewer"
    moved = [f"; {level}, {_moved_in_words(one)}" for level, one in row["levels"].items() if any(one.values())]
    return f"{words}; {became or 'nothing'}; {would}{''.join(moved)}"


def _moved_in_words(moved: Moved) -> str:
    """`2 raised, 1 lowered, 1 lost that a person has confirmed`: what a level would have done."""
    said = [f"{moved[name]} {name}" for name in ("raised", "lowered", "added", "lost") if moved[name]]
    return ", ".join(said) + (f" ({moved['confirmed']} confirmed by a person)" if moved["confirmed"] else "")


def edit(session: Session, rule: str, act: str, who: Who, now: datetime, note: str = "") -> RuleLine:
    """One of EDITS, by whichever door; returns how the rule stands then. Raises Overruled where it may not be."""
    if act not in EDITS:
        raise Overruled(f"expected one of {', '.join(EDITS)}, found {act[:40]!r}")
    if act == UNDO_RULE:
        undo(session, rule, who, now)
    elif act in MOVES:
        set_level(session, rule, act, who, now, " ".join(note.split()))
    else:
        set_way(session, rule, act, who, now, " ".join(note.split()))
    session.flush()
    (line,) = rule_lines(session, now, rule)
    return line


def set_way(session: Session, rule: str, way: str, who: Who, now: datetime, note: str = "") -> None:
    """Let a rule pass, hold what it reads, or neither, from now on. Raises Overruled where it may not be."""
    before = _stands(session, rule)
    if way == (before.way if before else Way.DEFAULT):
        raise Overruled(f"expected another way than that of now, found {way} of {rule}")
    if way == Way.PASS and (count := rejections(session, now)[rule]):
        raise Overruled(f"expected a rule without a rejection in 90 days, found {count} of {rule}")
    if way == Way.HOLD and not note and (lost := _counted(session, now - YEAR, rule).get(rule)) and lost["stated"]:
        stated = f"{lost['stated']} that a regulator or registry stands for would have waited in the past year"
        raise Overruled(f"expected a note that says why {rule} is held, found none: {stated}")
    level = before.level if before else None
    _edit(session, before, Policy(rule=rule, way=Way(way), level=level, by=who.name, at=now, note=note), who, way)


def set_level(session: Session, rule: str, act: str, who: Who, now: datetime, note: str = "") -> None:
    """Move what a rule reads to a level, or back to that of its type, from now on. Raises Overruled where it may not
    be."""
    before = _stands(session, rule)
    level = None if act == BY_TYPE else Level(act)
    if level == (before.level if before else None):
        raise Overruled(f"expected another level than that of now, found {act} of {rule}")
    if level is not None:
        moved = moves(session, rule, now - YEAR)[level]
        if count := moved["confirmed"]:
            lost = f"{count} that a person confirmed in the past year would have been kept from who was told"
            raise Overruled(f"expected a level that loses nothing real, found {act} of {rule}: {lost}")
        if moved["stated"] and not note:
            lost = f"{moved['stated']} that a regulator or registry stands for would have been kept from who was told"
            raise Overruled(f"expected a note that says why {rule} is moved to {act}, found none: {lost}")
    way = before.way if before else Way.DEFAULT
    _edit(session, before, Policy(rule=rule, way=way, level=level, by=who.name, at=now, note=note), who, act)


def _stands(session: Session, rule: str) -> Policy | None:
    """What stands for a rule that may be edited. Raises Overruled for any other."""
    must_have_read(session, rule)
    if rule.startswith(DERIVED):
        raise Overruled(f"expected a rule that reads what sources say, found {rule}: its events follow from others")
    return session.get(Policy, rule)


def _edit(session: Session, before: Policy | None, after: Policy, who: Who, act: str) -> None:
    """Put one in the place of the other, and write it down."""
    was, is_, at, note = _shown(before), _shown(after), after.at, after.note
    usual = after.way == Way.DEFAULT and after.level is None
    _put(session, before, None if usual else after)
    note_act(session, who, ACTS[act], matter(after.rule), at=at, before=was, after=is_, note=note)


def last_edit(session: Session, rule: str, now: datetime) -> Audit | None:
    """What was last done with a rule, if that may still be undone."""
    last = next(iter(acts(session, matter=matter(rule), limit=1)), None)
    return last if last and last.act in ACTS.values() and now - last.at <= UNDO else None


def undo(session: Session, rule: str, who: Who, now: datetime) -> None:
    """Put back what stood before the last edit of a rule; what it has let pass and may still be undone waits again,
    what it has moved and nobody was told yet has its level of before. Raises Overruled where it is too late."""
    if (last := last_edit(session, rule, now)) is None:
        raise Overruled(f"expected an edit of {rule[:80]} within {UNDO.seconds // 60} minutes, found none")
    stands, before = session.get(Policy, rule), dict(last.before)
    if stands and stands.way == Way.PASS != before["way"]:
        for event in _passed(session, rule):
            undo_decision(session, event, who, now)
    again = Policy(
        rule=rule, way=Way(before["way"]), level=before.get("level") and Level(before["level"]), by=before["by"],
        at=datetime.fromisoformat(before["at"]), note=before["note"],
    ) if before.get("by") else None  # fmt: skip
    was = _shown(stands)
    _put(session, stands, again)
    session.flush()
    if was["level"] != before.get("level"):
        weigh_anew(session, rule, last.at, now)
    note_act(session, who, f"{UNDO_RULE} {last.act}", matter(rule), at=now, before=was, after=before)


def _put(session: Session, before: Policy | None, after: Policy | None) -> None:
    if before is not None:
        session.delete(before)
        session.flush()
    if after is not None:
        session.add(after)


def _shown(policy: Policy | None) -> dict[str, str | None]:
    if policy is None:
        return {"way": Way.DEFAULT, "level": None}
    shown = {"way": policy.way, "level": policy.level, "by": policy.by}
    return {**shown, "at": policy.at.isoformat(), "note": policy.note}


def must_have_read(session: Session, rule: str) -> None:
    """Raise Overruled for the name of no rule that has read an event."""
    if session.exec(select(Event.id).where(Event.rule == rule).limit(1)).first() is None:
        raise Overruled(f"expected a rule that has read an event, found {rule[:80]!r}")


def policies_of(session: Session, before: datetime | None) -> Iterator[tuple[str, Way]]:
    """What stood for each rule that was ever edited, at the end or before a moment, as the audit log tells."""
    query = select(Audit).where(col(Audit.matter).startswith("rule ")).order_by(col(Audit.id))
    stood: dict[str, Way] = {}
    for row in session.exec(query.where(col(Audit.at) < before) if before else query):
        way = row.after.get("way", Way.PASS if row.act == ACTS[Way.PASS] else Way.DEFAULT)  # once it did not say
        stood[row.matter.removeprefix("rule ")] = Way(way)
    yield from stood.items()


def _passed(session: Session, rule: str) -> Sequence[Event]:
    """What a rule has let pass and may still be undone."""
    waiting = select(Decision.event_id).where(Decision.state == DecisionState.WAITING, Decision.door == Door.RULE)
    return session.exec(select(Event).where(Event.rule == rule, col(Event.id).in_(waiting))).all()


def _nothing() -> Counted:
    return Counted(held=0, released=0, dismissed=0, corrected=0, added=0, rejected=0, lost=0, stated=0)


def _counted(session: Session, after: datetime, rule: str | None) -> dict[str, Counted]:
    looked = exists().where(col(Review.event_id) == col(Event.id), col(Review.verdict).in_(DECIDED))
    person = case((looked, 1), else_=0)
    small = case((col(Event.level).in_(SMALL), 1), else_=0)
    parts = (col(Event.rule), col(Event.state), person, small, col(Event.certainty))
    query = select(*parts, func.count()).where(  # type: ignore[call-overload]
        col(Event.rule).is_not(None), *(~col(Event.rule).startswith(start) for start in DERIVED),
        col(Event.detected_at) > after, col(Event.state).in_(STATES),
    )  # fmt: skip
    found: dict[str, Counted] = {}
    for name, state, by_person, is_small, certainty, count in session.exec(
        (query.where(Event.rule == rule) if rule is not None else query).group_by(*parts)
    ):
        line = found.setdefault(name, _nothing())
        line[STATES[state]] += count
        waited = state == EventState.HELD or by_person
        if is_small and waited:
            line["added"] += count
            line["rejected"] += count if state == EventState.DISMISSED else 0
        if not waited and state != EventState.DISMISSED:
            line["lost"] += count
            line["stated"] += count if certainty == Certainty.STATED else 0
    return found
