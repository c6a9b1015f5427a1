"""Column types of our own: a word of an enumeration."""

from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import Dialect, String
from sqlalchemy.types import TypeDecorator

S = TypeVar("S", bound=StrEnum)


class Word(TypeDecorator[S], Generic[S]):
    """A column of an enumeration of `store.states`: the plain word in the database, the member in Python.

    A word that the enumeration does not have is refused when it is bound (ValueError), so a misspelt one is neither
    stored nor silently compared with.
    """

    impl = String
    cache_ok = True

    def __init__(self, states: type[S]) -> None:
        super().__init__()
        self.states = states

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """The word to store."""
        return None if value is None else self.states(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> S | None:
        """The member that was stored."""
        return None if value is None else self.states(value)
