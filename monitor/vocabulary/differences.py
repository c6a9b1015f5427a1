"""A difference: one field of a record, before and after, as the change log keeps it."""

from dataclasses import dataclass
from typing import Any

RECORD = "(record)"
"""Field and path of a record as a whole, when it appears or disappears."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field, before and after; `path` is where the payload holds it. None means absent."""

    field: str
    path: str
    before: Any
    after: Any
