"""Completeness of the readers' and maintainers' journeys: for every line of the product's section 4 the tests that hold
it, and those that hold what the desk and the follow have to be."""

from datetime import timedelta
from pathlib import Path

from monitor.path.clock import JOBS
from tests.web.conftest import first_start

ROOT = Path(__file__).resolve().parents[2]
WALK = "tests/web/test_reader_walk.py::test_a_reader_follows_changes_pauses_and_stops_by_keyboard_without_script"
BROWSER = "tests/web/desk/test_desk_browser.py::test_"
EXPLAINED = "tests/stories/test_explained.py::test_"
CLEARED = f"{BROWSER}thirty_events_are_cleared_and_one_is_corrected_by_the_keyboard_alone"
RUNNING = "tests/web/desk/test_running_walk.py::test_a_refused_check_is_accepted_and_its_alert_sent_again_by_keyboard"
ACTS, SIGN_IN = "tests/web/desk/test_acts.py::test_", "tests/web/desk/test_sign_in.py::test_"
PREVIEW, RULES = "tests/web/desk/test_preview.py::test_", "tests/web/desk/test_rules.py::test_"
HOSTILE = "tests/web/desk/test_hostile_desk.py::test_sixty_payloads_in_every_field_break_neither_desk_nor_public_pages"

JOURNEYS = {
    "follow in at most 6 activations and 90 s": [
        WALK,
    ],
    "mail makes sense spoken": [
        "tests/web/test_acceptance.py::test_every_mail_passes",
    ],
    "stop works first time and says how many follows ended": [
        WALK,
        "tests/web/test_follow.py::test_stopping_says_how_many_have_ended_and_what_goes_on",
    ],
    "no tracking": [
        "tests/web/test_acceptance.py::test_every_mail_passes",
        "tests/web/test_reader_walk.py::test_every_page_of_a_reader_passes",
    ],
    "primary source one click away": [
        "tests/web/test_pages.py::test_the_answer_names_drug_kind_day_and_source",
    ],
    "section-level label diff": [
        "tests/sources/test_dailymed.py::test_labels_are_found_by_application_and_fetched_when_one_has_a_new_version",
    ],
    "critical within 24 h of source posting": [
        "tests/web/test_journeys.py::test_what_is_found_is_sent_within_a_minute_and_everything_is_looked_at_within_a_day",
    ],
    "permanent as-of link": [
        "tests/web/test_pages.py::test_the_answer_names_drug_kind_day_and_source",
    ],
    "30 events in 15 min by keyboard": [
        CLEARED,
    ],
    "nothing out without evidence": [
        f"{ACTS}what_is_approved_waits_and_then_reaches_as_many_as_were_foretold",
    ],
    "correction reaches all": [
        CLEARED,
        f"{ACTS}what_was_told_wrongly_is_corrected_for_whoever_got_it",
    ],
    "no code for a source": [
        "tests/stories/test_extend.py::test_a_source_from_a_folder_alerts_a_webhook",
    ],
    "no loss, no duplicate effect, ordered per thread": [
        "tests/stories/test_kill.py::test_killed_in_a_delivery",
        "tests/monitor/telling/test_event_schema.py::test_the_sequence_rises_within_a_thread_and_begins_anew_in_another",
    ],
    "detection to delivery under 60 s": [
        "tests/web/test_journeys.py::test_what_is_found_is_sent_within_a_minute_and_everything_is_looked_at_within_a_day",
        "tests/stories/test_receivers.py::test_a_receiver_that_is_away_holds_up_no_other",
    ],
    "additive schema": [
        "tests/monitor/telling/test_event_schema.py::test_every_key_is_asked_for_and_a_wrong_one_shows",
    ],
    "demo offline in 5 min, no key": [
        "tests/stories/test_demo.py::test_every_golden_alert_arrives_once",
    ],
    "pack linted": [
        "tests/stories/test_mistakes.py::test_lint_refuses_what_the_service_would_refuse",
    ],
    "`doctor` names each fix": [
        "tests/stories/test_mistakes.py::test_doctor_names_a_setting_with_a_slip",
    ],
}

DONE_WHEN = {
    "a real Chromium walks it by the keyboard": [
        WALK,
        CLEARED,
        RUNNING,
        f"{WALK.rpartition('::')[0]}::test_an_event_is_found_by_search",
    ],
    "axe, 320 and 1280, light and dark; script off; focus": [
        "tests/web/test_reader_walk.py::test_every_page_of_a_reader_passes",
        "tests/web/test_reader_walk.py::test_public_pages_work_with_script_off",
        f"{BROWSER}no_barrier_no_sideways_scrolling_and_hostile_text_stays_text",
        "tests/web/desk/test_running_walk.py::test_the_pages_hold_hostile_text_a_phone_and_the_dark",
    ],
    "sixty payloads": [
        HOSTILE,
        "tests/web/test_hostile.py::test_in_a_browser_not_one_payload_runs",
        "tests/web/test_hostile_layout.py::test_pages_keep_their_shape_and_the_policy_stays_whole",
    ],
    "session fixation": [
        f"{SIGN_IN}a_token_from_before_is_worth_nothing_after",
    ],
    "brute force": [
        f"{SIGN_IN}a_thousand_guesses_from_everywhere_at_everybody_are_held_back",
    ],
    "cross-site posts": [
        f"{SIGN_IN}forms_of_others_are_refused",
        f"{SIGN_IN}nobody_is_signed_in_by_another_sites_form",
        "tests/web/desk/test_running.py::test_a_form_without_its_token_or_from_another_site_does_nothing",
    ],
    "roles": [
        f"{SIGN_IN}a_viewer_sees_everything_and_acts_on_nothing",
        "tests/web/desk/test_running.py::test_who_is_not_signed_in_sees_none_of_it_and_a_viewer_acts_on_nothing",
    ],
    "forged and foreign tokens": [
        f"{SIGN_IN}forms_of_others_are_refused",
        f"{SIGN_IN}signing_out_ends_it_for_every_copy_of_the_cookie",
        "tests/web/test_pages.py::test_no_other_token_is_taken",
    ],
    "signed out sees nothing held": [
        f"{SIGN_IN}signed_out_nothing_of_the_desk_is_seen",
    ],
    "recipients foretold are the deliveries made": [
        f"{PREVIEW}what_is_foretold_is_what_comes_whatever_was_sent_that_day",
    ],
    "the preview only looks": [
        f"{PREVIEW}the_preview_is_a_look_that_waits_for_nobody",
    ],
    "what the answers say afterwards": [
        f"{PREVIEW}the_page_says_what_the_answers_will_say_afterwards",
    ],
    "a rejected event reaches nobody": [
        f"{ACTS}what_is_rejected_reaches_nobody_and_says_why",
    ],
    "two people": [
        f"{ACTS}what_is_critical_waits_for_two",
    ],
    "undone leaves no message": [
        f"{ACTS}what_is_undone_leaves_no_message_and_no_trace_but_in_the_log",
    ],
    "who and when": [
        f"{ACTS}all_doors_do_the_same_and_stand_in_one_log",
    ],
    "a rule passes": [
        f"{RULES}a_rule_passes_from_then_on_until_it_is_undone_or_rejected",
    ],
    "conflict": [
        f"{RULES}a_person_says_that_tellers_disagree_and_takes_it_back",
    ],
    "PostgreSQL": [
        "tests/stories/test_postgres_desk.py::test_a_maintainer_works_on_postgresql",
    ],
    "both readers on the event's page": [
        f"{EXPLAINED}the_page_of_an_event_says_what_both_readers_made_of_it_and_which_words_weigh",
    ],
    "queries per page": [
        "tests/web/test_lists.py::test_a_page_asks_as_often_however_long_the_log_is",
    ],
    "no 5xx, no schema lies": [
        "tests/web/test_fuzz.py::test_no_question_breaks_the_interface",
    ],
}
"""What the desk and the follow promise to the tests that hold it. Measured instead: the times of `make bench`."""


def test_every_journey_is_held_by_tests_that_are_there(shared: Path) -> None:
    part = (shared / "product.md").read_text(encoding="utf-8").partition("## 4.")[2].partition("## 5.")[0]
    rows = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("|")][2:]
    asked = [end.strip() for row in rows for end in row[2].split(";")]
    assert len(asked) > 10 and [end for end in asked if end not in JOURNEYS] == []
    for tests in (*JOURNEYS.values(), *DONE_WHEN.values()):
        for file, _, name in (test.partition("::") for test in tests):
            assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{name}"


def test_what_is_found_is_sent_within_a_minute_and_everything_is_looked_at_within_a_day() -> None:
    assert sum(job.seconds for job in JOBS if job.name in ("match", "deliver")) < 60
    assert [watch.name for watch in first_start()[1].watches if watch.interval > timedelta(days=1)] == []
