"""Quotes of a register's fields, in words for who did not ask for technical ones; all other quotes are left alone."""

import pytest

from monitor.vocabulary.field_quotes import field_in_words

SAID = {
    "status: NOT_YET_RECRUITING": "status “not yet recruiting”",
    "status: ACTIVE_NOT_RECRUITING -> TERMINATED; why stopped: Lack of data; funds": (
        "status changed from “active, not recruiting” to “terminated”, why stopped “Lack of data; funds”"
    ),
    "status: NOT_YET_RECRUITING; start: 2025-06-30; start_type: ESTIMATED": (
        "status “not yet recruiting”, start “30 Jun 2025” (expected)"
    ),
    "status: RECRUITING; verified_on: 2021-05": "status “recruiting”, last verified “May 2021”",
    "status: Ongoing, recruiting": "status “Ongoing, recruiting”",
    "NDA215887 ORIG-1 : AP 20230425": "NDA215887, original application 1: approved, 25 Apr 2023",
    "NDA209080 SUPPL-12 EFFICACY: AP 2018-09-05": "NDA209080, supplement 12: approved, 5 Sep 2018",
    "NDA216660 marketing status: Discontinued": "NDA216660: marketing status “Discontinued”",
    "boxed_warning: Serious harm": "boxed warning “Serious harm”",
    "NDA209080 SUPPL-12 : AP 20189905": "NDA209080, supplement 12: approved, 2018-99-05",
    "NDA209080 SUPPL-12 : XX 20180905": None,
    "Approval is withdrawn as of August 29, 2025.": None,
    "FDA approves: a drug for ALS": None,
    "price: free": None,
    "": None,
}


@pytest.mark.parametrize("quote", SAID)
def test_a_field_is_said_by_name_and_value(quote: str) -> None:
    assert field_in_words(quote) == SAID[quote]
