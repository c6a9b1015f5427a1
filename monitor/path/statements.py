"""From an observed record to what it claims, and who tells it: the one place for a check and for the second reading."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from monitor.events.intents import Teller
from monitor.events.ledger import registered_trials
from monitor.reading.typed.interpret import interpret
from monitor.reading.typed.record_change import RecordChange
from monitor.service import Service
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.differences import Difference
from monitor.vocabulary.event_types import REGULATOR
from monitor.watching.observed import Observed
from monitor.watching.returns import DOUBT, OUTGROWN, outgrown, returns
from sources.base import Source
from sources.records import Announcement, Passage
from store.states import ChangeKind
from store.tables import Watch


def with_registered_trials(service: Service, session: Session, source: Source, before: datetime) -> Service:
    """For sources of prose: the service whose therapies know their trials as registries showed them before."""
    if not _of_prose(source):
        return service
    return replace(service, therapies=service.therapies.knowing(registered_trials(session, before)))


def _of_prose(source: Source) -> bool:
    return issubclass(source.record, Announcement | Passage)


def told(observed: Sequence[Observed], baseline: bool) -> list[Observed]:
    """What of a run may announce anything. A reread is not news: what the adapter learnt to extract is not what the
    world did. In a baseline only typed records of the pack's own therapies speak, about how they stand."""
    return [sight for sight in observed if _speaks(sight, baseline)]


def _speaks(sight: Observed, baseline: bool) -> bool:
    if baseline and sight.fresh:
        return not isinstance(sight.record, Announcement | Passage)
    return sight.change is not None and sight.change.kind != ChangeKind.REREAD


def teller_of(watch: Watch, source: Source, sight: Observed, baseline: bool, now: datetime) -> Teller:
    """Who tells what this record says."""
    return Teller(
        watch.name,
        source.name,
        source.tier,
        sight.record.url,
        now,
        typed=not isinstance(sight.record, Announcement | Passage),
        baseline=baseline,
        therapies=tuple(watch.therapies) or None,
        hold=watch.hold or watch.held_at is not None,
        change_id=sight.change.id if sight.change else None,
        capture_sha256=sight.sha256,
    )


def claims_of(
    service: Service, watch: Watch, source: Source, sight: Observed, baseline: bool, now: datetime
) -> list[Claim]:
    """What one record announces."""
    if not _speaks(sight, baseline):
        return []
    if isinstance(sight.record, Announcement | Passage):
        return _prose_claims(service, watch, source, sight, now)
    first = baseline and sight.fresh
    change = RecordChange(
        sight.record,
        None if sight.fresh else sight.before,
        sight.after,
        sight.differences,
        now.date(),
        service.therapies,
        stands=first,
    )
    return [claim for claim in interpret(change) if claim.therapy or not first]


def prose() -> Callable[..., list[Claim]]:
    """The reader of prose. Its rules cost half a second, so it is loaded with the first look at a source of texts: what
    never reads any does without."""
    from monitor.reading.prose.announcements import interpret_prose  # noqa: PLC0415

    return interpret_prose


def _prose_claims(service: Service, watch: Watch, source: Source, sight: Observed, now: datetime) -> list[Claim]:
    """What a text announces; of a page only what did not merely come back, and with a doubt where that is unclear."""
    claims: list[Claim] = []
    sorts: list[tuple[Sequence[Difference], str | None]] = [(sight.differences, sight.doubt)]
    if isinstance(sight.record, Passage):
        came = returns(sight.differences, sight.familiar)
        grown = OUTGROWN if outgrown((sight.before or {}).get("blocks", ()), sight.differences) else None
        sorts = [(came.news, sight.doubt or grown), (came.doubtful, DOUBT)]
    for differences, doubt in sorts:
        if not differences and isinstance(sight.record, Passage):
            continue
        before = None if sight.fresh else sight.before
        change = RecordChange(sight.record, before, sight.after, differences, now.date(), service.therapies)
        read = prose()(change, tier=source.tier, therapies_of_watch=tuple(watch.therapies), agency=_voice(source))
        claims += [replace(claim, doubt=claim.doubt or doubt) for claim in read]
    return claims


def _voice(source: Source) -> str | None:
    """The regulator whose own words a source of texts shows, where its watch names one."""
    return getattr(source.options, "agency", None) if source.tier == REGULATOR else None
