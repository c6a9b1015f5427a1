"""What a look refuses, and how long it waits for what is missing: live, once a person has looked, and in a replay."""

from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True)
class Patience:
    """How long a record may be missing before the log says that it disappeared (reliability.md, doorman 9)."""

    runs: int = 3
    span: timedelta = timedelta(hours=48)


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
REPLAY = Guard(mass=False, strangers=False, patience=Patience(runs=1, span=timedelta(0)))
