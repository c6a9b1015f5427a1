"""The acts that can move an answer, read column by column: what of the log the status and the newest drug rest on."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from monitor.standing.courses import MARKET, STATES
from monitor.standing.newest_seal import NEWEST, TELLING
from monitor.standing.pipeline import TRIAL_STATES
from monitor.standing.status import known
from monitor.vocabulary.event_types import MOVING
from store.columns import EVENT, EVIDENCE, REVIEW, SEAL, Act, Proof

DECIDING = frozenset({*STATES, *MARKET, "converted", "form_added", *TRIAL_STATES, "result", "programme_ended"})

CAN_MOVE = or_(
    EVENT.c.step.in_(sorted(DECIDING)),
    EVENT.c.corrects.is_not(None),
    EVENT.c.marketed_from.is_not(None),
    and_(EVENT.c.trial.is_not(None), or_(EVENT.c.phase.is_not(None), EVENT.c.planned_start.is_not(None))),
)
"""An act by its step, a correction of any, and what tells of a sale or of a trial's phase and start by the way."""

NAMED = 500
"""Therapies of a pack that are asked for by name; of more the whole log is read."""

ACTS = select(EVENT).where(CAN_MOVE)
PROOFS = select(EVIDENCE).order_by(EVIDENCE.c.id)
SEALED = select(SEAL.c.table_name, SEAL.c.row_key).where(SEAL.c.table_name.in_(TELLING))
AT_ONCE = 500
"""Rows that are asked for by their ids in one question."""


class Proofs(Mapping[str, Sequence[Proof]]):
    """The evidence of each event, oldest first; asked for when it is wanted, for an answer rests on few of them."""

    def __init__(self, connection: Connection, known_at: datetime | None = None) -> None:
        self._connection, self._known_at = connection, known_at
        self._asked: dict[str, Sequence[Proof]] = {}

    def __getitem__(self, event_id: str) -> Sequence[Proof]:
        if event_id not in self._asked:
            self.ask([event_id])
        return self._asked[event_id]

    def ask(self, ids: Collection[str]) -> None:
        """Read the evidence of these events together: they will be wanted."""
        for some in _portions(one for one in ids if one not in self._asked):
            query = PROOFS.where(EVIDENCE.c.event_id.in_(some))
            if self._known_at:
                query = query.where(EVIDENCE.c.at <= self._known_at)
            found: dict[str, list[Proof]] = {id: [] for id in some}
            for row in self._connection.execute(query):
                found[row.event_id].append(cast(Proof, row))
            self._asked.update(found)

    def __iter__(self) -> Iterator[str]:
        return iter(self._asked)

    def __len__(self) -> int:
        return len(self._asked)


def head_of(connection: Connection) -> int:
    """The newest seal of an event, its evidence and reviews: while it stands, so does what is known."""
    return connection.scalar(NEWEST) or 0


def what_is_known(connection: Connection, known_at: datetime | None = None) -> tuple[list[Act], Proofs]:
    """The acts that count and the evidence of each; all of it, or as known at a moment."""
    acts = known(cast(Sequence[Act], connection.execute(ACTS).all()), known_at)
    proofs = Proofs(connection, known_at)
    if len(acts) <= AT_ONCE:
        proofs.ask([act.id for act in acts])
    return acts, proofs


class Acts:
    """The acts that can move an answer about some therapies, and of all others what can make the newest drug, as the
    log had them when its head was this one."""

    def __init__(self, connection: Connection, head: int, therapies: Collection[str]) -> None:
        self.head = head
        self._bearing = _bearing(therapies)
        self._own: dict[str | None, dict[str, Act]] = defaultdict(dict)
        self._by_id: dict[str, Act] = {}
        self._corrections: dict[str, set[str]] = defaultdict(set)
        for act in connection.execute(select(EVENT).where(self._bearing)).all():
            self._add(cast(Act, act))

    def __iter__(self) -> Iterator[str | None]:
        return iter([therapy for therapy, own in self._own.items() if own])

    def of(self, therapy: str | None, known_at: datetime | None) -> list[Act]:
        """The acts of one therapy that count, as far as they were known by a moment."""
        own = self._own.get(therapy, {})
        if not own:
            return []
        beside = self._correcting(own) if self._corrections else {}
        counting = known({**own, **beside}.values(), known_at)
        return [act for act in counting if act.id in own] if beside else counting

    def advance(self, connection: Connection, head: int) -> set[str | None]:
        """Read what of the log has moved on the way to a newer head; the therapies whose answers may be others now."""
        moved: set[str | None] = set()
        for ids in _portions(_touched(connection, self.head)):
            moved |= {self._take_out(id) for id in ids if id in self._by_id}
            for act in connection.execute(select(EVENT).where(self._bearing, EVENT.c.id.in_(ids))):
                self._add(cast(Act, act))
                moved |= {act.therapy, *self._therapies_corrected(act.corrects)}
        self.head = head
        return moved

    def _add(self, act: Act) -> None:
        self._by_id[act.id] = self._own[act.therapy][act.id] = act
        if act.corrects:
            self._corrections[act.corrects].add(act.id)

    def _take_out(self, id: str) -> str | None:
        act = self._by_id.pop(id)
        del self._own[act.therapy][id]
        return act.therapy

    def _therapies_corrected(self, id: str | None) -> Iterator[str | None]:
        """Those of an event and of what it corrects in turn."""
        passed: set[str] = set()
        while id is not None and id in self._by_id and id not in passed:
            passed.add(id)
            yield self._by_id[id].therapy
            id = self._by_id[id].corrects

    def _correcting(self, own: Mapping[str, Act]) -> dict[str, Act]:
        """The acts that correct these, and what corrects those."""
        found: dict[str, Act] = {}
        wanted = list(own)
        while wanted:
            fresh = {id for one in wanted for id in self._corrections.get(one, ()) if id not in found}
            found |= {id: self._by_id[id] for id in fresh if id in self._by_id}
            wanted = list(fresh)
        return {id: act for id, act in found.items() if id not in own}


def _bearing(therapies: Collection[str]) -> ColumnElement[bool]:
    """Acts that answers about these therapies rest on."""
    if len(therapies) > NAMED:
        return CAN_MOVE
    makes_newest = and_(EVENT.c.step.in_(sorted(MOVING)), EVENT.c.place.is_not(None))
    return or_(and_(EVENT.c.therapy.in_(sorted(therapies)), CAN_MOVE), EVENT.c.corrects.is_not(None), makes_newest)


def _touched(connection: Connection, head: int) -> set[str]:
    """The events of which something was sealed after a head of the log."""
    keys: dict[str, list[Any]] = {name: [] for name in TELLING}
    for table, key in connection.execute(SEALED.where(SEAL.c.id > head)):
        keys[table].append(json.loads(key)[0])
    events = set(keys["event"])
    for name, table in (("evidence", EVIDENCE), ("review", REVIEW)):
        for ids in _portions(keys[name]):
            events.update(connection.scalars(select(table.c.event_id).where(table.c.id.in_(ids))))
    return events


def _portions(ids: Iterable[Any]) -> Iterator[list[Any]]:
    every = list(ids)
    return (every[start : start + AT_ONCE] for start in range(0, len(every), AT_ONCE))
