"""One odd record among many: what goes wrong with it, which nobody foresaw, is its own and not its source's."""

from collections.abc import Iterator
from contextlib import contextmanager
from textwrap import shorten

from sqlalchemy.exc import SQLAlchemyError

from monitor.watching.doorman import Implausible
from sources.base import SourceError
from sources.records import Record

SAID = 300  # characters of an unforeseen exception that are shown


class OddRecord(Exception):
    """A record that no step after the reading can make sense of; `key` is the record's."""

    def __init__(self, key: str, problem: Exception) -> None:
        super().__init__(f"{key}: {type(problem).__name__}: {cause_of(problem)}")
        self.key = key


@contextmanager
def one_record(record: Record) -> Iterator[None]:
    """What is done for one record. Raises OddRecord for what nobody foresaw; trouble of the source, of the database or
    of the machine passes."""
    try:
        yield
    except (SourceError, Implausible, SQLAlchemyError, MemoryError):
        raise
    except Exception as problem:
        raise OddRecord(record.key, problem) from problem


def cause_of(problem: BaseException) -> str:
    """What happened in a line, without the statement and its values where the database says so."""
    try:
        said = str(getattr(problem, "orig", None) or problem)
    except Exception:  # noqa: BLE001 - an exception that cannot even be put in words
        said = ""
    return shorten(said, SAID, placeholder="...") or "without a word"
