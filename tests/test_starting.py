"""What a command brings in when it starts: the time before its answer is the time of its imports."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from monitor.cli import SELDOM

ROOT = Path(__file__).resolve().parents[1]
OURS = {"monitor", "sources", "store", "notifiers"}
OF_STATUS = {
    "monitor", "monitor.__main__", "monitor.cli", "monitor.refusals", "monitor.logs", "monitor.settings",
    "monitor.commands",
    "monitor.commands.shell", "monitor.commands.status", "monitor.path", "monitor.path.open_answers",
    "monitor.reading", "monitor.reading.routine", "monitor.reading.routine.kinds", "monitor.reading.routine.slips",
    "monitor.reading.routine.dates_moved", "monitor.standing", "monitor.standing.contract", "monitor.standing.courses",
    "monitor.standing.coverage", "monitor.standing.filter_values", "monitor.standing.filters",
    "monitor.standing.former", "monitor.standing.known_acts", "monitor.standing.newest_seal",
    "monitor.standing.pipeline", "monitor.standing.status", "monitor.standing.timeline", "monitor.standing.unaccepted",
    "monitor.vocabulary", "monitor.vocabulary.agencies", "monitor.vocabulary.dates",
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
OF_CHECK = {
    "monitor", "monitor.__main__", "monitor.cli", "monitor.commands", "monitor.commands.check",
    "monitor.commands.shell", "monitor.kill_points", "monitor.logs", "monitor.path", "monitor.path.assemble",
    "monitor.path.check", "monitor.path.heartbeat", "monitor.path.open_answers", "monitor.path.round",
    "monitor.refusals", "monitor.service", "monitor.settings", "monitor.standing", "monitor.standing.newest_seal",
    "monitor.standing.stillness", "monitor.standing.unaccepted", "monitor.telling", "monitor.telling.waits",
    "monitor.vocabulary",
    "monitor.vocabulary.field_words", "monitor.vocabulary.keeping", "monitor.vocabulary.pack",
    "monitor.vocabulary.pack_faults", "monitor.vocabulary.places", "monitor.vocabulary.therapies",
    "monitor.watching", "monitor.watching.chain", "monitor.watching.fetching", "monitor.watching.guards",
    "monitor.watching.leases", "monitor.watching.manners", "monitor.watching.memory", "monitor.watching.runs",
    "monitor.watching.spool", "store", "store.columns", "store.database", "store.engine", "store.look_columns",
    "store.prepare", "store.revision", "store.states",
}  # fmt: skip
"""What looks at pages and finds them as they were, beside the catalogs of sources and notifiers: no reader, no types of
events, no room that news goes through, no table that must be mapped."""
LIBRARIES_OF_CHECK = LIBRARIES | {
    "anyio", "certifi", "h11", "httpcore", "httpx", "idna", "lxml", "protego", "standardwebhooks",
}  # fmt: skip
"""Nothing dear that draws, logs, writes mail, encrypts, tries again or reads feeds, selectors or prose, no mapper, and
no dialect of another database."""
PACK = """
[pack]
name = "one-page"
condition = "amyotrophic lateral sclerosis"
[[therapies]]
name = "tofersen"
[[watches]]
name = "approvals"
source = "page"
every = "1h"
url = "{address}"
"""
PAGE = (
    f"<h1>Approvals</h1>{'<p>Nothing has been decided about this medicine so far, said the agency.</p>' * 9}".encode()
)
START = """
import gc, sys
sys.argv = ["therawatch", "--database", "sqlite:///{database}", *{arguments}]
from monitor.__main__ import run
try:
    run()
except SystemExit as ended:
    print(f"status {{ended.code or 0}}, refuse looked for: {{gc.isenabled() and gc.get_threshold()[0]}}")
print("modules", *(name for name, found in sys.modules.items() if found))
"""


def modules(database: Path, *arguments: str, ran_one: bool = True) -> set[str]:
    """The modules that a command has imported when it ends; garbage is collected from its own start on, and seldom."""
    code = START.format(database=database, arguments=arguments)
    loopback = os.environ | {"THERAWATCH_ALLOW_PRIVATE": "true"}
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True, env=loopback
    )
    *said, last = ran.stdout.splitlines()
    assert said[-1] == f"status 0, refuse looked for: {ran_one and SELDOM}", ran.stderr
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


@pytest.fixture
def address() -> Iterator[str]:
    """A page that stays as it is, on a host without rules."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(404 if self.path == "/robots.txt" else 200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(PAGE)))
            self.end_headers()
            self.wfile.write(PAGE)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/approvals"
        server.shutdown()


def test_check_of_a_page_that_stays_imports_what_asks_for_it_and_nothing_else(tmp_path: Path, address: str) -> None:
    pack, database = tmp_path / "pack.toml", tmp_path / "watch.db"
    pack.write_text(PACK.format(address=address))
    modules(database, "--config", str(pack), "check", "--all")
    found = modules(database, "--config", str(pack), "check", "--all", "--json")

    assert {name for name in found if name.partition(".")[0] in ("monitor", "store")} <= OF_CHECK
    assert foreign(found) <= LIBRARIES_OF_CHECK, foreign(found) - LIBRARIES_OF_CHECK
    assert not {name for name in found if name.startswith(("sqlalchemy.dialects.postgresql", "sqlalchemy.orm"))}


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_to_be_told_of_the_command_brings_no_command(tmp_path: Path, option: str) -> None:
    found = modules(tmp_path / "none.db", option, ran_one=False)

    assert {name for name in found if name.partition(".")[0] in OURS} <= TOLD
    assert not foreign(found) & {"pydantic", "sqlalchemy", "structlog", "sqlmodel", "httpx", "alembic", "rich"}
