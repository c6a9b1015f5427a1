"""Where an act was done: in a followed place, or in a country that is none of them and changes nothing there."""

import pytest

from monitor.reading.prose.items import Item, judged
from monitor.vocabulary.agencies_meant import whereabouts
from monitor.vocabulary.claims import HOLD, Claim
from monitor.vocabulary.countries import COUNTRIES, countries_in, elsewhere
from tests.monitor.reading.followed import followed

FOLLOWED = followed("nervexa", "obelarsen", "tofersen", "Leqembi")


def read(title: str, text: str = "", kind: str = "news") -> list[Claim]:
    return judged(Item("x", kind, title, text, "2026-03-04"), FOLLOWED)


def test_every_country_is_named_once_and_its_regulator_is_its_own() -> None:
    assert len({country.name for country in COUNTRIES}) == len(COUNTRIES)
    assert len({country.regulator for country in COUNTRIES}) == len(COUNTRIES)
    assert {country.place for country in COUNTRIES} == {"EU", None}


@pytest.mark.parametrize(
    ("title", "text", "type_", "agency"),
    [
        ("Anvisa halts sale of obelarsen", "The Brazilian drug regulator stopped sales of obelarsen after two deaths.",
         "market_withdrawal", "ANVISA"),
        ("Mexico approves obelarsen", "COFEPRIS granted marketing authorization to obelarsen.", "approval", "COFEPRIS"),
        ("Obelarsen approved in Colombia", "INVIMA has approved obelarsen. The FDA approved it in 2023.",
         "approval", "INVIMA"),
        ("Lots of obelarsen recalled", "India's CDSCO ordered a recall of three lots of obelarsen.", "recall", "CDSCO"),
        ("Saudi FDA approves obelarsen", "The Saudi Food and Drug Authority approved obelarsen.", "approval", "SFDA"),
        ("Israeli Ministry of Health approves obelarsen", "The FDA had approved obelarsen last month.",
         "approval", "Israel's Ministry of Health"),
        ("Obelarsen pulled from the Argentine market", "ANMAT ordered that obelarsen be withdrawn.",
         "market_withdrawal", "ANMAT"),
        ("Turkey suspends sales of obelarsen", "The Turkish health ministry suspended sales of obelarsen.",
         "market_withdrawal", "TITCK"),
        ("Taiwan FDA approves obelarsen", "The Taiwan Food and Drug Administration has approved obelarsen.",
         "approval", "TFDA"),
        ("SAHPRA places clinical hold on trial of obelarsen", "The trial of obelarsen is on clinical hold.",
         "clinical_hold", "SAHPRA"),
        ("Acme stops selling obelarsen in New Zealand", "Acme has stopped selling obelarsen in New Zealand.",
         "market_withdrawal", "Medsafe"),
        ("Thai regulator grants approval to obelarsen", "Obelarsen may be sold there from April.",
         "approval", "Thai FDA"),
        ("Medsafe warns of liver damage with obelarsen", "A warning was added to the label of obelarsen.",
         "safety_label", "Medsafe"),
    ],
)  # fmt: skip
def test_what_is_done_elsewhere_has_no_place(title: str, text: str, type_: str, agency: str) -> None:
    told = [(claim.agency, claim.place) for claim in read(title, text) if claim.type == type_]
    assert told
    assert set(told) == {(agency, None)}


@pytest.mark.parametrize(
    ("text", "agency", "place"),
    [
        ("The FDA approved obelarsen of an Israeli company.", "FDA", "US"),
        ("Health Canada recalls lots of obelarsen made in India.", "Health Canada", "CA"),
        ("The MHRA cleared obelarsen after a trial in Brazil.", "MHRA", "UK"),
        ("Obelarsen leaves Japan, and later Taiwan.", "MHLW", "JP"),
        ("Approved by the EMA and sold in Germany.", "EMA", "EU"),
        ("Korea's Ministry of Food and Drug Safety approved it.", "MFDS", "KR"),
        ("It was pulled in New Mexico and Indiana by the FDA.", "FDA", "US"),
    ],
)
def test_a_country_beside_it_moves_no_act_of_a_followed_place(text: str, agency: str, place: str) -> None:
    assert whereabouts(text, text)[:2] == (agency, place)


def test_a_yes_that_a_title_gives_to_a_regulator_is_not_given_to_the_countries_below() -> None:
    claims = read("Swissmedic approves obelarsen", "Obelarsen is also approved in Brazil and Israel.")
    assert {claim.place for claim in claims} == {"CH"}


def test_what_names_a_country_before_a_followed_place_waits_for_a_person() -> None:
    (claim,) = read("Acme withdraws obelarsen in Brazil and Europe", "Acme will stop selling obelarsen there.")
    assert (claim.place, claim.decision) == (None, HOLD)
    assert claim.doubt == claim.because == "Brazil is named, and a followed place beside it"


@pytest.mark.parametrize("text", ["Made in Taiwan.", "A plant in India.", "Patients in Israel.", "Northern Ireland."])
def test_what_only_is_in_a_country_names_no_act_there(text: str) -> None:
    assert countries_in(text) == ()


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("The BfArM recalls two lots.", "BfArM"),
        ("Opened with consent of the Paul-Ehrlich-Institut.", "PEI"),
        ("France's ANSM ordered a stop.", "ANSM"),
        ("The Spanish medicines agency recalls it.", "AEMPS"),
    ],
)
def test_an_authority_of_a_country_of_the_eu_acts_in_the_eu(text: str, agency: str) -> None:
    assert whereabouts(text, text)[:2] == (agency, "EU")
    assert elsewhere(agency) is None


def test_the_end_of_sales_in_one_country_of_the_eu_is_not_believed_of_all() -> None:
    claims = read("Acme pulls obelarsen from the German market", "Acme has stopped selling obelarsen in Germany.")
    told = [(claim.place, claim.decision, claim.because) for claim in claims if claim.type == "market_withdrawal"]
    assert told == [("EU", HOLD, "of the EU only Germany is named")]


@pytest.mark.parametrize(
    ("title", "text", "agency", "place"),
    [
        ("Acme opens early access to obelarsen in the US", "Acme has opened an expanded access program in the U.S. for "
         "obelarsen. The EMA is reviewing it.", None, "US"),
        ("Expanded access for obelarsen", "Acme opened an expanded access programme for obelarsen in Britain.",
         None, "UK"),
        ("Early access to obelarsen", "Acme opens a compassionate use programme for obelarsen authorised by the ANSM.",
         "ANSM", "EU"),
        ("Expanded access for obelarsen", "Acme opened an expanded access programme for obelarsen.", None, None),
        ("Expanded access for obelarsen", "Acme opened an expanded access programme for obelarsen in Brazil.",
         "ANVISA", None),
    ],
)  # fmt: skip
def test_early_access_has_the_place_that_its_words_name(
    title: str, text: str, agency: str | None, place: str | None
) -> None:
    told = {(claim.agency, claim.place) for claim in read(title, text) if claim.type == "expanded_access"}
    assert told == {(agency, place)}
