"""How the sources of the launch tier ask, what they take for an answer, and what a hostile one comes to."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

import sources
from sources.base import Page, Source, Unexpected
from sources.records import Announcement, Record

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
CATALOG = sources.load()
BASE = "https://source.test"
NO_MATCH = {"error": {"code": "NOT_FOUND", "message": "No matches found!"}}
SUBMISSION = (SAMPLES / "edgar" / "release.txt").read_bytes()


def source(name: str, **options: Any) -> Source:
    kind = CATALOG[name]
    return kind(kind.Options.model_validate(options), base_url=BASE)


def page(body: bytes) -> Page:
    return Page(f"{BASE}/x", datetime(2026, 1, 1, tzinfo=UTC), 200, "", "", lambda: body)


def sample(name: str) -> Any:
    return json.loads((SAMPLES / name).read_bytes())


@pytest.mark.parametrize(
    ("name", "options", "path", "query"),
    [
        ("fda_shortages", {"names": ["exampline", 'two "words"', "exa-2b", "Not", "NOT"]}, "/drug/shortages.json",
         'generic_name:(exampline "two words" "exa-2b" Not "NOT") '
         'proprietary_name:(exampline "two words" "exa-2b" Not "NOT") '
         'openfda.brand_name:(exampline "two words" "exa-2b" Not "NOT")'),
        ("fda_enforcement", {"names": ["exampline"]}, "/drug/enforcement.json",
         "openfda.generic_name:(exampline) openfda.brand_name:(exampline) product_description:(exampline)"),
        ("fda_crl", {"companies": ["Example Pharma"]}, "/transparency/crl.json", 'company_name:("Example Pharma")'),
        ("fda_crl", {"names": ["exampline"]}, "/transparency/crl.json", "text:(exampline)"),
    ],
)  # fmt: skip
@respx.mock
def test_openfda_is_asked_by_name_and_no_match_is_an_empty_answer(
    plain_fetch: Any, name: str, options: Any, path: str, query: str
) -> None:
    respx.get(f"{BASE}{path}").mock(return_value=httpx.Response(404, json=NO_MATCH))
    asked = source(name, **options)

    (answer,) = asked.pages(plain_fetch)

    assert plain_fetch.asked[0].params["search"] == query
    assert list(asked.parse(answer)) == []


@pytest.mark.parametrize("name", ["fda_shortages", "fda_enforcement", "fda_crl", "ctis", "edgar"])
def test_nothing_to_follow_is_said(plain_fetch: Any, name: str) -> None:
    with pytest.raises(Unexpected, match="options: expected"):
        list(source(name).pages(plain_fetch))


LISTS = f"{BASE}/submissions/CIK0001137883.json"
TEXT = f"{BASE}/Archives/edgar/data/1137883/000110465925000001/0001104659-25-000001.txt"


@respx.mock
def test_of_a_company_that_filed_the_reports_that_may_tell_something_are_read(plain_fetch: Any) -> None:
    respx.get(LISTS).mock(return_value=httpx.Response(200, json=sample("edgar/company.json")))
    respx.get(TEXT).mock(return_value=httpx.Response(200, content=SUBMISSION, headers={"content-type": "text/plain"}))
    filer = source("edgar", companies=["1137883"])

    found = [record for shown in filer.pages(plain_fetch) for record in filer.parse(shown)]

    assert [str(url) for url in plain_fetch.asked] == [LISTS, TEXT]  # the other 8-K is about officers
    assert [record.key for record in found if isinstance(record, Record)] == [
        "CIK0001137883", "0001104659-25-000001/EX-99.1",
    ]  # fmt: skip
    assert filer.missing([record for record in found if isinstance(record, Record)]) == ()


@respx.mock
def test_while_no_company_files_nothing_but_the_lists_is_asked_for(plain_fetch: Any) -> None:
    quiet = httpx.Response(200, json=sample("edgar/company.json"), headers={"x-unchanged": "1"})
    respx.get(LISTS).mock(return_value=quiet)
    assert len(list(source("edgar", companies=["1137883"]).pages(plain_fetch))) == 1


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<html><title>SEC.gov | Request Rate Threshold Exceeded</title></html>", "expected a submission of EDGAR"),
        (SUBMISSION.replace(b"FILED AS OF DATE", b"FILED"), "found no day"),
        (SUBMISSION.replace(b"<TYPE>", b"<KIND>"), "expected 1 to 300 documents, found 0"),
        (SUBMISSION.replace(b"</SEC-HEADER>", b"<DOCUMENT>\n<TYPE>X\n<TEXT>\n" * 301), "found 303"),
    ],
    ids=["block", "date", "types", "many"],
)
def test_what_is_no_submission_is_refused_by_name(body: bytes, why: str) -> None:
    with pytest.raises(Unexpected, match=why):
        list(source("edgar").parse(page(body)))


@pytest.mark.parametrize(
    "inside",
    [b"<p>" * 200_000, b"<table>" + b"<td>x" * 40_000, b"&lt;" * 1_000_000, b"<!ENTITY x SYSTEM 'file:///etc'>&x;"],
)
def test_a_hostile_release_costs_little_and_reads_no_file(inside: bytes) -> None:
    body = SUBMISSION.replace(b"<P><B>BrainStorm", inside + b"<P><B>BrainStorm")
    for found in source("edgar").parse(page(body)):
        assert isinstance(found, Unexpected | Announcement)
        if isinstance(found, Announcement):
            assert len(found.summary or "") <= 8000
            assert "root:" not in (found.summary or "")


def test_a_report_without_a_release_is_read_itself() -> None:
    body = SUBMISSION.replace(b"<TYPE>EX-99.1", b"<TYPE>EX-10.1")
    (found,) = source("edgar").parse(page(body))
    assert isinstance(found, Announcement)
    assert found.key == "0001104659-25-000001/8-K"


def test_a_trial_that_the_portal_does_not_know_is_missing_and_no_crash() -> None:
    asked = source("ctis", numbers=["2023-510000-00-00"])
    assert list(asked.parse(page(b"{}"))) == []
    assert asked.missing([]) == ("2023-510000-00-00",)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"ctPublicStatusCode": 13}, "expected one of 1 to 12, found 13"),
        ({"totalNumberEnrolled": "many"}, "expected a whole number"),
        ({"startDateEU": "June 2021"}, "expected a day such as"),
        ({"ctNumber": "NCT00000001"}, "expected an EU trial number"),
    ],
)
def test_a_new_word_of_the_portal_is_a_problem_of_that_trial(change: dict[str, Any], problem: str) -> None:
    body = json.dumps(sample("ctis/trial.json") | change).encode()
    (found,) = source("ctis").parse(page(body))
    assert isinstance(found, Unexpected)
    assert problem in str(found)


EXPORT = (SAMPLES / "ca_shortages" / "export.csv").read_bytes()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<html><body>error</body></html>", "expected the line 'Shortage Reports'"),
        (EXPORT.replace(b"Shortage Status", b"State"), "expected the headings Shortage Status"),
        (EXPORT.partition(b"        Discontinuation")[0], "found no Discontinuation Reports"),
        (EXPORT.replace(b"Delay in", b'"Delay' + b"x" * 200_000), "CSV|characters"),
    ],
    ids=["page", "heading", "half", "long"],
)
def test_what_is_not_the_canadian_export_is_refused_by_name(body: bytes, why: str) -> None:
    with pytest.raises(Unexpected, match=why):
        list(source("ca_shortages").parse(page(body)))


def test_a_new_word_in_the_canadian_export_is_a_problem_of_that_report() -> None:
    found = list(source("ca_shortages").parse(page(EXPORT.replace(b"active_confirmed", b"rather_short"))))
    problems = [each for each in found if isinstance(each, Unexpected)]
    assert [problem.key for problem in problems] == ["41001"]
    assert "Shortage Status: expected one of" in str(problems[0])
