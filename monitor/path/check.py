"""One watch, from fetch to recorded change: the one path, used by the clock, the command and the button.

    due -> fetch -> parse -> doorman -> settle -> [ observe -> compare -> interpret -> attribute -> record ]

Nothing is held open across the network. What stands in brackets is one transaction: after any crash the next check
finds the same difference again, or finds it recorded.
"""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from monitor.events.ledger import enter
from monitor.kill_points import kill_point
from monitor.logs import log
from monitor.path.first_look import FirstLook
from monitor.path.read import Guard, Reading, read_pages, refuse_unreadable
from monitor.path.statements import claims_of, teller_of, told, with_registered_trials
from monitor.service import Service
from monitor.settings import PREFIX, UNNAMED, Settings
from monitor.standing.answers import note_changed_answers
from monitor.watching.absence import Patience, forget_others, miss
from monitor.watching.captures import Fetching
from monitor.watching.completeness import Tally, fewer, left_out, shortfall, shrunk
from monitor.watching.doorman import Implausible, Shrank, mass_change
from monitor.watching.identity import Marks
from monitor.watching.observed import Observed
from monitor.watching.odd import AtWork, OddRecord
from monitor.watching.returns import REBUILT
from monitor.watching.runs import Checked, Keeps, Looks, Unforeseen, close_run, failed, open_run, result_of, succeeded
from monitor.watching.snapshots import Observation, recall
from sources.base import NeedsKey, Source, SourceError, Unexpected
from store.database import reading, writing
from store.states import Health, RunOutcome
from store.tables import Watch

LEARNT: tuple[Any, ...] = (Watch.noise, Watch.marks, Watch.sizes, Watch.therapies)
"""What a look needs only where it finds something: a round of many watches does not read it."""

SWEEP_EVERY = timedelta(days=7)
ACCEPTED = "accepted by a person, though it would have been refused: "
"""Begins the note of a run that --accept let through."""


def check(service: Service, watch: Watch, looks: Looks, guard: Guard) -> Checked:
    """Check one watch: fetch, read, compare, record.

    Each watch is an island. Whatever goes wrong here that nobody foresaw is a failed run of this watch, with its
    traceback in the log, and the others go on.
    """
    started, now = time.monotonic(), service.now()
    try:
        return _look(service, watch, looks, guard, now, started)
    except KeyboardInterrupt:
        raise
    except BaseException as problem:  # an adapter may call sys.exit, a library panic beside Exception
        log.exception("run failed", watch=watch.name)
        return failed(service, watch, None, Unforeseen(problem), now, started)


def _look(service: Service, watch: Watch, looks: Looks, guard: Guard, now: datetime, started: float) -> Checked:
    sweep = _sweeps(watch, service.sources[watch.source].revision, now)
    source = source_of(service, watch)
    client = service.client.through(way) if (way := service.pack.transports.get(watch.name)) else service.client
    fetch = Fetching(client, service.engine, watch, source, now=service.now, sweep=sweep, memories=looks.memories)
    kill_point("K1")
    try:
        if source.needs and (lacking := asked_for(service.settings, source)):
            raise NeedsKey(lacking)
        pages = list(source.pages(fetch))
        kill_point("K3")
        mended = watch.problem is None or watch.health == Health.RECORD_MISSING  # the same pages miss the same record
        well = watch.baseline_at is not None and watch.revision == source.revision and mended
        well = well and not (source.complete and fetch.awaits)
        if well and all(map(attrgetter("unchanged"), pages)):
            _date(watch, source, fetch, now)
            return looks.note(watch, fetch, now, started)
        with reading(service.engine) as session:
            watch = session.get_one(Watch, watch.id)  # the whole row
        again = lambda: list(source.pages(fetch.again()))  # noqa: E731
        reading_ = read_pages(service, watch, source, pages, again=again, guard=guard, well=well)
        if reading_.same:
            return looks.note(watch, fetch, now, started)
        if reading_.unsteady:
            fetch.forget()

        def keep(at: AtWork) -> Checked:
            if watch.baseline_at is None and reading_.sifted.lots:
                FirstLook(service, watch, source, reading_, fetch, at, now, _enter).keep()
            return take_in(service, watch, source, reading_, fetch, at, now=now, guard=guard, started=started)

        while True:
            try:
                return _record_apart(keep)
            except OddRecord as odd:
                log.warning("record left out", watch=watch.name, record=odd.key, exc_info=odd.__cause__)
                reading_ = reading_.without(odd.key, source, str(odd))
    except (SourceError, Implausible) as problem:
        return failed(service, watch, fetch, problem, now, started)


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


def _sweeps(watch: Watch, revision: int, now: datetime) -> bool:
    """Whether everything is read anew, not only what the source says has moved."""
    swept = watch.swept_at
    if swept is None or watch.baseline_at is None or watch.revision != revision:
        return True
    if watch.problem is not None:
        return True  # what was amiss is looked at again until it is mended
    return now - swept >= SWEEP_EVERY or swept > now  # a clock that ran ahead swept in the future


def asked_for(settings: Settings, source: Source) -> str | None:
    """What the source's own host asks for and these settings lack, with the name of the setting; None where it is all
    there, or where a mirror is asked."""
    if source.base_url != source.home.rstrip("/"):
        return None
    if source.needs == "contact" and settings.contact == UNNAMED:
        return f"needs a key: set {PREFIX}CONTACT to a mail address, {source.title} asks who reads it"
    host = urlsplit(source.base_url).hostname or ""
    if source.needs == "key" and host not in settings.site_keys:
        return f"needs a key: set {PREFIX}SITE_KEYS={host}=..., {source.title} gives nothing without one"
    return None


def source_of(service: Service, watch: Watch) -> Source:
    """The source of a watch, set up with its options."""
    kind = service.sources[watch.source]
    return kind(_options(kind, json.dumps(watch.options)), url=watch.url, base_url=watch.base_url)


@lru_cache(maxsize=1024)  # a watch is looked at again and again, and options never change once they are read
def _options(kind: type[Source], written: str) -> BaseModel:
    return kind.Options.model_validate(json.loads(written))


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
        close_run(run, started)
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
    learnt, records = dict(read.learnt), [record for record, _ in read.records]
    _date(watch, source, fetch, now)
    missing = source.missing(records, read.sifted.answered) if read.whole or fetch.sweep else ()
    unread, less = left_out(read.problems), None if accepted else fewer(watch.noise, learnt)
    problem = "; ".join(filter(None, (unread, shortfall(source, missing), less))) or None
    lifted = f"{ACCEPTED}{read.lifted}" if read.lifted else None
    watch.noise = learnt
    if read.marks:
        watch.marks = Marks.read(watch.marks).learnt(read.marks, accepted=read.lifted is not None).written()
    succeeded(watch, source, read.pages, now, problem=problem, sweep=fetch.sweep)
    lacking = Health.RECORD_MISSING if missing else Health.SHRANK if less else Health.OK
    watch.health, watch.missing = Health.SHAPE_CHANGED if read.problems else lacking, list(missing) or None
    return "; ".join(filter(None, (lifted, problem, *read.notes))) or None


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
