"""What the README promises is there: sources, commands, settings, files it links."""

import re
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from benchmarks.source_table import table, table_in
from monitor.cli import app
from monitor.events.history import Row
from monitor.settings import PREFIX, Settings
from tests.test_layers import FLOORS

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCS = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")]


def test_the_table_of_sources_is_what_they_say_of_themselves() -> None:
    assert table_in(README) == table(), "write it anew: python -m benchmarks.source_table --write"


@pytest.mark.parametrize("file", DOCS, ids=lambda file: file.name)
def test_every_command_it_names_exists(file: Path) -> None:
    commands = set(get_command(app).commands)  # type: ignore[attr-defined]
    named = set(re.findall(r"therawatch (?!serve\b)([a-z][a-z-]+)\b", file.read_text(encoding="utf-8")))
    assert named <= commands | {"serve"}, named - commands


@pytest.mark.parametrize("file", DOCS, ids=lambda file: file.name)
def test_every_setting_it_names_exists(file: Path) -> None:
    named = set(re.findall(rf"{PREFIX}([A-Z_]+)", file.read_text(encoding="utf-8")))
    known = {name.upper() for name in Settings.model_fields}
    assert {name.removesuffix("_FILE") for name in named} <= known


@pytest.mark.parametrize("file", DOCS, ids=lambda file: file.name)
def test_every_file_it_links_is_there(file: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", file.read_text(encoding="utf-8"))
    missing = [link for link in links if not (ROOT / link).exists()]
    assert missing == []


def test_every_promise_names_its_tests() -> None:
    section = README.split("## Promises")[1].split("\n## ")[0]
    promises = re.split(r"^\d\. ", section, flags=re.MULTILINE)[1:]
    assert len(promises) == 8
    for promise in promises:
        files = [ROOT / file for file in re.findall(r"\]\((tests/[^)]+)\)", promise)]
        assert files, promise
        assert all("\ndef test_" in file.read_text(encoding="utf-8") for file in files), promise


def test_every_module_architecture_names_is_there() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for module in re.findall(r"`([\w]+/[\w/]+\.py)`", text):
        candidates = [ROOT / module, ROOT / "monitor" / module]
        assert any(path.exists() for path in candidates), module


def test_the_history_row_of_contributing_is_one_that_is_read() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    example = re.search(r"```toml\n(\[\[events\]\].*?)```", text, re.DOTALL)
    assert example
    (row,) = tomllib.loads(example[1])["events"]
    Row.model_validate(row)
    assert set(row) == set(Row.model_fields) - {"subtype"}


def test_architecture_lists_the_rooms_in_the_order_of_the_floors() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| `(\w+)` \|", text.split("| room of `monitor/` |")[1].split("\n\n")[0], flags=re.MULTILINE)
    rooms = [room for room in FLOORS if (ROOT / "monitor" / room).is_dir()]

    assert table == [*rooms, "packs"]
