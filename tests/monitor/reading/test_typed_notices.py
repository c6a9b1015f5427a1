"""Official notices are read with their object: what is withdrawn, proposed, cancelled, and of which application."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.reading.typed.interpret import interpret
from monitor.reading.typed.record_change import RecordChange
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.therapies import Therapies
from sources.base import Page
from sources.ema_orphans import designation
from sources.fda_crl import letter
from sources.fda_shortages import FdaShortages, FdaShortagesOptions
from sources.federalregister import notice
from sources.notice_titles import act_of, numbers_in
from sources.notices import Notice

SAMPLES = Path(__file__).resolve().parents[2] / "samples"

THERAPIES = Therapies(
    Pack.model_validate(
        {
            "pack": {"name": "als", "condition": "amyotrophic lateral sclerosis", "synonyms": ["ALS"]},
            "therapies": [
                {"name": "riluzole", "brands": ["Rilutek", "Exservan"],
                 "applications": {"fda": ["NDA020599", "NDA212640"], "ema": ["EMEA/H/C/000109"]}},
                {"name": "tofersen", "brands": ["Qalsody"], "applications": {"fda": ["NDA215887"]}},
                {"name": "AMX0035", "brands": ["Relyvrio"], "synonyms": ["sodium phenylbutyrate and taurursodiol"],
                 "applications": {"fda": ["NDA216660"]}},
            ],
        }
    )
)  # fmt: skip
ON = date(2026, 3, 2)
OTHER = "A Company; Change of Address"


def row(title: str, abstract: str = "", dates: str = "") -> dict[str, Any]:
    return {
        "document_number": "2026-04001", "title": title, "abstract": abstract, "dates": dates, "action": "Notice.",
        "publication_date": "2026-03-02", "html_url": "https://www.federalregister.gov/d/2026-04001",
        "agencies": [{"name": "Food and Drug Administration"}], "docket_ids": [],
    }  # fmt: skip


def read(title: str, abstract: str = "", dates: str = "", *, before: dict[str, Any] | None = None) -> list[Claim]:
    now = notice(row(title, abstract, dates))
    was = notice(before).content() if before else None
    return interpret(RecordChange(now, was, now.content(), (), ON, THERAPIES))


@pytest.mark.parametrize(
    ("title", "act"),
    [
        ("Amylyx Pharmaceuticals; Withdrawal of Approval of a New Drug Application for RELYVRIO", "approval_withdrawn"),
        ("Sellers Inc.; Withdrawal of Approval of New Drug Applications for ONE and OTHER", "approval_withdrawn"),
        ("Kestrel Bio AB; Withdrawal of Approval of ZORVANTA (zorvatinib) Capsules, 10 Milligrams and 20 Milligrams",
         "approval_withdrawn"),
        ("Final Decision on Withdrawal of GESTARA and Eight Abbreviated New Drug Applications Following Public "
         "Hearing; Availability of Final Decision", "approval_withdrawn"),
        ("Final Decision To Withdraw Approval of MELPHADO (melphadine); Availability", "approval_withdrawn"),
        ("Denial of Hearing; Order Withdrawing Approval of New Drug Application for OXATREL", "approval_withdrawn"),
        ("Revocation of Biologics License for CELVIRA", "approval_withdrawn"),
        ("Kestrel Bio AB; Withdrawal of Approval of Relapsed Follicular Lymphoma Indication for ZORVANTA",
         "use_withdrawn"),
        ("Withdrawal of Approval of Supplemental New Drug Application for ZORVANTA", "use_withdrawn"),
        ("Withdrawal of Tentative Approval of a New Drug Application for ZORVANTA", "use_withdrawn"),
        ("Kestrel Bio AB; Withdrawal of Approval of the 150-Milligram Strength of ZORVANTA", "use_withdrawn"),
        ("Withdrawal of Approval for the Use of ZORVANTA in Pediatric Patients", "use_withdrawn"),
        ("Example Laboratories; Withdrawal of Approval of an Abbreviated New Drug Application for Riluzole Tablets",
         "generic_withdrawn"),
        ("Two Makers; Withdrawal of Approval of ANDAs for Riluzole", "generic_withdrawn"),
        ("A Company, et al.; Withdrawal of Approval of 12 Abbreviated New Drug Applications", "many_withdrawn"),
        ("Amylyx; Proposal To Withdraw Approval of RELYVRIO; Opportunity for a Hearing", "withdrawal_proposed"),
        ("Public Hearing on the Proposed Withdrawal of Approval of GESTARA", "withdrawal_proposed"),
        ("Denial of Hearing Regarding Proposal To Withdraw Approval of GESTARA", "withdrawal_proposed"),
        ("Intent To Withdraw Approval of Applications With Overdue Studies", "withdrawal_proposed"),
        ("Kestrel Bio AB; Rescission of Withdrawal of Approval of ZORVANTA", "withdrawal_undone"),
        ("Reinstatement of Approval of New Drug Application for ZORVANTA", "withdrawal_undone"),
        ("Withdrawal of Approval of ZORVANTA; Stay of Effective Date", "withdrawal_undone"),
        ("Withdrawal of Proposal To Withdraw Approval of ZORVANTA", "withdrawal_undone"),
        ("Proposal To Withdraw Approval of ZORVANTA; Withdrawal of Notice", "withdrawal_undone"),
        ("Proposal To Refuse To Approve a New Drug Application for OXATREL; Opportunity for a Hearing",
         "refusal_proposed"),
        ("Final Order Refusing To Approve New Drug Application for OXATREL", "refusal"),
        ("Suspension of Approval of New Drug Application for OXATREL", "approval_suspended"),
        ("Determination That OXATREL Was Withdrawn From Sale for Reasons of Safety or Effectiveness",
         "sale_ended_for_cause"),
        ("Determination That RILUTEK Tablets Was Not Withdrawn From Sale for Reasons of Safety or Effectiveness",
         "routine"),
        ("Revocation of Authorization of Emergency Use of a Drug Product", "emergency_ended"),
        ("Issuance of Authorization of Emergency Use; Availability", "emergency_granted"),
        ("Nervous System Drugs Advisory Committee; Notice of Meeting; Establishment of a Public Docket",
         "committee_called"),
        ("Nervous System Drugs Advisory Committee; Cancellation of Meeting", "committee_cancelled"),
        ("Postponement of Meeting of the Nervous System Drugs Advisory Committee", "committee_cancelled"),
        ("Nervous System Drugs Advisory Committee; Amendment of Notice", "committee_cancelled"),
        ("Nervous System Drugs Advisory Committee; Notice of Meeting; Change in Date", "committee_cancelled"),
        ("Nervous System Drugs Advisory Committee; Meeting Will Not Be Held", "committee_cancelled"),
        ("Nervous System Drugs Advisory Committee; Renewal", "routine"),
        ("Withdrawal of Approval of ZORVANTA; Orphan Drug Product", "approval_withdrawn"),
        ("Denial of Petition To Withdraw Approval of ZORVANTA", None),
        ("Citizen Petition Requesting Withdrawal of Approval of ZORVANTA; Request for Comments", None),
        ("Decision Not To Withdraw Approval of ZORVANTA", None),
        ("Whether ZORVANTA Should Keep Its License After Withdrawal of the Confirming Trial", None),
        ("Proposal To Withdraw Approval of ZORVANTA; Reopening of Comment Period", "withdrawal_proposed"),
        ("Withdrawal of Approval of ZORVANTA; Delay of Effective Date", "withdrawal_undone"),
        ("Determination That ZORVANTA Was Withdrawn From Sale for Reasons Other Than Safety", "routine"),
        ("Withdrawal of Approval of a New Drug Application for RELYVRIO; Correction", "routine"),
        ("Nervous System Drugs Advisory Committee; Notice of Meeting; Correction", "routine"),
        ("New Animal Drugs; Withdrawal of Approval of New Animal Drug Applications", "routine"),
        ("Developing Drugs for Treatment; Draft Guidance for Industry; Withdrawal of Guidance", "routine"),
        ("Determination of Regulatory Review Period for Purposes of Patent Extension; QALSODY", "routine"),
        ("Cumulative List of Orphan Drug Designations", "routine"),
        ("Issuance of a Priority Review Voucher; Rare Pediatric Disease Product", "routine"),
        (OTHER, None),
    ],
)  # fmt: skip
def test_the_title_says_what_is_announced_and_the_opposite_word_wins(title: str, act: str | None) -> None:
    assert act_of(title) == act


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("approval of NDA 216660 for RELYVRIO", ("NDA216660",)),
        ("new drug application (NDA) 20-599 and abbreviated new drug application (ANDA) 091300",
         ("NDA020599", "ANDA091300")),
        ("NDAs 020599, 209080, and 212640; BLA No. 125742", ("NDA020599", "NDA209080", "NDA212640", "BLA125742")),
        ("docket FDA-2026-N-0001 of 2026, 10 milligrams", ()),
    ],
)  # fmt: skip
def test_application_numbers_are_read_with_their_kind(text: str, numbers: tuple[str, ...]) -> None:
    assert numbers_in(text) == numbers


def test_the_end_of_the_whole_application_is_told_on_the_day_it_says() -> None:
    (claim,) = read(
        "Withdrawal of Approval of New Drug Application for RELYVRIO",
        "The approval of NDA 216660 is withdrawn.",
        "Approval is withdrawn as of March 1, 2026.",
    )
    assert (claim.type, claim.therapy, claim.agency, claim.place) == ("authorization_revoked", "AMX0035", "FDA", "US")
    assert (claim.occurred_on, claim.doubt) == ("2026-03-01", None)
    assert claim.quote == "Approval is withdrawn as of March 1, 2026."


def test_a_decision_on_a_withdrawal_that_says_it_is_one_is_told() -> None:
    (claim,) = read("Final Decision on Withdrawal of QALSODY; Availability", "FDA is withdrawing NDA 215887.")
    assert (claim.type, claim.doubt) == ("authorization_revoked", None)


def test_a_notice_that_ends_an_approval_recounts_the_steps_before() -> None:
    found = read(
        "Withdrawal of Approval of New Drug Application for RELYVRIO",
        "NDA 216660: the company stopped marketing it on October 31, 2024, asked for the withdrawal in a letter of "
        "February 28, 2025, and waived a hearing.",
        "Approval is withdrawn as of March 1, 2026.",
    )
    assert {claim.step: (claim.type, claim.occurred_on, claim.history) for claim in found} == {
        "authorisation_ended": ("authorization_revoked", "2026-03-01", False),
        "market_ended": ("market_withdrawal", "2024-10-31", True),
        "withdrawal_requested": ("market_withdrawal", "2025-02-28", True),
    }


@pytest.mark.parametrize(
    ("title", "abstract"),
    [
        ("Withdrawal of Approval of Presymptomatic Carrier Indication for QALSODY", "NDA 215887."),
        ("Withdrawal of Approval of a New Drug Application for QALSODY (tofersen)",
         "NDA 215887 in children. The indication for adults is not affected."),
        ("Withdrawal of Approval of Supplement 004 to NDA 215887, QALSODY", ""),
        ("Withdrawal of Approval of the 12-Milligram Strength of QALSODY", "NDA 215887"),
        ("A Company; Withdrawal of Approval of a New Drug Application for EXSERVAN (riluzole) Oral Film",
         "NDA 212640 is withdrawn at the request of its holder."),
    ],
)  # fmt: skip
def test_less_than_all_a_therapy_rests_on_is_a_use_that_ended_and_is_held(title: str, abstract: str) -> None:
    (claim,) = read(title, abstract)
    assert (claim.type, claim.polarity, claim.step) == ("label_expansion", "negative", "use_ended")
    assert claim.doubt


@pytest.mark.parametrize(
    ("title", "abstract", "type_"),
    [
        ("Final Decision on Withdrawal of RELYVRIO; Availability", "The approval ends.", "authorization_revoked"),
        ("Withdrawal of Approval of Riluzole Tablets", "ANDA 091300 is withdrawn.", "authorization_revoked"),
        ("Withdrawal of Approval of 3 New Drug Applications", "Among them is NDA 215887.", "authorization_revoked"),
        ("Proposal To Withdraw Approval of RELYVRIO; Opportunity for a Hearing", "", "market_withdrawal"),
        ("Rescission of Withdrawal of Approval of RELYVRIO", "NDA 216660", "approval"),
        ("Nervous System Drugs Advisory Committee; Cancellation of Meeting", "It was to discuss tofersen.",
         "adcomm_scheduled"),
        ("Denial of Petition To Withdraw Approval of QALSODY", "NDA 215887 stands.", "market_withdrawal"),
        ("Decision Not To Withdraw Approval of QALSODY", "NDA 215887.", "market_withdrawal"),
        ("Final Decision on Withdrawal of QALSODY", "NDA 215887 stays as it is.", "market_withdrawal"),
        ("Withdrawal of Approval of QALSODY", "FDA proposes to withdraw NDA 215887.", "market_withdrawal"),
        ("Withdrawal of Approval of QALSODY", "NDA 215887 and NDA 019999 are withdrawn.", "authorization_revoked"),
        ("Withdrawal of Approval of Riluzole Tablets", "ANDA 091300; listed drugs: NDA 020599 and NDA 212640.",
         "market_withdrawal"),
        ("Another Maker; Withdrawal of Approval of an Injection", "NDA 300000 relied on NDA 215887.",
         "market_withdrawal"),
        ("RELYVRIO; Notice", "The holder discontinues it.", "market_withdrawal"),
        ("Actions Concerning QALSODY", "The license was cancelled.", "adcomm_scheduled"),
        ("Actions Concerning QALSODY", "FDA has approved it.", "approval"),
    ],
)  # fmt: skip
def test_what_may_concern_a_followed_drug_is_held_with_the_reason(title: str, abstract: str, type_: str) -> None:
    (claim,) = read(title, abstract)
    assert claim.type == type_
    assert claim.doubt
    assert (claim.type, claim.step) != ("adcomm_scheduled", "committee_called")


@pytest.mark.parametrize(
    ("title", "abstract"),
    [
        ("Withdrawal of Approval of an Abbreviated New Drug Application for Riluzole Tablets", "ANDA 091300."),
        ("A Company, et al.; Withdrawal of Approval of 12 Abbreviated New Drug Applications", "Riluzole tablets."),
        ("Withdrawal of Approval of a New Drug Application for RELYVRIO; Correction", "NDA 216660 was misprinted."),
        ("Determination That RILUTEK Was Not Withdrawn From Sale for Reasons of Safety", "FDA approved riluzole."),
        ("Determination of Regulatory Review Period for Purposes of Patent Extension; QALSODY", "FDA approved it."),
        (OTHER, "The maker of RELYVRIO has moved."),
    ],
)
def test_other_notices_are_no_events(title: str, abstract: str) -> None:
    assert read(title, abstract) == []


def test_a_meeting_called_is_told_and_the_same_notice_edited_is_not_told_again() -> None:
    called = row("Nervous System Drugs Advisory Committee; Notice of Meeting", "To discuss NDA 215887, tofersen.")
    (claim,) = read(called["title"], called["abstract"])
    assert (claim.type, claim.therapy, claim.doubt) == ("adcomm_scheduled", "tofersen", None)
    assert claim.occurred_on == "2026-03-02"
    assert read(called["title"], called["abstract"] + " In a hotel.", before=called) == []


LETTER = {
    "application_number": ["NDA 020599"], "letter_type": "COMPLETE RESPONSE", "letter_date": "02/20/2026",
    "file_name": "a.pdf", "company_name": "A Company", "text": "Your application for Exservan cannot be approved.",
}  # fmt: skip


@pytest.mark.parametrize(
    ("told", "claims"),
    [
        ({}, [("complete_response", "riluzole", False)]),
        ({"application_number": ["NDA 020599/S-020"]}, [("complete_response", "riluzole", True)]),
        ({"text": "Your supplemental new drug application for Exservan."}, [("complete_response", "riluzole", True)]),
        ({"application_number": ["NDA 999999"]}, [("complete_response", "riluzole", True)]),  # by its name alone
        ({"application_number": ["NDA 999999"], "text": "Of another drug."}, []),
        ({"letter_type": "RESCIND COMPLETE RESPONSE"}, [("approval", "riluzole", True)]),
        ({"letter_type": "APPROVAL"}, []),
    ],
)
def test_a_letter_of_refusal_is_told_of_an_application_and_looked_at_otherwise(
    told: dict[str, Any], claims: list[tuple[Any, ...]]
) -> None:
    now = letter(LETTER | told)
    found = interpret(RecordChange(now, None, now.content(), (), ON, THERAPIES))
    assert [(c.type, c.therapy, bool(c.doubt)) for c in found] == claims


def package(status: str, ndc: str = "0001-0001-01", day: str = "02/20/2026") -> dict[str, Any]:
    where = {"Current": "availability", "Resolved": "resolved_note", "To Be Discontinued": "discontinued_date"}[status]
    return {
        "status": status, "package_ndc": ndc, "generic_name": "Riluzole Tablet", "company_name": "A Company",
        "initial_posting_date": day, "update_date": "03/01/2026", "update_type": "New", where: "03/01/2026",
    }  # fmt: skip


def listed(*rows: dict[str, Any]) -> dict[str, Notice]:
    body = json.dumps({"results": rows}).encode()
    shown = Page("https://openfda.test", datetime(2026, 3, 1, tzinfo=UTC), 200, "", "", lambda: body)
    found = FdaShortages(FdaShortagesOptions()).parse(shown)
    return {each.key.partition("|")[0]: each for each in found if isinstance(each, Notice)}


@pytest.mark.parametrize(
    ("before", "after", "claims"),
    [
        ((), (package("Current"),), [("negative", "2026-02-20", False)]),
        ((package("Current"),), (package("Resolved"),), [("positive", "2026-03-01", False)]),
        ((package("Current"), package("Current", "2")), (package("Resolved"), package("Current", "2")), []),
        ((), (package("Current", day="01/02/2020"),), [("negative", "2020-01-02", True)]),  # known for long
        ((package("Current", "2", "01/02/2020"),),
         (package("Current", "2", "01/02/2020"), package("Current")), [("negative", "2020-01-02", True)]),
        ((package("Current"),), (package("To Be Discontinued"),), []),
    ],
)  # fmt: skip
def test_a_shortage_is_of_the_substance_and_not_of_a_package(
    before: tuple[Any, ...], after: tuple[Any, ...], claims: list[tuple[Any, ...]]
) -> None:
    was, now = listed(*before), listed(*after)
    found = []
    for key, record in now.items():
        old = was[key].content() if key in was else None
        if old != record.content():
            found += interpret(RecordChange(record, old, record.content(), (), ON, THERAPIES))
    assert [(c.polarity, c.occurred_on, c.history) for c in found] == claims
    assert {(c.type, c.therapy, c.place, c.doubt) for c in found} <= {("shortage", "riluzole", "US", None)}


def test_an_orphan_designation_is_told_with_its_day() -> None:
    rows = json.loads((SAMPLES / "ema_orphans" / "designations.json").read_bytes())["data"]
    now = designation(rows[0] | {"date_of_designation_or_refusal": "20/02/2026"})
    (claim,) = interpret(RecordChange(now, None, now.content(), (), ON, THERAPIES))
    assert (claim.type, claim.subtype, claim.step, claim.therapy, claim.agency, claim.occurred_on) == (
        "designation", "orphan", "orphan", "tofersen", "EC", "2026-02-20",
    )  # fmt: skip
