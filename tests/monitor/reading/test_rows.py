"""A word of status in the row of an authority's own list is read as a field of a register is: by a table."""

from datetime import date

import pytest

from monitor.reading.prose.announcements import interpret_prose
from monitor.reading.typed.record_change import RecordChange
from monitor.vocabulary.claims import HOLD, RELEASE
from monitor.watching.compare import compare
from sources.page_reader import read_blocks
from sources.page_tree import tree_of
from sources.records import Passage
from tests.monitor.reading.followed import followed

REVIEWS = "Applications under review", "Name|Area|Received|State", "EMA"
SHORT = "Supply problems", "Product|Strength|State|From|Until", "TGA"
PAID = "Funding decisions", "Name|Maker|Use|Decision", "NICE"
NEW = "Newly registered products", "Day|Product|Substance|Kind", "Swissmedic"
List = tuple[str, str, str]


def page(title: str, heads: str, *rows: str, above: str) -> Passage:
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row.split('|'))}</tr>" for row in rows if row)
    head = "".join(f"<th>{name}</th>" for name in heads.split("|"))
    body = f"<body><h1>{title}</h1><h2>{above}</h2><table><tr>{head}</tr>{cells}</table></body>"
    return Passage(
        key="p", title=title, url="https://example.org/p", blocks=tuple(read_blocks(tree_of(f"<html>{body}</html>")))
    )


def told(
    of: List, was: str, now: str, *, tier: int = 1, above: str = "Decided in April 2025"
) -> list[tuple[str, str, str | None, str | None, str]]:
    title, heads, agency = of
    other = "|".join(["tavicel", *["x"] * heads.count("|")])
    before, after = page(title, heads, other, was, above=above), page(title, heads, other, now, above=above)
    differences = compare(before.content(), after.content(), record=Passage, paths={})
    seen = RecordChange(
        after, before.content(), after.content(), differences, date(2025, 5, 20), followed("obelarsen", "masirelin")
    )
    claims = interpret_prose(seen, tier=tier, therapies_of_watch=(), agency=agency)
    return [(c.type, c.polarity, c.place, c.occurred_on, c.decision) for c in claims]


@pytest.mark.parametrize(
    ("of", "was", "now", "expected"),
    [
        (REVIEWS, "obelarsen|ataxia|3 March 2024|Under review", "obelarsen|ataxia|3 March 2024|Withdrawn, 6 May 2025",
         ("application_withdrawn", "negative", "EU", "2025-05-06")),
        (REVIEWS, "", "masirelin|gout|12.05.2025|In assessment", ("filing_accepted", "positive", "EU", "2025-05-12")),
        (REVIEWS, "masirelin|gout|1 May 2024|Under review", "masirelin|gout|1 May 2024|Negative opinion (16 May 2025)",
         ("chmp_opinion", "negative", "EU", "2025-05-16")),
        (REVIEWS, "obelarsen|ataxia|3 March 2024|Under review", "obelarsen|ataxia|3 March 2024|Refused on 2025-05-19",
         ("complete_response", "negative", "EU", "2025-05-19")),
        (SHORT, "", "Obelarsen tablets|5 mg|Out of stock|2025-05-18|2025-07-01",
         ("shortage", "negative", "AU", "2025-05-18")),
        (SHORT, "Obelarsen tablets|5 mg|Out of stock|2025-03-18|2025-07-01",
         "Obelarsen tablets|5 mg|Available|2025-03-18|2025-05-17", ("shortage", "positive", "AU", "2025-05-17")),
        (PAID, "", "masirelin|Acme|gout|Not recommended", ("reimbursement", "negative", "UK", "2025-04")),
        (PAID, "masirelin|Acme|gout|Deferred", "masirelin|Acme|gout|Recommended with conditions",
         ("reimbursement", "positive", "UK", "2025-04")),
        (NEW, "", "07.05.2025|Obelix|obelarsen|New active substance", ("approval", "positive", "CH", "2025-05-07")),
        (NEW, "", "07.05.2025|Obelix|obelarsen|Further indication",
         ("label_expansion", "positive", "CH", "2025-05-07")),
        (NEW, "", "07.05.2025|Obelarsen Ypsilon|obelarsen|Generic",
         ("tentative_generic_approval", "positive", "CH", "2025-05-07")),
    ],
)  # fmt: skip
def test_a_word_of_status_is_told_with_its_day(
    of: List, was: str, now: str, expected: tuple[str, str, str, str]
) -> None:
    assert told(of, was, now) == [(*expected, RELEASE)]


@pytest.mark.parametrize(
    ("of", "was", "now"),
    [
        (REVIEWS, "obelarsen|ataxia|3 March 2024|Under review", "obelarsen|ataxia|3 March 2024|Clock stop"),
        (REVIEWS, "obelarsen|ataxia|3 March 2024|Under review", "obelarsen|rare ataxia|3 March 2024|Under review"),
        (PAID, "", "masirelin|Acme|gout|Deferred"),
        (PAID, "masirelin|Acme|gout|Recommended", "masirelin|Acme|gout|Recommended as an option"),
        (SHORT, "Obelarsen tablets|5 mg|Out of stock|2025-03-18|2025-07-01",
         "Obelarsen tablets|5 mg|Out of stock|2025-03-18|2025-09-01"),
    ],
)  # fmt: skip
def test_a_state_that_decides_nothing_or_is_told_again_tells_nothing(of: List, was: str, now: str) -> None:
    assert told(of, was, now) == []


def test_a_new_row_without_a_day_of_late_waits_and_a_change_does_not() -> None:
    was, now = "obelarsen|ataxia|3 March 2024|Under review", "obelarsen|ataxia|3 March 2024|Withdrawn"

    assert told(REVIEWS, "", now, above="All") == [("application_withdrawn", "negative", "EU", "2025-05-20", HOLD)]
    assert told(REVIEWS, was, now, above="All") == [("application_withdrawn", "negative", "EU", "2025-05-20", RELEASE)]


def test_others_than_an_authority_are_read_as_prose() -> None:
    was, now = "obelarsen|ataxia|3 March 2024|Under review", "obelarsen|ataxia|3 March 2024|Refused on 2025-05-19"

    assert all(decision == HOLD for *_, decision in told((REVIEWS[0], REVIEWS[1], ""), was, now, tier=4))
