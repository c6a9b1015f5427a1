"""Labels of openFDA, a third of which it adds nothing to."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.reading.typed.application_acts import therapy_of
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.therapies import Therapies
from sources.base import Page, Unexpected
from sources.fda_label import FdaLabel, FdaLabelOptions
from sources.product_labels import Label

SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "fda_label" / "labels.json"


def read(**fields: Any) -> Label:
    value = json.loads(SAMPLE.read_bytes())
    value["results"][0] |= fields
    body = json.dumps(value).encode()
    page = Page("https://example.org/label", datetime(2026, 1, 1, tzinfo=UTC), 200, "", "", lambda: body)
    (found,) = FdaLabel(FdaLabelOptions()).parse(page)
    assert not isinstance(found, Unexpected), found
    assert isinstance(found, Label)
    return found


PACK = {"pack": {"name": "xyd", "condition": "XYD"}, "therapies": [{"name": "tofersen", "brands": ["Qalsody"]}]}
MADE_OF = ["QALSODY tofersen TOFERSEN SODIUM WATER " + "SODIUM CHLORIDE " * 200]


@pytest.mark.parametrize(
    "added", [{}, {"spl_set_id": ["c6e131fe-0000-4876-83f7-9156fc4e8228"]}], ids=["empty", "no name"]
)
def test_a_label_without_names_is_known_by_what_it_is_made_of(added: dict[str, Any]) -> None:
    found = read(openfda=added, spl_product_data_elements=MADE_OF)
    assert therapy_of(found, Therapies(Pack.model_validate(PACK))) == "tofersen"
    assert found.title.startswith("QALSODY tofersen")
    assert len(found.title) <= 80
    assert sum(map(len, found.names)) <= 1000


def test_names_that_are_added_are_the_names() -> None:
    assert read().names == ("Qalsody", "TOFERSEN")
    bare = read(openfda={}, spl_product_data_elements=[])
    assert (bare.names, bare.title) == ((), bare.key)
