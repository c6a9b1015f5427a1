"""One watch, from fetch to recorded change: the one path, used by the clock, the command and the button.

    due -> fetch -> parse -> doorman -> settle -> [ observe -> compare -> interpret -> attribute -> record ]

Nothing is held open across the network. What stands in brackets is one transaction: after any crash the next check
finds the same difference again, or finds it recorded.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlmodel import Session

from monitor.events.candidates import registered_trials
from monitor.events.intents import Teller
from monitor.events.ledger import enter
from monitor.kill_points import kill_point
from monitor.reading.prose.announcements import interpret_prose
from monitor.reading.typed.interpret import interpret
from monitor.reading.typed.record_change import RecordChange
from monitor.service import Service
from monitor.standing.answers import note_changed_answers
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.differences import Difference
from monitor.watching.captures import Fetching
from monitor.watching.completeness import left_out, lost_fields, shortfall, shrunk, unreadable
from monitor.watching.doorman import Implausible, mass_change, refusal
from monitor.watching.identity import Marks, marks_of, stranger
from monitor.watching.returns import DOUBT, OUTGROWN, REBUILT, outgrown, returns
from monitor.watching.runs import Checked, Keeps, Looks, Unforeseen, close_run, failed, open_run, succeeded, told
from monitor.watching.snapshots import Observation, Observed, Patience, awaits, content_of, recall, scope_of
from sources.base import Page, Source, SourceError, Unexpected
from sources.encodings import decoded
from sources.records import Announcement, Passage, Record
from store.database import reading, writing
from store.states import ChangeKind, Health, RunOutcome
from store.tables import Capture, Change, Run, Watch

log = structlog.get_logger()

SWEEP_EVERY = timedelta(days=7)


@dataclass(frozen=True)
class Guard:
    """What a live check refuses and the replay of recordings accepts (recorded/vocabulary.md).

    `mass`: too much has changed at once; `strangers`: this is not the page that the watch knows; `looked_at`: a person
    has seen what is shown, so that neither size, words nor end of a page are held against it.
    """

    mass: bool = True
    strangers: bool = True
    looked_at: bool = False
    patience: Patience = field(default_factory=Patience)


LIVE = Guard()
ACCEPTING = Guard(mass=False, strangers=False, looked_at=True)
"""A person has looked: the source has really changed that much, and what it shows is the page."""
ACCEPTED = "accepted by a person, though it would have been refused: "
"""Begins the note of a run that --accept let through."""
REPLAY = Guard(mass=False, strangers=False, patience=Patience(runs=1, span=timedelta(0)))


@dataclass(frozen=True)
class Reading:
    """What one run read, before anything is stored: the records, each with the page it stands on."""

    pages: list[Page]
    records: list[tuple[Record, Page]]
    problems: list[Unexpected]
    learnt: dict[str, Any]
    whole: bool  # every page was read anew, so an absence means something
    notes: tuple[str, ...] = ()  # what the maintainer should know of a good run
    marks: Marks | None = None  # by what the page will be known
    lifted: str | None = None  # the refusal that a person has lifted


def check(service: Service, watch: Watch, looks: Looks, guard: Guard) -> Checked:
    """Check one watch: fetch, read, compare, record.

    Each watch is an island. Whatever goes wrong here that nobody foresaw is a failed run of this watch, with its
    traceback in the log, and the others go on.
    """
    started, now = time.monotonic(), service.now()
    try:
        return _look(service, watch, looks, guard, now, started)
    except Exception as problem:
        log.exception("run failed", watch=watch.name)
        return failed(service, watch, None, Unforeseen(problem), now, started)


def _look(service: Service, watch: Watch, looks: Looks, guard: Guard, now: datetime, started: float) -> Checked:
    source = source_of(service, watch)
    fetch = Fetching(
        service.client, service.engine, watch, source, now=service.now, sweep=_sweeps(watch, source.revision, now)
    )
    kill_point("K1")
    try:
        pages = list(source.pages(fetch))
        kill_point("K3")
        well = watch.baseline_at and watch.revision == source.revision and watch.problem is None
        if well and all(page.unchanged for page in pages) and not (source.complete and _awaits(service, watch)):
            return looks.note(watch, fetch, now, started)
        again = lambda: list(source.pages(fetch.again()))  # noqa: E731
        reading_ = read_pages(service, watch, source, pages, again=again, guard=guard)
        return take_in(service, watch, source, reading_, fetch, now=now, guard=guard, started=started)
    except (SourceError, Implausible) as problem:
        return failed(service, watch, fetch, problem, now, started)


def _sweeps(watch: Watch, revision: int, now: datetime) -> bool:
    """Whether everything is read anew, not only what the source says has moved."""
    swept = watch.swept_at
    if swept is None or watch.baseline_at is None or watch.revision != revision:
        return True
    if watch.problem is not None:
        return True  # what was amiss is looked at again until it is mended
    return now - swept >= SWEEP_EVERY or swept > now  # a clock that ran ahead swept in the future


def _awaits(service: Service, watch: Watch) -> bool:
    with reading(service.engine) as session:
        return awaits(session, watch.id)


def source_of(service: Service, watch: Watch) -> Source:
    """The source of a watch, set up with its options."""
    kind = service.sources[watch.source]
    return kind(kind.Options.model_validate(watch.options), url=watch.url, base_url=watch.base_url)


def read_pages(
    service: Service,
    watch: Watch,
    source: Source,
    pages: list[Page],
    *,
    again: Callable[[], list[Page]] | None,
    guard: Guard = LIVE,
) -> Reading:
    """Doorman and parser: pages in, records out, noise settled. Raises SourceError or Implausible."""
    for page in pages:
        _admit(page, watch, source, guard)
    parsed = [(found, page) for page in pages for found in source.parse(page)]
    problems = [found for found, _ in parsed if isinstance(found, Unexpected)]
    records = [(found, page) for found, page in parsed if isinstance(found, Record)]
    if reason := unreadable(problems, len(parsed), missing=source.missing([record for record, _ in records])):
        raise Unexpected(reason)
    whole = bool(records) or not all(page.unchanged for page in pages)
    if again is None or type(source).settle is Source.settle:
        return Reading(pages, records, problems, watch.noise, whole)
    before = _stored(service, watch, source, [record.key for record, _ in records])
    marks, lifted = recognised(watch, records, before, guard)

    def look_again() -> list[Record]:
        shown = [(page, _admit(page, watch, source, guard)) for page in again()]
        found = [(record, page) for page, _ in shown for record in source.parse(page) if isinstance(record, Record)]
        recognised(watch, found, before, guard)
        return [record for record, _ in found]

    settled = source.settle([record for record, _ in records], before=before, again=look_again, learnt=watch.noise)
    home = {record.key: page for record, page in records}
    records = [(record, home.get(record.key, pages[0])) for record in settled.records]
    return Reading(pages, records, problems, settled.learnt, whole, settled.notes, marks, lifted)


def recognised(
    watch: Watch, records: Sequence[tuple[Record, Page]], before: dict[str, Any], guard: Guard
) -> tuple[Marks | None, str | None]:
    """The marks of the page of a passage, and the refusal that a person has lifted; None for other records.
    Raises Implausible when it is not the page that the watch knows."""
    record, page = records[0] if len(records) == 1 else (None, None)
    if not isinstance(record, Passage) or page is None:
        return None, None
    seen = marks_of(decoded(page.body, page.content_type).text, record.blocks, page.url)
    lines = before.get(record.key, {}).get("blocks")
    reason = stranger(Marks.read(watch.marks), lines, seen, record.blocks) if lines else None
    if reason and guard.strangers:
        raise Implausible(f"{page.url}: not the page that is watched: {reason}; {_if_right(watch)}", page)
    return seen, reason


def _admit(page: Page, watch: Watch, source: Source, guard: Guard) -> bool:
    """Let a page in that is the page. Raises Implausible with the doorman's reason."""
    floor = watch.size_median if source.family == "html" else None  # lists have totals, and short last pages
    if page.unchanged:
        return True
    if reason := refusal(page, family=source.family, median=floor, accepted=guard.looked_at):
        hint = f"; {_if_right(watch)}" if source.family == "html" and not guard.looked_at else ""
        raise Implausible(f"{page.url}: {reason}{hint}", page)
    return True


def _if_right(watch: Watch) -> str:
    return f"if that is the page now, use `therawatch check {watch.name} --accept`"


def _if_shown(watch: Watch) -> str:
    return f"if the source shows the same, use `therawatch check {watch.name} --accept`"


def _stored(service: Service, watch: Watch, source: Source, keys: Iterable[str]) -> dict[str, Any]:
    with reading(service.engine) as session:
        known = recall(session, source.name, scope_of(watch, source), keys)
        return {key: content_of(session, found.item) for key, found in known.items()}


def take_in(
    service: Service,
    watch: Watch,
    source: Source,
    read: Reading,
    fetch: Keeps,
    *,
    now: datetime,
    guard: Guard,
    started: float,
) -> Checked:
    """Record what was read: snapshots, changes, events and the run itself, all or nothing. Raises Implausible."""
    with writing(service.engine) as session:
        watch = session.get_one(Watch, watch.id)
        baseline = watch.baseline_at is None
        run = open_run(session, watch, now, len(read.pages), len(read.records))
        seen = Observation(session, watch, run, source, now, baseline)
        seen.recall([*(record.key for record, _ in read.records), *(p.key for p in read.problems if p.key)])
        observed = _observe(session, seen, read, fetch)
        if read.lifted:
            observed = [replace(one, doubt=REBUILT) for one in observed]
        gone = _absent(seen, source, read, observed, guard.patience)
        if guard.mass and not baseline and source.complete and (reason := _too_much(seen, observed)):
            raise Implausible(f"{reason}; {_if_shown(watch)}")
        if guard.mass and not baseline:
            _all_there(session, watch, source, run, observed)
        events = _events(service, session, watch, source, observed, baseline, now)
        run.changes = sum(1 for o in observed if o.change is not None) + len(gone)
        run.events = events
        run.outcome = _outcome(baseline, run.changes)
        sought = shortfall(source, [record for record, _ in read.records]) if read.whole or fetch.sweep else None
        problem = "; ".join(filter(None, (left_out(read.problems), sought))) or None
        accepted = f"{ACCEPTED}{read.lifted}" if read.lifted else None
        run.note = "; ".join(note for note in (accepted, problem, *read.notes) if note) or None
        watch.noise = dict(read.learnt)
        if read.marks:
            watch.marks = Marks.read(watch.marks).learnt(read.marks, accepted=read.lifted is not None).written()
        succeeded(watch, source, read.pages, now, problem=problem, sweep=fetch.sweep)
        watch.health = Health.SHAPE_CHANGED if read.problems else Health.OK
        fetch.remember(session.connection())
        kill_point("K5")
        close_run(run, started)
    kill_point("K6")
    return told(watch, run)


def _outcome(baseline: bool, changes: int) -> RunOutcome:
    if baseline:
        return RunOutcome.BASELINE
    return RunOutcome.CHANGED if changes else RunOutcome.UNCHANGED


def _observe(session: Session, seen: Observation, read: Reading, fetch: Keeps) -> list[Observed]:
    captures: dict[str, Capture] = {}

    def capture_of(page: Page) -> Capture:
        if page.url not in captures:
            captures[page.url] = fetch.keep(session, page)
            kill_point("K4")
        return captures[page.url]

    observed: dict[str, Observed] = {}
    for record, page in read.records:
        if record.key not in observed:  # a record told twice in one run is one record
            observed[record.key] = seen.observe(record, lambda page=page: capture_of(page))  # type: ignore[misc]
    seen.sighted([o.item for o in observed.values()])
    return list(observed.values())


def _absent(
    seen: Observation, source: Source, read: Reading, observed: Sequence[Observed], patience: Patience
) -> list[Change]:
    """The records that have disappeared; one that cannot be read is there."""
    there = [*(o.item for o in observed), *(k.item for p in read.problems if (k := seen.known.get(p.key or "")))]
    ids = {item.id for item in there if item.id is not None}
    if seen.baseline:
        seen.forget_others(ids)
        return []
    if not (source.complete and read.whole) or any(problem.key is None for problem in read.problems):
        return []
    return seen.missing(ids, patience)


def _all_there(session: Session, watch: Watch, source: Source, run: Run, observed: Sequence[Observed]) -> None:
    """Raises Unexpected where fields are gone from all records, Implausible where a list has shrunk."""
    if lost := lost_fields(observed, source.lasting):
        raise Unexpected(f"expected {', '.join(lost)} as in most records of the last look, found them in none")
    lists = not source.complete and not source.needs_url
    if lists and (reason := shrunk(session, watch, run)):
        raise Implausible(f"{reason}; {_if_shown(watch)}")


def _too_much(seen: Observation, observed: Sequence[Observed]) -> str | None:
    changed = sum(1 for o in observed if o.change is not None and not o.fresh)
    known = sum(1 for o in observed if not o.fresh) + seen.absent
    return mass_change(known=known, changed=changed, vanished=seen.absent, records=len(observed))


def _events(
    service: Service,
    session: Session,
    watch: Watch,
    source: Source,
    observed: Sequence[Observed],
    baseline: bool,
    now: datetime,
) -> int:
    """Interpret and attribute: how many events are new."""
    fresh, touched = 0, False
    service = with_registered_trials(service, session, source, now)
    for one in observed:
        teller = teller_of(watch, source, one, baseline, now)
        for claim in claims_of(service, watch, source, one, baseline, now):
            fresh += enter(session, claim, teller, service.pack)
            touched = True
    return fresh + (len(note_changed_answers(service, session, now, quiet=baseline)) if touched else 0)


def with_registered_trials(service: Service, session: Session, source: Source, before: datetime) -> Service:
    """For sources of prose: the service whose therapies know their trials as registries showed them before."""
    if not issubclass(source.record, Announcement | Passage):
        return service
    return replace(service, therapies=service.therapies.knowing(registered_trials(session, before)))


def teller_of(watch: Watch, source: Source, one: Observed, baseline: bool, now: datetime) -> Teller:
    """Who tells what this record says."""
    return Teller(
        watch.name,
        source.name,
        source.tier,
        one.record.url,
        now,
        typed=not isinstance(one.record, Announcement | Passage),
        baseline=baseline,
        therapies=tuple(watch.therapies) or None,
        hold=watch.hold,
        change_id=one.change.id if one.change else None,
        capture_sha256=one.sha256,
    )


def claims_of(
    service: Service, watch: Watch, source: Source, one: Observed, baseline: bool, now: datetime
) -> list[Claim]:
    """What one record announces. A reread is not news: what the adapter learnt to extract is not what the world did.
    In a baseline only typed records of the pack's own therapies speak, about how they stand."""
    first = baseline and one.fresh
    if not first and (one.change is None or one.change.kind == ChangeKind.REREAD):
        return []
    if isinstance(one.record, Announcement | Passage):
        return [] if first else _prose_claims(service, watch, source, one, now)
    seen = RecordChange(
        one.record, None if one.fresh else one.before, one.after, one.differences, now.date(), service.therapies
    )
    return [claim for claim in interpret(seen) if claim.therapy or not first]


def _prose_claims(service: Service, watch: Watch, source: Source, one: Observed, now: datetime) -> list[Claim]:
    """What a text announces; of a page only what did not merely come back, and with a doubt where that is unclear."""
    claims: list[Claim] = []
    sorts: list[tuple[Sequence[Difference], str | None]] = [(one.differences, one.doubt)]
    if isinstance(one.record, Passage):
        came = returns(one.differences, one.familiar)
        grown = OUTGROWN if outgrown((one.before or {}).get("blocks", ()), one.differences) else None
        sorts = [(came.news, one.doubt or grown), (came.doubtful, DOUBT)]
    for differences, doubt in sorts:
        if not differences and isinstance(one.record, Passage):
            continue
        before = None if one.fresh else one.before
        seen = RecordChange(one.record, before, one.after, differences, now.date(), service.therapies)
        read = interpret_prose(seen, tier=source.tier, therapies_of_watch=tuple(watch.therapies))
        claims += [replace(claim, doubt=claim.doubt or doubt) for claim in read]
    return claims
