"""The EU Clinical Trials Register: the records of countries are one study, and go on as long as one of them does."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sources.base import Page, Unexpected
from sources.euctr import Euctr, EuctrOptions
from sources.records import Record, Study

SAMPLE = (Path(__file__).resolve().parents[1] / "samples/euctr/primec.txt").read_text(encoding="utf-8")
LEFT = "GB - no longer in EU/EEA"
HEAD, ITALY = SAMPLE.split("Summary\n")
SPAIN = ITALY.replace("Italy - Italian Medicines Agency", "Spain - AEMPS").replace("2022-08-30", "2022-10-03")


def read(text: str) -> list[Record | Unexpected]:
    page = Page("https://example.org", datetime(2026, 1, 1, tzinfo=UTC), 200, "text/plain", "", text.encode)
    return list(Euctr(EuctrOptions()).parse(page))


def countries(*words: str) -> Study:
    """The study of Italy and Spain, each with its word."""
    parts = (part.replace("Trial Status: Ongoing", f"Trial Status: {word}", 1) for part, word in
             zip((ITALY, SPAIN), words, strict=True))  # fmt: skip
    (found,) = read("Summary\n".join((HEAD, *parts)))
    assert isinstance(found, Study)
    return found


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        (("Ongoing", "Ongoing"), "UNKNOWN", "Ongoing"),
        (("Ongoing", "Prematurely Ended"), "UNKNOWN", "Ongoing (Italy); Prematurely Ended (Spain)"),
        (("Completed", "Prematurely Ended"), "COMPLETED", "Completed (Italy); Prematurely Ended (Spain)"),
        (("Prematurely Ended", "Prematurely Ended"), "TERMINATED", "Prematurely Ended"),
        (("Temporarily Halted", "Completed"), "SUSPENDED", "Completed (Spain); Temporarily Halted (Italy)"),
        (("Not Authorised", "Prohibited by CA"), "WITHDRAWN", "Not Authorised (Italy); Prohibited by CA (Spain)"),
        ((LEFT, "Completed"), "COMPLETED", f"Completed (Spain); {LEFT} (Italy)"),
        ((LEFT, "Prematurely Ended"), "TERMINATED", f"{LEFT} (Italy); Prematurely Ended (Spain)"),
        (("Temporarily Halted", LEFT), "SUSPENDED", f"{LEFT} (Spain); Temporarily Halted (Italy)"),
        ((LEFT, "Not Authorised"), "WITHDRAWN", f"{LEFT} (Italy); Not Authorised (Spain)"),
        ((LEFT, "Ongoing"), "UNKNOWN", f"{LEFT} (Italy); Ongoing (Spain)"),
        ((LEFT, "Trial now transitioned"), "UNKNOWN", f"{LEFT} (Italy); Trial now transitioned (Spain)"),
        ((LEFT, LEFT), "UNKNOWN", LEFT),
    ],
)
def test_a_study_goes_on_while_it_does_anywhere(words: tuple[str, str], status: str, text: str) -> None:
    found = countries(*words)

    assert (found.status, found.status_text) == (status, text)
    assert (found.first_posted, found.site_countries) == ("2022-08-30", ("Italy", "Spain"))
    assert found.others == ("NCT05357950",)


ELSEWHERE = re.sub(
    r"(?m)^(?:Trial Status|A\.1 Member State Concerned|National Competent Authority):.*\n", "",
    ITALY.replace("Clinical Trial Type: EEA CTA", "Clinical Trial Type: Outside EU/EEA"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "status", "text", "where"),
    [
        ((ITALY, ELSEWHERE), "UNKNOWN", "Ongoing", ("Italy",)),
        ((ELSEWHERE, ITALY.replace("Trial Status: Ongoing", "Trial Status: Completed")), "COMPLETED", "Completed",
         ("Italy",)),
        ((ELSEWHERE,), "UNKNOWN", "Outside EU/EEA", ()),
    ],
)  # fmt: skip
def test_a_part_outside_the_union_has_no_status_and_says_nothing_of_how_the_trial_stands(
    parts: tuple[str, ...], status: str, text: str, where: tuple[str, ...]
) -> None:
    (found,) = read("Summary\n".join((HEAD, *parts)))
    assert isinstance(found, Study), found
    assert (found.status, found.status_text, found.site_countries) == (status, text, where)
    assert found.title
    assert found.first_posted == "2022-08-30"


def test_only_the_products_under_test_are_its_interventions() -> None:
    assert countries("Ongoing", "Ongoing").interventions == ("DRUG: CELECOXIB", "DRUG: CIPROFLOXACIN", "DRUG: PrimeC")


@pytest.mark.parametrize(
    ("line", "fresh"),
    [
        ("Trial Status: Ongoing", "Trial Status: Asleep"),
        ("Trial Status: Ongoing", ""),
        ("2022-08-30", "30/08/2022"),
        ("EudraCT Number: 2022-002185-32", "EudraCT Number: 7"),
        ("(Phase II): Yes", "(Phase II): Perhaps"),
        ("E.1.1.1 Medical condition in", "E.1.1.9 Medical condition in"),
    ],
)
def test_what_is_not_understood_is_a_named_problem(line: str, fresh: str) -> None:
    text = SAMPLE if "E.1.1.1" not in line else SAMPLE.replace("investigated: Amyotrophic", "investigated_: ")
    (problem,) = read(text.replace(line, fresh))

    assert isinstance(problem, Unexpected)
    assert str(problem)


def test_what_is_no_such_text_is_refused() -> None:
    with pytest.raises(Unexpected, match="expected a text that begins"):
        read("<!doctype html><title>Sorry</title>")
