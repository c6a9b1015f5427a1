"""Who may import whom, told from the syntax trees: sources, store and notifiers are leaves, monitor is the trunk."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LEAVES = ("sources", "store", "notifiers")
PACKAGES = ("monitor", *LEAVES)
PURE = (
    "monitor/watching/compare.py", "monitor/telling/compose/message.py", "monitor/standing/status.py", "monitor/vocabulary/event_types.py", "monitor/interpret",
)  # fmt: skip
"""Deciding without touching: no session, no client, no clock of their own."""
TOUCHES = ("sqlmodel", "sqlalchemy", "httpx", "store.database", "sources.http.client", "monitor.service")
TOPS = {"monitor.cli", "monitor.web"}
"""Nothing imports these but they themselves and the entry point."""
ENTRIES = {"monitor/__main__.py", "monitor/cli.py", "monitor/commands/serve.py"}
LATE_IMPORTS: dict[str, set[str]] = {
    "monitor/commands/run.py": {"monitor.commands.serve", "monitor.commands.serve.serve"}
}
"""File to modules it imports inside a function; each must say why beside it."""
EMPTY_WORDS = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}


def modules() -> list[Path]:
    return sorted(
        file for package in PACKAGES for file in (ROOT / package).rglob("*.py") if "versions" not in file.parts
    )


def told(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def imports(tree: ast.AST) -> Iterator[tuple[ast.stmt, str]]:
    """Every imported name, in full; of `from a import b` both `a` and `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node, "." * node.level + (node.module or "")
            yield from ((node, f"{'.' * node.level}{node.module or ''}.{alias.name}") for alias in node.names)


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


@pytest.mark.parametrize("file", modules(), ids=told)
def test_imports_follow_the_layers(file: Path) -> None:
    package = file.relative_to(ROOT).parts[0]
    found = {name for _, name in imports(ast.parse(file.read_text(encoding="utf-8")))}

    assert not {name for name in found if name.startswith(".")}, f"{told(file)}: absolute imports only"
    if package in LEAVES:
        others = [other for other in PACKAGES if other != package]
        wrong = {name for name in found for other in others if within(name, other)}
        assert not wrong, f"{told(file)}: {package} is a leaf, it may not import {wrong}"


@pytest.mark.parametrize("file", modules(), ids=told)
def test_nothing_imports_the_commands_or_the_pages(file: Path) -> None:
    if told(file) in ENTRIES or file.name.startswith("cli") or "web" in file.parts:
        return
    found = {name for _, name in imports(ast.parse(file.read_text(encoding="utf-8")))}

    wrong = {name for name in found for top in TOPS if within(name, top)}
    assert not wrong, f"{told(file)} imports {wrong}; only the entry point may"


@pytest.mark.parametrize("file", [f for f in modules() if told(f).startswith(PURE)], ids=told)
def test_what_decides_touches_nothing(file: Path) -> None:
    found = {name for _, name in imports(ast.parse(file.read_text(encoding="utf-8")))}

    wrong = {name for name in found for touch in TOUCHES if within(name, touch)}
    assert not wrong, f"{told(file)} is pure, it may not import {wrong}"


@pytest.mark.parametrize("file", modules(), ids=told)
def test_imports_stand_at_the_top(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    inside = {name for function in functions for node, name in imports(function)}

    allowed = LATE_IMPORTS.get(told(file), set())
    assert {name for name in inside if not any(within(name, late) for late in allowed)} == set(), told(file)


def test_alembic_is_known_to_one_module() -> None:
    knowing = {
        told(file)
        for file in modules()
        for _, name in imports(ast.parse(file.read_text(encoding="utf-8")))
        if within(name, "alembic")
    }

    assert knowing == {"store/schema.py", "store/migrations/env.py"}


def test_file_names_say_something() -> None:
    empty = {told(file) for file in modules() if EMPTY_WORDS & set(file.stem.split("_"))}

    assert not empty
