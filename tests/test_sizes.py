"""The figures of the house: how long functions and files are, and where any exception at all is caught."""

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("monitor", "sources", "store", "notifiers")
MEDIAN, LONGEST, FILE = 8, 40, 300
"""Lines of the median function, of the longest one, and of the longest file."""
TABLES = {"store/tables.py"}
"""Files that are tables from top to bottom, and may be as long as what they list."""
BROAD = {
    "monitor/path/check.py": "_look fails: one watch is an island",
    "monitor/path/clock.py": "a job fails: the clock goes on",
    "monitor/watching/odd.py": "one odd record is left out, the others are read",
    "monitor/watching/runs.py": "what went wrong with a run is noted whatever it was",
    "notifiers/__init__.py": "an operator's own file may raise anything at its import, and is named for it",
    "sources/__init__.py": "the same",
}
"""Files in which any exception is caught, and why."""


def trees() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            if "versions" not in file.parts:
                yield file.relative_to(ROOT).as_posix(), ast.parse(file.read_text(encoding="utf-8"))


def lengths() -> dict[tuple[str, int], int]:
    return {
        (f"{file} {node.name}", node.lineno): (node.end_lineno or 0) - node.lineno + 1
        for file, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_functions_are_short() -> None:
    found = lengths()

    assert median(found.values()) <= MEDIAN
    assert {name: lines for name, lines in found.items() if lines > LONGEST} == {}


def test_files_are_short() -> None:
    found = {file: len((ROOT / file).read_text(encoding="utf-8").splitlines()) for file, _ in trees()}

    assert {file: lines for file, lines in found.items() if lines > FILE and file not in TABLES} == {}


def test_any_exception_is_caught_in_few_places() -> None:
    found = [
        file
        for file, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and is_broad(node.type)
    ]

    assert sorted(found) == sorted(BROAD)


def is_broad(caught: ast.expr | None) -> bool:
    names = {node.id for node in ast.walk(caught) if isinstance(node, ast.Name)} if caught else {"BaseException"}
    return bool(names & {"Exception", "BaseException"})
