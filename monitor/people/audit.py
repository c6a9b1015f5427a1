"""The audit log: who did what, when, by which door, and how it was before and after. One function writes it, for the
desk, the commands and the interface alike, in the transaction of the act itself.
"""

import getpass
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select
from typing_extensions import TypedDict

from store.states import Door, Role
from store.tables import Audit


@dataclass(frozen=True, slots=True)
class Who:
    """A person who acts, as the audit log names her."""

    name: str
    role: Role = Role.MAINTAINER
    door: Door = Door.DESK


class AuditLine(TypedDict):
    """One act, as it is exported."""

    audit: int
    at: str
    who: str
    role: str
    door: str
    act: str
    matter: str
    before: dict[str, Any]
    after: dict[str, Any]
    note: str


def at_terminal(name: str | None = None) -> Who:
    """Who types a command: the name given, or that of this account."""
    return Who(name or getpass.getuser(), Role.MAINTAINER, Door.COMMAND)


TOKEN_HOLDER = Who("api-token", Role.MAINTAINER, Door.API)
"""Who shows the token of THERAWATCH_API_TOKEN: which program it is, nobody knows."""


def note_act(
    session: Session,
    who: Who,
    act: str,
    matter: str,
    *,
    at: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    note: str = "",
) -> Audit:
    """Write an act down: `act` is a verb (`approve`, `pause`), `matter` names what it was done to (`event EV7Q2M`,
    `watch company-news`, `subscription 3`). Neither address of a reader nor secret belongs in any of it."""
    row = Audit(
        at=at,
        who=who.name,
        role=who.role,
        door=who.door,
        act=act,
        matter=matter,
        before=dict(before or {}),
        after=dict(after or {}),
        note=note,
    )
    session.add(row)
    session.flush()
    return row


def acts(session: Session, *, matter: str | None = None, below: int | None = None, limit: int = 50) -> Sequence[Audit]:
    """What was done, the latest first; on one matter, or before one entry."""
    query = select(Audit).order_by(col(Audit.id).desc()).limit(limit)
    if matter is not None:
        query = query.where(Audit.matter == matter)
    if below is not None:
        query = query.where(col(Audit.id) < below)
    return session.exec(query).all()


def line(row: Audit) -> AuditLine:
    """An act as it is exported."""
    assert row.id is not None, "an act is stored before it is shown"
    return {
        "audit": row.id, "at": row.at.isoformat(), "who": row.who, "role": row.role, "door": row.door, "act": row.act,
        "matter": row.matter, "before": row.before, "after": row.after, "note": row.note,
    }  # fmt: skip
