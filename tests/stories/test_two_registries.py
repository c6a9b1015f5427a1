"""One trial that stands in two registries: told once, under one number, and where its records do not agree shown as a
fact of the trial."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from demo.story import Versioned
from monitor.service import Service
from monitor.standing.registries import trials
from monitor.web.app import create_app
from store.database import reading
from tests.stories.stage import DISEASE, Installation, Stage, events, look, study, tale, watch

NCT, EUDRACT = "NCT04856982", "2020-000000-11"
BEFORE, AFTER = datetime(2026, 3, 2, 12, tzinfo=UTC), datetime(2026, 3, 9, 12, tzinfo=UTC)
LINES = (
    "A.1 Member State Concerned: Italy - Italian Medicines Agency",
    "Date on which this record was first entered in the EudraCT database: 2021-01-11",
    "A.3 Full title of the trial: Tofersen before symptoms",
    "B.1.1 Name of Sponsor: Biogen",
    "D.IMP: 1",
    "D.1.2 and D.1.3 IMP Role: Test",
    "D.3.1 Product name: tofersen",
    "E.1.1 Medical condition(s) being investigated: Amyotrophic Lateral Sclerosis",
    "E.7.1 Human pharmacology (Phase I): No",
    "E.7.2 Therapeutic exploratory (Phase II): No",
    "E.7.3 Therapeutic confirmatory (Phase III): Yes",
    "E.7.4 Therapeutic use (Phase IV): No",
    "F.4.2.2 In the whole clinical trial: 150",
    f"A.5.2 US NCT (ClinicalTrials.gov registry) number: {NCT}",
)


def european(*words: tuple[date, str]) -> Versioned:
    """The trial's European record, with its word from each day on."""
    moves = tuple((on, {"lines": [f"Trial Status: {word}", *LINES]}) for on, word in words)
    return Versioned(EUDRACT, tuple((on, {"key": EUDRACT, "of": "euctr", **facts}) for on, facts in moves))


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    american = study(
        NCT, (date(2026, 1, 5), {}), (date(2026, 3, 5), {"status": "TERMINATED", "why_stopped": "Funding"}),
        interventions=[{"type": "DRUG", "name": "tofersen"}], sponsor="Biogen", enrollment=158,
        start="2021-05", completion="2027-08-07", completion_type="ESTIMATED",
    )  # fmt: skip
    record = european((date(2026, 1, 5), "Ongoing"), (date(2026, 3, 5), "Prematurely Ended"))
    story = tale(studies=(american,))
    with Stage(type(story)(**{**vars(story), "records": (record,)}), at=BEFORE) as world:
        made = Installation(tmp_path, world)
        made.write_pack(
            watch("trials", "clinicaltrials", base_url="WORLD", options={"ids": [NCT]}),
            watch("eu-trials", "euctr", base_url="WORLD", options={"numbers": [EUDRACT]}),
            head=DISEASE.replace(f'"{NCT}"]', f'"{NCT}", "{EUDRACT}"]'),
        )
        yield made


def shown(service: Service) -> dict[str, list[tuple[str, str | None]]]:
    """What the registries say in the fields they disagree in, of the one trial there is."""
    with reading(service.engine) as session:
        line = next(line for line in trials(service, session) if line["trial"] == NCT)
        assert trials(service, session, [EUDRACT]) == [line]
    assert line["numbers"] == [NCT, EUDRACT]
    assert [record["key"] for record in line["records"]] == [NCT, EUDRACT]
    assert line["therapy"] == "tofersen"
    return {one["field"]: [(each["value"], each["how"]) for each in one["said"]] for one in line["disagreements"]}


def test_a_trial_of_two_registries_ends_once_and_its_numbers_disagree(home: Installation) -> None:
    with home.service() as service:
        look(service)
        assert shown(service) == {"enrollment": [("158", "planned"), ("150", "planned")]}

        home.world.at(AFTER)
        look(service)
        told = [event for event in events(service) if event.type == "trial_stopped"]
        assert [(event.trial, event.therapy, event.state) for event in told] == [(NCT, "tofersen", "released")]
        assert [e.type for e in events(service) if e.state == "released"] == ["trial_stopped"]
        assert shown(service) == {"enrollment": [("158", "planned"), ("150", "planned")]}  # both say that it stopped

        with TestClient(create_app(service)) as client:
            for address in (f"/trials/{NCT}", f"/trials/{EUDRACT}", "/therapies/tofersen"):
                page = client.get(address).text
                assert "Where its registries do not agree" in page, address
                assert "158 (planned)" in page
                assert "150 (planned)" in page
            page = client.get(f"/trials/{NCT}").text
            assert f"<dt>Also registered as</dt><dd>{EUDRACT}</dd>" in page
            (line,) = [line for line in client.get("/api/v1/trials").json() if line["trial"] == NCT]
            assert [one["field"] for one in line["disagreements"]] == ["enrollment"]


def test_the_page_of_a_trial_tells_apart_which_registry_moved_a_date(home: Installation) -> None:
    def later(answer: dict[str, Any]) -> dict[str, Any]:
        for row in answer["studies"]:
            row["protocolSection"]["statusModule"]["completionDateStruct"]["date"] = "2028-01-07"
        return answer

    with home.service() as service:
        look(service)
        home.world.edits["/api/v2/studies"] = later
        home.world.at(AFTER)
        look(service)
        with TestClient(create_app(service)) as client:
            page = client.get(f"/trials/{NCT}").text
    assert re.findall(r"<caption>At ([^:]+): every change of a date", page) == ["ClinicalTrials.gov"]


def test_one_says_that_it_goes_on_and_the_other_that_it_is_over(home: Installation) -> None:
    def recruits(answer: dict[str, Any]) -> dict[str, Any]:
        for row in answer["studies"]:
            row["protocolSection"]["statusModule"] |= {"overallStatus": "RECRUITING", "whyStopped": None}
        return answer

    home.world.edits["/api/v2/studies"] = recruits
    with home.service() as service:
        look(service)
        home.world.at(AFTER)
        look(service)
        assert shown(service)["status"] == [("Recruiting", None), ("Prematurely Ended", None)]
