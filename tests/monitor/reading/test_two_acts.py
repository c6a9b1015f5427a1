"""One headline, two acts: each holds in its clause, of its own medicine, by its own authority."""

import pytest

from monitor.reading.prose.genres import genres_of
from monitor.reading.prose.items import Item, judged
from monitor.vocabulary.claims import HOLD, RELEASE, Claim
from tests.monitor.reading.followed import followed

NAMES = ("Qalsody", "tofersen", "lecanemab", "Leqembi", "Albrioza", "masitinib", "apitegromab", "dalzanemdor")
FOLLOWED = followed(*NAMES)


def read(title: str, text: str = "", day: str = "2026-03-04") -> list[Claim]:
    return judged(Item("x", "news", title, text, day), FOLLOWED)


def told(claims: list[Claim]) -> set[tuple[str, str | None, str | None, str]]:
    return {(claim.type, claim.therapy, claim.agency, claim.polarity) for claim in claims if claim.decision == RELEASE}


def test_a_licence_is_heard_beside_a_refusal_to_pay() -> None:
    title = "MHRA approves lecanemab for Alzheimer's on same day NICE says it is too costly for NHS"
    text = "The MHRA granted a licence for Leqembi. Draft guidance from NICE did not recommend it."
    claims = read(title, text)
    assert {(claim.type, claim.agency) for claim in claims} == {
        ("approval", "MHRA"),
        ("reimbursement", "NICE"),
    }


def test_an_orphan_status_that_an_approval_keeps_is_no_news_of_its_own() -> None:
    title = (
        "Biogen receives European Commission approval for QALSODY (tofersen), the first therapy for a rare form of ALS"
    )
    text = (
        "The European Commission has granted marketing authorization under exceptional circumstances and maintained "
        "orphan designation for QALSODY (tofersen) in adults with a mutation in the SOD1 gene."
    )
    claims = read(title, text, "2024-05-30")
    assert [(claim.type, claim.agency, claim.confidence > 0.8) for claim in claims] == [
        ("accelerated_approval", "EC", True)
    ]
    alone = read("EMA committee confirms orphan designation of tofersen")
    assert {claim.type for claim in alone} == {"designation"}


def test_who_rejects_is_who_stands_in_that_clause() -> None:
    claims = read("Health Canada approves Albrioza with conditions as EMA panel turns it down")
    assert told(claims) == {("accelerated_approval", "Albrioza", "Health Canada", "positive")}
    assert [claim.agency for claim in claims if claim.decision == HOLD] == ["EMA"]


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (
            "EU regulator backs Albrioza, rejects rival tofersen",
            "The CHMP recommended approval of Albrioza and adopted a negative opinion on tofersen.",
        ),
        ("CHMP backs tofersen and apitegromab, turns down masitinib", ""),
        ("FDA rejects masitinib and clears tofersen", ""),
        ("NICE backs apitegromab but says no to masitinib", ""),
        ("After FDA approval, Health Canada turns masitinib down", ""),
    ],
)
def test_a_yes_and_a_no_in_one_sentence_wait_for_a_person(title: str, text: str) -> None:
    claims = read(title, text)
    assert claims
    assert told(claims) == set()


@pytest.mark.parametrize(
    ("title", "agency"),
    [
        ("Acme withdraws European application for Albrioza after FDA rejection", "EC"),
        ("Acme withdraws US application for masitinib as EMA review goes on", "FDA"),
    ],
)
def test_an_application_bears_its_place(title: str, agency: str) -> None:
    assert {(type_, whose) for type_, _, whose, _ in told(read(title))} == {("application_withdrawn", agency)}


def test_the_company_that_files_is_no_place() -> None:
    claims = read("FDA accepts European company's application for masitinib")
    assert told(claims) == {("filing_accepted", "masitinib", "FDA", "positive")}


def test_two_medicines_of_one_yes_are_two_readings() -> None:
    claims = read("CHMP recommends tofersen and apitegromab")
    assert {therapy for _, therapy, _, _ in told(claims)} == {"tofersen", "apitegromab"}


def test_a_day_to_come_makes_no_history_of_what_was_done() -> None:
    (claim,) = read("Albrioza approved in Europe, Japan decision due in June")
    assert (claim.type, claim.therapy, claim.agency, claim.confidence > 0.8) == ("approval", "Albrioza", "EC", True)


@pytest.mark.parametrize(
    "title",
    [
        "FDA approves tofersen, Japan decision due in June",
        "Health Canada approves tofersen, EU verdict expected by year's end",
        "Swissmedic approves tofersen, launch planned for May",
    ],
)
def test_what_is_to_come_beside_what_was_done_hides_it_not(title: str) -> None:
    (claim,) = [one for one in read(title) if one.type in ("approval", "label_expansion")]
    assert claim.confidence > 0.8


def test_a_trial_whose_name_begins_like_a_word_is_no_kind_of_text() -> None:
    title = "Phase 2 SURVEYOR met its primary endpoint but Sage stops dalzanemdor development in Huntington's disease"
    assert genres_of(title) == ()
    assert ("program_discontinued", "dalzanemdor", None, "negative") in told(read(title))


@pytest.mark.parametrize(
    "title",
    [
        "FDA rejects masitinib for dementia, approves it for ALS",
        "FDA approves masitinib for ALS, rejects it for dementia",
        "EU regulators clear tofersen for SOD1-ALS but turn it down for other forms",
        "FDA turned down Leqembi as a monthly shot but approved it as a weekly one",
    ],
)
def test_a_yes_and_a_no_to_two_uses_of_one_medicine_are_both_heard(title: str) -> None:
    claims = read(title)
    assert {claim.polarity for claim in claims} == {"positive", "negative"}
