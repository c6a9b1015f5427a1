"""Kinds of misreading that real texts had, in words of our own: each is read as it is meant."""

import pytest

from monitor.reading.prose.announcements import staged
from monitor.reading.prose.clean import cleaned
from monitor.reading.prose.items import Item, judged
from monitor.reading.prose.two_readers import views_of
from monitor.vocabulary.claims import HOLD, RELEASE, Claim
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.texts import PAGE
from monitor.vocabulary.therapies import Therapies

NAMES = ("Spinraza", "Leqembi", "donanemab", "Kisunla", "tofersen", "Oxbryta", "Trik-001")
FOLLOWED = Therapies(
    Pack.model_validate(
        {
            "pack": {"name": "several", "condition": "several illnesses", "version": "1"},
            "therapies": [{"name": name} for name in NAMES],
            "watches": [],
        }
    )
)


def read(title: str, text: str = "", kind: str = "news") -> list[Claim]:
    return judged(Item("x", kind, title, text, "2026-03-04"), FOLLOWED)


@pytest.mark.parametrize(
    "title",
    [
        "Leqembi turned away again by European regulators",
        "Drug application for donanemab rejected on plant problems",
        "Kisunla approval bid foiled by FDA's worries about a factory",
        "FDA once more: Kisunla has hit a wall at the U.S. regulator",
    ],
)
def test_a_refusal_in_a_turn_of_phrase_is_at_least_held(title: str) -> None:
    assert "complete_response" in [claim.type for claim in read(title)]


@pytest.mark.parametrize(
    "title",
    [
        "Roche stops phase 3 trial of tofersen after drug falls short against placebo",
        "Tofersen is likely to fail its trial, says monitoring board",
    ],
)
def test_a_trial_ended_because_it_would_fail_is_futility(title: str) -> None:
    assert "futility_stop" in [claim.type for claim in read(title)]


@pytest.mark.parametrize(
    ("title", "type_"),
    [
        ("FDA plans adcomm on donanemab", "adcomm_scheduled"),
        ("EMA tightens heart checks for users of Oxbryta", "safety_label"),
        ("Eisai and Biogen have voluntarily pulled the BLA for Leqembi", "application_withdrawn"),
        ("FDA files the application for tofersen", "filing_accepted"),
    ],
)
def test_what_was_overheard_is_at_least_held(title: str, type_: str) -> None:
    assert type_ in [claim.type for claim in read(title)]


@pytest.mark.parametrize(
    ("title", "text", "type_"),
    [
        ("Acme Reports Third Quarter Results", "Acme has paused dosing in the trial of tofersen.", "trial_stopped"),
        ("Acme Reports Third Quarter Results", "The FDA placed a clinical hold on Trik-001.", "clinical_hold"),
        ("Acme gives up on tofersen, cuts staff", "Acme is abandoning tofersen in ALS.", "program_discontinued"),
        (
            "Acme Reports Full-Year Results",
            "As the data were unlikely to be enough, Acme has withdrawn its New Drug Application for tofersen.",
            "application_withdrawn",
        ),
        (
            "Outcome of the interim analysis of tofersen",
            "The board asked to end the study, as it was judged improbable that it would show a benefit.",
            "futility_stop",
        ),
        (
            "Acme on its future",
            "Acme made known its decision to terminate the tofersen program.",
            "program_discontinued",
        ),
    ],
)
def test_news_in_the_words_of_a_quarter_is_at_least_held(title: str, text: str, type_: str) -> None:
    assert type_ in [claim.type for claim in read(title, text, "press_release")]


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Acme: no truth in talk that tofersen trial was stopped for futility", "It goes on."),
        ("Acme denies that the FDA refused tofersen", "There is no complete response letter, it said."),
        ("Did Acme take Leqembi off the market? No, says its maker", "Acme withdraws nothing."),
    ],
)
def test_what_its_words_deny_is_never_told(title: str, text: str) -> None:
    assert RELEASE not in [claim.decision for claim in read(title, text)]


def test_a_regulator_tells_what_it_decided_below_the_title_of_its_meeting() -> None:
    text = "The committee adopted a positive opinion for Kisunla (donanemab)."
    (claim,) = read("Meeting highlights from the CHMP 23-26 February 2026", text, "regulator_feed")
    assert (claim.type, claim.decision) == ("chmp_opinion", RELEASE)


def test_the_commission_that_follows_an_opinion_decides() -> None:
    text = "Today the European Commission adopted the CHMP opinion not to renew the authorisation of Oxbryta."
    found = read("Acme on Oxbryta in Europe", text, "press_release")
    assert "authorization_revoked" in [claim.type for claim in found]
    assert [claim for claim in found if claim.type == "chmp_opinion" and claim.decision == RELEASE] == []


def test_the_strength_of_a_suspension_is_no_new_form() -> None:
    text = "Health Canada has issued a Notice of Compliance for donanemab oral suspension 4 mg/mL, the first here."
    (claim,) = read("Health Canada approves donanemab", text, "press_release")
    assert (claim.type, claim.decision) == ("approval", RELEASE)


@pytest.mark.parametrize(
    "title",
    [
        "FDA has no plans for an advisory committee on donanemab",
        "Kisunla: FDA calls off advisory committee",
        "EMA no longer recommends blood tests for patients taking Oxbryta",
    ],
)
def test_what_was_dropped_is_not_what_is_planned(title: str) -> None:
    assert RELEASE not in [claim.decision for claim in read(title)]


def test_a_refusal_of_years_ago_is_retold() -> None:
    assert RELEASE not in [claim.decision for claim in read("Six years after the FDA rejected Kisunla, it tries again")]


def test_data_that_will_be_shown_are_no_data() -> None:
    found = read(
        "Results of Phase 2 trial of tofersen selected for oral presentation at a congress",
        "The abstract on tofersen will be presented in May.",
        "press_release",
    )
    assert RELEASE not in [claim.decision for claim in found]


def test_of_a_bare_line_of_a_page_nothing_is_guessed() -> None:
    assert read("Treatments", "+ Spinraza: given into the spine.", PAGE) == []


def test_a_contraceptive_for_emergencies_is_not_authorised_for_one() -> None:
    found = read("FDA approves Plan B, an emergency contraceptive, for sale without prescription")
    assert "emergency_authorization" not in [claim.type for claim in found]


def test_a_hyphen_that_does_not_break_is_a_hyphen() -> None:
    found = read("Vertex doses first patient in a study of Trik\u2011001", "", "press_release")
    assert {claim.therapy for claim in found} == {"Trik-001"}


def test_what_leaves_a_market_is_at_least_held() -> None:
    """There are too few such texts to learn from, so that the probability says little of them."""
    found = read("Maker to remove some of its insulins and Oxbryta from European markets by 2028")
    assert {claim.decision for claim in found if claim.type == "market_withdrawal"} & {HOLD, RELEASE}


def test_a_reading_about_no_medicine_is_none() -> None:
    assert read("Inspectors recall eggs from three farms") == []
    assert [claim.type for claim in read("FDA panel backs a blood thinner")] == ["adcomm_outcome"]


@pytest.mark.parametrize(
    ("title", "types"),
    [
        ("FDA pulls varexin approval", {"authorization_revoked"}),
        ("Swissmedic strips varexin of its licence", {"authorization_revoked"}),
        ("MHRA tears up conditional authorisation for varexin", {"authorization_revoked"}),
        ("FDA yanks emergency use of varexin", {"authorization_revoked"}),
        ("Health Canada voids the licence of varexin", {"authorization_revoked"}),
        ("Biogen tears up licence deal for varexin", {"deal"}),
        ("Hospital cancels licence fees for varexin", set()),
    ],
)
def test_an_approval_that_is_taken_away_is_no_new_one_and_a_licence_between_companies_is_none(
    title: str, types: set[str]
) -> None:
    assert {act.type for act in views_of(cleaned(title, ""), None, None, values=None).acts} == types


@pytest.mark.parametrize(
    ("title", "polarities"),
    [
        ("FDA removes suicide warning from varexin's label", {"positive"}),
        ("FDA lifts boxed warning on varexin", {"positive"}),
        ("Restrictions on varexin eased by EMA", {"positive"}),
        ("Black box warning is taken off varexin, FDA says", {"positive"}),
        ("FDA adds boxed warning to varexin", {"negative"}),
        ("PRAC recommends restrictions for varexin", {"negative"}),
        ("FDA takes varexin off the market after warnings", set()),
        ("Senators urge FDA to drop warning on varexin", set()),
        ("FDA removes warning letter against maker of varexin", set()),
    ],
)
def test_a_warning_that_is_taken_back_is_no_new_one(title: str, polarities: set[str]) -> None:
    acts = views_of(cleaned(title, ""), None, None, values=None).acts
    assert {act.polarity for act in acts if act.type == "safety_label"} == polarities


def test_a_warning_that_is_taken_back_is_told_as_that() -> None:
    title = "FDA lifts boxed warning on tofersen"
    (claim,) = [one for one in read(title) if one.type == "safety_label"]
    assert [(told.polarity, told.step) for told in staged(claim, title)] == [("positive", "warning_removed")]
