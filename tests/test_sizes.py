"""The figures of the house: how long functions and files are, and where any exception at all is caught."""

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("monitor", "sources", "store", "notifiers", "demo", "benchmarks", "training")
MEDIAN, LONGEST, FILE = 8, 40, 300
"""Lines of the median function, of the longest one, and of the longest file."""
TABLES = {"store/tables.py"}
"""Files that are tables from top to bottom, and may be as long as what they list."""
BROAD = {
    "benchmarks/hostile.py measured": "what a body may do to us is the question",
    "monitor/path/check.py check": "one watch is an island",
    "monitor/path/clock.py _run": "a job fails: the clock goes on",
    "monitor/path/take_in.py _record_apart": "one odd record is left out, the others are read",
    "notifiers/__init__.py _from_file": "an operator's own file may raise anything at its import, and is named for it",
    "sources/__init__.py _from_file": "the same",
}
"""Functions in which any exception is caught or passed over, and why."""


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
    found = {
        f"{file} {function.name}"
        for file, tree in trees()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if (isinstance(node, ast.ExceptHandler) and is_broad(node.type))
        or (isinstance(node, ast.Call) and ast.unparse(node.func) == "suppress" and any(map(is_broad, node.args)))
    }

    assert found == set(BROAD)


def is_broad(caught: ast.expr | None) -> bool:
    names = {node.id for node in ast.walk(caught) if isinstance(node, ast.Name)} if caught else {"BaseException"}
    return bool(names & {"Exception", "BaseException"})
