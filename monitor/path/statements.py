"""From an observed record to what it claims, and who tells it: the one place for a check and for the second reading."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from monitor.events.candidates import registered_trials
from monitor.events.intents import Teller
from monitor.reading.prose.announcements import interpret_prose
from monitor.reading.typed.interpret import interpret
from monitor.reading.typed.record_change import RecordChange
from monitor.service import Service
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.differences import Difference
from monitor.watching.returns import DOUBT, OUTGROWN, outgrown, returns
from monitor.watching.snapshots import Observed
from sources.base import Source
from sources.records import Announcement, Passage
from store.states import ChangeKind
from store.tables import Watch


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
