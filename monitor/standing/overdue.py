"""What only time brings, at the end of a cycle: what is awaited and did not come becomes an event, once per due date;
and an answer that changes on a day without news, because a date without a day is sure to have passed by then.

A silence that had begun before its record was first seen is a fact about the present and no news: it is `imported`.
One that begins later is released. When what is awaited comes, or the date moves, nothing more is told.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import cast

from sqlalchemy import bindparam, delete
from sqlalchemy import select as choose
from sqlmodel import Session, and_, col, func, or_, select

from monitor.events.intents import NewEvent, Proof, act_of, proof_of
from monitor.events.record import record
from monitor.reading.typed.study_acts import number_of
from monitor.service import Service
from monitor.standing.answers import ACTS, next_act, note_changed_answers, noted_on, still
from monitor.standing.decision_dates import DECIDED, PROMISING, Step, dates_of, open_reviews
from monitor.standing.log import evidence_of_events
from monitor.standing.silence import RULES, Overdue, awaited
from monitor.standing.stillness import LOOKED
from monitor.vocabulary.dates import NEWS_AGE
from monitor.watching.snapshots import unpack
from sources.records import Content, Study
from store.columns import FLAG, word
from store.database import LATER, noting, reading, writing
from store.states import BELIEVED, EventState
from store.tables import Capture, Event, Evidence, Flag, Item, Snapshot, Watch

AT_LATEST = timedelta(days=28)
"""After which they are worked out anew in any case."""

AT_ONCE = 500
"""Studies read at a time."""

RENEW = FLAG.update().where(FLAG.c.name == bindparam("flag")).values(value=bindparam("new"))


@dataclass(frozen=True)
class Trial:
    """A trial of the pack as its registry shows it."""

    item: Item
    snapshot: Snapshot
    content: Content
    therapy: str


def work_out(service: Service, stands: str, *, noted: bool) -> list[Event]:
    """Record the silences that have begun, and the answers that changed; returns both. `note_overdue` of
    `monitor.standing.stillness` asks for it, with what stood in the store a moment ago (what has been added since is
    worked out the next time) and whether that was ever noted."""
    now = service.now()
    with reading(service.engine) as session:
        trials = trials_of_pack(service, session)
        waiting = [*_silences(session, trials), *awaited_decisions(session)[0]]
        until = _next(waiting, now.date())
        answers = still(session, now.date()) if noted and not _begun(waiting, now) else None
    if answers is not None:
        acts, coming = answers
        looked = f"{now.date()}/{min(until, coming or until)}/{stands}"
        with noting(service.engine) as connection:
            connection.execute(RENEW, [{"flag": ACTS, "new": acts}, {"flag": LOOKED, "new": looked}])
        return []
    with writing(service.engine, LATER) as session:
        silences, decisions, proofs = _silences(session, trials), *awaited_decisions(session)
        recorded = [
            _record(session, service, trials[silence.claim.trial or ""], silence, now)
            for silence in _begun(silences, now)
        ]
        recorded += [_record_decision(session, service, silence, proofs, now) for silence in _begun(decisions, now)]
        until = _next([*silences, *decisions], now.date())
        recorded += [] if noted_on(session, now.date()) else note_changed_answers(service, session, now)
        until = min(until, next_act(session) or until)
        session.merge(Flag(name=LOOKED, value=f"{now.date()}/{until}/{stands}"))
    return recorded


def begin_anew(session: Session) -> None:
    """Let the next round work out the silences, whatever was noted: the pack is another one."""
    session.exec(delete(Flag).where(col(Flag.name) == LOOKED))


def _begun(silences: Iterable[Overdue], now: datetime) -> list[Overdue]:
    return [silence for silence in silences if silence.waiting_since <= now.date()]


def _next(silences: Iterable[Overdue], today: date) -> date:
    """The next day on which one of these can begin, or on which they are worked out anew."""
    return min([silence.waiting_since for silence in silences if silence.waiting_since > today] + [today + AT_LATEST])


def trials_of_pack(
    service: Service, session: Session, asked: Callable[[Content], bool] = lambda _: True
) -> dict[str, Trial]:
    """The trials of the pack's therapies whose records are `asked` for, by trial id, as last seen; one that stands in
    two registries is one. Of the others, which may be a whole registry, no more is held than some at a time."""
    registries = [name for name, kind in service.sources.items() if issubclass(kind.record, Study)]
    query = (
        choose(col(Item.id), col(Item.key), col(Item.others), col(Snapshot.packed))
        .join(Snapshot, col(Snapshot.id) == Item.snapshot_id)
        .where(col(Item.source).in_(registries), col(Item.present).is_(True))
        .execution_options(yield_per=AT_ONCE)
    )
    known, others, told = {}, {}, service.therapies
    for item, key, elsewhere, packed in session.connection().execute(query):
        content = unpack(packed)
        if therapy := told.of_study(content, key):
            known[key], others[key] = (item, content, therapy), elsewhere or ()
    kept = {
        item: (content, therapy)
        for key, (item, content, therapy) in known.items()
        if asked(content) and number_of((key, *(number for number in others[key] if number in known)), told) == key
    }
    whole = select(Item, Snapshot).join(Snapshot, col(Snapshot.id) == Item.snapshot_id)
    rows = session.exec(whole.where(col(Item.id).in_(kept)).order_by(col(Item.id))).all() if kept else ()
    return {item.key: Trial(item, snapshot, *kept[item.id or 0]) for item, snapshot in rows}


def _silences(session: Session, trials: Mapping[str, Trial]) -> list[Overdue]:
    if not trials:
        return []
    every = session.exec(select(Event).where(col(Event.trial).is_not(None)).order_by(col(Event.sequence)))
    counting = [event for event in every if event.state in BELIEVED or event.type in RULES]
    studies = {key: trial.content for key, trial in trials.items()}
    items = {key: trial.item for key, trial in trials.items()}
    vouched = {key: day for key, item in items.items() if (day := item.verified_on or item.updated_on)}
    return awaited(studies, counting, vouched=vouched)


STEPS_OF_REVIEWS = choose(
    *map(col, (Event.id, Event.sequence, Event.type, Event.therapy, Event.drug, Event.agency, Event.place)),
    *map(col, (Event.occurred_on, Event.step, Event.thread)),
).where(
    col(Event.step).in_([word(step) for step in sorted((*PROMISING, *DECIDED, "decision_overdue"))]),
    or_(
        col(Event.state).in_([word(state) for state in BELIEVED]),
        and_(col(Event.state) == word(EventState.HELD), col(Event.step).in_([word(step) for step in sorted(DECIDED)])),
    ),
).order_by(col(Event.sequence))  # fmt: skip
"""What promises a decision, and what may be one: column by column, for a long log has many."""


def awaited_decisions(session: Session) -> tuple[list[Overdue], list[Evidence]]:
    """The decisions that are waited for, and the evidence of what promised them."""
    steps = cast(Sequence[Step], session.connection().execute(STEPS_OF_REVIEWS).all())
    reviews = open_reviews(steps) if steps else []
    if not reviews:
        return [], []
    proofs = evidence_of_events(session, [review.promise.id for review in reviews])
    return dates_of(reviews, proofs), [proof for own in proofs.values() for proof in own]


def _record(session: Session, service: Service, trial: Trial, silence: Overdue, now: datetime) -> Event:
    silence = replace(
        silence, claim=replace(silence.claim, therapy=silence.claim.therapy or trial.therapy, drug=trial.therapy)
    )
    state = EventState.IMPORTED if _known_before(session, trial, silence, now) else EventState.RELEASED
    proof = _proof(session, trial, silence, service.sources[trial.item.source].tier)
    return record(session, _silence(silence, state, proof, now), service.pack)


def _record_decision(
    session: Session, service: Service, silence: Overdue, proofs: Sequence[Evidence], now: datetime
) -> Event:
    """A decision that is late. What was long late when we first looked is no news."""
    proof = proof_of(next(proof for proof in proofs if proof.quote == silence.claim.quote))
    state = EventState.IMPORTED if silence.waiting_since < now.date() - NEWS_AGE else EventState.RELEASED
    proof = replace(proof, change_id=None, told_type=silence.claim.type, told_on=silence.claim.occurred_on)
    return record(session, _silence(silence, state, proof, now), service.pack)


def _silence(silence: Overdue, state: EventState, proof: Proof, now: datetime) -> NewEvent:
    return NewEvent(
        **act_of(silence.claim),
        at=now,
        state=state,
        note=f"Due {silence.due}, grace {silence.grace.days} days, waiting since {silence.waiting_since}.",
        proofs=(proof,),
    )


def _known_before(session: Session, trial: Trial, silence: Overdue, now: datetime) -> bool:
    """Whether it had begun when the record was first seen, or so long ago that it is no news."""
    first = session.exec(select(func.min(Snapshot.taken_at)).where(Snapshot.item_id == trial.item.id)).one()
    return first is None or silence.waiting_since <= first.date() or silence.waiting_since < now.date() - NEWS_AGE


def _proof(session: Session, trial: Trial, silence: Overdue, tier: int) -> Proof:
    capture = session.get_one(Capture, trial.snapshot.capture_id)
    watch = session.get_one(Watch, capture.watch_id)
    return Proof(
        source=trial.item.source,
        watch=watch.name,
        tier=tier,
        url=trial.item.url,
        quote=silence.claim.quote,
        told_type=silence.claim.type,
        told_on=silence.claim.occurred_on,
        retrieved_at=trial.snapshot.taken_at,
        capture_sha256=capture.sha256,
    )
