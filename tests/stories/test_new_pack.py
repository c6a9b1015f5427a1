"""A newcomer has another disease running: `pack new` with two drugs, `lint`, a first look, a status with its history.

The drugs, companies and numbers are made up; the registers are a local replay.
"""

import json
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from monitor.vocabulary.pack import parsed
from tests.stories.stage import ROOT, Answer, Installation, Stage, application, study, tale

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
DISEASE = "Island fever"
PRODUCT = {
    "brand": "Dystriva", "form": "TABLET", "route": "ORAL", "marketing": "Prescription",
    "ingredients": [{"name": "VELORASTAT", "strength": "5MG"}],
}  # fmt: skip
REPORTS = "/en/documents/report/medicines-output"
NO_MATCH = Answer(404, "application/json", b'{"error": {"code": "NOT_FOUND", "message": "No matches found!"}}')


def answer(value: object) -> Answer:
    return Answer(200, "application/json", json.dumps(value).encode())


def sample(name: str) -> dict[str, object]:
    rows: dict[str, object] = json.loads((ROOT / "tests/samples" / name).read_bytes())
    return rows


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    """Registers that know two drugs of a disease, and a folder without a pack."""
    running = study(
        "NCT09000001", (date(2025, 1, 6), {}), sponsor="Velora", conditions=[DISEASE], phases=["PHASE3"],
        acronym="LEAPFROG", interventions=[{"type": "DRUG", "name": "Velorastat"}], first_posted="2025-01-06",
    )  # fmt: skip
    early = study(
        "NCT09000002", (date(2025, 1, 6), {}), sponsor="Obelia", conditions=[DISEASE], phases=["PHASE1"],
        interventions=[{"type": "DRUG", "name": "Obelarsen"}],
    )  # fmt: skip
    approved = application(
        "NDA200001", date(2024, 3, 4), ("ORIG", "1", "AP", "2024-03-01"), sponsor="VELORA INC", products=[PRODUCT]
    )
    medicine = sample("ema/medicines.json")["data"][0] | {  # type: ignore[index]
        "name_of_medicine": "Dystriko", "ema_product_number": "EMEA/H/C/009001", "active_substance": "velorastat",
        "international_non_proprietary_name_common_name": "velorastat", "medicine_status": "Authorised",
        "marketing_authorisation_date": "10/06/2025", "european_commission_decision_date": "10/06/2025",
        "opinion_adopted_date": "24/04/2025", "opinion_status": "Positive",
        "marketing_authorisation_developer_applicant_holder": "Velora Europe B.V.",
        "therapeutic_indication": "Island fever.",
    }  # fmt: skip
    with Stage(tale(studies=(running, early), applications=(approved,)), at=NOW) as world:
        world.instead = {
            "/drug/shortages.json": NO_MATCH, "/drug/enforcement.json": NO_MATCH, "/transparency/crl.json": NO_MATCH,
            "/dailymed/services/v2/spls.json": answer({"metadata": {"total_pages": 1}, "data": []}),
            f"{REPORTS}-medicines_json-report_en.json": answer({"meta": {"total_records": 1}, "data": [medicine]}),
            f"{REPORTS}-orphan_designations-json-report_en.json": answer(sample("ema_orphans/designations.json")),
            "/en/documents/report/shortages-output-json-report_en.json": answer(
                sample("ema_shortages/catalogue.json")
            ),
            "/ctis-public-api/search": answer(
                {"pagination": {"totalRecords": 1}, "data": [{"ctNumber": "2023-510000-00-00"}]}
            ),
            "/ctis-public-api/retrieve/2023-510000-00-00": answer(
                sample("ctis/trial.json") | {"ctNumber": "2023-510000-00-00"}
            ),
            "/api/query/format/default": Answer(
                200, "application/xml", (ROOT / "tests/samples/isrctn/trials.xml").read_bytes()
            ),
        }  # fmt: skip
        yield Installation(tmp_path, world)


def test_a_newcomer_has_another_disease_running(home: Installation) -> None:
    made = home.command(
        "pack", "new", DISEASE, "velorastat", "obelarsen", "--to", str(home.pack), "--mirror", home.world.url, "--json",
        CONFIG="",
    )  # fmt: skip
    assert made.status == 0, made.err
    assert [(row["therapy"], row["brands"], row["trials"]) for row in made.lines] == [
        ("velorastat", ["Dystriva", "Dystriko"], ["NCT09000001"]), ("obelarsen", [], []),
    ]  # fmt: skip
    pack = parsed(home.pack)
    velorastat = pack.therapies[0]
    assert velorastat.applications == {"fda": ("NDA200001",), "ema": ("EMEA/H/C/009001",)}
    assert velorastat.acronyms == {"LEAPFROG": "NCT09000001"}
    assert velorastat.brand_in == {"US": "Dystriva", "EU": "Dystriko"}
    rows = tomllib.loads(home.pack.with_suffix(".events.toml").read_text(encoding="utf-8"))["events"]
    acts = {(row["type"], row.get("place"), row["date"], row["mark_date"]) for row in rows}
    assert acts >= {("approval", "US", "2024-03-01", "C1"), ("accelerated_approval", "EU", "2025-06-10", "C1")}
    assert all(row["note"].startswith("Proposed:") for row in rows)

    (linted,) = home.command("lint", str(home.pack), "--json").lines
    missing = "; ".join(linted["missing"])
    assert "pack.synonyms: none" in missing
    assert f"{len(rows)} of {len(rows)} rows are proposed by registers" in missing
    assert "therapies.obelarsen: no trials, no applications, no sponsors" in missing
    assert "approvals in CA, UK, JP, CN, KR, CH, AU are not watched" in missing

    looked = home.command("check", "--all", "--json")
    assert {line["outcome"] for line in looked.lines} == {"baseline"}, looked.err
    status = {line["therapy"]: line for line in home.command("status", "--json").lines}["velorastat"]
    cells = {place: (cell["state"], cell["since"]) for place, cell in status["places"].items()}
    assert (cells["US"], cells["EU"]) == (("approved", "2024-03-01"), ("approved", "2025-06-10"))
    assert status["pipeline"]["trial"] == "NCT09000001"
    again = home.command("pack", "new", DISEASE, "velorastat", "--to", str(home.pack))
    assert (again.status, "expected no file of this name" in again.err) == (2, True)


def test_what_cannot_be_asked_is_said_and_the_rest_goes_on(home: Installation) -> None:
    del home.world.instead[f"{REPORTS}-medicines_json-report_en.json"]
    made = home.command("pack", "new", DISEASE, "velorastat", "--to", str(home.pack), "--mirror", home.world.url)

    assert made.status == 1
    assert "could not be asked: ema:" in made.err
    assert parsed(home.pack).therapies[0].applications == {"fda": ("NDA200001",)}
