"""Derive all events again from what is kept, with today's code, and compare them with the log.

The runs are gone through in their order: captures are parsed, interpreted and attributed in an empty store in memory,
which is given the compiled history and the verdicts at the moments at which the log got them. Where a body has been
forgotten, and for sources that take noise out of what they read, the snapshots stand in for it. Silences, changed
answers and verdicts are not read from captures, so they are not derived again.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from monitor.events.intents import Amendment, intent_of
from monitor.events.ledger import enter
from monitor.events.policies import policies_of
from monitor.events.record import record
from monitor.events.review import AFTER
from monitor.path.check import source_of
from monitor.path.statements import claims_of, teller_of, with_registered_trials
from monitor.path.take_in import ACCEPTED
from monitor.service import Service
from monitor.settings import Misconfigured
from monitor.standing.silence import RULES
from monitor.watching.compare import compare
from monitor.watching.observed import Observed
from monitor.watching.rereading import Captures, Pages
from monitor.watching.returns import REBUILT, familiar_lines, window_of
from monitor.watching.snapshots import unpack
from sources.base import Source
from sources.records import Record
from store.database import reading
from store.engine import open_engine
from store.schema import upgrade
from store.seals import Writer
from store.states import ChangeKind, EventState, RunOutcome, Way
from store.tables import Capture, Change, Event, Evidence, Item, Policy, Review, Run, Snapshot, Watch

COMPARED = ("type", "therapy", "place", "trial", "occurred_on", "polarity", "thread", "state")
ALIKE = (("thread", "step", "type", "occurred_on", "detected_at"), ("thread", "step", "detected_at"),
         ("thread", "detected_at"), ("trial", "therapy", "detected_at"))  # fmt: skip
"""What an event of the log and a derived one must share to be the same: the strictest first."""

BY_TIME = (*RULES, "decision_overdue", "answer_changed")
"""Types of event that no capture tells: time brings them, and other events."""

Line = dict[str, Any]


@dataclass
class Rederived:
    """How many events of the log were derived again, what differs, and how many bodies were gone."""

    events: int = 0
    forgotten: int = 0
    differences: list[Line] = field(default_factory=list)


def rederive(service: Service) -> Rederived:
    """Derive and compare. The log is only read. Raises Misconfigured where a source is not installed any more."""
    result, pages = Rederived(), Pages()
    with reading(service.engine) as log, _empty() as fresh:
        for run in log.exec(
            select(Run).where(col(Run.outcome).in_((RunOutcome.BASELINE, RunOutcome.CHANGED))).order_by(col(Run.id))
        ):
            _catch_up(service, log, fresh, run.started_at)
            _derive(service, log, fresh, run, pages, result)
        _catch_up(service, log, fresh, None)
        logged, derived = _derivable(log), _derivable(fresh)
        reviewed = set(log.exec(select(Review.event_id)))
        result.events = len(logged)
        result.differences = [line for pair in paired(logged, derived) for line in differences(*pair, reviewed)]
    return result


@contextmanager
def _empty() -> Iterator[Session]:
    engine = open_engine("sqlite://")
    upgrade(engine)
    try:
        with Writer(engine) as session:  # nobody else is there to take turns with
            yield session
    finally:
        engine.dispose()


# One run -------------------------------------------------------------------------------------------------------------


def _derive(service: Service, log: Session, fresh: Session, run: Run, pages: Pages, result: Rederived) -> None:
    watch = log.get_one(Watch, run.watch_id)
    if watch.source not in service.sources:
        raise Misconfigured(f"watch {watch.name}: expected an installed source, found {watch.source!r}")
    source, baseline = source_of(service, watch), run.outcome == RunOutcome.BASELINE
    service = with_registered_trials(service, log, source, run.started_at)
    for sight in _observed(Captures(log, source, pages), watch, run, result):
        teller = replace(teller_of(watch, source, sight, baseline, run.started_at), change_id=None)
        for claim in claims_of(service, watch, source, sight, baseline, run.started_at):
            enter(fresh, claim, teller, service.pack)


def _observed(captures: Captures, watch: Watch, run: Run, result: Rederived) -> Iterator[Observed]:
    """What a run saw anew, in its order."""
    log = captures.session
    query = select(Snapshot, Change).join(Change, col(Change.after_id) == Snapshot.id, isouter=True)
    for snapshot, change in log.exec(query.where(Snapshot.run_id == run.id).order_by(col(Snapshot.id))):
        earlier = log.exec(
            select(Snapshot)
            .where(Snapshot.item_id == snapshot.item_id, col(Snapshot.id) < snapshot.id)
            .order_by(col(Snapshot.id).desc())
        ).first()
        if earlier is not None and (change is None or change.kind == ChangeKind.REREAD):
            continue
        item = log.get_one(Item, snapshot.item_id)
        record = _record(captures, item, snapshot, result)
        before = _record(captures, item, earlier, result).content() if earlier else None
        after = record.content()
        differences = () if before is None else compare(before, after, record=type(record), paths=captures.source.paths)
        sha256 = log.get_one(Capture, snapshot.capture_id).sha256
        familiar: frozenset[str] = frozenset()
        if record.lines and earlier is not None and earlier.id is not None:
            familiar = familiar_lines(log, snapshot.item_id, earlier.id, snapshot.taken_at, window_of(watch))
        doubt = REBUILT if (run.note or "").startswith(ACCEPTED) else None
        yield Observed(
            record, item, before, after, differences, change, earlier is None, sha256, familiar=familiar, doubt=doubt
        )


def _record(captures: Captures, item: Item, snapshot: Snapshot, result: Rederived) -> Record:
    """A record as today's adapter reads it in the capture, else as the snapshot holds it."""
    if record := captures.record(snapshot.capture_id, item.key):
        return record
    source = captures.source
    result.forgotten += type(source).settle is Source.settle
    kept = {"title": item.title, **unpack(snapshot.packed), "key": item.key, "url": item.url}
    kind = next((one for one in source.beside if kept.keys() <= one.model_fields.keys()), source.record)
    return kind.model_validate(kept)


# What is given: history and verdicts ---------------------------------------------------------------------------------


def _catch_up(service: Service, log: Session, fresh: Session, until: datetime | None) -> None:
    """Give what the log had got from elsewhere by a moment: history of that moment too, of before it verdicts and what
    rules were set to hold."""
    given = log.exec(
        select(Event).where((col(Event.rule).is_(None)) | (Event.rule == "review")).order_by(col(Event.sequence))
    )
    events = [e for e in given if until is None or e.detected_at < until or (e.rule is None and e.detected_at == until)]
    have = set(fresh.exec(select(Event.id)))
    reviews = [r for r in log.exec(select(Review).order_by(col(Review.id))) if until is None or r.at < until]
    done = set(fresh.exec(select(Review.id)))
    for event in (e for e in events if e.rule is None and e.id not in have):
        _give(service, log, fresh, event)
    for rule, way in policies_of(log, until):
        if stands := fresh.get(Policy, rule):
            fresh.delete(stands)
            fresh.flush()
        if way == Way.HOLD:
            fresh.add(Policy(rule=rule, way=way, by="", at=until or service.now()))
    for review in (r for r in reviews if r.id not in done):
        _rule(service, log, fresh, review)
    for event in (e for e in events if e.rule == "review" and e.id not in have):
        _give(service, log, fresh, event)


def _give(service: Service, log: Session, fresh: Session, event: Event) -> None:
    """Copy an event as it was when it came: what later tellers made of it is derived again."""
    proofs = log.exec(select(Evidence).where(Evidence.event_id == event.id).order_by(col(Evidence.id))).all()
    given = intent_of(event, [proof for proof in proofs if proof.at == event.detected_at])
    given = replace(given, proofs=tuple(replace(proof, change_id=None) for proof in given.proofs))
    if event.rule is None and proofs:
        first = proofs[0]
        given = replace(given, tier=first.tier, certainty=None, type=first.told_type or event.type,
                        kind=first.told_kind, occurred_on=first.told_on)  # fmt: skip
    state = EventState.IMPORTED if event.rule is None else EventState.RELEASED
    record(fresh, replace(given, state=state), service.pack)


def _rule(service: Service, log: Session, fresh: Session, review: Review) -> None:
    """Give a verdict to the event it was about."""
    event = fresh.get(Event, review.event_id)
    if event is None:
        pairs = paired(_derivable(log), _derivable(fresh))
        event = next((derived for logged, derived in pairs if logged and logged.id == review.event_id), None)
    if event is None:
        return  # today's code does not derive it: the comparison says so
    record(fresh, Amendment(event.id, review.at, {"state": AFTER[review.verdict]}), service.pack)
    fresh.add(Review(**review.model_dump(exclude={"event_id"}), event_id=event.id))
    fresh.flush()


# Comparing -----------------------------------------------------------------------------------------------------------


def _derivable(session: Session) -> list[Event]:
    """The events that are read from captures."""
    every = session.exec(select(Event).order_by(col(Event.sequence))).all()
    return [e for e in every if e.rule not in (None, "review") and e.type not in BY_TIME]


def paired(logged: Sequence[Event], derived: Sequence[Event]) -> list[tuple[Event | None, Event | None]]:
    """Each event of the log with the derived one that is the same; what has no partner stands alone."""
    left, waiting = list(derived), list(logged)
    pairs: dict[str, Event] = {}
    for fields in ALIKE:
        by_key: dict[tuple[Any, ...], list[Event]] = {}
        for event in left:
            by_key.setdefault(_key(event, fields), []).append(event)
        for event in waiting:
            if same := by_key.get(_key(event, fields)):
                pairs[event.id] = same.pop(0)
        taken = {id(event) for event in pairs.values()}
        left = [event for event in left if id(event) not in taken]
        waiting = [event for event in waiting if event.id not in pairs]
    return [(event, pairs.get(event.id)) for event in logged] + [(None, event) for event in left]


def _key(event: Event, fields: Sequence[str]) -> tuple[Any, ...]:
    return tuple(getattr(event, name) for name in fields)


def differences(logged: Event | None, derived: Event | None, reviewed: set[str]) -> Iterator[Line]:
    """The lines that tell where the two differ, of a state also why: what today's code holds, or no longer holds,
    against the event. The state of a reviewed event is the reviewer's and not compared."""
    if logged is None or derived is None:
        kind = "missing" if derived is None else "added"
        states = {name: _told(event) for name, event in (("log", logged), ("derived", derived))}
        because = derived.held_because if derived else None
        yield {"event": logged.id if logged else None, "difference": kind, "field": None, **states, "why": because}
        return
    for name in COMPARED:
        was, now = getattr(logged, name), getattr(derived, name)
        if was != now and not (name == "state" and logged.id in reviewed):
            because = _why(logged, derived) if name == "state" else None
            yield {
                "event": logged.id, "difference": "changed", "field": name, "log": was, "derived": now, "why": because,
            }  # fmt: skip


def _why(logged: Event, derived: Event) -> str | None:
    """The doubt on one side that the other does not have."""
    if derived.held_because:
        return derived.held_because
    return f"not held any more because {logged.held_because}" if logged.held_because else None


def _told(event: Event | None) -> str | None:
    return f"{event.type} {event.occurred_on or 'undated'} {event.thread}" if event else None
