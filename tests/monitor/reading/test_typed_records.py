"""Typed fields to claims: the registry's and the register's words, by the decision rules of the taxonomy."""

from dataclasses import replace
from datetime import date

import pytest

import sources
from monitor.reading.typed.application_acts import SUBMISSIONS
from monitor.reading.typed.interpret import RULES, interpret
from monitor.reading.typed.notice_acts import ACTS
from monitor.reading.typed.record_change import RecordChange
from monitor.reading.typed.study_acts import STATUSES
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.event_types import TYPES
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.therapies import Therapies
from monitor.watching.compare import compare
from sources.notices import NoticeAct
from sources.records import (
    Announcement,
    Application,
    MarketAct,
    Passage,
    Product,
    Record,
    Study,
    StudyStatus,
    Submission,
    SubmissionAct,
)


def test_every_type_of_record_that_a_source_hands_on_is_read() -> None:
    prose: set[type[Record]] = {Announcement, Passage}
    assert {kind.record for kind in sources.load().values()} <= RULES.keys() | prose


PACK = Pack.model_validate(
    {
        "pack": {"name": "als", "condition": "amyotrophic lateral sclerosis", "synonyms": ["ALS"]},
        "therapies": [
            {"name": "VRG50635", "trials": ["NCT06215755"], "sponsors": ["Verge Genomics"]},
            {"name": "tofersen", "brands": ["Qalsody"], "applications": {"fda": ["NDA215887"]}},
            {"name": "riluzole", "applications": {"fda": ["NDA020599", "NDA209080"]}},
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
    return interpret(RecordChange(record, was, now, differences, TODAY, THERAPIES))


def study(status: str, **fields: object) -> Study:
    told = {"key": "NCT06215755", "title": "Proof of concept", "url": "https://example.org", "status": status}
    return Study.model_validate(told | fields)


@pytest.mark.parametrize(
    ("key", "others", "trial"),
    [
        ("2022-500101-00-00", ("NCT06215755",), "NCT06215755"),
        ("2023-599999-00-00", ("NCT09999999",), "NCT09999999"),
        ("ISRCTN12345678", ("2023-599999-00-00", "NCT09999999"), "NCT09999999"),
        ("NCT09999999", ("2023-599999-00-00",), "NCT09999999"),
        ("2023-599999-00-00", ("ISRCTN12345678",), "2023-599999-00-00"),
    ],
)
def test_a_trial_of_two_registries_is_told_by_one_number(key: str, others: tuple[str, ...], trial: str) -> None:
    told = {"key": key, "others": others, "interventions": ["DRUG: tofersen"]}
    conditions = {"conditions": ["amyotrophic lateral sclerosis"]}
    (claim,) = claims(study("TERMINATED", **told, **conditions), study("RECRUITING", **told, **conditions))
    assert claim.trial == trial


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


@pytest.mark.parametrize("status", ["TERMINATED", "SUSPENDED", "COMPLETED"])
def test_what_a_registry_posts_was_so_before(status: str) -> None:
    (told,) = claims(study(status, last_update_posted="2025-11-05"), study("RECRUITING"))
    assert (told.occurred_on, told.at_latest, told.announced) == ("2025-11-05", True, False)


@pytest.mark.parametrize(
    ("status", "steps"),
    [
        ("NOT_YET_RECRUITING", ["registered"]),
        ("RECRUITING", ["registered", "started"]),
        ("ENROLLING_BY_INVITATION", ["registered", "started"]),
        ("ACTIVE_NOT_RECRUITING", ["registered", "recruitment_closed"]),
        ("COMPLETED", ["registered", "completed"]),
        ("UNKNOWN", ["registered"]),
        ("TERMINATED", ["registered", "terminated"]),
    ],
)
def test_in_a_baseline_a_study_also_says_how_it_stands_as_history(status: str, steps: list[str]) -> None:
    record = study(status, last_update_posted="2021-03-15")
    change = RecordChange(record, None, record.content(), (), TODAY, THERAPIES)

    assert [claim.step for claim in interpret(replace(change, stands=True))] == steps
    assert [c.step for c in interpret(change)] == [step for step in steps if step in ("registered", "terminated")]
    assert all(c.history for c in interpret(replace(change, stands=True)) if c.step in steps[1:] != ["terminated"])


@pytest.mark.parametrize(
    ("status", "start_type", "on"),
    [
        ("RECRUITING", "ACTUAL", "2020-11"),
        ("RECRUITING", "ESTIMATED", None),
        ("ENROLLING_BY_INVITATION", "ACTUAL", "2020-11"),
        ("ACTIVE_NOT_RECRUITING", "ACTUAL", None),
    ],
)
def test_in_a_baseline_a_start_has_the_date_that_the_record_calls_actual_or_none(
    status: str, start_type: str, on: str | None
) -> None:
    record = study(status, start="2020-11", start_type=start_type, last_update_posted="2021-03-15")
    _, stands = interpret(RecordChange(record, None, record.content(), (), TODAY, THERAPIES, stands=True))

    assert (stands.occurred_on, stands.history) == (on, True)


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


@pytest.mark.parametrize(
    ("last_known", "after", "told"),
    [
        ("RECRUITING", "RECRUITING", []),
        ("ACTIVE_NOT_RECRUITING", "ACTIVE_NOT_RECRUITING", []),
        ("NOT_YET_RECRUITING", "RECRUITING", ["started"]),
        ("RECRUITING", "TERMINATED", ["terminated"]),
        (None, "COMPLETED", ["completed"]),
    ],
)
def test_a_study_back_where_it_stood_before_the_registry_called_it_unknown_has_not_moved(
    last_known: str | None, after: str, told: list[str]
) -> None:
    lost = study("UNKNOWN", last_known_status=last_known)
    assert [claim.step for claim in claims(study(after), lost)] == told


def test_a_study_lost_sight_of_that_now_gives_its_actual_start_has_started() -> None:
    lost = study("UNKNOWN", last_known_status="RECRUITING", start="2020-11-18", start_type="ESTIMATED")
    (claim,) = claims(study("RECRUITING", start="2025-12-01", start_type="ACTUAL"), lost)
    assert claim.step == "started"


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
    """An application as an adapter reads it; which words mean which act is the adapter's table."""
    sold = MarketAct.ENDED if marketing == "Discontinued" else MarketAct.SOLD
    return Application(
        key=key,
        title="QALSODY",
        url="https://example.org",
        authority="FDA",
        place="US",
        numbers=(key,),
        submissions={name.replace("_", "-"): submission for name, submission in submissions.items()},
        products={"001": Product(act=sold, brand_name="QALSODY", marketing_status=marketing)},
    )


APPROVED = Submission(act=SubmissionAct.AUTHORISED, status="AP", status_date="20251201", class_code="TYPE 1")


def test_an_original_approval_does_not_state_its_pathway() -> None:
    (claim,) = claims(application(ORIG_1=APPROVED))
    assert (claim.type, claim.kind, claim.place, claim.therapy) == ("approval", "not_stated", "US", "tofersen")
    assert claim.occurred_on == "2025-12-01"


def test_a_generic_is_never_an_approval() -> None:
    generic = Submission(act=SubmissionAct.GENERIC, status="AP", status_date="20251201")
    (claim,) = claims(application("ANDA076173", ORIG_1=generic))
    assert claim.type == "tentative_generic_approval"


def test_an_efficacy_supplement_expands_the_label_and_a_labelling_one_does_not() -> None:
    before = application(ORIG_1=APPROVED)
    efficacy = Submission(act=SubmissionAct.EXTENDED, status="AP", status_date="20251210", class_code="EFFICACY")
    labelling = Submission(status="AP", status_date="20251210", class_code="LABELING")
    assert [c.type for c in claims(application(ORIG_1=APPROVED, SUPPL_2=efficacy), before)] == ["label_expansion"]
    assert claims(application(ORIG_1=APPROVED, SUPPL_2=labelling), before) == []


def test_a_discontinued_product_ends_marketing_not_the_approval() -> None:
    before = application(ORIG_1=APPROVED)
    (claim,) = claims(application(marketing="Discontinued", ORIG_1=APPROVED), before)
    assert (claim.type, claim.step, claim.doubt) == ("market_withdrawal", "market_ended", None)


def test_one_brand_of_several_that_leaves_the_market_is_held() -> None:
    before = application("NDA020599", ORIG_1=APPROVED)
    (claim,) = claims(application("NDA020599", marketing="Discontinued", ORIG_1=APPROVED), before)
    assert (claim.type, claim.therapy) == ("market_withdrawal", "riluzole")
    assert claim.doubt == "NDA020599 is not all that riluzole rests on: is it sold under another application?"


def test_a_product_that_the_register_lists_as_sold_again_waits_for_a_person() -> None:
    before = application(marketing="Discontinued", ORIG_1=APPROVED)
    (claim,) = claims(application(ORIG_1=APPROVED), before)
    assert (claim.type, claim.polarity, claim.step) == ("market_withdrawal", "positive", "sold_again")
    assert claim.doubt == "the register said that its marketing had ended: is it sold again, or was that a mistake?"
    assert claims(application(ORIG_1=APPROVED), application(ORIG_1=APPROVED)) == []


def test_every_act_has_a_meaning_and_every_meaning_is_a_type() -> None:
    assert set(SUBMISSIONS) == set(SubmissionAct)
    assert set(ACTS) | {NoticeAct.GENERIC_WITHDRAWN, NoticeAct.ROUTINE} == set(NoticeAct)
    assert set(STATUSES) | {StudyStatus.UNKNOWN, StudyStatus.WITHHELD} == set(StudyStatus)
    assert {meaning.type for table in (SUBMISSIONS, ACTS, STATUSES) for meaning in table.values()} <= set(TYPES)


def test_a_registry_with_words_of_its_own_is_quoted_in_them() -> None:
    before = study("RECRUITING", status_text="Open to volunteers")
    after = study("TERMINATED", status_text="Ended early")
    (claim,) = claims(after, before)
    assert (claim.type, claim.quote) == ("trial_stopped", "status: Open to volunteers -> Ended early")


def test_an_application_is_known_by_its_number_or_by_the_names_it_gives() -> None:
    by_name = application("DIN 02527707", ORIG_1=APPROVED).model_copy(update={"names": ("ALBRIOZA", "Relyvrio")})
    (claim,) = claims(by_name.model_copy(update={"authority": "Health Canada", "place": "CA"}))
    assert (claim.therapy, claim.agency, claim.place) == ("AMX0035", "Health Canada", "CA")
