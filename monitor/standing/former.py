"""What an event said at a moment that is past: what later evidence made of it is taken back. Pure."""

from collections.abc import Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any, TypeVar, cast

from pydantic import BaseModel

A = TypeVar("A")


def as_known(act: A, known_at: datetime | None) -> A:
    """An event, or a row of its columns, as it was known at a moment (aware UTC; None: now). The log keeps what an
    event said since revision 0034 of the database; of what changed before then it knows the outcome alone."""
    was = _said(getattr(act, "former", None) or (), known_at) if known_at else {}
    if not was:
        return act
    if isinstance(act, BaseModel):
        return type(act)(**act.model_dump() | was)
    return cast(A, SimpleNamespace(**{**cast(Any, act)._mapping, **was}))


def _said(former: Sequence[dict[str, Any]], known_at: datetime) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for one in reversed(former):
        if datetime.fromisoformat(one["until"]) > known_at:
            said |= one["said"]
    return said
