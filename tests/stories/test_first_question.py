"""The first thing anyone asks, on a machine that has never run: the answer is there at once, at any moment asked."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


def ask(folder: Path, *arguments: str) -> dict[str, object]:
    command = [sys.executable, "-m", "monitor", "--quiet", "--database", f"sqlite:///{folder}/new.db", *arguments]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("THERAWATCH_")}
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True, env=environ)
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[0])
    return answer


@pytest.mark.parametrize("now", [(), ("--now", "2025-09-01T00:00:00Z")], ids=["today", "a moment past"])
def test_the_first_and_the_second_call_give_the_same_answer(tmp_path: Path, now: tuple[str, ...]) -> None:
    first = ask(tmp_path, *now, "newest", "--as-of", "2025-09-01")
    assert (first["therapy"], first["since"]) == ("tofersen", "2023-04-25")
    assert ask(tmp_path, *now, "newest", "--as-of", "2025-09-01") == first
    table = ask(tmp_path, *now, "status", "--as-of", "2025-09-01", "--place", "US")
    assert table["places"]["US"]["state"] == "approved"  # type: ignore[index]


def test_a_moment_before_the_database_was_made_does_not_empty_the_table(tmp_path: Path) -> None:
    ask(tmp_path, "newest")
    assert ask(tmp_path, "--now", "2024-04-05T12:00:00Z", "newest")["therapy"] == "tofersen"
    assert ask(tmp_path, "--now", "2022-12-31T12:00:00Z", "newest")["therapy"] == "AMX0035"


def test_asked_what_was_known_before_it_was_made_it_says_nothing(tmp_path: Path) -> None:
    ask(tmp_path, "newest")
    assert ask(tmp_path, "newest", "--known-at", "2024-04-05T12:00:00Z")["therapy"] is None
