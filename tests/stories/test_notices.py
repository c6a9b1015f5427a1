"""Cases of official notices, played as they were found: what is less than the whole drug never ends its approval."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from demo.answers import Answer
from tests.stories.stage import DISEASE, Installation, Stage, look, tale, versions, watch

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
ADDRESS = "/api/v1/documents.json"
RILUZOLE = """
[[therapies]]
name = "riluzole"
brands = ["Rilutek", "Tiglutik"]
applications = { fda = ["NDA020599", "NDA209080"] }
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    nothing = versions("NCT00000000", (date(2030, 1, 1), {}))
    with Stage(tale(studies=(nothing,)), at=START) as world:
        installed = Installation(tmp_path, world)
        installed.write_pack(
            watch("register", "federalregister", base_url="WORLD", options={"terms": ["a drug"]}),
            head=DISEASE + RILUZOLE,
        )
        yield installed


def played(home: Installation, steps: list[Any]) -> list[dict[str, Any]]:
    """The events after these answers of the register, one a day."""
    for day, shown in enumerate(steps):
        home.world.at(START.replace(day=2 + day))
        home.world.instead[ADDRESS] = Answer(200, "application/json", json.dumps(shown).encode())
        with home.service() as service:
            looked = look(service)
        assert looked["register"].outcome in ("baseline", "changed"), looked["register"].error
    return home.command("events", "--json").lines


def row(number: int, title: str, abstract: str, on: str = "2026-03-02") -> dict[str, Any]:
    return {
        "document_number": f"2026-{number:05}", "title": title, "abstract": abstract, "dates": None,
        "action": "Notice.", "publication_date": on, "html_url": f"https://www.federalregister.gov/d/2026-{number:05}",
        "docket_ids": [], "agencies": [{"name": "Food and Drug Administration"}],
    }  # fmt: skip


def answer(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"count": len(rows), "results": list(rows)}


OLD = row(1, "Agency Information Collection Activities; Comment Request", "FDA asks for comments.", "2026-01-05")


@pytest.mark.parametrize(
    ("case", "type_", "step"),
    [
        ("23-fr-one-indication-withdrawn", "label_expansion", "tofersen"),
        ("24-fr-generic-withdrawn", None, None),
        ("26-fr-final-decision-to-withdraw", "authorization_revoked", "AMX0035"),
        ("27-fr-proposal-to-withdraw", "market_withdrawal", "AMX0035"),
        ("28-fr-committee-meeting-cancelled", "adcomm_scheduled", "tofersen"),
    ],
)
def test_the_cases_that_were_found(
    home: Installation, shared: Path, case: str, type_: str | None, step: str | None
) -> None:
    folder = shared / "faults" / case
    steps = [json.loads((folder / day / ADDRESS[1:]).read_text()) for day in ("1", "2")]

    told = played(home, steps)

    assert [(e["type"], e["therapy"], e["state"]) for e in told] == ([(type_, step, "held")] if type_ else [])
    assert not [line for line in home.command("status", "--json").lines if line["places"]["US"]["state"] == "withdrawn"]


def test_the_whole_application_of_a_followed_drug_is_released(home: Installation) -> None:
    notice = row(2, "Withdrawal of Approval of New Drug Application for QALSODY", "NDA 215887 is withdrawn.")
    (told,) = played(home, [answer(OLD), answer(OLD, notice)])
    assert (told["type"], told["state"], told["place"]) == ("authorization_revoked", "released", "US")


def test_one_brand_of_a_drug_with_several_is_a_use_that_ended(home: Installation) -> None:
    notice = row(
        2, "Withdrawal of Approval of New Drug Application for TIGLUTIK (riluzole)", "NDA 209080 is withdrawn."
    )
    (told,) = played(home, [answer(OLD), answer(OLD, notice)])
    assert (told["type"], told["polarity"], told["state"]) == ("label_expansion", "negative", "held")


def test_what_is_doubtful_is_held_even_where_it_is_old_or_found_at_first_sight(home: Installation) -> None:
    old = row(2, "Withdrawal of Approval of Riluzole Tablets", "The holder asked for it.", "2019-05-06")
    found = played(home, [answer(OLD, old)])
    assert [(e["type"], e["state"]) for e in found] == [("authorization_revoked", "held")]


def test_a_meeting_called_and_then_cancelled_are_two_steps(home: Installation) -> None:
    committee = "Peripheral and Central Nervous System Drugs Advisory Committee; "
    called = row(2, committee + "Notice of Meeting", "To discuss tofersen.")
    cancelled = row(3, committee + "Cancellation of Meeting", "It was to discuss tofersen.", "2026-03-03")
    told = played(home, [answer(OLD), answer(OLD, called), answer(OLD, called, cancelled)])
    assert [("cancelled" in event["title"], event["state"]) for event in told] == [(False, "released"), (True, "held")]
