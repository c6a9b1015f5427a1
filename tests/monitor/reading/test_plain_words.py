"""Other countries say in other words what an authority does: the encoder hears it in those that it knows."""

import pytest

from monitor.reading.prose.items import Item, judged
from monitor.reading.prose.plain_words import plain_words
from monitor.vocabulary.claims import RELEASE, Claim
from tests.monitor.reading.followed import followed

NAMES = ("Qalsody", "tofersen", "apitegromab", "lecanemab", "Leqembi", "Exkivity")
FOLLOWED = followed(*NAMES)


def read(title: str, text: str = "", day: str = "2026-03-04") -> list[Claim]:
    return judged(Item("x", "news", title, text, day), FOLLOWED)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("MHRA grants licence to Qalsody", "MHRA approves Qalsody"),
        ("The Commission has granted a marketing authorisation for Qalsody", "The Commission has approved Qalsody"),
        ("Health Canada issues a Notice of Compliance (NOC) for Qalsody", "Health Canada approves Qalsody"),
        ("Albrioza receives NOC/c from Health Canada", "Albrioza receives conditional approval from Health Canada"),
        ("TGA provisionally registers Qalsody", "TGA grants conditional approval to Qalsody"),
        ("Eisai obtained manufacturing and marketing approval in Japan", "Eisai received approval in Japan"),
        ("Qalsody was added to the ARTG", "Qalsody approved by the TGA"),
        ("Company gets second CRL for Albrioza", "Company gets second complete response letter for Albrioza"),
        ("Swissmedic declined to authorise Albrioza", "Swissmedic declined to approve Albrioza"),
        ("BfArM halts trial of PrimeC", "BfArM places clinical hold on trials of PrimeC"),
        ("FDA files the BLA for Qalsody", "FDA accepts application for review for Qalsody"),
        ("Zentor has pulled its NDA for lurvacel", "Zentor has withdrew application for lurvacel"),
        ("FDA plans adcomm on lurvacel", "FDA plans advisory committee meeting on lurvacel"),
        ("The FDA has filed over protest the application", "The FDA has accepted application for review"),
    ],
)  # fmt: skip
def test_one_act_in_the_words_of_other_countries(written: str, read: str) -> None:
    assert plain_words([written]) == [read]


@pytest.mark.parametrize(
    "words",
    [
        "Company files marketing authorisation application for Qalsody",
        "The complete response letter (CRL) cites manufacturing",
        "Bayer gets exclusive licence to develop Evotec's antibody",
        "University granted patent for a new assay",
        "Sponsor halts trial of PrimeC for want of money",
        "Biogen files the application for Qalsody with the FDA",
        "The plant was granted a certificate",
        "Zentor pulled its guidance for the year",
    ],
)
def test_other_acts_keep_their_words(words: str) -> None:
    assert plain_words([words]) == [words]


@pytest.mark.parametrize(
    ("title", "type_"),
    [
        ("MHRA grants marketing authorisation to Qalsody", "approval"),
        ("Health Canada issues Notice of Compliance for Qalsody", "approval"),
        ("Scholar Rock receives CRL for apitegromab", "complete_response"),
        ("FDA files BLA for apitegromab in spinal muscular atrophy", "filing_accepted"),
        ("Takeda to pull Exkivity from the market worldwide after confirmatory trial miss", "market_withdrawal"),
    ],
)
def test_they_are_read_as_what_they_are(title: str, type_: str) -> None:
    (claim,) = read(title)
    assert (claim.type, claim.decision) == (type_, RELEASE)


def test_what_is_not_sure_enough_to_tell_is_still_read_as_what_it_is() -> None:
    (pulled,) = read("Takeda to pull Exkivity worldwide after confirmatory trial miss")
    assert (pulled.type, pulled.polarity) == ("market_withdrawal", "negative")
    (claim,) = read("TGA declines to register lecanemab")
    assert (claim.type, claim.agency, claim.polarity) == ("complete_response", "TGA", "negative")
    assert claim.confidence > 0.9
