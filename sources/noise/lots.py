"""Places whose lines are drawn by lot (related links, what is most read, banners in turn): whether a line that was not
seen there before is one more of the lot, or news.

It was away at so many looks, and now it is there at so many of so many. Either it belonged to the lot all the time, and
that came by chance, or it has just come. How much likelier the second makes what was seen than the first is counted;
short of that, one looks on, if need be in the next runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from math import log

UNLIKELY = -16 * log(2)  # that it belonged to the lot all the time: by chance once in 65,536
OFTEN = 0.5  # share of looks at which a lot shows one of its lines, where no more is known
LONGEST_SHOWN, LONGEST = 48, 96  # looks, after which it is decided: of a line that each of them showed, of another
LONG_CLOSED = 16  # looks without a new line, from which a lot is well known
MOST_COUNTED = 400  # looks


class Verdict(Enum):
    """What a line is to the lot that stands at its place."""

    MEMBER = "it comes and goes like the others, or nobody can tell"
    UNSURE = "a few looks more will tell"
    NEWS = "it cannot have been there before"


@dataclass
class Lot:
    """A place where lines come and go: how long it has been looked at."""

    looks: int = 0
    closed: int = 0  # looks since it last showed a line that it had not shown before

    def written(self) -> list[int]:
        """As JSON."""
        return [self.looks, self.closed]

    def seen(self, looks: int, *, gained: bool) -> None:
        """Count the looks of a run. `gained`: one of them showed a line that none had shown before."""
        self.looks = min(self.looks + looks, MOST_COUNTED)
        self.closed = 0 if gained else min(self.closed + looks, MOST_COUNTED)


@dataclass(frozen=True)
class Stranger:
    """A line not seen in a lot before: at how many looks it was away, and at how many of those since it came it was
    there."""

    away: int
    closed: int  # those of the looks it was away since the lot last showed another new line
    often: float  # share of looks at which this lot shows one of its lines
    shown: int
    looks: int

    @classmethod
    def read(cls, written: Sequence[float]) -> "Stranger":
        """From what `written` gave."""
        away, closed, often, shown, looks = written
        return cls(int(away), int(closed), often, int(shown), int(looks))

    def written(self) -> list[float]:
        """As JSON."""
        return [self.away, self.closed, round(self.often, 3), self.shown, self.looks]

    def after(self, shown: int, looks: int, often: float = 0.0) -> "Stranger":
        """The same after a further run, which showed it at so many looks."""
        return Stranger(self.away, self.closed, max(self.often, often), self.shown + shown, self.looks + looks)

    def verdict(self) -> Verdict:
        """Whether it belongs to the lot, is news, or should be looked at again."""
        if self.shown == self.looks:
            if self.looks >= LONGEST_SHOWN:
                return Verdict.NEWS
            by_lot = _likeliest(self.shown, self.away, self.often)
            return Verdict.NEWS if by_lot <= UNLIKELY else Verdict.UNSURE
        missed = self.looks - self.shown
        if not self.shown or self.closed * log(missed / self.looks) > UNLIKELY:
            return Verdict.MEMBER  # however long one looks on, it may have been there
        if _likeliest(self.shown, self.closed + missed) - _likeliest(self.shown, missed) <= UNLIKELY:
            return Verdict.NEWS
        return Verdict.MEMBER if self.looks >= LONGEST else Verdict.UNSURE


def _likeliest(shown: int, away: int, often: float = 1.0) -> float:
    """The logarithm of the chance that a line is there at so many looks and away at so many, where it is drawn as often
    as makes that likeliest, `often` at most."""
    share = min(shown / (shown + away), often)
    return (shown * log(share) if shown else 0.0) + (away * log(1 - share) if away else 0.0)
