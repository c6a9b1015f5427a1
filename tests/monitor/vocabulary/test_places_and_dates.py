"""Places, agencies and dates are each written down once; what is said of them agrees."""

from datetime import date

import pytest

from monitor.vocabulary.agencies import AGENCIES, DECIDES_IN, PLACES_BY_NAME, place_of
from monitor.vocabulary.agencies_meant import agency_of
from monitor.vocabulary.dates import MONTHS, in_words, month_number, short
from monitor.vocabulary.places import BY_CODE, PLACES


def test_every_agency_stands_once_and_acts_in_a_followed_place() -> None:
    assert len(PLACES_BY_NAME) == len(AGENCIES)
    assert {agency.place for agency in AGENCIES} <= {*PLACES, None}


def test_every_place_has_a_regulator_of_its_own() -> None:
    assert {place: place_of(agency) for place, agency in DECIDES_IN.items()} == {place: place for place in PLACES}


@pytest.mark.parametrize("code", PLACES)
def test_a_place_is_met_by_its_own_name_alone(code: str) -> None:
    assert agency_of(f"Approved in {BY_CODE[code].full}.", "") == (DECIDES_IN[code], code)


def test_the_agency_goes_before_the_place() -> None:
    assert agency_of("In Switzerland, as in Europe, the MHRA's view is shared.", "") == ("MHRA", "UK")
    assert place_of("Ministry of Magic") is None


@pytest.mark.parametrize(
    ("day", "sentence", "brief"),
    [
        ("2025-08-29", "on 29 August 2025", "29 Aug 2025"),
        ("2024-09", "in September 2024", "Sep 2024"),
        ("2024", "in 2024", "2024"),
        (None, "", ""),
    ],
)
def test_a_date_is_said_as_precisely_as_it_is_known(day: str | None, sentence: str, brief: str) -> None:
    assert (in_words(day), short(day)) == (sentence, brief)


@pytest.mark.parametrize("text", ["2024-13", "2024-00-10", "spring 2024", "2024-1-2-3"])
def test_what_is_no_date_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match=text[:7]):
        in_words(text)


def test_months_are_english_in_every_locale() -> None:
    assert [date(2024, month_number(name), 1).month for name in MONTHS] == list(range(1, 13))
    assert month_number("sePTember") == 9
