"""What a run makes of one record: what the store knew of it, and what is new."""

from dataclasses import dataclass

from monitor.vocabulary.differences import Difference
from sources.records import Content, Record
from store.tables import Change, Item


@dataclass(frozen=True)
class Known:
    """An item as the store holds it, without its content: enough to see that nothing moved."""

    item: Item
    fingerprint: str | None
    revision: int


@dataclass(frozen=True)
class Observed:
    """One record as seen by this run. `change` is None at first sight in a baseline and when nothing moved."""

    record: Record
    item: Item
    before: Content | None
    after: Content
    differences: tuple[Difference, ...]
    change: Change | None
    fresh: bool  # never seen before
    sha256: str | None = None  # of the body it was read from
    familiar: frozenset[str] = frozenset()  # lines of a passage that stood on the page a moment ago
    doubt: str | None = None  # why a person must look at whatever it says
