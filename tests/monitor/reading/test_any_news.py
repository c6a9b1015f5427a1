"""A text waits for a person where it cannot be excluded that it announces something, however unlikely each guess is."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.reading.prose.acts import Act
from monitor.reading.prose.candidates import Candidate, candidates_of
from monitor.reading.prose.clean import cleaned
from monitor.reading.prose.judge import Judge, judge, judge_of
from monitor.reading.prose.second_look import GUESSED, LIKELY, features_of_text, possible
from monitor.reading.prose.two_readers import both_readers
from monitor.vocabulary.claims import HOLD
from tests.monitor.reading.test_judge import views

SHARES = st.lists(st.tuples(st.floats(0.001, 0.999), st.booleans()), min_size=1, max_size=6)
DOUBTFUL = views("Varexin surprises everyone", "Its maker has something to say.", readout_met=0.004, approval=0.003)


def made(text: float) -> Judge:
    asked = {"value": 0.6, "agreed": 0.9, "alone": 0.9}
    weights = {"news": {"constant": -5.0}, "subject": {"constant": 9.0}, "text": {"constant": text}}
    return judge_of({**weights, "release": {"any": asked, "followed": asked}, "hold": {"any": 0.2, "followed": 0.1}})


def test_where_something_is_told_the_likeliest_guess_is_held_though_it_is_unlikely() -> None:
    (one,) = made(2.0).verdicts(DOUBTFUL)

    assert (one.decision, one.candidate.type) == (HOLD, "readout_met")
    assert one.news < GUESSED
    assert one.because.startswith("unsure: perhaps ")


def test_where_nothing_is_told_nothing_is_held() -> None:
    assert made(-3.0).verdicts(DOUBTFUL) == []


def guesses(some: list[tuple[str, bool]]) -> list[Candidate]:
    return [Candidate(type_, "positive", 0, None, 0.5, about=about) for type_, about in some]


@given(SHARES, st.floats(0, 1), st.floats(0, 1))
def test_of_a_text_that_may_tell_something_at_least_one_reading_about_a_medicine_is_held(
    some: list[tuple[float, bool]], of_text: float, least: float
) -> None:
    shares, about = [share for share, _ in some], [here for _, here in some]
    held = possible(guesses([("interim_data", here) for here in about]), shares, of_text, least)

    likely = any(share >= LIKELY and here for share, here in zip(shares, about, strict=True))
    assert any(held) == (any(about) and (of_text >= least or likely))
    assert not any(yes and not here for yes, here in zip(held, about, strict=True))
    assert all(yes for yes, share, here in zip(held, shares, about, strict=True) if any(held) and here and share > 0.5)


def test_a_rule_need_not_be_as_likely_as_a_guess_to_be_shown_beside_a_likelier_reading() -> None:
    guess = Candidate("submission", "positive", 0, None, 0.5, about=True)
    told = replace(
        guess,
        type="filing_accepted",
        act=Act("filing_accepted", "positive", 0, 0, 9, "filing_accepted.accepted-for-review"),
    )

    assert possible([guess, told], [0.6, 0.1], 0.9, 0.2) == [True, True]
    assert possible([guess, replace(told, act=None)], [0.6, 0.1], 0.9, 0.2) == [True, False]
    assert possible([guess, told], [0.6, 0.05], 0.9, 0.2) == [True, False]


def test_what_would_be_grave_or_is_likely_is_held_though_its_text_looks_like_no_news() -> None:
    some = guesses([("safety_label", True), ("interim_data", True), ("market_withdrawal", False)])

    assert possible(some, [0.2, 0.3, 0.3], 0.1, 0.2) == [True, False, False]
    assert possible(some, [0.1, 0.41, 0.3], 0.1, 0.2) == [False, True, False]
    assert possible(some, [0.1, 0.3, 0.3], 0.1, 0.2) == [False, False, False]


@pytest.mark.parametrize(
    ("told", "title", "text"),
    [
        (True, "Varexin maker shelves its heart drug", "The drug missed, the company said on Tuesday."),
        (True, "Setback for varexin as watchdog balks", "Brussels wants more."),
        (False, "How does varexin work?", "An explainer of the drug that doctors have used for years."),
        (False, "Five things to know about living with ALS", "Doctors and patients tell what helps them."),
    ],
)
def test_the_judge_that_ships_tells_texts_with_news_from_others(told: bool, title: str, text: str) -> None:
    seen = both_readers(cleaned(title, text), None)
    assert seen is not None
    assert bool(judge().verdicts(seen)) == told


def test_a_text_without_any_reading_has_features_too() -> None:
    quiet = views("A concert in spring", "Tickets are to be had.")

    assert features_of_text(quiet, [], [])["any_none"] == 1.0
    assert "any_none" not in features_of_text(DOUBTFUL, candidates_of(DOUBTFUL), [0.1])
