"""The first thing anyone asks, on a machine that has never run: the answer is there at once, at any moment asked."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from monitor.cli import main
from monitor.settings import PREFIX

Ask = Callable[..., dict[str, object]]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Ask]:
    """The command within this process, on a database of its own."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)

    def call(*arguments: str) -> dict[str, object]:
        command = ["therawatch", "--quiet", "--database", f"sqlite:///{tmp_path}/new.db", *arguments, "--json"]
        monkeypatch.setattr("sys.argv", command)
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        assert not ended.value.code, err
        answer: dict[str, object] = json.loads(out.splitlines()[0])
        return answer

    yield call
    structlog.reset_defaults()  # the command logs to the stderr it found


@pytest.mark.parametrize("now", [(), ("--now", "2025-09-01T00:00:00Z")], ids=["today", "a moment past"])
def test_the_first_and_the_second_call_give_the_same_answer(ask: Ask, now: tuple[str, ...]) -> None:
    first = ask(*now, "newest", "--as-of", "2025-09-01")
    assert (first["therapy"], first["since"]) == ("tofersen", "2023-04-25")
    assert ask(*now, "newest", "--as-of", "2025-09-01") == first
    table = ask(*now, "status", "--as-of", "2025-09-01", "--place", "US")
    assert table["places"]["US"]["state"] == "approved"  # type: ignore[index]


def test_a_moment_before_the_database_was_made_does_not_empty_the_table(ask: Ask) -> None:
    ask("newest")
    assert ask("--now", "2024-04-05T12:00:00Z", "newest")["therapy"] == "tofersen"
    assert ask("--now", "2022-12-31T12:00:00Z", "newest")["therapy"] == "AMX0035"


def test_asked_what_was_known_before_it_was_made_it_says_nothing(ask: Ask) -> None:
    ask("newest")
    assert ask("newest", "--known-at", "2024-04-05T12:00:00Z")["therapy"] is None
