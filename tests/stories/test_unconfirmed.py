"""An address that the pack does not vouch for says so until it has answered."""

from datetime import UTC, date, datetime
from pathlib import Path

from fastapi.testclient import TestClient

from monitor.standing.watch_log import UNCONFIRMED
from monitor.web.app import create_app
from tests.stories.stage import Installation, Stage, look, study, tale, watch

TRIAL = "NCT09000001"


def test_an_unconfirmed_address_is_marked_so_until_it_answers(tmp_path: Path) -> None:
    with Stage(tale(studies=(study(TRIAL, (date(2024, 1, 1), {})),)), at=datetime(2024, 1, 2, 9, tzinfo=UTC)) as world:
        home = Installation(tmp_path, world)
        options = {"condition": "amyotrophic lateral sclerosis"}
        home.write_pack(watch("trials", "clinicaltrials", base_url="WORLD", options=options, confirmed=False))
        with home.service() as service, TestClient(create_app(service)) as client:

            def remarks() -> list[str]:
                (line,) = client.get("/api/v1/sources").json()
                found: list[str] = line["remarks"]
                return found

            assert remarks() == [UNCONFIRMED]
            assert "Its address is not confirmed" in client.get("/sources").text
            look(service)
            assert remarks() == []
