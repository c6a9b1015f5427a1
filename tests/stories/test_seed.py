"""The text this service grew out of, statement by statement: what is shown on 30 September 2025, and which event made a
statement outdated. Identities and values are those of the product guide."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlmodel import select

from monitor.path.assemble import assembled
from monitor.settings import Settings
from monitor.standing.known_acts import what_is_known
from monitor.standing.status import known, table
from monitor.standing.timeline import end_of
from store.database import reading
from store.tables import Event

AUTUMN, YEAR_END = date(2025, 9, 30), date(2025, 12, 31)


@dataclass(frozen=True)
class Shown:
    """What the service shows on a day, from the bundled history."""

    day: date
    lines: dict[str, dict[str, Any]]
    events: list[Event]

    def cell(self, therapy: str, place: str = "US") -> dict[str, Any]:
        return dict(self.lines[therapy]["places"][place])

    def pipeline(self, therapy: str) -> dict[str, Any]:
        return dict(self.lines[therapy]["pipeline"])

    def told(self, therapy: str, type_: str, day: str | None = None, **where: str) -> list[Event]:
        return [
            e
            for e in self.events
            if (e.therapy, e.type) == (therapy, type_)
            and day in (None, e.occurred_on)
            and all(getattr(e, field) == value for field, value in where.items())
        ]

    def approved(self, place: str = "US") -> list[str]:
        return [name for name, line in self.lines.items() if line["places"][place]["state"] == "approved"]

    def forms(self, place: str = "US") -> list[Event]:
        return [e for e in self.events if e.step == "form_added" and e.place == place]


@dataclass(frozen=True)
class Statement:
    """One statement of the text. It holds or not by what is shown, or lies outside of what events can tell."""

    holds: Callable[[Shown], bool] | None = None
    outdated_by: tuple[str, str, str] | None = None  # therapy, type, day
    outside: str = ""


LABEL = "the wording of a label is no dated event; a watch on the label would have to tell"
PRICE = "prices are no events"
FORM = "about the form of the text itself"

STATEMENTS = {
    "M2": Statement(outside=FORM),
    "M3": Statement(outside=FORM),
    "D3": Statement(outside="how common a gene variant is, is no act"),
    "R1": Statement(lambda s: s.cell("riluzole")["since"] == "1995-12-12"),
    "R2": Statement(lambda s: {e.occurred_on for e in s.forms()} >= {"2018-09-05", "2019-11-22"}),
    "R3": Statement(outside=LABEL),
    "E1": Statement(
        lambda s: (s.cell("edaravone")["state"], s.cell("edaravone")["since"]) == ("approved", "2017-05-05")
    ),
    "E2": Statement(lambda s: bool(s.told("edaravone", "label_expansion", "2022-05-12", place="US"))),
    "E3": Statement(outside=LABEL),
    "T1": Statement(
        lambda s: (s.cell("tofersen")["kind"], s.cell("tofersen")["since"]) == ("accelerated", "2023-04-25")
    ),
    "T2": Statement(lambda s: not s.told("tofersen", "label_expansion", place="US")),
    "T3": Statement(outside="the grounds of an approval stand in its letter"),
    "T4": Statement(lambda s: bool(s.told("tofersen", "readout_not_met", "2021-10-17", trial="NCT02623699"))),
    "T5": Statement(outside="an analysis in papers"),
    "T6": Statement(outside=LABEL),
    "T7": Statement(outside=LABEL),
    "T8": Statement(outside=f"{LABEL}; tests/stories/test_label_says.py holds it against the label"),
    "T9": Statement(outside=PRICE),
    "T10": Statement(
        lambda s: not s.told("tofersen", "results_posted") and s.cell("tofersen")["kind"] == "accelerated"
    ),
    "Y1": Statement(lambda s: bool(s.told("AMX0035", "approval", "2022-09-29", place="US", kind="regular"))),
    "Y2": Statement(lambda s: bool(s.told("AMX0035", "readout_not_met", "2024-03-08", trial="NCT05021536"))),
    "Y3": Statement(
        lambda s: not s.told("AMX0035", "market_withdrawal", "2024-10-31"),
        ("AMX0035", "market_withdrawal", "2024-10-31"),
    ),
    "Y4": Statement(
        lambda s: s.cell("AMX0035")["state"] == "approved", ("AMX0035", "authorization_revoked", "2025-08-29")
    ),
    "Y5": Statement(outside=PRICE),
    "L1": Statement(lambda s: len(s.approved()) + len(s.forms()) == 3, ("edaravone", "label_expansion", "2022-05-12")),
    "P1": Statement(lambda s: s.pipeline("ulefnersen")["phase"] == "3"),
    "P2": Statement(lambda s: s.pipeline("NurOwn")["state"] != "stalled", ("NurOwn", "trial_registered", "2025-05-22")),
    "P3": Statement(
        lambda s: s.pipeline("VRG50635")["state"] in ("recruiting", "active"),
        ("VRG50635", "trial_stopped", "2025-12-15"),
    ),
    "P4": Statement(lambda s: s.pipeline("PrimeC")["phase"] == "3", ("PrimeC", "readout_met", "2023-12")),
    "P5": Statement(outside="no drug of this kind is in the pack"),
    "X1": Statement(lambda s: not s.told("mecobalamin", "approval"), ("mecobalamin", "approval", "2024-09-24")),
    "X2": Statement(
        lambda s: s.cell("tofersen", "EU")["state"] == "none", ("tofersen", "accelerated_approval", "2024-05-29")
    ),
    "X3": Statement(lambda s: not s.told("NUZ-001", "clinical_hold"), ("NUZ-001", "clinical_hold", "2025-02")),
}
"""X1 to X3 are what the text leaves out: read as "there is nothing of the kind"."""


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Callable[[date], Shown]:
    """What an installation made on a day shows on that day."""

    def on(day: date) -> Shown:
        moment = datetime.combine(day, datetime.min.time(), UTC).replace(hour=12)
        url = f"sqlite:///{tmp_path_factory.mktemp('seed')}/watch.db"
        with assembled(Settings(database_url=url, now=moment)) as service, reading(service.engine) as session:
            acts, evidence = what_is_known(session.connection(), moment)
            lines = {line["therapy"]: line for line in table(acts, evidence, pack=service.pack, as_of=day)}
            events = known(session.exec(select(Event)), moment)
        return Shown(day, lines, [event for event in events if end_of(event) <= day])

    return on


def flagged(shown: Shown) -> set[str]:
    return {name for name, one in STATEMENTS.items() if one.holds and not one.holds(shown)}


def test_in_september_what_events_contradict_is_flagged_and_nothing_else(ledger: Callable[[date], Shown]) -> None:
    shown = ledger(AUTUMN)

    assert flagged(shown) == {"Y3", "Y4", "P2", "P4", "L1", "X1", "X2", "X3"}
    assert shown.approved() == ["riluzole", "edaravone", "tofersen"]  # L1 is right only by a rule it does not name


def test_at_the_end_of_the_year_the_stopped_trial_is_flagged_too(ledger: Callable[[date], Shown]) -> None:
    assert flagged(ledger(YEAR_END)) - flagged(ledger(AUTUMN)) == {"P3"}


def test_each_flag_names_an_event_in_the_log(ledger: Callable[[date], Shown]) -> None:
    shown = ledger(YEAR_END)

    for name in flagged(shown):
        found = STATEMENTS[name].outdated_by
        assert found is not None, name
        assert shown.told(*found), f"{name}: expected {found} among the events"


def test_the_trial_that_should_have_started_is_told_with_the_day_since_when(ledger: Callable[[date], Shown]) -> None:
    stage = ledger(AUTUMN).pipeline("NurOwn")

    assert (stage["trial"], stage["state"], stage["since"]) == ("NCT06973629", "stalled", "2025-08-29")


def test_what_lies_outside_says_why() -> None:
    outside = {name for name, one in STATEMENTS.items() if one.holds is None}

    assert outside >= {"M3", "T6", "T7", "T8", "T9"}
    assert all(STATEMENTS[name].outside for name in outside)
