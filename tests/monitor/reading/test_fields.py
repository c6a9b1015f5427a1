"""Typed fields to claims: the registry's and the register's words, by the decision rules of the taxonomy."""

from datetime import date

import pytest

from monitor.reading.typed.fields import Seen, interpret
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.therapies import Therapies
from monitor.watching.compare import compare
from sources.records import Application, Notice, Product, Record, Study, Submission

PACK = Pack.model_validate(
    {
        "pack": {"name": "als", "condition": "amyotrophic lateral sclerosis", "synonyms": ["ALS"]},
        "therapies": [
            {"name": "VRG50635", "trials": ["NCT06215755"], "sponsors": ["Verge Genomics"]},
            {"name": "tofersen", "brands": ["Qalsody"], "applications": {"fda": ["NDA215887"]}},
            {
                "name": "AMX0035",
                "brands": ["Relyvrio"],
                "synonyms": ["sodium phenylbutyrate and taurursodiol"],
                "applications": {"fda": ["NDA216660"]},
            },
        ],
        "watches": [],
    }
)
THERAPIES = Therapies(PACK)
TODAY = date(2025, 12, 16)


def claims(record: Record, before: Record | None = None) -> list[Claim]:
    was = before.content() if before else None
    now = record.content()
    differences = compare(was, now, record=type(record), paths={}) if was is not None else ()
    return interpret(Seen(record, was, now, differences, TODAY, THERAPIES))


def study(status: str, **fields: object) -> Study:
    told = {"key": "NCT06215755", "title": "Proof of concept", "url": "https://example.org", "status": status}
    return Study.model_validate(told | fields)


def test_a_trial_is_terminated_with_a_reason() -> None:
    after = study("TERMINATED", why_stopped="Lack of risk-benefit data", last_update_posted="2025-12-15")
    (claim,) = claims(after, study("ACTIVE_NOT_RECRUITING"))
    assert (claim.type, claim.polarity, claim.therapy, claim.trial) == (
        "trial_stopped",
        "negative",
        "VRG50635",
        "NCT06215755",
    )
    assert claim.occurred_on == "2025-12-15"
    assert "TERMINATED" in claim.quote
    assert "Lack of risk-benefit data" in claim.quote


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("RECRUITING", "SUSPENDED", [("trial_stopped", "negative")]),
        ("NOT_YET_RECRUITING", "WITHDRAWN", [("trial_stopped", "negative")]),
        ("NOT_YET_RECRUITING", "RECRUITING", [("trial_status_change", "positive")]),
        ("RECRUITING", "ACTIVE_NOT_RECRUITING", [("trial_status_change", "neutral")]),
        ("ACTIVE_NOT_RECRUITING", "COMPLETED", [("trial_status_change", "neutral")]),
        ("RECRUITING", "UNKNOWN", []),
        ("RECRUITING", "RECRUITING", []),
    ],
)
def test_status_words_decide(before: str, after: str, told: list[tuple[str, str]]) -> None:
    assert [(c.type, c.polarity) for c in claims(study(after), study(before))] == told


def test_moved_dates_enrolment_and_sites_are_no_events() -> None:
    before = study("RECRUITING", primary_completion="2026-03", enrollment=160, site_count=12)
    after = study("RECRUITING", primary_completion="2026-11", enrollment=180, site_count=14, title="New title")
    assert claims(after, before) == []


def test_results_are_posted() -> None:
    (claim,) = claims(study("COMPLETED", results_posted="2025-12-15", has_results=True), study("COMPLETED"))
    assert (claim.type, claim.occurred_on) == ("results_posted", "2025-12-15")


def test_a_new_record_of_long_ago_is_history() -> None:
    (claim,) = claims(study("RECRUITING", first_posted="2024-01-10"))
    assert (claim.type, claim.history) == ("trial_registered", True)


def test_a_new_record_of_yesterday_is_news() -> None:
    (claim,) = claims(study("NOT_YET_RECRUITING", first_posted="2025-12-15", start="2026-01", start_type="ESTIMATED"))
    assert (claim.type, claim.history, claim.planned_start) == ("trial_registered", False, "2026-01")


def application(key: str = "NDA215887", marketing: str = "Prescription", **submissions: Submission) -> Application:
    return Application(
        key=key,
        title="QALSODY",
        url="https://example.org",
        submissions={name.replace("_", "-"): submission for name, submission in submissions.items()},
        products={"001": Product(brand_name="QALSODY", marketing_status=marketing)},
    )


APPROVED = Submission(status="AP", status_date="20251201", class_code="TYPE 1")


def test_an_original_approval_does_not_state_its_pathway() -> None:
    (claim,) = claims(application(ORIG_1=APPROVED))
    assert (claim.type, claim.kind, claim.place, claim.therapy) == ("approval", "not_stated", "US", "tofersen")
    assert claim.occurred_on == "2025-12-01"


def test_a_generic_is_never_an_approval() -> None:
    (claim,) = claims(application("ANDA076173", ORIG_1=Submission(status="AP", status_date="20251201")))
    assert claim.type == "tentative_generic_approval"


def test_an_efficacy_supplement_expands_the_label_and_a_labelling_one_does_not() -> None:
    before = application(ORIG_1=APPROVED)
    efficacy = Submission(status="AP", status_date="20251210", class_code="EFFICACY")
    labelling = Submission(status="AP", status_date="20251210", class_code="LABELING")
    assert [c.type for c in claims(application(ORIG_1=APPROVED, SUPPL_2=efficacy), before)] == ["label_expansion"]
    assert claims(application(ORIG_1=APPROVED, SUPPL_2=labelling), before) == []


def test_a_discontinued_product_ends_marketing_not_the_approval() -> None:
    before = application(ORIG_1=APPROVED)
    (claim,) = claims(application(marketing="Discontinued", ORIG_1=APPROVED), before)
    assert (claim.type, claim.step) == ("market_withdrawal", "market_ended")


def notice(kind: str, title: str, **fields: object) -> Notice:
    told = {"key": "2025-16646", "title": title, "url": "https://example.org", "kind": kind}
    return Notice.model_validate(told | {"published_on": "2025-12-15"} | fields)


def test_a_notice_withdraws_the_approval_of_a_named_drug_on_the_day_it_says() -> None:
    told = notice(
        "withdrawal_of_approval",
        "Withdrawal of Approval of New Drug Application for RELYVRIO",
        dates="Approval is withdrawn as of December 15, 2025.",
    )
    (claim,) = claims(told)
    assert (claim.type, claim.therapy, claim.place) == ("authorization_revoked", "AMX0035", "US")
    assert claim.occurred_on == "2025-12-15"
    assert claim.quote == "Approval is withdrawn as of December 15, 2025."


def test_a_notice_that_ends_an_approval_recounts_the_steps_before() -> None:
    told = notice(
        "withdrawal_of_approval",
        "Withdrawal of Approval of New Drug Application for RELYVRIO",
        abstract="The company stopped marketing it on October 31, 2024, asked for the withdrawal in a letter of "
        "February 28, 2025, and waived a hearing.",
        dates="Approval is withdrawn as of December 15, 2025.",
    )
    found = {claim.step: (claim.type, claim.occurred_on, claim.history) for claim in claims(told)}
    assert found == {
        "authorisation_ended": ("authorization_revoked", "2025-12-15", False),
        "market_ended": ("market_withdrawal", "2024-10-31", True),
        "withdrawal_requested": ("market_withdrawal", "2025-02-28", True),
    }


@pytest.mark.parametrize("kind", ["bulk_withdrawal", "not_withdrawn_from_sale", "regulatory_review_period", "other"])
def test_other_notices_are_no_events(kind: str) -> None:
    assert claims(notice(kind, "Notice about RELYVRIO")) == []
