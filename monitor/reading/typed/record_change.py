"""What the rules of typed records look at: a record as it is and as it was."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from monitor.vocabulary.claims import Claim
from monitor.vocabulary.differences import Difference
from monitor.vocabulary.therapies import Therapies
from sources.records import Content, Record

CERTAIN = 1.0
"""Confidence in what a register says in a field of its own."""


@dataclass(frozen=True)
class RecordChange:
    """One record as it is now, as it was, and when this was noticed. Both contents are in our words and the source's,
    `differences` in the source's alone."""

    record: Record
    before: Content | None  # None: first sight
    after: Content
    differences: Sequence[Difference]
    on: date
    therapies: Therapies
    stands: bool = False  # in a baseline: how the record stands counts too, as history


Rule = Callable[[RecordChange], Iterator[Claim]]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an act of a record means as an event: type, polarity and step of events, and the pathway or the status
    designated if it is one."""

    type: str
    polarity: str
    step: str
    kind: str | None = None
    subtype: str | None = None
