"""`doctor --live` asks each source for a record that is known, and says of each whether it passes, with the fix;
`sample` keeps a page of a source and what was read from it; a source that wants a contact says so, no other stops."""

import json
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from store.states import Health
from tests.stories.stage import ROOT, Answer, Installation, Stage, application, look, study, tale, watch, watch_row

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
EMA = "/en/documents/report/medicines-output-medicines_json-report_en.json"


def known(source: str, **keys: Any) -> str:
    """A known record, as a pack writes it."""
    return watch("", source, base_url="WORLD", **keys).replace("[[watches]]", "[[known]]").replace(
        'name = ""\n', ""
    ).replace('every = "12h"\n', "")  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    """A registry that is as it was, an openFDA with another brand, a block page for EMA's list, and SEC."""
    trial = study("NCT04856982", (date(2026, 1, 5), {}), sponsor="Biogen", phases=["PHASE3"])
    approved = application("NDA215887", date(2024, 1, 5), ("ORIG", "1", "AP", "2023-04-25"))
    with Stage(tale(studies=(trial,), applications=(approved,)), at=NOW) as world:
        world.instead[EMA] = Answer(200, "text/html", b"<html><title>Access Denied</title>Reference #18.2</html>")
        nothing = b'{"pagination": {"totalRecords": 0}, "data": []}'
        world.instead["/ctis-public-api/search"] = Answer(200, "application/json", nothing)
        made = Installation(tmp_path, world)
        made.write_pack(
            known("clinicaltrials", key="NCT04856982", options={"ids": ["NCT04856982"]},
                  says={"sponsor": "biogen", "phases": "PHASE3"}),
            known("drugsfda", key="NDA215887", options={"applications": ["NDA215887"]}, says={"products": "ANOTHER"}),
            known("ema", options={"numbers": ["EMEA/H/C/005493"]}),
            known("edgar", options={"companies": ["874015"], "releases": 0}).replace('base_url = "WORLD"\n', ""),
            watch("trials", "clinicaltrials", base_url="WORLD", options={"ids": ["NCT04856982"]}),
            watch("misspelled", "ctis", base_url="WORLD", options={"condition": "amiotrophic"}),
            watch("filings", "edgar", options={"companies": ["874015"]}),
        )  # fmt: skip
        yield made


def test_each_source_is_asked_for_what_is_known_and_says_how_it_is(home: Installation) -> None:
    ran = home.command("doctor", "--live", "--json")

    lines = {line["check"]: line for line in ran.lines}
    assert ran.status == 1
    told = {name: lines[name]["state"] for name in ("clinicaltrials", "drugsfda", "ema", "edgar")}
    assert told == {"clinicaltrials": "pass", "drugsfda": "shape-changed", "ema": "blocked", "edgar": "warn"}
    assert lines["clinicaltrials"]["detail"].startswith("NCT04856982 as known")
    assert "expected 'ANOTHER' in products of NDA215887, found" in lines["drugsfda"]["detail"]
    assert "therawatch sample" in lines["drugsfda"]["fix"]
    assert "needs a key: set THERAWATCH_CONTACT" in lines["edgar"]["detail"]
    assert (lines["misspelled"]["state"], lines["misspelled"]["detail"]) == ("warn", "nothing found, 0 pages")


def test_a_source_that_wants_a_contact_says_so_and_the_rest_goes_on(home: Installation) -> None:
    with home.service() as service:
        ran = look(service)
        assert (ran["trials"].outcome, ran["filings"].outcome) == ("baseline", "failed")
        row = watch_row(service, "filings")
    assert (row.health, row.problem) == (
        Health.FAILING, "needs a key: set THERAWATCH_CONTACT to a mail address, SEC EDGAR asks who reads it",
    )  # fmt: skip


def test_a_sample_of_a_source_is_a_page_and_what_was_read(home: Installation, tmp_path: Path) -> None:
    asked = ("sample", "drugsfda", "--base-url", home.world.url, "--to", str(tmp_path / "kept"))
    ran = home.command(*asked, "--option", 'applications=["NDA215887"]')

    assert ran.status == 0, ran.err
    page, read = tmp_path / "kept/1.json", tmp_path / "kept/1.expected.json"
    assert json.loads(page.read_bytes())["results"][0]["application_number"] == "NDA215887"
    assert [record["key"] for record in json.loads(read.read_text(encoding="utf-8"))] == ["NDA215887"]
    wrong = home.command(*asked, "--option", "applications=NDA215887")
    assert (wrong.status, "expected NAME=VALUE" in wrong.err) == (2, True)
    wrong = home.command(*asked, "--option", 'numbers=["NDA215887"]')
    assert (wrong.status, "numbers" in wrong.err) == (2, True)


def test_the_known_records_of_a_bundled_pack_cover_its_sources() -> None:
    pack = tomllib.loads((ROOT / "monitor/packs/als.toml").read_text(encoding="utf-8"))
    watched = {plan["source"] for plan in pack["watches"]} - {"feed", "page"}
    assert watched <= {one["source"] for one in pack["known"]}
