"""What a label says of a drug's warnings: by the command, on the page and in the interface, with section and day."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from monitor.standing.label_text import said
from monitor.web.app import create_app
from store.database import reading
from tests.stories.stage import ROOT, Answer, Installation, Stage, look, tale, watch

SET_ID = "c6e131fe-0000-4876-83f7-9156fc4e8228"
SPLS = "/dailymed/services/v2/spls"
SAMPLES = ROOT / "tests/samples"
LABEL = (SAMPLES / "dailymed/label.xml").read_bytes()
BEFORE, LATER = datetime(2023, 5, 3, 12, tzinfo=UTC), datetime(2026, 5, 6, 12, tzinfo=UTC)
WARNINGS = [
    ("5.1", "Myelitis and/or Radiculitis"),
    ("5.2", "Papilledema and Elevated Intracranial Pressure"),
    ("5.3", "Aseptic Meningitis"),
]
END = b"""</section></component>
    <component><section><code code="34069-5"/>"""
FOURTH = (
    b"""<component><section><code code="42229-5"/><title>5.4 A Fourth Warning</title>
        <text><paragraph>Something else has been reported.</paragraph></text></section></component>
    """
    + END
)


def _json(value: Any) -> Answer:
    return Answer(200, "application/json", json.dumps(value).encode())


def shown(world: Stage, label: bytes, version: int) -> None:
    """The label at DailyMed in one version."""
    history = {"data": {"history": [{"spl_version": version, "published_date": "May 4, 2026"}]}}
    listed = {"metadata": {"total_pages": 1}, "data": [{"setid": SET_ID, "spl_version": version}]}
    world.instead = {
        f"{SPLS}.json": _json(listed),
        f"{SPLS}/{SET_ID}/history.json": _json(history),
        f"{SPLS}/{SET_ID}.xml": Answer(200, "application/xml", label),
    }


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    """A watch on one label, and the same label through openFDA."""
    with Stage(tale(), at=BEFORE) as world:
        made = Installation(tmp_path, world)
        made.write_pack(watch("labels", "dailymed", base_url="WORLD", options={"applications": ["NDA215887"]}))
        shown(world, LABEL, 1)
        yield made


def test_the_label_of_tofersen_is_known_by_section_and_day(home: Installation) -> None:
    """The text this service grew out of names myelitis alone: the label names more (T8)."""
    with home.service() as service:
        look(service)
    asked = home.command("label", "Qalsody", "--section", "warnings_and_cautions", "--json")

    assert asked.status == 0, asked.err
    assert [(row["number"], row["heading"]) for row in asked.lines] == WARNINGS
    first = asked.lines[0]
    assert (first["therapy"], first["place"], first["effective_on"]) == ("tofersen", "US", "2023-04-25")
    assert first["text"] == "Serious adverse reactions of myelitis and radiculitis have been reported."
    assert first["url"].endswith(SET_ID)
    assert first["source"] == "dailymed"
    assert first["capture_sha256"]
    told = home.command("label", "tofersen")
    assert "tofersen, US label of 2023-04-25: warnings_and_cautions 5.3 Aseptic Meningitis: Serious" in told.out
    assert home.command("label", "nobody").status == 2
    assert home.command("label", "--section", "dosage").status == 2


def test_page_and_interface_say_the_same_and_a_new_heading_says_since_when(home: Installation) -> None:
    with home.service() as service:
        look(service)
        home.world.at(LATER)
        newer = LABEL.replace(b'value="20230425"', b'value="20260504"')
        shown(home.world, newer.replace(END, FOURTH), 2)
        look(service)
        with TestClient(create_app(service), client=("127.0.0.1", 1)) as client:
            shown_page = client.get("/therapies/tofersen").text
            (line,) = [one for one in client.get("/api/v1/therapies").json() if one["name"] == "tofersen"]

        with reading(service.engine) as session:
            rows = said(service, session, "tofersen", "warnings_and_cautions")
    assert [(row["number"], row["since"]) for row in rows] == [
        ("5.1", None), ("5.2", None), ("5.3", None), ("5.4", "2026-05-04"),
    ]  # fmt: skip
    assert {row["effective_on"] for row in rows} == {"2026-05-04"}
    assert [one for one in line["labels"] if one["section"] == "warnings_and_cautions"] == rows
    assert "US label of 4 May 2026" in shown_page
    assert "5.1 Myelitis and/or Radiculitis" in shown_page
    assert "5.4 A Fourth Warning (since 4 May 2026)" in shown_page


def test_a_label_in_one_line_is_told_by_its_numbers(tmp_path: Path) -> None:
    with Stage(tale(), at=BEFORE) as world:
        home = Installation(tmp_path, world)
        home.write_pack(watch("labels", "fda_label", base_url="WORLD", options={"set_ids": [SET_ID]}))
        body = (SAMPLES / "fda_label/labels.json").read_bytes()
        world.instead = {"/drug/label.json": Answer(200, "application/json", body)}
        with home.service() as service:
            look(service)
            with reading(service.engine) as session:
                (row,) = said(service, session, "tofersen", "warnings_and_cautions")
    assert (row["number"], row["heading"]) == ("5.1", None)
    assert row["text"].startswith("Myelitis and/or Radiculitis Serious adverse reactions")
