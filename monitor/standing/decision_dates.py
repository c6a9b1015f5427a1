"""Decision dates that agencies and companies named, and that have passed without a decision. Pure.

The date is read from the sentences that prove a filing or a moved review: "goal date", "action date", "extended to".
A later filing or extension of the same application replaces it; any decision ends the waiting.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from monitor.standing.silence import Overdue
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.dates import ANY_MONTH, last_day, month_number
from monitor.vocabulary.event_types import TYPES
from store.columns import Told
from store.tables import Evidence

GRACE = timedelta(days=7)
"""Decisions become known some days after they were due."""

FURTHEST = timedelta(days=730)
"""No review is announced further ahead than this."""

PROMISING = frozenset({"application_accepted", "review_extended"})
DECIDED = frozenset({
    "authorised", "converted", "refused", "not_taken_up", "application_withdrawn", "supplement_withdrawn", "form_added",
})  # fmt: skip
"""Ends of a review, in whichever thread: what a supplement asks for is decided in `forms` or `supplement`."""

DATED = re.compile(
    rf"\b(?P<month>{ANY_MONTH})\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}})\b"
    rf"|\b(?P<day2>\d{{1,2}})\s+(?P<month2>{ANY_MONTH})\s+(?P<year2>\d{{4}})\b"
    r"|\b(?P<iso>\d{4}-\d{2}-\d{2})\b",
    re.IGNORECASE,
)
ABOUT = re.compile(
    r"\b(pdufa|goal|target|action|decision|decide|decides|review|until|needs until|extended|moved|postponed)\b",
    re.IGNORECASE,
)
"""A date counts only in a sentence that speaks of the review or its end."""


class Step(Told, Protocol):
    """What is asked of an event here."""

    @property
    def drug(self) -> str | None: ...
    @property
    def agency(self) -> str | None: ...
    @property
    def thread(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Review:
    """A review that has begun and not ended: the latest promise of its thread, and for which dates it was told late."""

    promise: Step
    told_late: frozenset[str | None]


def decisions_awaited(events: Iterable[Step], evidence: Mapping[str, Sequence[Evidence]]) -> list[Overdue]:
    """The decisions that are waited for, whenever they are due, those told to be late left out."""
    return dates_of(open_reviews(events), evidence)


def open_reviews(events: Iterable[Step]) -> list[Review]:
    """The reviews of which no decision is told."""
    here: dict[tuple[str, str], list[Step]] = {}
    for event in events:
        if event.therapy and event.place and event.occurred_on:
            here.setdefault((event.therapy, event.place), []).append(event)
    return [review for own in here.values() for review in _open(own)]


def _open(own: list[Step]) -> Iterator[Review]:
    threads: dict[str, list[Step]] = {}
    for event in own:
        if event.step in PROMISING:
            threads.setdefault(event.thread, []).append(event)
    for promises in threads.values():
        latest = max(promises, key=lambda event: (last_day(event.occurred_on or ""), event.sequence))
        promised_on = last_day(latest.occurred_on or "")
        if not any(event.step in DECIDED and last_day(event.occurred_on or "") >= promised_on for event in own):
            yield Review(latest, frozenset(event.occurred_on for event in own if event.type == "decision_overdue"))


def dates_of(reviews: Iterable[Review], evidence: Mapping[str, Sequence[Evidence]]) -> list[Overdue]:
    """When these reviews are to end, as their promises' evidence says."""
    awaited = []
    for review in reviews:
        promised_on = last_day(review.promise.occurred_on or "")
        proofs = evidence.get(review.promise.id, ())
        if named := [(due, proof.quote) for proof in proofs for due in _dates(proof.quote or "", promised_on)]:
            due, quote = max(named)
            since = due + GRACE
            if since.isoformat() not in review.told_late:
                awaited.append(Overdue(_claim(review.promise, quote or "", since), due, GRACE, since))
    return awaited


def _dates(sentence: str, promised_on: date) -> Iterator[date]:
    """The days after the telling that a sentence about the review names."""
    if not ABOUT.search(sentence):
        return
    for match in DATED.finditer(sentence):
        if (day := _day(match)) and promised_on < day <= promised_on + FURTHEST:
            yield day


def _day(match: re.Match[str]) -> date | None:
    try:
        if match["iso"]:
            return date.fromisoformat(match["iso"])
        month = match["month"] or match["month2"]
        year, day = match["year"] or match["year2"], match["day"] or match["day2"]
        return date(int(year), month_number(month), int(day))
    except ValueError:  # 31 June: no date was named
        return None


def _claim(promise: Step, quote: str, since: date) -> Claim:
    spec = TYPES["decision_overdue"]
    return Claim(
        type="decision_overdue",
        polarity=spec.polarity or "neutral",
        quote=quote,
        rule="silence.decision_overdue",
        confidence=1.0,
        therapy=promise.therapy,
        drug=promise.drug or promise.therapy,
        agency=promise.agency,
        place=promise.place,
        occurred_on=since.isoformat(),
        step=spec.step,
    )
