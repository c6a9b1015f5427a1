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
VIEWS = "tests/web/desk/test_views.py::test_"
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

FOLLOW, WAYS = "tests/web/test_follow.py::test_", "tests/web/test_ways.py::test_"
DESK, STORIES = "tests/web/desk/test_running.py::test_", "tests/stories/test_"
BUILT = {
    "follow by mail, webhook or feed": [
        f"{FOLLOW}who_asks_is_asked_back_and_follows_after_a_yes",
        f"{WAYS}an_address_that_accepts_the_test_event_is_told_from_then_on",
        f"{WAYS}the_page_gives_addresses_that_hold_the_wish_and_stores_nothing",
    ],
    "every wish; the manage page changes it": [
        f"{WAYS}every_wish_is_taken_from_the_page_and_changed_on_the_other",
    ],
    "filtered by the tier of who tells": [
        f"{STORIES}who_says_so.py::test_who_asks_for_regulators_alone_hears_of_it_when_the_regulator_says_it",
        "tests/web/test_subscribe_api.py::test_a_mail_is_subscribed_with_every_wish_and_changed_in_part",
    ],
    "the preview": [
        f"{FOLLOW}the_preview_counts_what_the_wish_would_have_brought",
        f"{WAYS}the_preview_goes_by_the_same_wishes",
    ],
    "exports and deletes my data": [
        f"{FOLLOW}a_reader_takes_her_data_along_and_has_it_erased",
    ],
    "queue by level and age, one row for a run": [
        f"{ACTS}the_queue_puts_first_what_matters_and_folds_what_one_run_brought",
    ],
    "evidence in tabs": [
        f"{ACTS}each_tab_shows_what_it_rests_on_as_text",
    ],
    "saved views: mine, stale statements": [
        f"{VIEWS}mine_is_what_asks_me_and_what_i_have_begun",
        f"{VIEWS}what_has_aged_is_looked_at_accepted_or_confirmed_by_hand",
    ],
    "edit wording, merge, snooze": [
        f"{ACTS}the_sentence_is_the_maintainers_where_she_wrote_one",
        f"{ACTS}two_rows_become_one_unless_it_is_undone",
        f"{ACTS}what_is_put_off_comes_back_by_itself",
    ],
    "many of one rule at once": [
        f"{ACTS}many_small_ones_of_one_rule_go_at_once",
    ],
    "a rule is edited": [
        f"{RULES}a_rule_is_edited_by_every_door_and_each_edit_is_undone_within_ten_minutes",
        f"{RULES}what_a_rule_reads_is_moved_to_another_level_with_a_look_at_the_past_year",
        f"{STORIES}who_says_so.py::test_what_a_rule_is_set_to_hold_waits_and_is_derived_again_as_it_was",
    ],
    "watches": [
        f"{DESK}a_watch_rests_goes_on_and_holds_what_it_tells",
    ],
    "subscriptions and deliveries": [
        f"{DESK}a_subscription_is_paused_resumed_tested_sent_again_and_ended",
        f"{DESK}a_maintainer_sees_why_a_message_is_not_there_and_sends_it_again",
        f"{DESK}a_new_secret_is_shown_once_and_is_in_no_log",
    ],
    "trouble by mail": [
        f"{STORIES}trouble.py::test_a_source_that_is_away_is_told_reminded_of_and_told_to_be_back",
        f"{STORIES}trouble.py::test_messages_that_do_not_arrive_are_told_without_an_address",
    ],
    "operations seen": [
        "tests/web/test_metrics.py::test_every_figure_that_dashboard_and_rules_ask_for_exists",
        f"{STORIES}heartbeat.py::test_a_round_at_the_command_line_is_told_and_one_watch_is_no_round",
        f"{STORIES}heartbeat.py::test_the_log_as_json_is_one_object_a_line_with_tracebacks_as_text",
    ],
    "webhooks": [
        "tests/web/test_maintainer_api.py::test_what_webhooks_are_sent_is_described_at_an_address",
        f"{STORIES}replay_of_webhooks.py::test_what_followed_the_last_message_is_sent_again_under_the_same_ids",
        "tests/web/test_maintainer_api.py::test_a_delivery_is_shown_with_its_log_and_why_it_waits",
    ],
    "search, filters in the address, cursors, twins": [
        f"{STORIES}search.py::test_words_find_what_holds_them_all_and_nothing_that_is_held",
        "tests/web/test_lists.py::test_what_a_list_is_narrowed_to_stands_in_its_address",
        "tests/web/test_browser.py::test_the_filters_of_a_list_fold_on_a_phone_and_work_without_script",
    ],
    "the kept page with the quote": [
        "tests/web/test_lists.py::test_the_kept_page_shows_the_quote_as_text",
    ],
}
"""What was asked to be built, to the tests that hold it."""

OPEN: dict[str, str] = {}
"""What of the product's sections 4 to 7 is not there, and what it waits for."""


def test_every_journey_is_held_by_tests_that_are_there(shared: Path) -> None:
    part = (shared / "product.md").read_text(encoding="utf-8").partition("## 4.")[2].partition("## 5.")[0]
    rows = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("|")][2:]
    asked = [end.strip() for row in rows for end in row[2].split(";")]
    assert len(asked) > 10 and [end for end in asked if end not in JOURNEYS] == []
    assert all(OPEN.values())
    for tests in (*JOURNEYS.values(), *DONE_WHEN.values(), *BUILT.values()):
        for file, _, name in (test.partition("::") for test in tests):
            assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{name}"


def test_what_is_found_is_sent_within_a_minute_and_everything_is_looked_at_within_a_day() -> None:
    assert sum(job.seconds for job in JOBS if job.name in ("match", "deliver")) < 60
    assert [watch.name for watch in first_start()[1].watches if watch.interval > timedelta(days=1)] == []
