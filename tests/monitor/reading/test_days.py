"""The day of an act is the one that its text states for it, before that of a dateline or of publication."""

from datetime import date

import pytest

from monitor.reading.prose.act_day import stated_date
from monitor.reading.prose.items import Item, judged
from tests.monitor.reading.followed import followed

FOLLOWED = followed("obelarsen", "tofersen")
NEWS_OF = "2026-03-04"


def days(title: str, text: str, type_: str) -> set[tuple[str | None, bool]]:
    """The day of what is told, and whether it is only that on which it was made known."""
    claims = judged(Item("x", "press_release", title, text, NEWS_OF), FOLLOWED)
    return {(claim.occurred_on, claim.announced) for claim in claims if claim.type == type_}


@pytest.mark.parametrize(
    ("title", "text", "type_", "day"),
    [
        ("Obelarsen approved in Europe", "Basel, 4 March 2026 - Acme said that the European Commission on 2 March 2026 "
         "approved obelarsen.", "approval", "2026-03-02"),
        ("FDA lifts clinical hold on obelarsen", "The FDA told Acme on March 1, 2026 that the clinical hold on "
         "obelarsen has been lifted.", "clinical_hold_lifted", "2026-03-01"),
        ("Removal of clinical hold on obelarsen trial", "The agency informed Acme on February 27, 2026 that all its "
         "questions are answered and dosing may resume.", "clinical_hold_lifted", "2026-02-27"),
        ("FDA approves obelarsen for a myopathy", "On Feb. 27 the agency granted approval of obelarsen.",
         "approval", "2026-02-27"),
        ("Obelarsen: licence not renewed in the EU", "On 2 March the European Commission revoked the marketing "
         "authorisation of obelarsen.", "authorization_revoked", "2026-03-02"),
        ("Acme recalls obelarsen", "Acme announced on 3 March 2026 a recall of obelarsen lots, sold since 27 February "
         "2026.", "recall", "2026-03-03"),
    ],
)  # fmt: skip
def test_a_day_that_any_sentence_states_for_the_act_is_its_day(title: str, text: str, type_: str, day: str) -> None:
    assert days(title, text, type_) == {(day, False)}


@pytest.mark.parametrize(
    ("title", "text", "day"),
    [
        ("FDA approves obelarsen", "Acme said that obelarsen will be sold soon.", NEWS_OF),
        ("FDA approves obelarsen", "Boston, 3 March 2026 - The FDA has approved obelarsen.", "2026-03-03"),
        ("FDA approves obelarsen", "On 2 March the EMA validated the application for obelarsen.", NEWS_OF),
        ("FDA approves obelarsen", "After the panel of 20 February, talks ended on 2 March.", NEWS_OF),
        ("FDA approves obelarsen", "Shares of Acme had fallen on 2 March.", NEWS_OF),
        ("FDA approves obelarsen", "Acme will hold a call on 9 March 2026.", NEWS_OF),
    ],
)
def test_the_day_of_something_else_is_not_that_of_the_act(title: str, text: str, day: str) -> None:
    assert days(title, text, "approval") == {(day, True)}


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("On Sept. 2 it was done.", "2026-09-02"),
        ("Since 7th of September 2026.", "2026-09-07"),
        ("On 2026-09-03, and on Sept 5.", "2026-09-03"),
        ("It May be. On May 5 it was too early.", "2026-09-10"),
        ("LONDON, 9 Sep 2026 /PRNewswire/ -- It came on September 8.", "2026-09-08"),
        ("9 September 2026: nothing else.", "2026-09-09"),
        ("On 31 September 2026.", "2026-09-10"),
    ],
)
def test_days_are_read_as_they_are_written(text: str, day: str) -> None:
    assert stated_date(text, date(2026, 9, 10)) == day


def test_a_day_without_a_year_is_the_last_such_day() -> None:
    assert stated_date("On 30 December it was done.", date(2027, 1, 4)) == "2026-12-30"
