"""Boilerplate is cut by sentence, quotes stand in the source letter by letter, an act holds in its clause."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.reading.prose.clean import cleaned, cleaned_page
from monitor.reading.prose.items import Item, read
from monitor.reading.prose.two_readers import readings
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.therapies import Therapies

ROOT = Path(__file__).resolve().parents[3]
THERAPIES = Therapies(Pack.model_validate(tomllib.loads((ROOT / "monitor/packs/als.toml").read_text(encoding="utf-8"))))

BOILERPLATE = (
    "This press release contains forward-looking statements that involve risks and uncertainties.",
    "Actual results may differ materially from those described, and readers should not place undue reliance on them.",
    "The most common side effects were headache, back pain and a fall in white blood cells.",
    "Media contact: Jane Doe, +1 555 0100.",
    "Related articles: ten questions about gene silencing.",
    "We use cookies to improve your visit.",
    "See full prescribing information for details.",
    "Correction: an earlier version of this article gave a wrong dose.",
    "You may also like: why trials fail.",
    "Important safety information: read the leaflet.",
)

ORDINARY = (
    "The company submitted its application in October.",
    "The agency had accepted the filing for priority review in the autumn.",
    "In March an advisory committee voted nine to none that the marker is likely to predict benefit.",
    "The drug holds orphan designation in Europe.",
    "It was given to the first patient in 2016.",
    "The phase 3 study missed its primary endpoint in 2021.",
    "Results were published in the New England Journal of Medicine.",
    "The confirmatory trial is fully enrolled.",
    "A clinical hold on another programme was lifted last year.",
    "Patients have received the drug in an expanded access programme since 2021.",
    "The European Medicines Agency is reviewing a separate application.",
    "Biogen licensed tofersen from Ionis in 2018.",
    "The company will continue the open-label extension.",
    "Interim results from the extension suggest a slower decline.",
    "The price will be about 170,000 dollars a year.",
    "Insurers have not said whether they will cover it.",
    "Serious neurological events were seen in some participants.",
    "The label carries a warning about inflammation of the spinal cord.",
    "About two percent of people with the disease carry a change in this gene.",
    "Advocates had urged the agency to be flexible.",
    "Shares of the company rose in late trading.",
    "The drug is given into the spinal fluid once a month.",
    "The company plans to file in Japan.",
    "A decision in Europe is expected next year.",
    "An earlier drug for the disease was withdrawn from the market in 2024.",
    "The agency delayed its decision by three months in October.",
    "Production will be moved to a larger plant.",
    "The trial enrolled 108 adults at 32 sites.",
    "Another company dropped its own candidate in the spring.",
    "The application was based on a fall in neurofilament.",
    "Doctors called the news a turning point.",
    "The trial ended in 2021.",
    "Its makers are recruiting carriers without symptoms.",
    "The company reported a loss for the quarter.",
    "No other treatment addresses the cause of this form.",
    "A panel of the agency had been split on efficacy.",
    "Other companies are testing gene therapies.",
    "The agency asked for one more study after approval.",
    "The medicine may not work for everyone.",
    "Two earlier compounds were stopped for futility.",
)
"""Forty sentences as they stand beside an approval."""


def types(title: str, text: str, published: str | None = "2023-04-25") -> list[str]:
    return sorted(claim.type for claim in read(Item("x", "press_release", title, text, published), THERAPIES))


@pytest.mark.parametrize("line", BOILERPLATE)
@pytest.mark.parametrize("first", [True, False], ids=["above", "below"])
def test_boilerplate_hides_no_news(line: str, first: bool) -> None:
    news = "The FDA approved tofersen today."
    assert types("Update on a rare disease", f"{line} {news}" if first else f"{news} {line}") == ["approval"]
    assert types("Update on a rare disease", f"{line}\n{news}" if first else f"{news}\n{line}") == ["approval"]


@pytest.mark.parametrize("sentence", ORDINARY)
def test_an_ordinary_sentence_neither_erases_an_approval_nor_adds_to_it(sentence: str) -> None:
    assert types("The FDA approved Qalsody", sentence) == ["approval"]
    assert types("News for patients", f"The FDA approved Qalsody. {sentence}") == ["approval"]


def test_what_a_company_says_about_itself_ends_with_its_paragraph() -> None:
    about = "About Acme\nAcme has received approval for several medicines."
    assert types("Acme report", f"{about}\n\nThe FDA today approved tofersen.") == ["approval"]
    assert types("Acme report", about) == []


def test_six_thousand_characters_are_read() -> None:
    filler = "The company has offices in three countries. " * 120
    assert len(filler) > 5_000
    assert types("Acme report", f"{filler}The FDA today approved tofersen.") == ["approval"]


@pytest.mark.parametrize(
    "front",
    [
        "CAMBRIDGE, Mass., April 25, 2023 (GLOBE NEWSWIRE) -- ",
        "NEW YORK (Reuters) - ",
        "ZUG, Switzerland, April 25, 2023 /PRNewswire/ -- ",
        "LONDON – ",
    ],
)
def test_a_dateline_is_no_part_of_the_sentence(front: str) -> None:
    text = cleaned("Title", f"{front}Biogen said that tofersen was approved.")
    assert text.units[1] == "Biogen said that tofersen was approved."


@given(st.text(max_size=300), st.text(max_size=900))
def test_every_sentence_has_its_place_in_the_source(title: str, text: str) -> None:
    made = cleaned(title, text)
    for number, sentence in enumerate(made.sentences):
        assert made.quote(number) == (text if number else title)[sentence.start : sentence.end]
        assert len(sentence.text) <= max(1, sentence.end - sentence.start)


def test_a_quote_keeps_the_letters_of_its_source() -> None:
    text = "Biogen’s  news:\u00a0the FDA  approved “Qalsody”\u00a0today.  More soon."
    (claim,) = read(Item("x", "news", "Biogen", text, None), THERAPIES)
    assert claim.quote == "Biogen’s  news:\u00a0the FDA  approved “Qalsody”\u00a0today."


# How an act is meant --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The FDA approved tofersen.", "done"),
        ("The FDA will approve tofersen.", "planned"),
        ("The FDA has not approved tofersen.", "denied"),
        ("If the FDA approves tofersen, doctors will be trained.", "conditional"),
        ("Analysts predict that the FDA approves tofersen.", "opinion"),
        ("The FDA approved tofersen in April 2019.", "retold"),
    ],
)
def test_how_an_act_is_meant_is_kept(sentence: str, expected: str) -> None:
    acts = readings(["Tofersen", sentence], None)
    assert [act.modality for act in acts if act.type == "approval"] == [expected]


# Pages ------------------------------------------------------------------------------------------------


def page(text: str) -> list[str]:
    return sorted(claim.type for claim in read(Item("x", "page_diff", "Tofersen", text, "2023-04-25"), THERAPIES))


def test_a_page_is_read_against_what_stood_there() -> None:
    old = "The FDA has placed the tofersen trial on clinical hold."
    assert page(f"- {old} Call us. + {old} Write to us.") == []
    assert page(f"- Call us. + {old} Call us.") == ["clinical_hold"]
    assert page(f"- {old} + The FDA has put the trial of tofersen on clinical hold.") == []


def test_a_page_says_where_its_new_sentence_stands() -> None:
    text = "- Old words here. + New words. The hold was lifted."
    added, gone = cleaned_page("Page", text)
    assert [added.quote(n) for n in (1, 2)] == ["New words.", "The hold was lifted."]
    assert gone.units[1:] == ["Old words here."]
