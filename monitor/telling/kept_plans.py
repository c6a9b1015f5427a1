"""The dates ahead that a process knows, kept while what they rest on stands: what has moved is read, nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any

from sqlmodel import Session, col, func, select

from monitor.reading.typed.study_acts import number_of
from monitor.service import Service
from monitor.standing.known_acts import head_of
from monitor.standing.overdue import Trial, awaited_decisions
from monitor.standing.silence import Overdue
from monitor.telling.compose.ahead import Plan, may_plan, plans
from monitor.vocabulary.therapies import Therapies
from monitor.watching.snapshots import unpack
from sources.records import Study
from store.tables import Change, Event, Evidence, Item, Snapshot

AT_ONCE = 500
"""Records that are read together: a register's are never held whole."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision that is waited for, what named its day, and the matter it belongs to."""

    awaited: Overdue
    proof: Evidence
    thread: str


class KeptPlans:
    """What registries plan for the trials of the pack, and the decisions that regulators have promised."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._lock = Lock()
        self._stands: tuple[Any, ...] = ()
        self._records: dict[int, tuple[Any, ...]] = {}  # item -> what its trial was made of
        self._trials: dict[int, Trial] = {}
        self._plans: list[Plan] = []
        self._decisions: tuple[int, list[Decision]] = (-1, [])

    def plans(
        self, session: Session, today: date, *, titles: Mapping[str, str], names: Mapping[str, str]
    ) -> list[Plan]:
        """The planned dates of all trials within a year, as `compose.ahead.plans` finds them."""
        with self._lock:
            newest = [session.exec(select(func.max(table.id))).one() for table in (Snapshot, Change)]
            if self._stands != (*newest, today):
                self._read(session)
                planning = [self._trials[item] for item in self._records if item in self._trials]
                trials = _once_each(planning, self._service.therapies)
                self._plans = plans(trials, today, titles=titles, names=names)
                self._stands = (*newest, today)
            return self._plans

    def decisions(self, session: Session) -> list[Decision]:
        """The decisions that are waited for, whenever they are due."""
        with self._lock:
            head = head_of(session.connection())
            if self._decisions[0] != head:
                self._decisions = (head, _decisions(session))
            return self._decisions[1]

    def _read(self, session: Session) -> None:
        """Read the records that are others than they were."""
        registries = [name for name, kind in self._service.sources.items() if issubclass(kind.record, Study)]
        query = (
            select(Item.id, Item.snapshot_id, Item.updated_on, Item.url)
            .where(col(Item.source).in_(registries), col(Item.present).is_(True), col(Item.snapshot_id).is_not(None))
            .order_by(col(Item.id))
        )
        now = {record[0] or 0: tuple(record) for record in session.exec(query)}
        moved = [item for item, record in now.items() if self._records.get(item) != record]
        for item in (*moved, *(self._records.keys() - now.keys())):
            self._trials.pop(item, None)
        for start in range(0, len(moved), AT_ONCE):
            self._trials |= self._planning(session, moved[start : start + AT_ONCE])
        self._records = now

    def _planning(self, session: Session, items: Sequence[int]) -> dict[int, Trial]:
        """Those of these records that may plan a date of a trial of the pack."""
        query = select(Item.id, Item.key, Snapshot.packed).join(Snapshot, col(Snapshot.id) == Item.snapshot_id)
        found = {}
        for item, key, packed in session.exec(query.where(col(Item.id).in_(items))):
            content = unpack(packed)
            if item and may_plan(content) and (therapy := self._service.therapies.of_study(content, key)):
                found[item] = content, therapy
        whole = select(Item, Snapshot).join(Snapshot, col(Snapshot.id) == Item.snapshot_id)
        rows = session.exec(whole.where(col(Item.id).in_(found))).all() if found else ()
        return {item.id: Trial(item, snapshot, *found[item.id]) for item, snapshot in rows if item.id}


def _once_each(trials: Sequence[Trial], therapies: Therapies) -> list[Trial]:
    """The trials, those that several registries plan for under the one number by which they are told."""
    keys = {trial.item.key for trial in trials}
    numbers = ((trial, [trial.item.key, *(n for n in trial.item.others or () if n in keys)]) for trial in trials)
    return [trial for trial, known in numbers if number_of(known, therapies) == trial.item.key]


def _decisions(session: Session) -> list[Decision]:
    awaited, proofs = awaited_decisions(session)
    saying = {proof.quote: proof for proof in reversed(proofs)}
    told = [(one, saying[one.claim.quote]) for one in awaited if one.claim.quote in saying]
    ids = {proof.event_id for _, proof in told}
    threads = dict(session.exec(select(Event.id, Event.thread).where(col(Event.id).in_(ids))).all()) if ids else {}
    return [Decision(one, proof, threads[proof.event_id]) for one, proof in told]
