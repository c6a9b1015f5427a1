"""News told in passing: in an aside with a day, beside another medicine's, in a writing without blanks."""

import pytest

from monitor.reading.prose.items import Item, read
from monitor.vocabulary.therapies import Therapies
from tests.monitor.reading.followed import followed

DAY = "2026-03-06"
TWO = followed("tofersen", "edaravone")


def told(title: str, text: str) -> list[tuple[str, str | None]]:
    return [(claim.type, claim.therapy) for claim in read(Item("x", "news", title, text, DAY), TWO)]


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("Acme, which on Tuesday dosed the first patient in its trial of tofersen, keeps the rights.", "trial_started"),
        ("The prize is edaravone, which the FDA approved on Thursday for ALS.", "approval"),
        ("The jewel is tofersen, which on Monday won full approval once the FDA had seen its benefit.",
         "full_approval_conversion"),
    ],
)  # fmt: skip
def test_an_aside_with_a_day_of_this_week_tells_news(text: str, type_: str) -> None:
    assert type_ in [type_ for type_, _ in told("Acme opens a plant", text)]


@pytest.mark.parametrize(
    "text",
    [
        "Acme, which in 2021 dosed the first patient in its Phase 3 trial of tofersen, keeps the rights.",
        "The prize is edaravone, which the FDA approved for ALS.",
        "On Tuesday Acme spoke of tofersen, which the FDA had approved.",
    ],
)
def test_an_aside_without_one_is_history(text: str) -> None:
    assert told("Acme opens a plant", text) == []


def test_of_two_followed_medicines_each_has_its_act_of_the_same_type() -> None:
    also = "In addition, the agency has today extended the use of edaravone to children."
    text = f"The FDA today approved tofersen for adults. {also}"

    assert {therapy for _, therapy in told("Two decisions in one day", text)} == {"tofersen", "edaravone"}


def test_the_same_act_told_twice_of_one_medicine_is_one() -> None:
    assert told(
        "FDA approves tofersen", "The FDA approved tofersen today. The agency has approved tofersen for ALS."
    ) == [("approval", "tofersen")]


def test_copies_that_a_neighbour_speaks_of_make_no_copy_of_a_full_approval() -> None:
    text = "Tofersen won full approval from the FDA on Monday. Settlements keep generics out until 2037."

    assert told("Good news for Acme", text) == [("full_approval_conversion", "tofersen")]


@pytest.mark.parametrize(
    "text",
    [
        "治療薬Tofersenの承認を取得",
        "新药Tofersen获批上市",
        "치료제Tofersen은 승인되었다",
        "治療薬トフェルセン(tofersen)",
    ],
)
def test_a_name_stands_free_among_letters_of_a_writing_without_blanks(text: str) -> None:
    assert [mention.therapy for mention in TWO.named(text)] == ["tofersen"]


def test_a_name_inside_a_word_is_none() -> None:
    therapies: Therapies = TWO
    assert therapies.named("the pretofersenal age") == []
    assert therapies.named("étofersen") == []


def test_an_application_that_a_regulator_takes_in_for_review_is_accepted() -> None:
    assert told("Morning note", "The FDA took tofersen in for review.") == [("filing_accepted", "tofersen")]
    assert told("Morning note", "Acme's application for tofersen is still under review at the FDA.") == []


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (
            "Acme wins European licence for tofersen",
            "It was granted by the European Commission on Monday and holds in Norway as well as Iceland.",
        ),
        ("Acme widens its pact with a distributor", "On Monday the European Commission approved tofersen."),
        ("Acme expands alliance with Norvane", "On Monday the European Commission approved tofersen."),
    ],
)
def test_a_wider_pact_and_another_country_make_no_further_use(title: str, text: str) -> None:
    assert told(title, text) == [("approval", "tofersen")]


def test_what_a_company_announces_goes_before_an_earlier_yes_elsewhere() -> None:
    first = "Acme today announced the U.S. Food and Drug Administration (FDA) approval of tofersen for adults."
    (claim,) = read(
        Item("x", "press_release", "Acme Announces FDA Approval of tofersen",
             f"{first} Tofersen was authorized by the European Commission in January.", DAY),
        TWO,
    )  # fmt: skip

    assert (claim.type, claim.place) == ("approval", "US")
