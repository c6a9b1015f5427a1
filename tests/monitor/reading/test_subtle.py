"""Announcements whose wording misleads: votes that go both ways, plans in headlines, licences, data short of proof."""

import pytest

from monitor.reading.prose.items import Item, read

VOTE = "FDA advisory committee votes on tofersen"


def told(title: str, text: str) -> list[tuple[str, str]]:
    item = Item(id="1", source_kind="press_release", title=title, text=text, published="2023-03-22")
    return [(claim.type, claim.polarity) for claim in read(item)]


@pytest.mark.parametrize(
    ("text", "polarity"),
    [
        ("The committee voted 6 to 4 today that the data do not establish that tofersen works.", "negative"),
        ("The committee voted 7 to 2 for tofersen on Monday, after 6 to 4 against in January.", "positive"),
        ("The committee voted 9 to 0 on the marker. On whether there is a benefit it voted 3 yes, 5 no.", "mixed"),
        ("The committee voted 9 to 0 for it. It voted 5 yes, 3 no on the second question.", "positive"),
        ("The committee voted 17 no, 1 yes and 1 abstention on whether tofersen works.", "negative"),
    ],
)
def test_a_committee_is_read_by_its_count(text: str, polarity: str) -> None:
    assert told(VOTE, text) == [("adcomm_outcome", polarity)]


def test_a_split_panel_approves_nothing() -> None:
    assert told("FDA panel split over tofersen: yes on the marker, no on proof", "More tomorrow.") == [
        ("adcomm_outcome", "mixed")
    ]


@pytest.mark.parametrize(
    ("title", "polarities"),
    [
        ("FDA panel backs withdrawing tofersen", {"negative"}),
        ("Advisers vote 14-1 to withdraw ALS drug tofersen", {"negative"}),
        ("FDA panel supports pulling tofersen from the market", {"negative"}),
        ("FDA panel votes 8 to 3 in favour of revoking the approval of tofersen", {"negative"}),
        ("FDA panel backs tofersen for a narrower use", {"positive"}),
        ("FDA panel votes to remove the boxed warning of tofersen", {"positive"}),
        ("FDA advisers vote against withdrawing tofersen", set()),
    ],
)
def test_a_panel_that_wants_a_medicine_gone_says_no(title: str, polarities: set[str]) -> None:
    assert {polarity for type_, polarity in told(title, "") if type_ == "adcomm_outcome"} == polarities


def test_a_headline_with_a_bare_infinitive_is_a_plan() -> None:
    assert told("Acme to withdraw its application for tofersen from the FDA", "The company plans another trial.") == []
    assert told("Acme withdraws its application for tofersen from the FDA", "It plans another trial.") == [
        ("application_withdrawn", "negative")
    ]


def test_the_fda_files_what_a_company_has_submitted() -> None:
    assert told("FDA files the application for tofersen", "The FDA has filed over protest the application.") == [
        ("filing_accepted", "positive")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Acme and Other have signed a licence for tofersen in Europe and Latin America.",
        "Other has licensed tofersen, for ALS with a mutation of SOD1, from Acme.",
    ],
)
def test_a_licence_between_companies_is_no_approval(text: str) -> None:
    assert told("Rights to tofersen change hands", text) == [("deal", "neutral")]


def test_an_opinion_confirmed_after_a_re_examination_is_news() -> None:
    text = "After a re-examination the committee confirmed its negative opinion on tofersen."
    assert told("Meeting highlights from the CHMP", text) == [("chmp_opinion", "negative")]


def test_data_that_miss_significance_are_no_success() -> None:
    text = "Acme presented data of the trial SHORE: tofersen slowed decline by 2.2 points (p=0.12)."
    assert [type_ for type_, _ in told("Acme shows data of SHORE in ALS", text)] == ["interim_data"]


def test_two_payers_that_disagree_are_a_mixed_recommendation() -> None:
    text = "CDA recommends reimbursement of tofersen; INESSS does not recommend it."
    assert told("Recommendations on tofersen in Canada", text) == [("reimbursement", "mixed")]


def test_a_launch_is_no_end_of_sales() -> None:
    text = "Tofersen has been added to the national price list in Japan and goes on sale today."
    assert told("Tofersen enters the price list in Japan", text) == [("reimbursement", "positive")]
