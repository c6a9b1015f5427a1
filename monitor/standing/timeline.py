"""Putting dated events in order, and saying who told of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, TypeVar

from monitor.standing.contract import EvidenceLine, Marks, ProofLine
from monitor.vocabulary.dates import first_day, last_day
from monitor.vocabulary.event_types import STEPS
from store.columns import Act, Proof

if TYPE_CHECKING:
    from store.tables import Event

A = TypeVar("A", bound=Act)
P = TypeVar("P", bound=Proof)

RANKS = {step: rank for rank, step in enumerate(STEPS)}
"""Order of steps that bear the same date."""


def end_of(when: Act | str) -> date:
    """The day from which something surely is past: the last of its month or year where the day is not known.

    An event without any date counts from the day it was detected. Raises ValueError for what is no date.
    """
    if isinstance(when, str):
        return last_day(when)
    return last_day(when.occurred_on) if when.occurred_on else when.detected_at.date()


def start_of(event: Act) -> date:
    """The first day on which it can have been. Raises ValueError for what is no date."""
    return first_day(event.occurred_on) if event.occurred_on else event.detected_at.date()


def in_order(events: Iterable[A]) -> list[A]:
    """Oldest first; of one day in the order of the ladder. It does not depend on the order given."""
    return [event for _, event in dated(events)]


def past(events: Iterable[A], as_of: date) -> list[A]:
    """Those that are surely past on a day, in order."""
    return [event for _, event in dated(events, as_of)]


def dated(events: Iterable[A], as_of: date = date.max) -> list[tuple[date, A]]:
    """Those that are surely past on a day, in order, each with the day from which it is."""
    every = list(events)
    ends = map(last_day, [event.occurred_on or event.detected_at.date().isoformat() for event in every])
    pairs = [(end, event) for end, event in zip(list(ends), every, strict=True) if end <= as_of]
    return sorted(pairs, key=lambda pair: (pair[0], RANKS.get(pair[1].step or "", -1), pair[1].id))


def once_each(events: "Sequence[Event]") -> "list[Event]":
    """One row for each thing that happened: an alert that speaks for several places stands for its rungs in those that
    it does not name first."""
    alerts = {(alert.type, alert.step, alert.therapy, alert.detected_at, place)
              for alert in events if alert.alert for place in alert.places[1:]}  # fmt: skip
    return [
        one
        for one in events
        if one.alert or (one.type, one.step, one.therapy, one.detected_at, one.place) not in alerts
    ]


def evidence_of(events: Iterable[Act], evidence: Mapping[str, Sequence[Proof]]) -> list[ProofLine]:
    """The evidence lines of these events, each with its event and how well that one stands; the best tier first, of
    one tier in the order of the events."""
    lines = [
        ProofLine(**evidence_line(proof), event=event.id, event_mark=event.mark_event, date_mark=event.mark_date)
        for event in events
        for proof in evidence.get(event.id, ())
    ]
    return sorted(lines, key=lambda line: line["tier"])


def marks(made_by: Sequence[Act]) -> Marks:
    """Which events made an answer, how well the first of them and its date stand (null: seen live), and how
    sure it is (`reported`: a company says so, no regulator yet)."""
    first = made_by[0] if made_by else None
    return {
        "events": [event.id for event in made_by],
        "event_mark": first.mark_event if first else None,
        "date_mark": first.mark_date if first else None,
        "certainty": first.certainty if first else None,
    }


def by_tier(evidence: Iterable[P]) -> list[P]:
    """Regulators first, the press last; of one tier in the order in which it came."""
    return sorted(evidence, key=lambda proof: proof.tier)


def evidence_line(proof: Proof) -> EvidenceLine:
    """One piece of evidence in the words of contract.md; what is not known is null."""
    return {
        "source": proof.source,
        "tier": proof.tier,
        "url": proof.url,
        "quote": proof.quote,
        "retrieved_at": stamp(proof.retrieved_at),
        "capture_sha256": proof.capture_sha256,
        "watch": proof.watch,
    }


def stamp(moment: datetime | None) -> str | None:
    """A moment as text in UTC: `2025-08-29T12:41:07Z`."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None
