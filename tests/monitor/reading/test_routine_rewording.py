"""What a registry or a sponsor only calls otherwise, a place or an outcome, is told as that and no more."""

from datetime import date

import pytest

from monitor.reading.routine.kinds import Routine
from monitor.reading.routine.readers import routine
from monitor.watching.compare import compare
from sources.records import Content, Study
from sources.study import PATHS

ACTUAL = {"primary_completion": "2025-06", "primary_completion_type": "ACTUAL"}


def told(before: Content, after: Content) -> list[Routine]:
    differences = compare(before, after, record=Study, paths=PATHS)
    return routine(differences, before=before, after=after, on=date(2026, 2, 10))


ITALY = {"site_countries": ["Italy"]}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            {**ITALY, "sites": {"Mediolanum, Italy": "1 COMPLETED, 2 RECRUITING", "Turin, Italy": "1 RECRUITING"}},
            {**ITALY, "sites": {"Milan, Italy": "1 COMPLETED, 2 RECRUITING", "Turin, Italy": "1 RECRUITING"}},
            ["Sites in Mediolanum, Italy are now listed in Milan, Italy."],
        ),
        (
            {**ITALY, "sites": {"Mediolanum, Italy": "2 RECRUITING", "Milan, Italy": "1 RECRUITING"}},
            {**ITALY, "sites": {"Milan, Italy": "3 RECRUITING"}},
            ["Sites in Mediolanum, Italy are now listed in Milan, Italy."],
        ),
        (
            {
                "site_countries": ["Gaul, Land of", "Peru"],
                "sites": {"Lyon, Gaul, Land of": "1 RECRUITING", "Peru": "2"},
            },
            {"site_countries": ["France", "Peru"], "sites": {"Lyon, France": "1 RECRUITING", "Peru": "2"}},
            ["Sites in Lyon, Gaul, Land of are now listed in Lyon, France."],
        ),
        (
            {**ITALY, "sites": {"Milan, Italy": "1 COMPLETED", "Turin, Italy": "1 RECRUITING"}},
            {**ITALY, "sites": {"Milan, Italy": "1 RECRUITING", "Turin, Italy": "1 COMPLETED"}},
            ["Opened in Milan, Italy. Closed in Turin, Italy."],
        ),
        (
            {**ITALY, "sites": {"Milan, Italy": "1 RECRUITING", "Turin, Italy": "1 RECRUITING"}},
            {**ITALY, "sites": {"Bari, Italy": "1 NOT_YET_RECRUITING", "Turin, Italy": "1 RECRUITING"}},
            ["Closed in Milan, Italy."],
        ),
        (
            {"site_countries": ["Canada"], "sites": {"London, Canada": "1 RECRUITING"}},
            {"site_countries": ["France"], "sites": {"Lyon, France": "1 RECRUITING"}},
            ["First site in France. No site any more in Canada.", "Opened in Lyon, France. Closed in London, Canada."],
        ),
    ],
    ids=["a city", "into one that is there", "a country", "no renaming", "another state", "another place"],
)
def test_a_place_that_the_registry_calls_otherwise_has_neither_opened_nor_closed(
    before: Content, after: Content, said: list[str]
) -> None:
    assert sorted(one.words for one in told(before, after)) == sorted(said)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            "Percentage of participants who experience an adverse event (AE) [24 weeks]",
            "Percentage of Participants Who Experienced an Adverse Event [24 Weeks]", "has changed",
        ),
        (
            "Percentage of participants who experience an adverse event (AE) [24 weeks]",
            "Percentage of Participants Who Experienced an Adverse Event (AE) [24 Weeks]", "is worded otherwise.",
        ),
        (
            "Investigator-Assessed Progression Free Survival [Up to 24 months]",
            "Investigator-assessed Progression-free Survival [Up to 24 months]", "is worded otherwise.",
        ),
        ("Score of <7 [1 year]", "Score of >7 [1 year]", "has changed"),
        ("Participants who respond [1 year]", "Participants who start treatment [1 year]", "has changed"),
        ("Time to progress [Up to ~30 months]", "Time to Progress [Up to 59 months]", "time frame of the primary"),
    ],
)  # fmt: skip
def test_an_outcome_in_other_letters_or_another_tense_is_no_other_outcome(before: str, after: str, said: str) -> None:
    (one,) = told({"primary_outcomes": [before], **ACTUAL}, {"primary_outcomes": [after], **ACTUAL})
    assert said in one.words
    assert one.weight == (1 if "worded" in said else 5)


@pytest.mark.parametrize(
    ("after", "said", "weight"),
    [
        ("Con\ufb01rmed disease. Over 18.", "is put in another order.", 1),
        ("Over 18. Confirmed disease.", "is put in another order.", 1),
        ("Con\ufb01rmed disease. Over 16.", "has changed: 1 word gone, 1 word new.", 2),
    ],
)
def test_signs_and_order_are_no_other_criteria(after: str, said: str, weight: int) -> None:
    (one,) = told({"eligibility": "Confirmed disease. Over 18."}, {"eligibility": after})
    assert said in one.words
    assert one.weight == weight
