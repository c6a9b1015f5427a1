"""Faults of what was typed, the settings, the pack or the database, told in one line: the exit status is 2."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError

from monitor.settings import DATABASES, PREFIX, Misconfigured
from monitor.standing.unaccepted import Unaccepted


@contextmanager
def refusing() -> Iterator[None]:
    """End the process with status 2 and a line on stderr where the block meets such a fault; others go on."""
    try:
        yield
    except Unaccepted as problem:
        _refuse(f"--{problem.field.replace('_', '-')}: {problem}")
    except Misconfigured as problem:
        _refuse(str(problem))
    except (ArgumentError, OperationalError, DatabaseError, ImportError) as problem:
        if (fault := _database_fault(problem)) is None:
            raise
        _refuse(f"{PREFIX}DATABASE_URL: {fault}")
    except sqlite3.Error as problem:
        _refuse(f"expected SQLite files that can be read and written, found: {problem}")
    except OSError as problem:
        if problem.filename is None:
            raise
        _refuse(f"{problem.filename}: expected a file or folder that can be read and written: {problem.strerror}")


def _database_fault(problem: Exception) -> str | None:
    """What is wrong with the database, in a line; None where the fault is another's."""
    if isinstance(problem, NoSuchModuleError):
        return "expected an address that starts with sqlite:/// or postgresql+psycopg://, found another scheme"
    if isinstance(problem, ArgumentError):
        return f"expected an address such as {DATABASES}, found something else"
    if isinstance(problem, ImportError):
        driver = problem.name in ("psycopg", "psycopg2")
        return 'expected the driver of PostgreSQL: pip install "therawatch[postgres]"' if driver else None
    assert isinstance(problem, DatabaseError), problem
    if type(problem) not in (OperationalError, DatabaseError) and problem.statement is not None:
        return None  # a row that does not fit is a fault of the program; without a statement the address is at fault
    said = str(problem.orig).strip().partition("\n")[0]
    return f"expected a database that can be opened, read and written, found: {said}"


def _refuse(problem: str) -> NoReturn:
    sys.stderr.write(f"therawatch: {problem}\n")
    sys.exit(2)
