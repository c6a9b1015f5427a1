"""The demo tells what it promises: every golden alert once, nothing fails on the way, and it ends within a minute."""

import json
import time
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from demo.__main__ import main, summary
from demo.story import read_story
from demo.timelapse import READER, WEEKLY_READER, Step, moments, play, read_golden


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Step], float]:
    folder = tmp_path_factory.mktemp("demo")
    started = time.monotonic()
    steps = list(play(folder / "demo.db", pack=folder / "demo.toml"))
    return steps, time.monotonic() - started


def test_every_golden_alert_arrives_once(played: tuple[list[Step], float]) -> None:
    bodies = [body for step in played[0] for body in step.calls]

    told = {golden.what: len([body for body in bodies if golden.told_by(body)]) for golden in read_golden()}

    assert told == dict.fromkeys(told, 1)


def test_every_golden_alert_arrives_within_days_of_the_act(played: tuple[list[Step], float]) -> None:
    late = {
        golden.what: body["detected_at"]
        for step in played[0]
        for body in step.calls
        for golden in read_golden()
        if golden.told_by(body) and not golden.day <= body["detected_at"][:10] <= _weeks_later(golden.day)
    }

    assert not late


def test_the_summary_says_what_arrived(played: tuple[list[Step], float]) -> None:
    shown = StringIO()

    good = summary(played[0], Console(file=shown, width=200), as_json=False)

    bodies = [body for step in played[0] for body in step.calls]
    mails = [mail for step in played[0] for mail in step.mails]
    lines = shown.getvalue().splitlines()
    events = len({body["id"] for body in bodies})
    assert lines[-1] == f"{events} events, {len(bodies)} webhooks, {len(mails)} mails"
    assert events == len(bodies)
    for golden in read_golden():
        (line,) = (line for line in lines if golden.what in line and golden.day in line)
        assert " once " in line, line
    assert good


def test_nothing_is_told_twice(played: tuple[list[Step], float]) -> None:
    told = [(body["id"], body["notice"]) for step in played[0] for body in step.calls]

    assert sorted(told) == sorted(set(told))


def test_no_check_fails_and_no_webhook_is_refused(played: tuple[list[Step], float]) -> None:
    assert [one for step in played[0] for one in step.trouble] == []


def test_the_first_day_is_a_baseline_that_alarms_nobody(played: tuple[list[Step], float]) -> None:
    first = played[0][0]

    assert {one.outcome for one in first.checked} == {"baseline"}
    assert first.calls == []
    assert first.mails == []


def test_readers_get_their_mails(played: tuple[list[Step], float]) -> None:
    mails = [mail for step in played[0] for mail in step.mails]
    mondays = [moment for moment, checks in moments(read_story()) if not checks]

    assert len([mail for mail in mails if mail[0] == READER]) >= len(read_golden())
    assert len([mail for mail in mails if mail[0] == WEEKLY_READER]) >= len(mondays) - 1


def test_it_ends_within_a_minute(played: tuple[list[Step], float]) -> None:
    assert played[1] < 60


def test_as_json_nothing_else_is_on_stdout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("demo.__main__.play", lambda database, pack: iter(()))

    assert main(["--json"]) == 1  # nothing was played, so nothing golden was told

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["told"] for line in lines[:-1]] == [0] * len(read_golden())
    assert lines[-1] == {"totals": {"events": 0, "webhooks": 0, "mails": 0}}


def _weeks_later(day: str) -> str:
    """The latest day on which the news may still be fresh: two weeks on, or the end of a month that has no day."""
    if len(day) == len("2024-09"):
        return f"{day}-31"
    return (date.fromisoformat(day) + timedelta(days=14)).isoformat()
