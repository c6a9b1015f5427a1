"""What a text denies is no news: somebody says that it is not so, or the act stands there with a "not"."""

import pytest

from monitor.reading.prose.denials import DISOWNED, NEVER_DONE
from monitor.reading.prose.items import Item, judged, read
from monitor.vocabulary.claims import RELEASE
from tests.monitor.reading.followed import followed

DAY = "2026-03-02"
TOFERSEN = followed("tofersen", "edaravone")


@pytest.mark.parametrize(
    "text",
    [
        "Biogen denies its antisense drug was turned down in Japan",
        "Biogen denies tofersen has been refused in Tokyo",
        "The ministry denied having refused tofersen",
        "The maker denied recalling any vial",
        "Biogen denies withdrawal of tofersen from Norway",
        "Maker refutes newsletter's story about a halted study",
        "The firm dismissed media reports of a recall on Tuesday",
        "The agency branded the letter as an invention",
        "The firm calls a post on tofersen's end false",
        "Contrary to a broker's note and several reports, the study goes on",
        "No, the FDA hasn't banned tofersen",
        "Tofersen rejected? No.",
    ],
)
def test_somebody_says_that_it_is_not_so(text: str) -> None:
    assert DISOWNED.search(text)


@pytest.mark.parametrize(
    "text",
    [
        "FDA denies approval of tofersen as the data were thin",
        "FDA denies tofersen for adults whose disease was slow",
        "The FDA denied Biogen's application, which was filed in May",
        "FDA denies marketing authorization for tofersen",
        "Court denies a motion of the patients who were left out",
        "Panel rejects claims for a wider label",
        "Contrary to earlier reports, the vaccine does not cause harm",
        "No patient was harmed, and the trial was stopped",
        "The agency called the trial a success",
    ],
)
def test_a_refusal_is_no_denial(text: str) -> None:
    assert not DISOWNED.search(text)


def test_of_a_no_a_not_says_that_nobody_did_it() -> None:
    assert NEVER_DONE.search("The programme has not been abandoned, its head says")
    assert NEVER_DONE.search("Neither Biogen nor the agency has recalled tofersen")
    assert not NEVER_DONE.search("The trial did not meet its goal and was stopped")


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Health ministry denies it refused tofersen", "Reports of a refusal are wrong, it said on Monday."),
        ("Biogen denies tofersen was rejected in Japan", "The review goes on, the company said."),
        ("Biogen refutes talk of tofersen recall", "Neither the firm nor the agency has recalled any lot of tofersen."),
        ("Tofersen study was not terminated, Biogen says", "It said so after a story in a newsletter."),
        ("No, tofersen has not been pulled in Norway", "A post says that tofersen was taken off the market there."),
        ("FDA denies claims that edaravone trial is on hold", "The trial goes on."),
    ],
)
def test_what_is_denied_is_not_told(title: str, text: str) -> None:
    item = Item("x", "news", title, text, DAY)

    assert read(item, TOFERSEN) == [] or title.startswith("No, ")
    assert [claim.type for claim in judged(item, TOFERSEN) if claim.decision == RELEASE] == []


@pytest.mark.parametrize(
    "title",
    [
        "Biogen denies tofersen was rejected in Japan",
        "Biogen rebuts report of tofersen withdrawal",
        "Tofersen study was not terminated, Biogen says",
    ],
)
def test_of_what_its_own_sentence_denies_nobody_is_asked(title: str) -> None:
    assert judged(Item("x", "news", title, "", DAY), TOFERSEN) == []


def test_a_refusal_in_words_of_denial_is_still_one() -> None:
    (claim,) = read(Item("x", "news", "FDA denies approval of tofersen", "", DAY), TOFERSEN)

    assert claim.type == "complete_response"
