"""The same act by the regulators of two places, told by one text, is a claim for each; the first speaks for both."""

import pytest

from monitor.reading.prose.announcements import staged
from monitor.reading.prose.items import Item, judged
from monitor.vocabulary.claims import Claim
from tests.monitor.reading.followed import followed

FOLLOWED = followed("obelarsen", "tofersen")


def claims_of(title: str, text: str, type_: str) -> list[Claim]:
    claims = judged(Item("x", "press_release", title, text, "2026-03-04"), FOLLOWED)
    return [each for claim in claims if claim.type == type_ for each in staged(claim, title)]


def told(title: str, text: str, type_: str) -> list[tuple[str | None, str | None, tuple[str, ...], bool]]:
    every = [claim for claim in claims_of(title, text, type_) if claim.therapy == "obelarsen"]
    return [(claim.agency, claim.place, claim.beside, claim.first) for claim in every]


@pytest.mark.parametrize(
    ("title", "text", "type_"),
    [
        ("FDA and EMA take up Acme's obelarsen", "Acme said that the FDA has accepted the New Drug Application for "
         "obelarsen. In addition, the EMA has validated the Marketing Authorisation Application.", "filing_accepted"),
        ("FDA accepts obelarsen application", "The FDA has accepted the application for obelarsen. The EMA has also "
         "validated the marketing application.", "filing_accepted"),
    ],
)  # fmt: skip
def test_a_second_regulator_is_heard(title: str, text: str, type_: str) -> None:
    assert told(title, text, type_) == [("FDA", "US", ("EU",), True), ("EMA", "EU", ("US",), False)]


def test_two_regulators_in_one_breath_are_both_heard() -> None:
    first, other = told("FDA and Health Canada approve obelarsen", "Acme may sell it soon.", "approval")
    assert (first, other) == (("FDA", "US", ("CA",), True), ("Health Canada", "CA", ("US",), False))


@pytest.mark.parametrize(
    "text",
    [
        "The FDA has approved obelarsen. The European Commission has approved tofersen, too.",
        "The FDA has approved obelarsen. The EMA is still reviewing the application.",
        "The FDA has approved obelarsen. The MHRA approved obelarsen in 2023.",
        "The FDA has approved obelarsen. It will talk with the EMA and the MHRA.",
    ],
)
def test_what_the_other_did_not_do_now_is_no_act_of_it(text: str) -> None:
    assert [place for _, place, _, _ in told("FDA approves obelarsen", text, "approval")] == ["US"]


def test_what_the_other_did_with_another_medicine_is_told_of_that_one() -> None:
    text = "The FDA has approved obelarsen. The European Commission has approved tofersen, too."
    claims = claims_of("FDA approves obelarsen", text, "approval")

    assert [(claim.therapy, claim.place, claim.beside) for claim in claims] == [
        ("obelarsen", "US", ()),
        ("tofersen", "EU", ()),
    ]
