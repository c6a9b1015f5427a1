"""A digest, a meeting and a quarter tell of several things: each is read by itself, with its own medicine."""

import pytest

from monitor.reading.prose.announcements import worth_a_look
from monitor.reading.prose.clean import cleaned
from monitor.reading.prose.items import Item, judged, read
from monitor.reading.prose.pieces import is_list, pieces_of, told_once
from monitor.vocabulary.claims import HOLD, NETWORK, RELEASE, Claim
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.therapies import Therapies
from tests.monitor.reading.followed import followed

DAY = "2026-03-06"
TWO = followed("tofersen", "edaravone")
MEETING = "Meeting highlights from the Committee for Medicinal Products for Human Use (CHMP) 2-5 March 2026"


def told(title: str, text: str, kind: str = "news") -> set[tuple[str, str | None]]:
    return {(claim.type, claim.therapy) for claim in judged(Item("x", kind, title, text, DAY), TWO) if claim.therapy}


@pytest.mark.parametrize(
    "title", ["Morning note", "Europe in brief", "Our spring newsletter", MEETING, "Sanofi: 2025 results"]
)
def test_some_titles_head_several_things(title: str) -> None:
    assert is_list(title)


@pytest.mark.parametrize("title", ["FDA approves tofersen", "Trial results of tofersen", "A note on the FDA's morning"])
def test_others_head_one(title: str) -> None:
    assert not is_list(title)


def test_a_piece_is_a_sentence_with_a_followed_medicine_and_what_goes_on_about_it() -> None:
    text = "Rome has a new minister. Tofersen is filed. The company is glad. Oslo pays; edaravone is out. It rained."
    pieces = pieces_of(cleaned("Europe in brief", text), TWO)

    assert [[unit for unit in piece.units[1:] if unit] for piece in pieces] == [
        ["Tofersen is filed.", "The company is glad."],
        ["edaravone is out.", "It rained."],
        ["Rome has a new minister.", "Oslo pays"],
    ]
    assert [piece.quote(5) for piece in pieces] == ["edaravone is out."] * 3  # letter by letter, also of a part


def test_a_text_that_tells_one_thing_or_names_nobody_followed_is_one_piece() -> None:
    alone, other = cleaned("FDA approves tofersen", "It is for ALS."), cleaned("Morning note", "Rome votes. Oslo pays.")

    assert pieces_of(alone, TWO) == [alone]
    assert pieces_of(other, TWO) == [other]
    assert pieces_of(other, None) == [other]


def test_a_name_that_means_a_medicine_only_beside_its_illness_keeps_the_text_whole() -> None:
    about = {"name": "one", "condition": "amyotrophic lateral sclerosis", "version": "1"}
    medicine = {"name": "lithium", "needs_context": True}
    lithium = Therapies(Pack.model_validate({"pack": about, "therapies": [medicine], "watches": []}))
    text = cleaned("Morning note", "News of amyotrophic lateral sclerosis. A trial of lithium was stopped.")

    assert pieces_of(text, lithium) == [text]


def test_each_medicine_of_a_meeting_has_its_opinion() -> None:
    text = (
        "The committee recommended five medicines for approval. It adopted a positive opinion for tofersen in ALS. "
        "Negative opinions: the committee recommended not granting a marketing authorisation for edaravone."
    )

    assert told(MEETING, text, "regulator_feed") == {("chmp_opinion", "tofersen"), ("chmp_opinion", "edaravone")}


def test_what_a_digest_tells_of_another_company_is_not_told_of_the_medicine_it_names() -> None:
    other = "A Boston firm walks away from its gene therapy programme."
    text = f"{other} On Tuesday the FDA accepted Biogen's application for tofersen."

    assert told("The morning note", text) == {("filing_accepted", "tofersen")}


def test_what_was_done_of_late_is_no_history_among_the_figures_of_a_quarter() -> None:
    def of(said: str) -> set[str]:
        text = f"Revenue was $2 billion, up 4 percent. {said} Guidance is unchanged."
        return {
            claim.type
            for claim in read(Item("x", "press_release", "Acme Reports First Quarter 2026 Results", text, DAY), TWO)
        }

    assert of("The Phase 2 trial of tofersen has been paused after a safety finding.") == {"trial_stopped"}
    assert of("In February the company submitted the NDA for edaravone to the FDA.") == {"submission"}
    assert of("Tofersen was approved by the FDA for a rare form of ALS.") == set()
    assert of("Edaravone has been approved in over 30 countries.") == set()
    assert of("In September the company submitted the NDA for edaravone to the FDA.") == set()


def claim(type_: str, decision: str, confidence: float, piece: int, rule: str = NETWORK) -> Claim:
    return Claim(type_, "positive", "", f"{type_}.{rule}", confidence, decision, therapy="tofersen", piece=piece)


def test_of_what_two_pieces_tell_alike_the_released_reading_stands() -> None:
    held, released = claim("approval", HOLD, 0.4, 0), claim("approval", RELEASE, 0.9, 1)

    assert told_once([held, released]) == [released]


def test_what_one_piece_tells_outshines_no_guess_of_another() -> None:
    sure, guess = claim("submission", RELEASE, 0.9, 0, "submits"), claim("approval", HOLD, 0.4, 1)

    assert worth_a_look([sure, guess]) == [sure, guess]
    assert worth_a_look([sure, claim("approval", HOLD, 0.4, 0)]) == [sure]
