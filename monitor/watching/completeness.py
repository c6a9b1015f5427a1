"""Whether an answer holds what it should: what was asked for by number, readable records, the fields of last time.

What is lacking is a source problem, shown on the watch; it is never a change (reliability.md, doorman 6 and 7).
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from monitor.watching.observed import Observed
from sources.base import Source, Unexpected
from sources.records import Content, Record
from store.states import ChangeKind, RunOutcome
from store.tables import Run, Watch

FEW_UNREADABLE = 3
UNREADABLE_SHARE = 0.01
"""As many records of an answer may be unreadable, the larger of the two; but never half of them."""
MANY = 3
"""A field that so many records had, and most of them, does not vanish from all at once by itself..."""
ENOUGH = 10
"""...and one that so many had, though most had none, neither."""
SHRUNK = 0.8
"""A list that only grows, and shows less than this share of what it showed, is not the list."""
MANY_ENTRIES, FEWER = 6, 0.5
"""A feed keeps its newest entries, some by number and some by age: less than this share of so many is a fault."""
NAMED = 5
DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)|(\d{4})(\d\d)(\d\d)|(\d\d)[/.](\d\d)[/.](\d{4})")
LAST = 9
"""The last group of a day whose year stands last."""


def unreadable(problems: Sequence[Unexpected], total: int, *, missing: Sequence[str]) -> str | None:
    """Why an answer of `total` records with these unreadable ones is refused as a whole; None: the rest is read.

    `missing` are the keys asked for by number that no readable record answers to.
    """
    if not problems:
        return None
    asked = [problem for problem in problems if missing and (problem.key is None or problem.key in missing)]
    few = len(problems) <= max(FEW_UNREADABLE, UNREADABLE_SHARE * total) and 2 * len(problems) < total
    if few and not asked:
        return None
    why = ", one of them asked for by number" if few else ""
    return f"{len(problems)} of {total} records cannot be read{why}, first: {(asked or problems)[0]}"


def left_out(problems: Sequence[Unexpected]) -> str | None:
    """The records that are left as they were because they cannot be read, for the maintainer."""
    if not problems:
        return None
    more = f" and {len(problems) - NAMED} more" if len(problems) > NAMED else ""
    return f"{len(problems)} records unreadable: {'; '.join(map(str, problems[:NAMED]))}{more}"


def shortfall(source: Source, missing: Sequence[str]) -> str | None:
    """In words what was asked for by number and is `missing`."""
    if not missing:
        return None
    wanted = source.wanted()
    return f"asked {len(wanted)}, found {len(wanted) - len(missing)}, missing {', '.join(missing)}"


@dataclass
class Tally:
    """What a run has observed so far, in numbers: the records themselves may be too many to hold."""

    seen: int = 0
    known: int = 0  # of them, not for the first time
    changed: int = 0  # of those
    ids: set[int] = field(default_factory=set)
    had: Counter[str] = field(default_factory=Counter)
    has: set[str] = field(default_factory=set)
    read_alike: int = 0  # known ones, before and now by the same adapter
    days_moved: set[tuple[str, str]] = field(default_factory=set)  # before and after
    days_swapped: int = 0  # of those, where day and month have changed places...
    swapped: int = 0  # ...and the same where no day has moved otherwise, else none

    def add(self, observed: Sequence[Observed]) -> None:
        """Count records and the fields that they had and have."""
        for sight in observed:
            self.seen += 1
            self.ids.add(sight.item.id or 0)
            if sight.fresh:
                continue
            self.known += 1
            self.changed += sight.change is not None
            for one in sight.differences:
                sides = one.before, one.after
                was, now = (DAY.fullmatch(side) if isinstance(side, str) else None for side in sides)
                if was and now and sides not in self.days_moved:
                    self.days_moved.add((was[0], now[0]))
                    self.days_swapped += _swapped(was, now)
            if sight.change is None or sight.change.kind != ChangeKind.REREAD:
                self.read_alike += 1
                self.had.update(fields_of(sight.before or {}, type(sight.record)))
                self.has |= fields_of(sight.after, type(sight.record))
        self.swapped = self.days_swapped if self.days_swapped == len(self.days_moved) else 0

    def lost(self, lasting: frozenset[str]) -> list[str]:
        """The fields that no record shows any more though most of those known had them: the source has changed its
        shape. Of few records that may be chance, but for the `lasting` fields of a source."""
        return sorted(
            name
            for name, count in self.had.items()
            if name not in self.has
            and (count >= ENOUGH or (2 * count > self.read_alike and (count >= MANY or name in lasting)))
        )


def _swapped(was: re.Match[str], now: re.Match[str]) -> bool:
    (*parts, kind), (*others, same) = ([*filter(None, each.groups()), each.lastindex] for each in (was, now))
    year = 2 if kind == LAST else 0
    (y, a, b), (z, c, d) = ([each.pop(year), *each] for each in (parts, others))
    return kind == same and (y, a, b) == (z, d, c) and a != b


def fields_of(content: Content, record: type[Record]) -> set[str]:
    """The fields that a content shows, those in its tables too."""
    cells = {f"{field}.{cell}" for field in record.entries for row in content.get(field, {}).values() for cell in row}
    cells |= {
        f"{field}.{key}"
        for field in record.columns - record.growing - record.open_keys
        for key in content.get(field, {})
    }
    return (content.keys() | cells) - record.derived


def fewer(before: Mapping[str, Any], learnt: dict[str, Any]) -> str | None:
    """Why a feed that shows much less than it did is a problem, though what it shows is read. What it showed stays the
    measure in what is `learnt`, until a person accepts the look."""
    was, shows = before.get("shown", 0), learnt.get("shown")
    if shows is None or was < MANY_ENTRIES or shows >= FEWER * was:
        return None
    learnt["shown"] = was
    return f"expected about {was} entries as before, found {shows}"


def shrunk(session: Session, watch: Watch, run: Run) -> str | None:
    """Why a list to which records are only ever added is not believed: it shows nothing, or much less than before."""
    good = (RunOutcome.BASELINE, RunOutcome.CHANGED, RunOutcome.UNCHANGED)
    query = select(Run.records).where(
        Run.watch_id == watch.id, col(Run.outcome).in_(good), col(Run.id) != run.id, col(Run.records) > 0
    )
    before = session.exec(query.order_by(col(Run.id).desc()).limit(1)).first()
    if not before or run.records >= SHRUNK * before:
        return None
    return f"expected about {before} records as at the last look, found {run.records}"
