"""The Federal Register: how it is asked, what is kept of a notice, and what is refused."""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from sources.base import Page, Unexpected
from sources.federalregister import FederalRegister, FederalRegisterOptions, notice
from sources.notices import Notice

SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "federalregister" / "relyvrio.json"
RELYVRIO = json.loads(SAMPLE.read_bytes())["results"][0]
BASE = "https://register.test"
ADDRESS = f"{BASE}/api/v1/documents.json"


def source(**options: Any) -> FederalRegister:
    return FederalRegister(FederalRegisterOptions(**options), base_url=BASE)


def page(value: Any) -> Page:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Page(ADDRESS, datetime(2026, 1, 1, tzinfo=UTC), 200, "application/json", "", lambda: body)


def answer(numbers: list[str], count: int, following: str | None = None) -> httpx.Response:
    rows = [{**RELYVRIO, "document_number": number} for number in numbers]
    return httpx.Response(200, json={"count": count, "next_page_url": following, "results": rows})


@respx.mock
def test_each_term_is_a_query_of_its_own_walked_to_its_end(plain_fetch: Any) -> None:
    route = respx.get(url__startswith=ADDRESS)
    route.side_effect = [
        answer(["2025-16646"], 2, f"{ADDRESS}?page=2"),
        answer(["2025-16647"], 2),
        httpx.Response(200, json={"count": 0}),
    ]

    asked = source(terms=["sodium phenylbutyrate and taurursodiol", "tofersen"], since="2020-01-01")
    pages = list(asked.pages(plain_fetch))

    first, second, third = plain_fetch.asked
    assert first.params["conditions[term]"] == '"sodium phenylbutyrate and taurursodiol"'
    assert first.params.get_list("conditions[agencies][]") == ["food-and-drug-administration"]
    assert first.params["conditions[publication_date][gte]"] == "2020-01-01"
    assert "document_number" in first.params.get_list("fields[]")
    assert str(second) == f"{ADDRESS}?page=2"
    assert third.params["conditions[term]"] == "tofersen"
    assert [len(list(asked.parse(one))) for one in pages] == [1, 1, 0]


@pytest.mark.parametrize(
    "walk",
    [
        [answer(["2025-1"], 2, "https://elsewhere.test/api/v1/documents.json?page=2")],
        [answer(["2025-1"], 2, f"{ADDRESS}?page=2"), answer(["2025-2"], 2, f"{ADDRESS}?page=2")],
        [answer(["2025-1"], 2)],
        [answer(["2025-1"], 2001)],
        [httpx.Response(200, json={"count": 3})],
        [httpx.Response(200, json={"results": []})],
        [httpx.Response(200, text="<html>are you a robot</html>")],
    ],
)
@respx.mock
def test_answers_that_do_not_fit_are_refused(plain_fetch: Any, walk: list[httpx.Response]) -> None:
    respx.get(url__startswith=ADDRESS).side_effect = walk
    with pytest.raises(Unexpected):
        list(source(terms=["x"]).pages(plain_fetch))


def test_no_terms_is_said(plain_fetch: Any) -> None:
    with pytest.raises(Unexpected, match="options: expected terms"):
        list(source().pages(plain_fetch))


def test_what_a_notice_says_is_kept() -> None:
    content = notice(RELYVRIO).content()

    assert content["dates"] == "Approval is withdrawn as of August 29, 2025."
    assert content["dockets"] == ["FDA-2025-N-2654"]
    assert content["published_on"] == "2025-08-29"
    assert set(content) - Notice.derived <= set(FederalRegister.paths)


@pytest.mark.parametrize("drift", ["dropped", "renamed", "retyped"])
@pytest.mark.parametrize("name", ["document_number", "title", "publication_date", "html_url", "agencies"])
def test_a_drifting_schema_is_refused(name: str, drift: str) -> None:
    row = copy.deepcopy(RELYVRIO)
    value = row.pop(name)
    if drift != "dropped":
        row[f"{name}_new" if drift == "renamed" else name] = {"value": value}

    (found,) = source().parse(page({"count": 1, "results": [row]}))

    assert isinstance(found, Unexpected)
