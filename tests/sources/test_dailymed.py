"""DailyMed: what is asked for, what of a label is kept, and documents that are none."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from sources.base import Page, Unexpected
from sources.dailymed import DailyMed, DailyMedOptions
from sources.product_labels import Label

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "tests" / "samples" / "dailymed"
DOCUMENT = (SAMPLES / "label.xml").read_bytes()
HISTORY = json.loads((SAMPLES / "history.json").read_bytes())
RECORDED = ROOT.parent / "shared" / "recorded" / "dailymed-spl"
BASE = "https://dailymed.test"
SPLS = f"{BASE}/dailymed/services/v2/spls"
SET_ID = "c6e131fe-0000-4876-83f7-9156fc4e8228"
LIST = {"metadata": {"total_pages": 1, "total_elements": 1}, "data": [{"setid": SET_ID, "spl_version": 1}]}


def page(body: bytes) -> Page:
    return Page(f"{BASE}/x.xml", datetime(2026, 1, 1, tzinfo=UTC), 200, "", "", lambda: body)


def source(**options: Any) -> DailyMed:
    return DailyMed(DailyMedOptions(**options), base_url=BASE)


@respx.mock
def test_labels_are_found_by_application_and_fetched_when_one_has_a_new_version(plain_fetch: Any) -> None:
    respx.get(f"{SPLS}.json").mock(return_value=httpx.Response(200, json=LIST))
    versions = respx.get(f"{SPLS}/{SET_ID}/history.json").mock(return_value=httpx.Response(200, json=HISTORY))
    respx.get(f"{SPLS}/{SET_ID}.xml").mock(return_value=httpx.Response(200, content=DOCUMENT))
    asked = source(applications=["NDA215887"])

    (found,) = [record for shown in asked.pages(plain_fetch) for record in asked.parse(shown)]
    assert isinstance(found, Label)
    assert plain_fetch.asked[0].params["application_number"] == "NDA215887"

    plain_fetch.asked.clear()
    versions.mock(return_value=httpx.Response(200, json=HISTORY, headers={"x-unchanged": "1"}))
    assert [shown.unchanged for shown in asked.pages(plain_fetch)] == [True]
    assert not any(str(url).endswith(".xml") for url in plain_fetch.asked)


@pytest.mark.parametrize(
    "answer", [{"data": {}}, {"data": [{"setid": "x"}], "metadata": {"total_pages": 1}}, {"data": [], "metadata": {}}]
)
@respx.mock
def test_a_list_of_another_shape_is_refused(plain_fetch: Any, answer: Any) -> None:
    respx.get(f"{SPLS}.json").mock(return_value=httpx.Response(200, json=answer))
    with pytest.raises(Unexpected):
        list(source(applications=["NDA215887"]).pages(plain_fetch))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<html><body>Maintenance</body></html>", "root element document"),
        (DOCUMENT[:900], "expected a label in XML"),
        (DOCUMENT.replace(b"<document", b'<!DOCTYPE x [<!ENTITY a "b">]><document', 1), "declarations"),
        ('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a "b">]><x/>'.encode("utf-16"), "declarations"),
        (DOCUMENT.replace(b"<setId root=", b"<setId id="), "setId"),
        (DOCUMENT.replace(b"<versionNumber", b"<version"), "versionNumber"),
        (DOCUMENT.replace(b'value="20230425"', b'value="spring"'), "effectiveTime"),
        (DOCUMENT.replace(b'code="34067-9"', b'code="1"').replace(b'code="34068-7"', b'code="2"').replace(
            b'code="43685-7"', b'code="3"'), "expected sections such as"),
        (DOCUMENT.replace(b"<paragraph>Store", b"<a>" * 300 + b"Store"), "XML"),
    ],
    ids=["page", "cut", "entities", "entities in UTF-16", "set", "version", "day", "codes", "depth"],
)  # fmt: skip
def test_what_is_no_label_is_refused_by_name(body: bytes, why: str) -> None:
    with pytest.raises(Unexpected, match=why):
        list(source().parse(page(body)))


def test_recorded_labels_are_read_and_a_repackagers_copy_has_the_same_words() -> None:
    if not RECORDED.is_dir():
        pytest.skip("no recordings beside the checkout (../shared/recorded)")
    labels = {path.stem: next(source().parse(page(path.read_bytes()))) for path in sorted(RECORDED.glob("*.xml"))}
    assert all(isinstance(found, Label) and found.sections["indications_and_usage"] for found in labels.values())
    first, copy = labels["lipitor-orig"], labels["lipitor-repack"]
    assert isinstance(first, Label)
    assert isinstance(copy, Label)
    assert first.key != copy.key
    assert first.numbers == copy.numbers == ("NDA020702",)
    assert "boxed_warning" in getattr(labels["no-title"], "sections", {})
