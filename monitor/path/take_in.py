"""A page that is not as it was: read, let in by the doorman, settled, and what is new in it recorded.

    fetch -> parse -> doorman -> settle -> [ observe -> compare -> interpret -> attribute -> record ]

The second half of the one path; `monitor.path.check` is the first.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from monitor.events.ledger import enter
from monitor.kill_points import kill_point
from monitor.logs import log
from monitor.path.first_look import FirstLook
from monitor.path.read import Reading, read_pages, refuse_unreadable
from monitor.path.statements import claims_of, teller_of, told, with_registered_trials
from monitor.service import Service
from monitor.standing.answers import note_changed_answers
from monitor.watching.absence import forget_others, miss
from monitor.watching.bad_runs import failed
from monitor.watching.completeness import Tally, fewer, left_out, shortfall, shrunk
from monitor.watching.doorman import Implausible, Shrank, mass_change
from monitor.watching.fetching import Fetching
from monitor.watching.guards import Guard, Patience
from monitor.watching.identity import Marks
from monitor.watching.observed import Observed
from monitor.watching.odd import AtWork, OddRecord
from monitor.watching.returns import REBUILT
from monitor.watching.runs import Checked, Keeps, Looks, open_run, result_of
from monitor.watching.snapshots import Observation, recall
from sources.base import Page, Source, SourceError, Unexpected
from store.database import reading, writing
from store.look_columns import KNOWING, Knowing, Watched
from store.states import Health, RunOutcome
from store.tables import Watch

ACCEPTED = "accepted by a person, though it would have been refused: "
"""Begins the note of a run that --accept let through."""


@dataclass(frozen=True)
class Look:
    """One look at a watch, once it has fetched."""

    service: Service
    source: Source
    fetch: Fetching
    guard: Guard
    now: datetime
    started: float

    def take_up(self, look: Watched, pages: list[Page], looks: Looks, *, well: bool) -> Checked:
        """Read the pages and record what is new in them. `well`: the last look was a good one, by today's reader."""
        service, source, fetch = self.service, self.source, self.fetch
        try:
            with service.engine.connect() as connection:
                known = connection.execute(KNOWING, {"id_": look.id}).one()
            again = lambda: list(source.pages(fetch.again()))  # noqa: E731
            read = read_pages(service, known, source, pages, again=again, guard=self.guard, well=well)
            if read.same:
                return looks.note(look, fetch, self.now, self.started)
            if read.unsteady:
                fetch.forget()
            if well and read.still and not (read.problems or read.notes or read.lifted):
                return looks.note(look, fetch, self.now, self.started, learnt=_known_again(known, read))
            with reading(service.engine) as session:
                watch = session.get_one(Watch, look.id)
            while True:
                try:
                    return _record_apart(lambda at: self._keep(watch, read, at))  # noqa: B023 - called at once
                except OddRecord as odd:
                    log.warning("record left out", watch=watch.name, record=odd.key, exc_info=odd.__cause__)
                    read = read.without(odd.key, source, str(odd))
        except (SourceError, Implausible) as problem:
            return failed(service, look, fetch, problem, self.now, self.started)

    def _keep(self, watch: Watch, read: Reading, at: AtWork) -> Checked:
        service, source, fetch, now = self.service, self.source, self.fetch, self.now
        if watch.baseline_at is None and read.sifted.lots:
            FirstLook(service, watch, source, read, fetch, at, now, _enter).keep()
        return take_in(service, watch, source, read, fetch, at, now=now, guard=self.guard, started=self.started)


def _record_apart(work: Callable[[AtWork], Checked]) -> Checked:
    """Work on one record after another. Raises OddRecord for what nobody foresaw while at one; trouble of the source,
    of the database or of the machine passes."""
    at = AtWork()
    try:
        return work(at)
    except (SourceError, Implausible, SQLAlchemyError, MemoryError):
        raise
    except Exception as problem:
        if at.record is None:
            raise
        raise OddRecord(at.record.key, problem) from problem


def _if_shown(watch: Watch) -> str:
    return f"if the source shows the same, use `therawatch check {watch.name} --accept`"


def take_in(
    service: Service,
    watch: Watch,
    source: Source,
    read: Reading,
    fetch: Keeps,
    at: AtWork,
    *,
    now: datetime,
    guard: Guard,
    started: float,
) -> Checked:
    """Record what was read: snapshots, changes, events and the run itself, all or nothing. Raises Implausible. `at` is
    told which record is at work, so that what goes wrong is known to be its own."""
    with writing(service.engine) as session:
        watch = session.get_one(Watch, watch.id)
        baseline = watch.baseline_at is None
        kept = read.sifted.kept
        run = open_run(session, watch, now, len(read.pages), len(read.records) + read.sifted.parts, begun=kept.run)
        observation = Observation(session, watch, run, source, now, baseline, fetch, strangers=guard.strangers)
        tally, entered, observed = Tally(), list[bool](), list[Observed]()
        for records in read.batches(source) if read.sifted.parts else (read.records,):
            if observed:
                entered += _enter(service, session, watch, source, observed, at, now)
            observed = observation.observe(records, at)
            tally.add(observed)
        if read.sifted.parts:
            _finish(observation, source, read)
        _believable(observation, read, tally, guard, _absent(observation, source, read, tally, guard.patience))
        observed = [replace(sight, doubt=REBUILT) for sight in observed] if read.lifted else observed
        entered += _enter(service, session, watch, source, observed, at, now)
        answers = note_changed_answers(service, session, now, quiet=baseline) if entered else ()
        run.events, run.changes = kept.events + sum(entered) + len(answers), kept.changes + observation.changes
        run.outcome = _outcome(baseline, run.changes)
        run.note = _learn(watch, source, read, fetch, now, accepted=not guard.mass)
        run.ms = round((time.monotonic() - started) * 1000)
        fetch.remember(session.connection())
        kill_point("K5")
    kill_point("K6")
    return result_of(watch, run)


def _finish(observation: Observation, source: Source, read: Reading) -> None:
    """After the last batch of long answers: what was not read is there as it was. Raises Unexpected where too much
    could not be read."""
    refuse_unreadable(source, read.problems, read.total, read.records, read.sifted.answered)
    observation.sighted(dict.fromkeys(read.sifted.same, False))
    observation.run.records = read.total - len(read.problems)


def _learn(watch: Watch, source: Source, read: Reading, fetch: Keeps, now: datetime, *, accepted: bool) -> str | None:
    """Leave with the watch what a good look taught of it, and its health; the note of the run."""
    learnt, records, noise = dict(read.learnt), [record for record, _ in read.records], watch.noise
    for name, value in _known_again(watch, read).items():
        setattr(watch, name, value)
    _date(watch, source, fetch, now)
    missing = source.missing(records, read.sifted.answered) if read.whole or fetch.sweep else ()
    unread, less = left_out(read.problems), None if accepted else fewer(noise, learnt)
    problem = "; ".join(filter(None, (unread, shortfall(source, missing), less))) or None
    lifted = f"{ACCEPTED}{read.lifted}" if read.lifted else None
    watch.noise = learnt
    watch.baseline_at, watch.last_success_at = watch.baseline_at or now, now
    watch.next_check_at = now + timedelta(seconds=watch.every_seconds)
    watch.swept_at = now if fetch.sweep else watch.swept_at
    watch.failures, watch.problem, watch.revision = 0, problem, source.revision
    lacking = Health.RECORD_MISSING if missing else Health.SHRANK if less else Health.OK
    watch.health, watch.missing = Health.SHAPE_CHANGED if read.problems else lacking, list(missing) or None
    return "; ".join(filter(None, (lifted, problem, *read.notes))) or None


def _known_again(watch: Knowing, read: Reading) -> dict[str, Any]:
    """What to leave with the watch: by what its page is known, what moves on it by itself, and how long it is."""
    marks, sizes, middle = watch.marks, watch.sizes, watch.size_median
    if read.marks:
        marks = Marks.read(marks).learnt(read.marks, accepted=read.lifted is not None).written()
    if len(read.pages) == 1 and not read.pages[0].unchanged:
        sizes = [*sizes, len(read.pages[0].body)][-5:]
        middle = round(median(sizes))
    return {"noise": dict(read.learnt), "marks": marks, "sizes": sizes, "size_median": middle}


def _date(watch: Watch, source: Source, fetch: Keeps, now: datetime) -> None:
    """Note what the source says of the age of its data, and since when it says so."""
    said = [stamp for page in fetch.pages if not page.unchanged and (stamp := source.stamp(page))]
    if said and said[0] != watch.stamp:
        watch.stamp, watch.stamp_since = said[0], now


def _outcome(baseline: bool, changes: int) -> RunOutcome:
    if baseline:
        return RunOutcome.BASELINE
    return RunOutcome.CHANGED if changes else RunOutcome.UNCHANGED


def _absent(observation: Observation, source: Source, read: Reading, tally: Tally, patience: Patience) -> int:
    """How many known records the run did not show; one that cannot be read is there."""
    unread = [problem.key for problem in read.problems if problem.key]
    there = recall(observation.session, source.name, observation.scope, unread).values() if unread else ()
    ids = tally.ids.union(read.sifted.same, (known.item.id or 0 for known in there))
    if observation.baseline:
        forget_others(observation, ids)
    elif source.complete and read.whole and all(problem.key is not None for problem in read.problems):
        return miss(observation, ids, patience)
    return 0


def _believable(observation: Observation, read: Reading, tally: Tally, guard: Guard, absent: int) -> None:
    """Raises Implausible where too much has changed or a list has shrunk, Unexpected where fields are gone from all."""
    session, watch, source = observation.session, observation.watch, observation.source
    if observation.baseline or not guard.mass:
        return
    if source.complete and (reason := _too_much(source, tally, read, absent)):
        raise Implausible(f"{reason}; {_if_shown(watch)}")
    lost = tally.lost(source.lasting) if tally.had.keys() - tally.has else []
    if lost and (gone := sorted({*lost} - read.sifted.still(session, lost, source.record))):
        raise Unexpected(f"expected {', '.join(gone)} as in most records of the last look, found them in none")
    lists = not source.complete and not source.needs_url
    if lists and (reason := shrunk(session, watch, observation.run)):
        raise Shrank(f"{reason}; {_if_shown(watch)}")


def _too_much(source: Source, tally: Tally, read: Reading, absent: int) -> str | None:
    shown, swapped = tally.seen + len(read.sifted.same), tally.swapped
    if source.empties:
        return mass_change(known=shown, changed=tally.changed, vanished=0, records=shown, swapped=swapped)
    known = tally.known + shown - tally.seen + absent
    return mass_change(known=known, changed=tally.changed, vanished=absent, records=shown, swapped=swapped)


def _enter(
    service: Service,
    session: Session,
    watch: Watch,
    source: Source,
    observed: Sequence[Observed],
    at: AtWork,
    now: datetime,
) -> list[bool]:
    """Interpret and attribute: of each claim, whether it is a new event."""
    entered, baseline = [], watch.baseline_at is None
    if news := told(observed, baseline):
        service = with_registered_trials(service, session, source, now)
    for sight in news:
        at.record = sight.record
        teller = teller_of(watch, source, sight, baseline, now)
        for claim in claims_of(service, watch, source, sight, baseline, now):
            entered.append(enter(session, claim, teller, service.pack))
    at.record = None
    return entered
