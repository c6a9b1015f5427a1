"""Routine changes in words: how far a date slipped, said no more precisely than the dates are, and what else moved."""

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo import shapes
from demo.story import read_story
from monitor.reading.routine.kinds import KINDS, Routine
from monitor.reading.routine.readers import routine
from monitor.reading.routine.slips import NOWHERE, in_all, moves, ordinal, slip
from monitor.vocabulary.dates import first_day, last_day
from monitor.vocabulary.differences import Difference
from monitor.watching.compare import compare
from sources.records import Application, Content, Record, Study
from sources.study import PATHS, study

RECORDED = Path(__file__).resolve().parents[3] / "../shared/recorded/clinicaltrials-v2"
TODAY = date(2026, 2, 10)


def told(
    before: Content, after: Content, *, on: date = TODAY, record: type[Record] = Study, **more: Any
) -> list[Routine]:
    differences = compare(before, after, record=record, paths=PATHS)
    return routine(differences, before=before, after=after, on=on, **more)


def words(before: Content, after: Content, **more: Any) -> list[str]:
    return [one.words for one in told(before, after, **more)]


# How far a date slipped ----------------------------------------------------------------------------------------------


@st.composite
def partial_dates(draw: st.DrawFn) -> str:
    """A day, a month or a year."""
    day = draw(st.dates(date(1990, 1, 1), date(2060, 12, 31))).isoformat()
    return day[: draw(st.sampled_from([4, 7, 10]))]


@given(partial_dates())
def test_a_date_that_stays_has_not_slipped(told: str) -> None:
    assert slip(told, told) == slip(told[:4], told) == slip(told, told[:4]) == NOWHERE


@given(partial_dates(), partial_dates())
def test_the_sign_follows_the_order_and_precision_is_no_delay(before: str, after: str) -> None:
    found, back = slip(before, after), slip(after, before)
    assert found and back
    assert found.days == -back.days
    if before.startswith(after) or after.startswith(before):
        assert found.days == 0
    elif last_day(before) < first_day(after):
        assert found.days > 0
    else:
        assert last_day(after) < first_day(before)
        assert found.days < 0
    assert found.least <= abs(found.days) <= found.most or found.days == 0


@given(st.lists(partial_dates(), min_size=2, max_size=8))
def test_a_history_adds_up_to_the_way_from_its_first_date_to_its_last(dates: list[str]) -> None:
    history = list(pairwise(dates))
    assert in_all(history) == slip(dates[0], dates[-1])
    assert 0 <= moves(history) < len(dates)


@pytest.mark.parametrize(
    ("before", "after", "days", "said"),
    [
        ("2025-06", "2025-12", 184, "184 days"),
        ("2025-06-30", "2025-07-01", 1, "1 day"),
        ("2025-06", "2026", 549, "185 to 578 days"),
        ("2026", "2025-06-30", -549, "185 to 549 days"),
        ("2026-09", "2026-09-15", 0, "0 days"),
        ("2024-02-29", "2024-03", 31, "1 to 31 days"),
    ],
)
def test_a_slip_is_told_as_precisely_as_the_dates_are(before: str, after: str, days: int, said: str) -> None:
    found = slip(before, after)
    assert found
    assert (found.days, found.words) == (days, said)


@pytest.mark.parametrize(("before", "after"), [(None, "2025-06"), ("2025", None), ("2025-13", "2026"), ("2025", "x")])
def test_without_two_dates_of_the_calendar_there_is_no_slip(before: str | None, after: str | None) -> None:
    assert slip(before, after) is None


def test_ordinals() -> None:
    assert [ordinal(n) for n in (1, 3, 10, 11, 12, 21, 22, 112)] == [
        "first", "third", "tenth", "11th", "12th", "21st", "22nd", "112th",
    ]  # fmt: skip


# Words, by kind ------------------------------------------------------------------------------------------------------

PLANNED = {"primary_completion": "2025-06", "primary_completion_type": "ESTIMATED"}
ACTUAL = {"primary_completion": "2025-06", "primary_completion_type": "ACTUAL"}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (PLANNED, PLANNED | {"primary_completion": "2025-12"}, "moved by 184 days, from 2025-06 to 2025-12."),
        (PLANNED, PLANNED | {"primary_completion": "2025-04"}, "moved 61 days earlier, from 2025-06 to 2025-04."),
        (PLANNED, PLANNED | {"primary_completion": "2025-06-12"}, "more precisely, 2025-06-12 instead of 2025-06."),
        (ACTUAL, ACTUAL | {"primary_completion": "2025"}, "less precisely, 2025 instead of 2025-06, though it was"),
        (PLANNED, ACTUAL, "became actual: 2025-06."),
        (ACTUAL, PLANNED, "is no longer actual but an estimate again: 2025-06."),
        ({"primary_completion": "2025-06"}, ACTUAL, "is now marked as actual: 2025-06."),
        (ACTUAL, {"primary_completion": "2025-06"}, "is no longer marked as actual or estimated: 2025-06."),
        (PLANNED, ACTUAL | {"primary_completion": "2025-07"}, "from 2025-06 to 2025-07, and is now actual."),
        (PLANNED, {}, "has no date any more; it was 2025-06."),
        ({}, PLANNED, "is given for the first time: 2025-06."),
        (PLANNED, PLANNED | {"primary_completion": "2025-13"}, "changed from 2025-06 to 2025-13."),
    ],
)  # fmt: skip
def test_one_date_one_sentence(before: Content, after: Content, said: str) -> None:
    (one,) = told(before, after)
    assert (one.kind, one.field) == ("date_moved", "primary_completion")
    assert one.words.startswith("Primary completion ")
    assert said in one.words


def test_a_date_that_moves_again_tells_its_history() -> None:
    earlier = {"primary_completion": [("2024-06", "2024-12"), ("2024-12", "2024-12-15"), ("2024-12-15", "2025-06")]}
    (one,) = told(PLANNED, PLANNED | {"primary_completion": "2025-12"}, earlier=earlier)
    assert one.words == "Primary completion moved by 184 days, from 2025-06 to 2025-12 (third move, 549 days in all)."
    assert (one.slip_days, one.moves, one.slipped_in_all) == (184, 3, 549)


@pytest.mark.parametrize(
    ("before", "after", "kind", "said"),
    [
        ({"enrollment": 18, "enrollment_type": "ESTIMATED"}, {"enrollment": 8, "enrollment_type": "ACTUAL"},
         "enrolment", "Enrolment: 18 before, 8 now, the actual number."),
        ({"enrollment": 8, "enrollment_type": "ESTIMATED"}, {"enrollment": 8, "enrollment_type": "ACTUAL"},
         "enrolment", "Enrolment stays at 8, the actual number."),
        ({"site_count": 25}, {"site_count": 26}, "sites", "Sites: 25 before, 26 now."),
        ({"site_countries": ["Greece", "Peru"]}, {"site_countries": ["China", "Peru"]}, "sites",
         "First site in China. No site any more in Greece."),
        ({"site_statuses": {"RECRUITING": 2}}, {"site_statuses": {"RECRUITING": 3}}, "sites",
         "Sites by state: recruiting 2 before, 3 now."),
        ({"removed_countries": ["Peru"]}, {"removed_countries": ["Chile", "Peru"]}, "sites",
         "No site any more in Chile."),
        ({"eligibility": "Adults aged 18 or older"}, {"eligibility": "Adults aged 21 or older"}, "eligibility",
         "Who may take part has changed: 1 word gone, 1 word new. “Adults aged 18 or older” before, "
         "“Adults aged 21 or older” now."),
        ({"sponsor": "A Ltd"}, {"sponsor": "B Inc."}, "sponsor", "Sponsor changed from “A Ltd” to “B Inc.”."),
        ({"collaborators": ["A"]}, {"collaborators": ["B Inc."]}, "sponsor", "Partners joined: B Inc.; left: A."),
        ({"phases": ["PHASE2"]}, {"phases": ["PHASE2", "PHASE3"]}, "phase",
         "Phase changed from “PHASE2” to “PHASE2; PHASE3”."),
        ({"title": "Old"}, {"title": "New"}, "title", "Title changed from “Old” to “New”."),
        ({"status": "RECRUITING"}, {"status": "UNKNOWN", "last_known_status": "RECRUITING"}, "other",
         "Status: recruiting before, unknown now; no act of the sponsor."),
        ({"status": "UNKNOWN", "last_known_status": "RECRUITING"}, {"status": "RECRUITING"}, "other",
         "Status: unknown before, recruiting now, as it was last known."),
        ({}, {"why_stopped": "No money."}, "other", "Reason for stopping: No money."),
        ({"interventions": ["DRUG: A"]}, {"interventions": ["DRUG: B"]}, "other", "Interventions changed."),
        ({}, {"unposted_events": [{"type": "RELEASE", "date": "2026-01-23"}]}, "results_submitted",
         "Results were handed in to the registry on 2026-01-23; they are not posted yet."),
        ({"results_submissions": [{"releaseDate": "2026-01-23"}]},
         {"results_submissions": [{"releaseDate": "2026-01-23", "resetDate": "2026-02-09"}]}, "results_submitted",
         "The registry gave the results back for corrections on 2026-02-09."),
    ],
)  # fmt: skip
def test_one_kind_one_sentence(before: Content, after: Content, kind: str, said: str) -> None:
    assert [(one.kind, one.words) for one in told(before, after)] == [(kind, said)]


def test_what_is_told_as_an_event_is_no_routine_change() -> None:
    before = {"status": "RECRUITING", "has_results": False}
    after = {"status": "TERMINATED", "why_stopped": "No effect", "has_results": True, "results_posted": "2026-02-09"}
    assert told(before, after) == []
    assert routine([Difference("(record)", "(record)", None, "present")], before={}, after={}, on=TODAY) == []


def test_a_country_that_comes_back_is_not_called_the_first() -> None:
    earlier = {"site_countries": [(["Greece"], ["Peru"])]}
    after = {"site_countries": ["Greece", "Malta", "Peru"]}
    (said,) = words({"site_countries": ["Peru"]}, after, earlier=earlier)
    assert said == "Sites in Greece again. First site in Malta."


@pytest.mark.parametrize(
    ("dates", "moved_to", "weight", "said"),
    [
        (ACTUAL, {}, 5, "has changed 225 days after primary completion (2025-06)."),
        (PLANNED, {}, 5, "has changed 225 days after the planned primary completion (2025-06)."),
        (PLANNED, {"primary_completion": "2027-06"}, 5, "has changed 225 days after the planned primary completion"),
        ({"primary_completion": "2026-02-11"}, {}, 3, "has changed 1 day before the planned primary completion"),
        ({"primary_completion": "2026-02"}, {}, 3, "has changed at the time of the planned primary"),
        ({}, {}, 3, "has changed."),
    ],
)
def test_a_goal_moved_after_the_last_visit_weighs_most(
    dates: Content, moved_to: Content, weight: int, said: str
) -> None:
    before = {"primary_outcomes": ["Function [24 weeks]"], "enrollment": 10, **dates}
    after = {**before, "primary_outcomes": ["Survival [24 weeks]"], "enrollment": 11, **moved_to}
    goal = next(one for one in told(before, after) if one.kind == "primary_outcome")
    assert goal.weight == weight
    assert goal.words.startswith(f"The primary outcome {said}")
    assert weight == 3 or told(before, after)[0] == goal


def test_a_new_time_frame_is_told_as_one() -> None:
    before, after = {"primary_outcomes": ["Function [24 weeks]"]}, {"primary_outcomes": ["Function [48 weeks]"]}
    assert words(before, after) == ["The time frame of the primary outcome has changed."]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            {"secondary_outcomes": ["A [1 year]"], **PLANNED}, {"secondary_outcomes": ["B [1 year]"], **PLANNED},
            "The secondary outcomes have changed 225 days after the planned primary completion (2025-06).",
        ),
        ({"minimum_age": "18 Years"}, {"minimum_age": "16 Years"}, "Youngest age: 18 years before, 16 years now."),
        ({"maximum_age": "80 Years"}, {}, "Oldest age: 80 years before, none now."),
        (
            {"eligibility": "Inclusion: * Onset within 18 months. * Able to swallow."},
            {"eligibility": "Inclusion: * Onset within 24 months. * Able to swallow."},
            "Who may take part has changed: 1 word gone, 1 word new. “Onset within 18 months.” before, “Onset within 24"
            " months.” now.",
        ),
        (
            {"sites": {"Boston, United States": "1 RECRUITING", "Turin, Italy": "2 RECRUITING"}},
            {"sites": {"Boston, United States": "1 RECRUITING", "Turin, Italy": "2 COMPLETED",
                       "Ulm, Germany": "1 NOT_YET_RECRUITING, 1 RECRUITING"}},
            "Opened in Ulm, Germany. Closed in Turin, Italy.",
        ),
        ({"sites": {"Ulm, Germany": "1 NOT_YET_RECRUITING"}}, {"sites": {"Ulm, Germany": "2 NOT_YET_RECRUITING"}}, ""),
    ],
)  # fmt: skip
def test_outcomes_limits_windows_and_sites_are_told(before: Content, after: Content, said: str) -> None:
    assert words(before, after) == [said] * bool(said)


def test_label_supplements_are_told_and_approvals_are_left_to_events() -> None:
    label = {"status": "AP", "status_date": "20260105", "class_code": "LABELING"}
    before = {"submissions": {}, "products": {"001": {"te_code": "AB"}}}
    after = {
        "submissions": {"ORIG-1": {"status": "AP", "class_code": "TYPE 1"}, "SUPPL-4": label},
        "products": {"001": {"te_code": "AA"}},
    }
    assert [(one.kind, one.words) for one in told(before, after, record=Application, key="NDA215887")] == [
        ("label", "Submission SUPPL-4 (LABELING): approved 20260105."),
        ("other", "Product 001: te code changed."),
    ]


def test_lines_of_a_page_are_counted() -> None:
    lines = [Difference("text", f"block {n}", "old", "new") for n in range(3)]
    assert [one.words for one in routine(lines, before={}, after={}, on=TODAY)] == ["Text changed in 3 places."]


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_words_of_a_source_make_a_sentence_of_reasonable_length(before: str, after: str) -> None:
    for field in ("title", "sponsor", "eligibility", "why_stopped", "primary_completion"):
        for one in routine([Difference(field, field, before, after)], before={}, after={}, on=TODAY):
            assert one.kind in KINDS
            assert one.words.endswith((".", "…"))
            assert len(one.words) < 2000


# The demo and the recordings -----------------------------------------------------------------------------------------


def drift(contents: Mapping[datetime, Content], key: str) -> list[tuple[str, Routine]]:
    """Everything routine in the life of one study, with the day on which it was seen."""
    found: list[tuple[str, Routine]] = []
    earlier: dict[str, list[tuple[Any, Any]]] = defaultdict(list)
    for (_, before), (moment, after) in pairwise(sorted(contents.items(), key=lambda pair: pair[0])):
        news = told(before, after, on=moment.date(), earlier=earlier, key=key)
        found += [(moment.date().isoformat(), one) for one in news]
        for one in compare(before, after, record=Study, paths=PATHS):
            earlier[one.field].append((one.before, one.after))
    return found


def test_fusion_drifts_as_its_record_tells() -> None:
    fusion = next(one for one in read_story().studies if one.key == "NCT04768972")
    contents: dict[datetime, Content] = {}
    for day in (date(2021, 7, 2), date(2023, 3, 29), date(2025, 8, 27)):
        seen = fusion.seen(moment := datetime(day.year, day.month, day.day, tzinfo=UTC))
        assert seen
        contents[moment] = study(shapes.study(seen[1], posted=day, data_version=day)).content()
    found = [(on[:4], one.words) for on, one in drift(contents, fusion.key)]

    assert ("2023", "Enrolment: 64 before, 77 now, planned.") in found
    assert ("2025", "Enrolment: 77 before, 95 now, planned.") in found
    assert ("2023", "Primary completion moved by 456 days, from 2024-03 to 2025-06.") in found
    second = "Primary completion moved by 185 to 578 days, from 2025-06 to 2026 (second move, 641 to 1035 days in all)."
    assert ("2025", second) in found


def life(key: str) -> list[tuple[str, Routine]]:
    """The routine changes of a recorded study."""
    if not RECORDED.is_dir():
        pytest.skip(f"recorded studies: ../shared is missing, looked for {RECORDED}")
    files = (RECORDED / key).glob("*.json")
    return drift({taken_at(file): study(json.loads(file.read_text(encoding="utf-8"))).content() for file in files}, key)


def taken_at(file: Path) -> datetime:
    """The moment of a recording, `2026-02-10T0705Z` or a day."""
    layout = "%Y-%m-%dT%H%MZ" if "T" in file.stem else "%Y-%m-%d"
    return datetime.strptime(file.stem, layout).replace(tzinfo=UTC)


def test_every_recorded_change_of_a_study_has_words() -> None:
    if not RECORDED.is_dir():
        pytest.skip(f"recorded studies: ../shared is missing, looked for {RECORDED}")
    keys = sorted(folder.name for folder in RECORDED.iterdir() if folder.is_dir())
    found = [one for key in keys for _, one in life(key)]
    assert len(found) >= 25
    assert {one.kind for one in found} >= {"date_moved", "enrolment", "sites", "sponsor", "title", "results_submitted"}
    assert not [one for one in found if one.words.endswith("..") or "None" in one.words]


def test_a_date_that_became_actual_and_was_corrected_two_days_later() -> None:
    found = [(on, one.words) for on, one in life("NCT04514484") if one.field == "primary_completion"]
    assert found == [
        ("2026-02-10", "Primary completion became actual: 2025-11-02."),
        ("2026-02-12", "Primary completion moved 356 days earlier, from 2025-11-02 to 2024-11-11, though it was actual "
                       "before."),
    ]  # fmt: skip
    completion = [one for _, one in life("NCT04514484") if one.field == "completion"]
    assert [(one.slip_days, one.moves, one.slipped_in_all) for one in completion] == [(459, 1, 459), (2, 2, 461)]


def test_a_trial_that_shrinks_and_slips() -> None:
    assert [(on, one.kind, one.words) for on, one in life("NCT05414032")] == [
        ("2026-02-26", "date_moved", "Primary completion moved by 426 days, from 2026-07 to 2027-09."),
        ("2026-02-26", "date_moved", "Completion moved by 731 days, from 2026-07 to 2028-07."),
        ("2026-02-26", "enrolment", "Enrolment: 200 before, 102 now, planned."),
        ("2026-02-26", "sponsor", "Partners joined: Personalis Inc."),
    ]
