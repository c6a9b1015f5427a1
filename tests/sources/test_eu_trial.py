"""A trial as CTIS itself hands it out: without the row of the search that archives keep beside it."""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sources.base import Page, Unexpected
from sources.ctis import Ctis, CtisOptions
from sources.records import Study, StudyStatus

SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "ctis" / "retrieved.json"
OURS: dict[str, Any] = json.loads(SAMPLE.read_bytes())


def read(value: Any) -> Study:
    body = json.dumps(value).encode()
    page = Page("https://example.org/trial", datetime(2026, 10, 1, tzinfo=UTC), 200, "", "", lambda: body)
    (found,) = Ctis(CtisOptions()).parse(page)
    assert not isinstance(found, Unexpected), found
    assert isinstance(found, Study)
    return found


def ended(**notices: list[str]) -> Any:
    """The trial, ended, with these notices by country."""
    value = copy.deepcopy(OURS)
    value["events"]["trialEvents"] = [
        {"mscName": country, "events": [{"notificationType": word, "date": "2026-01-10"} for word in words]}
        for country, words in notices.items()
    ]
    return value


@pytest.mark.parametrize(
    ("notices", "status", "word"),
    [
        (
            {"Austria": ["END_OF_TRIAL"], "Poland": ["EARLY_TERMINATION"]},
            StudyStatus.COMPLETED,
            "Ended, early in Poland",
        ),
        ({"Austria": ["EARLY_TERMINATION"], "Poland": ["EARLY_TERMINATION"]}, StudyStatus.TERMINATED, "Ended early"),
        ({"Austria": ["EARLY_TERMINATION"], "Poland": []}, StudyStatus.TERMINATED, "Ended early"),
        ({"Austria": ["END_OF_TRIAL", "EARLY_TERMINATION"]}, StudyStatus.TERMINATED, "Ended early"),
        ({"Austria": ["END_OF_TRIAL", "GLOBAL_END_OF_TRIAL"]}, StudyStatus.COMPLETED, "Ended"),
    ],
    ids=["one country", "all", "the only one that had begun", "both notices of one country", "as planned"],
)
def test_one_country_that_gives_up_cuts_no_trial_short(
    notices: dict[str, list[str]], status: StudyStatus, word: str
) -> None:
    found = read(ended(**notices))
    assert (found.status, found.status_text) == (status, word)


def test_results_are_those_that_the_trial_lists() -> None:
    found = read(OURS)
    assert (found.has_results, found.results_posted) == (True, "2026-09-24")
    bare = read(OURS | {"results": {}})
    assert (bare.has_results, bare.results_posted) == (False, None)
    report = {"clinicalStudyReports": [{"id": 1, "submitDate": "2026-08-01"}], "summaryResults": [{"id": 2}]}
    assert read(OURS | {"results": report}).results_posted == "2026-08-01"


def test_who_takes_part_beyond_europe_counts() -> None:
    assert read(OURS).enrollment == 30
    assert read(OURS | {"totalNumberEnrolled": "10"}).enrollment == 30


def test_its_numbers_elsewhere_are_those_of_all_registries() -> None:
    assert read(OURS).others == ("2019-001111-22", "ISRCTN10000009", "NCT00000002")


def test_its_days_are_those_of_its_stamps_where_the_search_gives_none() -> None:
    found = read(OURS)
    assert (found.first_posted, found.last_update_posted) == ("2024-01-08", "2026-09-26")
