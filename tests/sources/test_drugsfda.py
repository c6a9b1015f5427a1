"""Drugs@FDA: how openFDA is asked, and what is read out of an application."""

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

from sources.base import Page, Unexpected, Unreachable
from sources.drugsfda import DrugsFda, DrugsFdaOptions, application
from sources.openfda import application_number
from sources.records import Application

SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "drugsfda" / "als-applications.json"
ALS = json.loads(SAMPLE.read_bytes())["results"]
QALSODY, RADICAVA = ALS[0], ALS[2]
BASE = "https://openfda.test"
ADDRESS = f"{BASE}/drug/drugsfda.json"
NO_MATCH = {"error": {"code": "NOT_FOUND", "message": "No matches found!"}}


def source(**options: Any) -> DrugsFda:
    return DrugsFda(DrugsFdaOptions(**options), base_url=BASE)


def page(value: Any) -> Page:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Page(ADDRESS, datetime(2026, 1, 1, tzinfo=UTC), 200, "application/json", "", lambda: body)


def answer(rows: list[Any], total: int) -> httpx.Response:
    return httpx.Response(200, json={"meta": {"results": {"skip": 0, "limit": 100, "total": total}}, "results": rows})


def numbered(number: int) -> Any:
    return {**copy.deepcopy(QALSODY), "application_number": f"NDA{number:06}"}


@respx.mock
def test_applications_are_asked_for_with_real_blanks(plain_fetch: Any) -> None:
    respx.get(ADDRESS).mock(return_value=answer([QALSODY, RADICAVA], 2))

    pages = list(source(applications=["NDA 215887", "nda209176"]).pages(plain_fetch))

    assert len(pages) == 1
    assert plain_fetch.asked[0].params["search"] == 'application_number:("NDA215887" "NDA209176")'
    assert "%2B" not in str(plain_fetch.asked[0])


@respx.mock
def test_pages_are_walked_by_skip_until_the_total(plain_fetch: Any) -> None:
    route = respx.get(ADDRESS)
    route.side_effect = [answer([numbered(n) for n in range(100)], 101), answer([numbered(100)], 101)]

    assert len(list(source(search="sponsor_name:x").pages(plain_fetch))) == 2
    assert plain_fetch.asked[1].params["skip"] == "100"


@respx.mock
def test_no_match_is_an_empty_answer_and_any_other_404_is_none(plain_fetch: Any) -> None:
    respx.get(ADDRESS).mock(return_value=httpx.Response(404, json=NO_MATCH))
    (found,) = source(applications=["NDA000001"]).pages(plain_fetch)
    assert list(source().parse(found)) == []

    for odd in (
        httpx.Response(404, json={"error": {"code": "GONE"}}),
        httpx.Response(404, text="<html>apology</html>"),
    ):
        respx.get(ADDRESS).mock(return_value=odd)
        with pytest.raises(Unexpected):
            list(source(applications=["NDA000001"]).pages(plain_fetch))


@respx.mock
def test_an_error_of_the_server_is_unreachable(plain_fetch: Any) -> None:
    respx.get(ADDRESS).mock(return_value=httpx.Response(500))
    with pytest.raises(Unreachable):
        list(source(applications=["NDA000001"]).pages(plain_fetch))


@pytest.mark.parametrize(
    "walk",
    [
        [answer([QALSODY], 2), answer([], 2)],
        [answer([QALSODY], 2), httpx.Response(404, json=NO_MATCH)],
        [answer([QALSODY], 2), answer([QALSODY], 2)],
        [answer([QALSODY], 2), answer([RADICAVA], 3)],
        [answer([QALSODY, RADICAVA], 1)],
        [answer([], 25_001)],
    ],
)
@respx.mock
def test_pages_that_do_not_fit_together_are_refused(plain_fetch: Any, walk: list[httpx.Response]) -> None:
    respx.get(ADDRESS).side_effect = walk
    with pytest.raises(Unexpected):
        list(source(search="x").pages(plain_fetch))


def test_nothing_to_follow_is_said(plain_fetch: Any) -> None:
    with pytest.raises(Unexpected, match="expected applications or a search"):
        list(source().pages(plain_fetch))


@pytest.mark.parametrize(
    ("written", "key"), [("NDA 20599", "NDA020599"), ("anda076173", "ANDA076173"), ("BLA125782", "BLA125782")]
)
def test_a_number_is_read_however_it_is_written(written: str, key: str) -> None:
    assert application_number(written) == key


@pytest.mark.parametrize("written", ["", "215887", "NDA", "IND123456", "NDA2158871"])
def test_what_is_no_application_number_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="expected NDA, ANDA or BLA"):
        DrugsFdaOptions(applications=(written,))


def test_dates_and_words_stay_as_the_payload_writes_them() -> None:
    content = application(QALSODY).content()

    assert content["submissions"]["ORIG-1"]["status_date"] == "20230425"
    assert content["submissions"]["ORIG-1"]["documents"] == 1
    assert content["products"]["001"]["marketing_status"] == "Prescription"
    assert application(QALSODY).title == "QALSODY (TOFERSEN)"


def test_every_cell_has_a_path() -> None:
    content = application(QALSODY).content()
    cells = {f"{table}.{cell}" for table in Application.entries for row in content[table].values() for cell in row}

    own = cells | (set(content) - Application.entries)
    assert own - Application.derived <= set(DrugsFda.paths)
    assert Application.derived - own == {"names", "generic"}


@given(st.permutations(RADICAVA["products"]), st.permutations(range(4)))
def test_order_means_nothing(products: list[Any], order: list[int]) -> None:
    supplements = [
        {"submission_type": "SUPPL", "submission_number": str(n), "submission_status": "AP"} for n in range(4)
    ]
    plain = {**RADICAVA, "submissions": RADICAVA["submissions"] + supplements}
    mixed = {**plain, "products": products, "submissions": [supplements[n] for n in order] + RADICAVA["submissions"]}

    assert application(mixed) == application(plain)


WORDS: dict[str, Callable[[Any, str], object]] = {
    "status": lambda row, word: row["submissions"][0].update(submission_status=word),
    "type": lambda row, word: row["submissions"][0].update(submission_type=word),
    "marketing": lambda row, word: row["products"][0].update(marketing_status=word),
}
KNOWN = {"AP", "TA", "ORIG", "SUPPL", "Prescription", "Discontinued", "Over-the-counter", "None (Tentative Approval)"}


@pytest.mark.parametrize("name", WORDS)
@given(word=st.one_of(st.text(min_size=1, max_size=20).filter(str.strip), st.sampled_from(["CR", "PEND", "Withdrawn"])))
def test_an_unknown_word_never_makes_a_record(name: str, word: str) -> None:
    if " ".join(word.split()) in KNOWN:
        return
    row = copy.deepcopy(QALSODY)
    WORDS[name](row, word)
    with pytest.raises(Unexpected, match="expected one of"):
        application(row)


@pytest.mark.parametrize("table", ["submissions", "products"])
def test_an_entry_told_twice_is_refused(table: str) -> None:
    row = {**QALSODY, table: QALSODY[table] * 2}
    with pytest.raises(Unexpected, match="each entry once"):
        application(row)


REQUIRED = (
    "application_number",
    "sponsor_name",
    "submissions.0.submission_type",
    "submissions.0.submission_number",
    "submissions.0.submission_status",
    "products.0.product_number",
    "products.0.brand_name",
    "products.0.marketing_status",
)


@pytest.mark.parametrize(
    ("path", "drift"),
    [
        *((path, drift) for path in REQUIRED for drift in ("dropped", "renamed", "retyped")),
        ("submissions", "retyped"),  # absent they are empty; gone from all records: see test_completeness.py
        ("products", "retyped"),
    ],
)
def test_a_drifting_schema_is_refused_and_never_read_as_a_change(path: str, drift: str) -> None:
    row = copy.deepcopy(QALSODY)
    holder: Any = row
    *way, last = path.split(".")
    for step in way:
        holder = holder[int(step)] if step.isdigit() else holder[step]
    value = holder.pop(last)
    if drift != "dropped":
        holder[f"{last}_new" if drift == "renamed" else last] = {"value": value}

    (found,) = source().parse(page({"results": [row]}))

    assert isinstance(found, Unexpected)


def test_the_recorded_register_reads_whole(shared: Path) -> None:
    versions = []
    for file in sorted((shared / "recorded" / "openfda-drugsfda" / "bulk15").glob("*.json")):
        found = list(source().parse(page(file.read_bytes())))
        assert not [one for one in found if isinstance(one, Unexpected)], file
        versions.append({one.key: one.content() for one in found if isinstance(one, Application)})

    assert [len(version) for version in versions] == [13, 15, 15]
    first, second, third = versions
    assert second.keys() - first.keys() == {"ANDA214475", "NDA020221"}
    assert [key for key in first if first[key] != second[key]] == ["NDA018057"]
    assert second["NDA018057"]["products"]["002"]["brand_name"] == "CISPLATIN"
    assert second == third
