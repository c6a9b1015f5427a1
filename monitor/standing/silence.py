"""What should have happened and did not: starts, results, and registry entries nobody looks after. Pure.

A silence is told once per due date: when the registry moves the date, the waiting begins anew.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from monitor.standing.pipeline import STALLED_AFTER
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.dates import last_day
from monitor.vocabulary.event_types import TYPES
from sources.records import RUNNING, Content, Counted, StudyStatus
from store.tables import Event

RESULTS_GRACE = timedelta(days=30)
"""The registry reviews a submission before it posts it: results handed in on time may show up this much later."""

STALE_GRACE = timedelta(0)
YEAR = 1

BEGUN = frozenset({"started", "enrolled", "recruitment_closed", "result", "completed", "terminated", "futility"})
"""Steps after which a start is no longer waited for, whatever the registry still says."""


@dataclass(frozen=True, slots=True)
class Overdue:
    """Something awaited: when it was due, how long one waits before saying so, and since when it is waited for."""

    claim: Claim
    due: date
    grace: timedelta
    waiting_since: date  # due and grace: the first day on which it is told


@dataclass(frozen=True, slots=True)
class Expected:
    """What a study's record promises: a date, and the words of the record that say so."""

    due: date
    quote: str


def awaited(
    studies: Mapping[str, Content], events: Iterable[Event], *, vouched: Mapping[str, str] | None = None
) -> list[Overdue]:
    """All that is waited for in these studies (by trial id), whenever it is due, what was told before left out.

    `events` are all that count; a start or result told by anybody ends the waiting for it. `vouched` holds by
    trial id when its sponsor last verified the record (where the registry does not say, when it was last updated);
    that is no content of records, and a trial without it is never called stale.
    """
    by_trial: dict[str, list[Event]] = {}
    for event in events:
        if event.trial:
            by_trial.setdefault(event.trial.upper(), []).append(event)
    silences = []
    for key, content in sorted(studies.items()):
        own = by_trial.get(key.upper(), [])
        content_now = content if not vouched or key not in vouched else {**content, "verified_on": vouched[key]}
        silences += [silence for silence in _silences(key, content_now, own) if not _was_told(silence, own)]
    return silences


def _silences(key: str, content: Content, own: list[Event]) -> Iterator[Overdue]:
    for type_, (expect, grace) in RULES.items():
        if expected := expect(content, own):
            since = expected.due + grace
            claim = _claim(type_, key, content, own, quote=expected.quote, on=since)
            yield Overdue(claim, expected.due, grace, since)


def _start(content: Content, own: list[Event]) -> Expected | None:
    start = content.get("start")
    if content.get("status") != StudyStatus.NOT_YET_RECRUITING or not start or any(e.step in BEGUN for e in own):
        return None
    return Expected(last_day(start), _words(content, "status", "start", "start_type"))


def _results(content: Content, own: list[Event]) -> Expected | None:
    """US law asks for results one year after the last visit for the main goal, of the trials it covers;
    whether it covers this one, the registry does not say."""
    done = content.get("primary_completion")
    if (
        not done
        or content.get("primary_completion_type") != Counted.ACTUAL
        or content.get("status") == StudyStatus.WITHDRAWN
    ):
        return None
    if content.get("has_results") or content.get("results_posted") or any(e.type == "results_posted" for e in own):
        return None
    words = _words(content, "primary_completion", "primary_completion_type")
    return Expected(_later(last_day(done)), f"{words}; no results posted")


def _record(content: Content, own: list[Event]) -> Expected | None:
    verified = content.get("verified_on")
    if not verified or content.get("status") not in RUNNING:
        return None
    return Expected(_later(last_day(verified)), _words(content, "status", "verified_on"))


Rule = Callable[[Content, list[Event]], Expected | None]
RULES: Mapping[str, tuple[Rule, timedelta]] = {
    "start_overdue": (_start, STALLED_AFTER),
    "results_overdue": (_results, RESULTS_GRACE),
    "record_stale": (_record, STALE_GRACE),
}


def _claim(type_: str, key: str, content: Content, own: list[Event], *, quote: str, on: date) -> Claim:
    therapy = next((e.therapy for e in own if e.therapy), None)
    return Claim(
        type=type_,
        polarity=TYPES[type_].polarity or "neutral",
        quote=quote,
        rule=f"silence.{type_}",
        confidence=1.0,
        therapy=therapy,
        trial=key,
        occurred_on=on.isoformat(),
        step=TYPES[type_].step,
        planned_start=content.get("start") if type_ == "start_overdue" else None,
    )


def _was_told(silence: Overdue, own: list[Event]) -> bool:
    return any(e.type == silence.claim.type and e.occurred_on == silence.claim.occurred_on for e in own)


def _later(day: date) -> date:
    """A year on; of a 29 February the 1 March."""
    try:
        return day.replace(year=day.year + YEAR)
    except ValueError:
        return date(day.year + YEAR, 3, 1)


def _words(content: Content, *fields: str) -> str:
    said: list[tuple[str, Any]] = [(field, content.get(field)) for field in fields]
    return "; ".join(f"{field}: {value}" for field, value in said if value)
