"""The acts that can move an answer, read column by column: what of the log the status and the newest drug rest on."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, Row, and_, or_, select

from monitor.standing.pipeline import TRIAL_STATES
from monitor.standing.status import MARKET, STATES, known
from store.columns import EVENT, EVIDENCE, SEAL, Act, Proof

TELLING = ("event", "evidence", "review")
"""Tables of which a new seal may move an answer."""

DECIDING = frozenset({*STATES, *MARKET, "converted", "form_added", *TRIAL_STATES, "result", "programme_ended"})

CAN_MOVE = or_(
    EVENT.c.step.in_(sorted(DECIDING)),
    EVENT.c.corrects.is_not(None),
    EVENT.c.marketed_from.is_not(None),
    and_(EVENT.c.trial.is_not(None), or_(EVENT.c.phase.is_not(None), EVENT.c.planned_start.is_not(None))),
)
"""An act by its step, a correction of any, and what tells of a sale or of a trial's phase and start by the way."""

HEAD = select(SEAL.c.id).where(SEAL.c.table_name.in_(TELLING)).order_by(SEAL.c.id.desc()).limit(1)
ACTS = select(EVENT).where(CAN_MOVE)
PROOFS = select(EVIDENCE).order_by(EVIDENCE.c.id)


class Proofs(Mapping[str, Sequence[Proof]]):
    """The evidence of each event, oldest first; asked for when it is wanted, for an answer rests on few of them."""

    def __init__(self, connection: Connection, known_at: datetime | None = None) -> None:
        self._connection, self._known_at = connection, known_at
        self._asked: dict[str, Sequence[Proof]] = {}

    def __getitem__(self, event_id: str) -> Sequence[Proof]:
        if event_id not in self._asked:
            query = PROOFS.where(EVIDENCE.c.event_id == event_id)
            if self._known_at:
                query = query.where(EVIDENCE.c.at <= self._known_at)
            self._asked[event_id] = cast(Sequence[Proof], self._connection.execute(query).all())
        return self._asked[event_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._asked)

    def __len__(self) -> int:
        return len(self._asked)


def head_of(connection: Connection) -> int:
    """The newest seal of an event, its evidence and reviews: while it stands, so does what is known."""
    return connection.scalar(HEAD) or 0


def acts(connection: Connection) -> Sequence[Act]:
    """All acts of the log that can move an answer, whether they count or not."""
    rows: Sequence[Row[tuple[object, ...]]] = connection.execute(ACTS).all()
    return cast(Sequence[Act], rows)


def what_is_known(connection: Connection, known_at: datetime | None = None) -> tuple[list[Act], Proofs]:
    """The acts that count and the evidence of each; all of it, or as known at a moment."""
    return known(acts(connection), known_at), Proofs(connection, known_at)
