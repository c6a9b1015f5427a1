"""That a statement which has aged is still true, said at the terminal and by a program; the desk's own way is in
`test_views.py`."""

from datetime import timedelta

import pytest
from sqlmodel import col, select
from typer.testing import CliRunner

from monitor.cli import app
from monitor.service import Service
from store.database import writing
from store.states import Health
from store.tables import Watch
from tests.web.desk.conftest import Clock, Desk
from tests.web.desk.test_acts import log
from tests.web.desk.test_rules import by_command, client_with_token


@pytest.fixture
def late(service: Service, clock: Clock) -> Service:
    """Every watch has answered just now, but for that of the FDA's applications."""
    with writing(service.engine) as session:
        for watch in session.exec(select(Watch).where(col(Watch.active))):
            fda = watch.name == "fda-applications"
            watch.last_success_at = clock.moment - timedelta(days=9 if fda else 0)
            watch.health = Health.SHAPE_CHANGED if fda else Health.OK
    return service


def test_at_the_terminal(late: Service, desk: Desk, clock: Clock) -> None:
    def typed(*arguments: str) -> str:
        settings = ["--database", late.settings.database_url, "--now", late.now().isoformat(), "--quiet"]
        ran = CliRunner().invoke(app, [*settings, "stale", *arguments])
        return f"{ran.exit_code} {' '.join(ran.output.split())}"

    line = "tofersen, US: approved since 2023-04-25; not checked since 15 Nov 2026, 12:00 UTC (fda-applications)"
    assert line in typed()
    assert typed("confirm", "Qalsody", "US")[:2] == "2 " and "expected where you looked" in typed(
        "confirm", "Qalsody", "US"
    )
    assert "expected a statement on tofersen, JP that has aged, found none" in typed(
        "confirm", "tofersen", "JP", "--note", "x"
    )
    assert "expected a drug and a place" in typed("confirm", "Qalsody")
    assert "expected a name of a therapy" in typed("confirm", "Qalsodi", "US", "--note", "x")
    assert "expected what was confirmed of tofersen, US within 10 minutes, found none" in typed("undo", "Qalsody", "US")

    told = by_command(late, "stale", "confirm", "Qalsody", "US", "--note", "accessdata.fda.gov", "--by", "anna")
    assert told == {
        "therapy": "tofersen", "place": "US", "state": "approved", "by": "anna", "at": "2026-11-24T12:00:00Z",
        "note": "accessdata.fda.gov",
    }  # fmt: skip
    assert line not in typed() and "a person looked on 24 Nov 2026: still so" in desk.client.get("/").text
    (entry,) = log(late, "confirm still true")
    assert (entry.matter, entry.note, entry.who) == ("statement tofersen, US", "accessdata.fda.gov", "anna")
    assert by_command(late, "stale", "undo", "tofersen", "US")["at"] is None
    assert line in typed() and log(late, "undo confirm still true")

    assert "still so, by anna" in typed("confirm", "tofersen", "US", "--note", "fda.gov", "--by", "anna")
    clock.goes_on(minutes=11)
    assert "expected what was confirmed within 10 minutes" in typed("undo", "tofersen", "US")


def test_by_a_program(late: Service, desk: Desk) -> None:
    ask = client_with_token(desk, late)
    stale = next(one for one in ask("stale")[1] if (one["therapy"], one["place"]) == ("tofersen", "US"))
    assert (stale["state"], stale["watches"], stale["leads"]) == ("approved", ["fda-applications"], True)
    wish = {"act": "confirm", "therapy": "Qalsody", "place": "US", "note": "accessdata.fda.gov"}
    for wrong in ({"note": ""}, {"state": "refused"}, {"place": "JP"}, {"place": "Mars"}, {"therapy": "Qalsodi"}):
        assert ask("stale", json=wish | wrong)[0] == 400, wrong
    status, said = ask("stale", json=wish | {"state": "approved"})
    assert (status, said["state"], said["place"], bool(said["at"])) == (200, "approved", "US", True)
    assert stale not in ask("stale")[1]
    status, said = ask("stale", json=wish | {"act": "undo"})
    assert (status, said["at"], stale in ask("stale")[1]) == (200, None, True)
    assert len(log(late, "confirm still true")) == len(log(late, "undo confirm still true")) == 1
    assert ask("stale", json=wish | {"act": "undo"})[0] == 400


def test_that_nothing_has_aged_is_said(service: Service, clock: Clock) -> None:
    with writing(service.engine) as session:
        for watch in session.exec(select(Watch).where(col(Watch.active))):
            watch.last_success_at, watch.health = clock.moment, Health.OK
    settings = ["--database", service.settings.database_url, "--now", service.now().isoformat(), "--quiet"]
    ran = CliRunner().invoke(app, [*settings, "stale"])
    assert (ran.exit_code, ran.output) == (0, "every statement was looked at in time\n")
