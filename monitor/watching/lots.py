"""So many at a time as one statement names."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

LOT = 500  # SQLite takes 32,766 variables; smaller statements are kinder to its planner
Value = TypeVar("Value")


def in_lots(values: Sequence[Value], size: int = LOT) -> Iterator[Sequence[Value]]:
    """The values in lots, the last of them smaller."""
    return (values[start : start + size] for start in range(0, len(values), size))
