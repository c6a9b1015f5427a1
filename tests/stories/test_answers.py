"""The answer to "what is the newest drug?" is watched: a change is a line of the log, and by itself alarms nobody."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from monitor.service import Service
from monitor.telling.subscriptions import subscribe
from store.database import writing
from store.tables import Event
from tests.stories.stage import Hook, Installation, Stage, application, events, look, send, tale, watch

BEFORE = datetime(2023, 4, 20, 12, tzinfo=UTC)
AFTER = datetime(2023, 4, 26, 12, tzinfo=UTC)
APPLICATIONS = (
    application("NDA216660", date(2022, 9, 29), ("ORIG", "1", "AP", "2022-09-29"), sponsor="AMYLYX"),
    application("NDA215887", date(2023, 4, 25), ("ORIG", "1", "AP", "2023-04-25")),
)


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    """A baseline of 20 April 2023, when AMX0035 is the newest drug in the US."""
    with Stage(tale(applications=APPLICATIONS), at=BEFORE) as world:
        found = Installation(tmp_path, world)
        options = {"applications": ["NDA216660", "NDA215887"]}
        found.write_pack(watch("us", "drugsfda", base_url="WORLD", options=options))
        with found.service() as service:
            look(service)
        yield found


def changed(service: Service) -> list[Event]:
    return [event for event in events(service) if event.type == "answer_changed"]


def test_what_a_baseline_shows_is_no_change(installed: Installation) -> None:
    with installed.service() as service:
        assert [event.type for event in events(service)] == ["approval"]


def test_an_approval_changes_the_answer_and_is_the_only_alert(installed: Installation, hook: Hook) -> None:
    installed.world.at(AFTER)
    with installed.service() as service:
        subscribe(service, channel="webhook", address=hook.url, level="info", confirmed=True)
        look(service)
        send(service)
        look(service)
        send(service)
        (answer,) = changed(service)

    assert answer.title == "Qalsody (tofersen): now the newest drug in the US"
    assert answer.note == "Before: AMX0035."
    assert (answer.state, answer.alert, answer.place, answer.occurred_on) == ("released", False, "US", "2023-04-26")
    assert [got.told["type"] for got in hook.got] == ["approval"]


def test_a_dismissed_approval_takes_the_answer_back(installed: Installation, hook: Hook) -> None:
    installed.world.at(AFTER)
    with installed.service() as service:
        look(service)
        approval = next(event for event in events(service) if event.therapy == "tofersen" and event.type == "approval")
    ran = installed.command(
        "review", approval.id, "dismiss", "--note", "a misread list", "--by", "maintainer", "--at-once"
    )
    assert ran.status == 0, ran.err

    with installed.service() as service:
        subscribe(service, channel="webhook", address=hook.url, level="info", confirmed=True)
        look(service)
        send(service)
        answers = [(event.therapy, event.note, event.state) for event in changed(service)]

    assert answers == [("tofersen", "Before: AMX0035.", "dismissed")]
    assert hook.got == []


def test_a_month_without_a_day_changes_the_answer_when_it_has_passed(installed: Installation) -> None:
    with installed.service() as service, writing(service.engine) as session:
        told = next(event for event in events(service) if event.therapy == "AMX0035")
        act = told.model_dump() | {"id": "EVMONTH", "sequence": 99, "place": "CN", "occurred_on": "2023-05"}
        session.add(Event(**act | {"thread": "cn/amx0035/authorisation"}))
    found = {}
    with installed.service() as service:
        for day in (30, 31):
            installed.world.at(datetime(2023, 5, day, 12, tzinfo=UTC))
            look(service, "us")
            found[day] = [event.therapy for event in changed(service) if event.place == "CN"]

    assert found == {30: [], 31: ["AMX0035"]}
