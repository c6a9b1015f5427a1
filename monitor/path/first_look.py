"""The first look at a long list, stored some at a time, each part a transaction of its own.

One transaction for a whole registry would let nobody else write for minutes. A part that is stored is whole: records,
their evidence, what they say. Where the process ends before the last, the watch has had no first look yet: the next one
knows the stored parts by their marks, goes on after them, and tells as little as any first look.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from monitor.kill_points import kill_point
from monitor.path.read import Reading
from monitor.service import Service
from monitor.standing.answers import note_changed_answers
from monitor.watching.completeness import unreadable
from monitor.watching.observed import Observed
from monitor.watching.odd import AtWork
from monitor.watching.runs import Keeps, open_run
from monitor.watching.sieve import Kept, Lot
from monitor.watching.snapshots import Observation
from sources.base import Source, Unexpected
from store.database import writing
from store.states import RunOutcome
from store.tables import Watch

TOGETHER = 500
"""Records of a part, about; a second or two of work."""
UNDER_WAY = "the first look is under way, or was ended before its end"

Enter = Callable[[Service, Session, Watch, Source, Sequence[Observed], AtWork, datetime], list[bool]]
"""Interpret and attribute what was observed; of each claim, whether it is a new event."""


@dataclass(frozen=True)
class FirstLook:
    """What the parts of one first look share."""

    service: Service
    watch: Watch
    source: Source
    read: Reading
    fetch: Keeps
    at: AtWork
    now: datetime
    enter: Enter

    def keep(self) -> None:
        """Store what the long answers hold, so that at the end of the look they are there as they are. Raises
        Unexpected as soon as too much cannot be read: then no further part is stored."""
        sifted = self.read.sifted
        while sifted.lots:
            some = _next(sifted.lots)
            with writing(self.service.engine) as session:
                kept, items, unread = self._part(session, some)
                kill_point("K5")
            kill_point("K6")
            del sifted.lots[: len(some)]
            sifted.kept, sifted.parts = kept, sifted.parts - len(unread)
            sifted.same.extend(items)
            self.read.problems.extend(unread)

    def _part(self, session: Session, lots: Sequence[Lot]) -> tuple[Kept, list[int], list[Unexpected]]:
        """Store some lots in the transaction of a session: what is kept then, their items, and what cannot be read."""
        read, so_far = self.read, self.read.sifted.kept
        watch = session.get_one(Watch, self.watch.id)
        run = open_run(session, watch, self.now, len(read.pages), 0, begun=so_far.run)
        observation = Observation(session, watch, run, self.source, self.now, True, self.fetch)
        items, unread, entered = list[int](), list[Unexpected](), list[bool]()
        for records, problems in read.of_lots(self.source, lots):
            unread += problems
            if reason := unreadable([*read.problems, *unread], read.total, missing=()):
                raise Unexpected(reason)
            observed = observation.observe(records, self.at)
            entered += self.enter(self.service, session, watch, self.source, observed, self.at, self.now)
            items += [sight.item.id for sight in observed if sight.item.id is not None]
        answers = note_changed_answers(self.service, session, self.now, quiet=True) if entered else ()
        run.records, run.changes = so_far.records + len(items), so_far.changes + observation.changes
        run.events = so_far.events + sum(entered) + len(answers)
        run.outcome, run.note = RunOutcome.BASELINE, UNDER_WAY
        return Kept(run.id, run.records, run.changes, run.events), items, unread


def _next(lots: Sequence[Lot]) -> Sequence[Lot]:
    """The first lots, with about as many records as are stored together; one at least."""
    records = end = 0
    while end < len(lots) and (not end or records + len(lots[end].numbers) <= TOGETHER):
        records, end = records + len(lots[end].numbers), end + 1
    return lots[:end]
