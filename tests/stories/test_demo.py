"""The demo tells what it promises: every golden alert once, nothing fails on the way, and it ends within a minute."""

import json
import re
from datetime import date, timedelta
from io import StringIO
from itertools import pairwise
from pathlib import Path

import pytest
from rich.console import Console

from demo.__main__ import main, summary
from demo.outbox import text_of
from demo.readme_sample import SENT_ON, sample_in, sample_of
from demo.story import read_story
from demo.timelapse import END, MORNING, READER, WEEKLY_READER, moments, read_golden
from demo.world import START
from tests.stories.played import Played

README = Path(__file__).resolve().parents[2] / "README.md"


pytestmark = pytest.mark.timeout(900)  # the first of them plays the demo, and the others wait for it


def test_every_golden_alert_arrives_once(played: Played) -> None:
    bodies = [body for step in played.steps for body in step.calls]

    told = {golden.what: len([body for body in bodies if golden.told_by(body)]) for golden in read_golden()}

    assert told == dict.fromkeys(told, 1)


def test_every_golden_alert_arrives_within_days_of_the_act(played: Played) -> None:
    late = {
        golden.what: body["detected_at"]
        for step in played.steps
        for body in step.calls
        for golden in read_golden()
        if golden.told_by(body) and not golden.day <= body["detected_at"][:10] <= _weeks_later(golden.day)
    }

    assert not late


def test_the_summary_says_what_arrived(played: Played) -> None:
    shown = StringIO()

    good = summary(played.steps, Console(file=shown, width=200), as_json=False)

    bodies = [body for step in played.steps for body in step.calls]
    mails = [mail for step in played.steps for mail in step.mails]
    lines = shown.getvalue().splitlines()
    events = len({body["id"] for body in bodies})
    assert lines[-1] == f"{events} events, {len(bodies)} webhooks, {len(mails)} mails"
    assert events == len(bodies)
    for golden in read_golden():
        (line,) = (line for line in lines if golden.what in line and golden.day in line)
        assert " once " in line, line
    assert good


def test_nothing_is_told_twice(played: Played) -> None:
    told = [(body["id"], body["notice"]) for step in played.steps for body in step.calls]

    assert sorted(told) == sorted(set(told))


def test_no_check_fails_and_no_webhook_is_refused(played: Played) -> None:
    assert [one for step in played.steps for one in step.trouble] == []


def test_the_first_day_is_a_baseline_that_alarms_nobody(played: Played) -> None:
    first = played.steps[0]

    assert {one.outcome for one in first.checked} == {"baseline"}
    assert first.calls == []
    assert first.mails == []


def test_readers_get_their_mails(played: Played) -> None:
    mails = [str(mail["X-Recipient"]) for step in played.steps for mail in step.mails]
    mondays = [moment for moment in moments(read_story()) if moment.time() == MORNING and moment.weekday() == 0]

    assert mails.count(READER) >= len(read_golden())
    assert mails.count(WEEKLY_READER) >= len(mondays) - 1


def test_every_digest_says_truly_that_all_sources_were_looked_at(played: Played) -> None:
    digests = [text_of(mail) for step in played.steps for mail in step.mails if mail["X-Recipient"] == WEEKLY_READER]

    assert digests
    assert [text for text in digests if "WE LOOKED: 22 of 22 sources" not in text] == []


def test_every_source_is_looked_at_every_day_and_what_changes_seldom_as_often_as_it_is_due(played: Played) -> None:
    days = sorted({step.moment.date() for step in played.steps})
    rare = {one.watch for one in played.steps[0].checked} - {one.watch for one in played.steps[1].checked}
    looks = {name: [step.moment for step in played.steps for one in step.checked if one.watch == name] for name in rare}

    assert days == [START.date() + timedelta(days=number) for number in range((END.date() - START.date()).days + 1)]
    assert {len({one.watch for one in step.checked} - rare) for step in played.steps} == {14}
    assert len(rare) == 8
    assert all(later - one <= timedelta(days=29) for seen in looks.values() for one, later in pairwise(seen))


def test_what_was_sent_is_kept_and_shown_on_a_page(played: Played) -> None:
    steps, sent = played.steps, played.sent
    page = (sent / "index.html").read_text(encoding="utf-8")
    links = re.findall(r'href="([^"]+)"', page)

    assert all((sent / link).is_file() for link in links)
    assert len(list((sent / "mails").glob("*.eml"))) == sum(len(step.mails) for step in steps)
    assert len(list((sent / "webhooks").glob("*.json"))) == sum(len(step.calls) for step in steps)
    assert len(links) == sum(2 * len(step.mails) + len(step.calls) for step in steps)


def test_the_same_words_tell_an_event_in_mail_and_webhook(played: Played) -> None:
    for step in played.steps:
        subjects = [str(mail["Subject"]) for mail in step.mails if mail["X-Recipient"] == READER]
        assert sorted(subjects) == sorted(body["title"] for body in step.calls)


def test_the_sample_in_the_readme_is_a_mail_that_was_sent(played: Played) -> None:
    """`make demo` and `python -m demo.readme_sample` put it there."""
    sent = [
        mail
        for step in played.steps
        for mail in step.mails
        if mail["X-Recipient"] == WEEKLY_READER and f"{step.moment:%Y-%m-%d}" == SENT_ON
    ]

    assert [sample_in(README.read_text(encoding="utf-8"))] == [sample_of(mail) for mail in sent]


def test_it_costs_less_than_two_minutes_of_a_busy_machine(played: Played) -> None:
    """About 40 s of processor time on an idle machine, and twice that beside other work: the clock says nothing."""
    assert played.seconds < 120


def test_as_json_nothing_else_is_on_stdout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("demo.__main__.play", lambda database, pack, sent: iter(()))

    assert main(["--json"]) == 1  # nothing was played, so nothing golden was told

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["told"] for line in lines[:-1]] == [0] * len(read_golden())
    assert lines[-1] == {"totals": {"events": 0, "webhooks": 0, "mails": 0}}


def _weeks_later(day: str) -> str:
    """The latest day on which the news may still be fresh: two weeks on, or the end of a month that has no day."""
    if len(day) == len("2024-09"):
        return f"{day}-31"
    return (date.fromisoformat(day) + timedelta(days=14)).isoformat()
