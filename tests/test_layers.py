"""Who may import whom, told from the syntax trees: three leaves, and one trunk of floors, the base first."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.cli import SHARED, command_names, function_of

ROOT = Path(__file__).resolve().parents[1]
LEAVES = ("sources", "store", "notifiers")
PACKAGES = ("monitor", *LEAVES)
FLOORS = (
    "settings", "logs", "kill_points", "vocabulary", "service", "people", "reading", "watching", "events", "standing",
    "telling", "path", "web", "refusals", "commands", "cli", "__main__",
)  # fmt: skip
"""The rooms of `monitor`: each imports only itself and those before it."""
PURE = (
    "monitor/vocabulary", "monitor/reading", "monitor/watching/compare.py", "monitor/standing/status.py",
    "monitor/standing/former.py",
    "monitor/events/attribute.py", "monitor/events/evidence.py", "monitor/events/intents.py",
    "monitor/events/release.py", "monitor/events/same_act.py",
    "monitor/events/which_trial.py",
)  # fmt: skip
"""Deciding without touching: no session, no client, no clock of their own."""
TOUCHES = ("sqlmodel", "sqlalchemy", "httpx", "store", "sources.http.client", "monitor.service")
DOORS = 8
"""How many modules may stand at the top of `monitor` beside its rooms."""
LATE_IMPORTS: dict[str, set[str]] = {
    "sources/workbook.py": {"openpyxl"},  # with numpy, 25 MB that only a workbook needs
    "store/prepare.py": {"store.schema"},
    "store/database.py": {"sqlmodel", "store.seals", "store.search"},
    "monitor/cli.py": {"monitor.refusals", "monitor.commands.shell", "importlib"},
    "monitor/__main__.py": {"monitor.cli"},
    "notifiers/__init__.py": {"notifiers.base"},
    "sources/__init__.py": {"sources.base"},
    "sources/feed.py": {"feedparser"},
    "sources/page.py": {"bs4", "soupsieve"},
    "sources/page_tree.py": {"bs4"},
    "sources/http/insist.py": {"stamina"},
    "store/search.py": {"sqlalchemy.dialects.postgresql"},
    "notifiers/mail_parts.py": {"css_inline", "jinja2"},
    "notifiers/mail_address.py": {"email.headerregistry"},
    "monitor/logs.py": {"structlog"},
    "monitor/telling/secrets.py": {"cryptography"},
    "monitor/commands/check.py": {
        "rich",
        "monitor.path.attended",
        "monitor.people.audit",
        "monitor.telling.match",
        "monitor.telling.troubles",
    },
    "monitor/commands/shell.py": {
        "monitor.path.assemble",
        "monitor.standing.filters",
        "monitor.vocabulary.event_types",
        "monitor.vocabulary.pack_faults",
        "monitor.vocabulary.therapies",
    },
    "monitor/path/assemble.py": {
        "monitor.events.history",
        "monitor.standing.answers",
        "monitor.standing.overdue",
        "monitor.telling.secrets",
        "monitor.watching.roster",
        "store.tables",
    },
    "monitor/path/check.py": {"monitor.path.take_in", "monitor.watching.bad_runs"},
    "monitor/standing/stillness.py": {"monitor.standing.overdue"},
    "monitor/watching/fetching.py": {"monitor.watching.captures", "store.database"},
    "monitor/watching/runs.py": {"store.tables"},
    "monitor/path/open_answers.py": {"monitor.path.assemble"},
    "monitor/commands/serve.py": {"monitor.web.server"},
    "monitor/commands/classify.py": {"monitor.reading.prose.classified"},
    "monitor/path/explained.py": {"monitor.reading.prose.explain"},
    "monitor/path/read.py": {"monitor.reading.prose.announcements"},
    "monitor/path/statements.py": {"monitor.reading.prose.announcements"},
    "monitor/reading/prose/two_readers.py": {"monitor.reading.prose.encoder"},
    "monitor/vocabulary/wording.py": {"monitor.vocabulary.countries"},
}
"""File to modules it imports inside a function; each must say why beside it."""
DOORS_OF_A_NOUN = ("monitor/commands", "monitor/web")
"""A command and a page bear the name of what they open: `commands/check.py` calls `path/check.py`."""
SAME_MEANING = {"__init__.py", "base.py"}
"""Names that stand for the same thing wherever they are: what a leaf asks of its plug-ins is its `base.py`."""
MAKES_EVENT = re.compile(r"(?<!threading\.)\bEvent(?:\.model_validate)?\(")
EMPTY_WORDS = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}


def modules() -> list[Path]:
    return sorted(
        file for package in PACKAGES for file in (ROOT / package).rglob("*.py") if "versions" not in file.parts
    )


def place(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def imports(tree: ast.AST) -> Iterator[tuple[ast.stmt, str]]:
    """Every imported name, in full; of `from a import b` both `a` and `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node, "." * node.level + (node.module or "")
            yield from ((node, f"{'.' * node.level}{node.module or ''}.{alias.name}") for alias in node.names)


def imported(file: Path) -> set[str]:
    return {name for _, name in imports(ast.parse(file.read_text(encoding="utf-8")))}


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


@pytest.mark.parametrize("file", modules(), ids=place)
def test_leaves_import_no_other_package(file: Path) -> None:
    package = file.relative_to(ROOT).parts[0]
    found = imported(file)

    assert not {name for name in found if name.startswith(".")}, f"{place(file)}: absolute imports only"
    if package in LEAVES:
        others = [other for other in PACKAGES if other != package]
        wrong = {name for name in found for other in others if within(name, other)}
        assert not wrong, f"{place(file)}: {package} is a leaf, it may not import {wrong}"


@pytest.mark.parametrize("file", [f for f in modules() if place(f).startswith("monitor/")], ids=place)
def test_rooms_import_only_lower_floors(file: Path) -> None:
    room = file.relative_to(ROOT / "monitor").parts[0].removesuffix(".py")
    if room == "__init__":
        assert not imported(file)
        return
    above = {f"monitor.{name}" for name in FLOORS[FLOORS.index(room) + 1 :]}

    wrong = {name for name in imported(file) for floor in above if within(name, floor)}
    assert not wrong, f"{place(file)} is on the floor {room}; it may not import {wrong}"


@pytest.mark.parametrize("file", [f for f in modules() if place(f).startswith(PURE)], ids=place)
def test_what_decides_touches_nothing(file: Path) -> None:
    plain = ("store.tables", "store.columns", "store.states")
    allowed = {name for name in imported(file) for module in plain if within(name, module)}

    wrong = {name for name in imported(file) - allowed - {"store"} for touch in TOUCHES if within(name, touch)}
    assert not wrong, f"{place(file)} is pure, it may not import {wrong}"


@pytest.mark.parametrize("file", modules(), ids=place)
def test_imports_stand_at_the_top(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    inside = {name for function in functions for node, name in imports(function)}

    allowed = LATE_IMPORTS.get(place(file), set())
    assert {name for name in inside if not any(within(name, late) for late in allowed)} == set(), place(file)


def test_the_floors_are_the_rooms_that_exist() -> None:
    top = {file for file in (ROOT / "monitor").iterdir() if file.suffix == ".py" or (file / "__init__.py").exists()}

    assert {file.stem for file in top} - {"__init__"} == set(FLOORS)
    assert len([file for file in top if file.suffix == ".py"]) <= DOORS


def test_one_module_makes_events() -> None:
    makers = {place(file) for file in modules() if MAKES_EVENT.search(file.read_text("utf-8"))}

    assert {maker for maker in makers if maker.startswith("monitor/")} == {"monitor/events/record.py"}


def test_alembic_is_known_to_one_module() -> None:
    knowing = {place(file) for file in modules() for name in imported(file) if within(name, "alembic")}

    assert knowing == {"store/schema.py", "store/migrations/env.py"}


def test_a_file_name_means_one_thing() -> None:
    named: dict[str, list[str]] = {}
    for file in modules():
        if not place(file).startswith(DOORS_OF_A_NOUN) and file.name not in SAME_MEANING:
            named.setdefault(file.name, []).append(place(file))

    assert {name: files for name, files in named.items() if len(files) > 1} == {}


@pytest.mark.parametrize("file", sorted((ROOT / "monitor/commands").glob("[a-z]*.py")), ids=place)
def test_a_command_is_one_file_that_bears_its_name(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    public = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")}

    if file.stem not in SHARED:
        assert public == {file.stem}
        assert file.stem in command_names()
        assert function_of(file.stem).__name__ == file.stem


def test_file_names_say_something() -> None:
    empty = {place(file) for file in modules() if EMPTY_WORDS & set(file.stem.split("_"))}

    assert not empty
