"""One odd record among many: what goes wrong with it, which nobody foresaw, is its own and not its source's."""

from dataclasses import dataclass
from textwrap import shorten
from traceback import format_exception_only

from sources.records import Record

SAID = 300  # characters of an unforeseen exception that are shown


class OddRecord(Exception):
    """A record that no step after the reading can make sense of; `key` is the record's."""

    def __init__(self, key: str, problem: Exception) -> None:
        super().__init__(f"{key}: {type(problem).__name__}: {cause_of(problem)}")
        self.key = key


@dataclass
class AtWork:
    """The record that a run is at; None before the first."""

    record: Record | None = None


def cause_of(problem: BaseException) -> str:
    """What happened in a line, without the statement and its values where the database says so."""
    origin = getattr(problem, "orig", None) or problem
    said = "".join(format_exception_only(origin)).partition(": ")[2]  # also of one whose own words raise
    return shorten(said, SAID, placeholder="...") or "without a word"
