"""What a command brings in when it starts: the time before its answer is the time of its imports."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OURS = {"monitor", "sources", "store", "notifiers"}
OF_STATUS = {
    "monitor", "monitor.__main__", "monitor.cli", "monitor.refusals", "monitor.logs", "monitor.settings",
    "monitor.commands",
    "monitor.commands.shell", "monitor.commands.status", "monitor.path", "monitor.path.open_answers",
    "monitor.reading", "monitor.reading.routine", "monitor.reading.routine.kinds", "monitor.reading.routine.slips",
    "monitor.reading.routine.dates_moved", "monitor.standing", "monitor.standing.contract", "monitor.standing.courses",
    "monitor.standing.coverage",
    "monitor.standing.filter_values",
    "monitor.standing.filters", "monitor.standing.known_acts", "monitor.standing.pipeline", "monitor.standing.status",
    "monitor.standing.timeline", "monitor.vocabulary", "monitor.vocabulary.agencies", "monitor.vocabulary.dates",
    "monitor.vocabulary.differences", "monitor.vocabulary.event_types", "monitor.vocabulary.pack",
    "monitor.vocabulary.places", "monitor.vocabulary.sureness", "monitor.vocabulary.wording", "monitor.watching",
    "monitor.watching.freshness", "notifiers", "notifiers.mail_address",
    "notifiers.mail_server", "sources", "sources.http",
    "sources.http.transports", "sources.http.veil",
    "sources.moments", "store", "store.columns", "store.engine", "store.revision", "store.states",
}  # fmt: skip
TOLD = {"monitor", "monitor.__main__", "monitor.cli", "monitor.commands"}
LIBRARIES = {
    "annotated_doc", "annotated_types", "cython_runtime", "greenlet", "pydantic", "pydantic_core", "shellingham",
    "sqlalchemy", "typer", "typing_extensions", "typing_inspection",
}  # fmt: skip
START = """
import gc, sys
sys.argv = ["therawatch", "--database", "sqlite:///{database}", *{arguments}]
from monitor.__main__ import run
try:
    run()
except SystemExit as ended:
    print(f"status {{ended.code or 0}}, refuse looked for: {{gc.isenabled()}}")
print("modules", *(name for name, found in sys.modules.items() if found))
"""


def modules(database: Path, *arguments: str, ran_one: bool = True) -> set[str]:
    """The modules that a command has imported when it ends; garbage is collected from its own start on."""
    code = START.format(database=database, arguments=arguments)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    *said, last = ran.stdout.splitlines()
    assert said[-1] == f"status 0, refuse looked for: {ran_one}", ran.stderr
    return set(last.split()[1:])


def foreign(found: set[str]) -> set[str]:
    """The libraries among them, which neither Python brings along nor the project is."""
    named = {name.partition(".")[0] for name in found}
    return {name for name in named if name not in sys.stdlib_module_names and name not in OURS and name[0] != "_"}


def test_status_imports_what_it_asks_and_nothing_else(tmp_path: Path) -> None:
    filling = modules(tmp_path / "watch.db", "status")  # with everything that takes
    assert not foreign(filling) & {"openpyxl", "onnxruntime"}
    found = modules(tmp_path / "watch.db", "status", "--json")

    assert {name for name in found if name.partition(".")[0] in OURS} <= OF_STATUS
    assert foreign(found) <= LIBRARIES, foreign(found) - LIBRARIES
    assert modules(tmp_path / "watch.db", "newest") - found <= {"monitor.commands.newest"}


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_to_be_told_of_the_command_brings_no_command(tmp_path: Path, option: str) -> None:
    found = modules(tmp_path / "none.db", option, ran_one=False)

    assert {name for name in found if name.partition(".")[0] in OURS} <= TOLD
    assert not foreign(found) & {"pydantic", "sqlalchemy", "structlog", "sqlmodel", "httpx", "alembic", "rich"}
