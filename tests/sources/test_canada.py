"""Canada's databases of notices and of products: how they are asked, and what a joined answer comes to."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from sources.authorisations import Authorisation
from sources.base import Page, Source, Unexpected
from sources.ca_noc import CaNoc, CaNocOptions
from sources.ca_products import CaProducts, CaProductsOptions
from sources.records import Application

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
BASE = "https://canada.test"
NOC, DPD = f"{BASE}/api/notice-of-compliance", f"{BASE}/api/drug"


def sample(name: str) -> Any:
    return json.loads((SAMPLES / name).read_bytes())


@respx.mock
def test_the_notices_of_an_ingredient_are_found_and_joined(plain_fetch: Any) -> None:
    parts = sample("ca_noc/conditional.json")
    other = {"noc_number": 7, "noc_pi_medic_ingr_name": "OTHER"}
    for part in ("noticeofcompliancemain", "drugproduct", "medicinalingredient"):
        respx.get(f"{NOC}/{part}/", params={"id": 30001}).mock(return_value=httpx.Response(200, json=parts[part]))
    respx.get(f"{NOC}/medicinalingredient/").mock(
        return_value=httpx.Response(200, json=[other, *parts["medicinalingredient"]])
    )
    source = CaNoc(CaNocOptions(ingredients=("exampline",), at_least=2), base_url=BASE)

    (page,) = source.pages(plain_fetch)
    (found,) = source.parse(page)

    assert isinstance(found, Authorisation)
    assert (found.key, found.kind, found.acts, found.authorised_on) == ("30001", "noc_c", ("authorised",), "2025-03-03")
    assert found.names == ("EXAMPLA", "EXAMPLINE")
    whole = CaNoc(CaNocOptions(ingredients=("exampline",)), base_url=BASE)
    with pytest.raises(Unexpected, match="expected 1000 ingredients or more, found 2"):
        list(whole.pages(plain_fetch))


@respx.mock
def test_the_products_of_a_brand_are_found_and_joined_with_their_status(plain_fetch: Any) -> None:
    parts = sample("ca_products/cancelled.json")
    respx.get(f"{DPD}/status/", params={"id": "99001"}).mock(return_value=httpx.Response(200, json=parts["status"][0]))
    respx.get(f"{DPD}/drugproduct/").mock(return_value=httpx.Response(200, json=parts["drugproduct"]))
    source = CaProducts(CaProductsOptions(brands=("exampla",)), base_url=BASE)

    (page,) = source.pages(plain_fetch)
    (found,) = source.parse(page)

    assert isinstance(found, Application)
    assert found.products["02500001"].act == "ended"


def told(name: str, part: str, **fields: Any) -> Any:
    """What is read where these fields of a sample say something else."""
    odd = sample(name)
    odd[part][0] |= fields
    source: Source = CaNoc(CaNocOptions()) if name.startswith("ca_noc") else CaProducts(CaProductsOptions())
    body = json.dumps(odd).encode()
    (found,) = source.parse(Page(BASE, datetime(2026, 1, 1, tzinfo=UTC), 200, "", "", lambda: body))
    return found


@pytest.mark.parametrize(
    ("fields", "acts"),
    [
        ({}, ("authorised",)),
        ({"noc_on_submission_type": "Abbreviated New Drug Submission (ANDS)", "noc_submission_class": ""},
         ("generic_authorised",)),
        ({"noc_submission_class": "Biosimilar"}, ("generic_authorised",)),
        ({"noc_submission_class": "Subsequent Entry Biologic"}, ("generic_authorised",)),
        ({"noc_submission_class": "Admin"}, ()),
        ({"noc_is_admin": "Y"}, ()),
        ({"noc_submission_class": "Priority-NAS"}, ("authorised",)),
        ({"noc_submission_class": None, "noc_on_submission_type": "Extraordinary Use New Drug Submission (EUNDS)"},
         ("authorised",)),
    ],
)  # fmt: skip
def test_a_copy_and_a_formality_are_no_new_drug(fields: dict[str, Any], acts: tuple[str, ...]) -> None:
    assert told("ca_noc/conditional.json", "noticeofcompliancemain", **fields).acts == acts


def test_a_figure_is_read_as_text_and_as_number() -> None:
    for active, status in ((1, "authorised"), ("1", "authorised"), (0, "ended"), ("0", "ended")):
        assert told("ca_noc/conditional.json", "noticeofcompliancemain", noc_active_status=active).status == status
    day = told("ca_noc/conditional.json", "noticeofcompliancemain", noc_date="2025-03-03T00:00:00").authorised_on
    assert day == "2025-03-03"


@pytest.mark.parametrize(
    ("word", "act"),
    [
        ("Authorized By Interim Order", None),
        ("Authorization By Interim Order Revoked", "ended"),
        ("Authorization By Interim Order Expired", "ended"),
        ("Restricted Access", None),
        ("Cancelled (Transitioned to Biocides)", "ended"),
    ],
)
def test_the_rarer_words_for_a_product_are_known(word: str, act: str | None) -> None:
    assert told("ca_products/cancelled.json", "status", status=word).products["02500001"].act == act


@pytest.mark.parametrize(
    ("name", "part", "field", "value", "said"),
    [
        (
            "ca_noc/conditional.json",
            "noticeofcompliancemain",
            "noc_status_with_conditions",
            "MAYBE",
            "expected one of N, Y",
        ),
        ("ca_noc/conditional.json", "noticeofcompliancemain", "noc_date", "3 March", "expected a day such as"),
        ("ca_noc/conditional.json", "noticeofcompliancemain", "noc_active_status", "7", "expected one of 0, 1"),
        ("ca_products/cancelled.json", "status", "status", "Asleep", "expected one of Approved"),
        ("ca_products/cancelled.json", "drugproduct", "company_name", None, "expected a text"),
    ],
)
def test_an_unknown_word_is_a_problem_of_that_record(name: str, part: str, field: str, value: Any, said: str) -> None:
    odd = sample(name)
    odd[part][0][field] = value
    source: Source = CaNoc(CaNocOptions()) if name.startswith("ca_noc") else CaProducts(CaProductsOptions())
    body = json.dumps(odd).encode()

    (found,) = source.parse(Page(BASE, datetime(2026, 1, 1, tzinfo=UTC), 200, "", "", lambda: body))

    assert isinstance(found, Unexpected)
    assert said in str(found)
    assert found.key in ("30001", "99001")
