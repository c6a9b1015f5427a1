"""A claim: that something happened in the world, with the words that prove it."""

from collections.abc import Mapping
from dataclasses import dataclass

RELEASE, HOLD = "release", "hold"
"""What is decided of a reading: told at once, or looked at by a maintainer first."""
NETWORK = "reader-two"
"""How the name of the rule ends where the encoder alone has read it."""
HIGH, MIDDLE = 0.8, 0.5
"""From MIDDLE on a reading is the reader's answer; what is held below HIGH is too unsure for a later one to join.
Neither releases: `decision` says what the judge decided."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One reading of one record, difference or text, before it is attributed to an event.

    `type` is one of taxonomy.TYPES; `therapy` the pack's name when known, `drug` as written;
    `occurred_on` a date as precise as told (`2024-09`); `confidence` from 0 to 1; `rule` names what fired.
    """

    type: str
    polarity: str
    quote: str
    rule: str
    confidence: float
    decision: str = RELEASE
    """What the judge decides of a reading of prose; what is read from fields is sure."""
    because: str | None = None
    """Why it is held, in words; of what is released, on what it rests."""
    why: Mapping[str, object] | None = None
    """What each reader says of it, where that was asked for."""
    seen: Mapping[str, object] | None = None
    """What both readers made of its sentence, kept with the evidence; None for what is read from fields."""
    therapy: str | None = None
    drug: str | None = None
    agency: str | None = None
    place: str | None = None
    trial: str | None = None
    occurred_on: str | None = None
    published_on: str | None = None
    kind: str | None = None
    subtype: str | None = None
    phase: str | None = None
    step: str | None = None
    planned_start: str | None = None
    at_latest: bool = False
    """True: `occurred_on` is the day on which the outcome was seen; the act itself lies on it or before."""
    beside: tuple[str, ...] = ()
    """The other places of which the same words tell the same act, in the order told."""
    first: bool = True
    """False: the words name another place first; the alert about it speaks for this place too."""
    history: bool = False
    """True: an act told of, but too old to be news; it is imported (taxonomy rule 31)."""
    doubt: str | None = None
    """Why a person must look before this is told, however sure the reading; the event is then held with these words."""
    announced: bool = False
    """True: `occurred_on` is the day on which the act was made known, no day being named for the act itself."""
    piece: int = 0
    """Which of the several things that its text tells it belongs to."""
