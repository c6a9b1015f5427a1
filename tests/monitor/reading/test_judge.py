"""The judge: what is released, held and nothing, and what no probability passes."""

import json
from dataclasses import replace
from typing import Any

import pytest

from monitor.reading.examples import FILE as FILE_OF_EXAMPLES
from monitor.reading.examples import examples
from monitor.reading.prose.candidates import KIN, PLACES, Candidate, Views, candidates_of, sentence_of
from monitor.reading.prose.classified import classify_line
from monitor.reading.prose.clean import cleaned
from monitor.reading.prose.features import features_of
from monitor.reading.prose.items import Item, judged
from monitor.reading.prose.judge import (
    FILE,
    NOT_ENGLISH,
    NOTHING,
    Judge,
    Verdict,
    judge,
    judge_of,
)
from monitor.reading.prose.objections import UNSAID, guard
from monitor.reading.prose.second_look import look_again, looked_again, share
from monitor.reading.prose.two_readers import both_readers, spread, views_of
from monitor.vocabulary.claims import HOLD, RELEASE
from monitor.vocabulary.event_types import TYPES
from monitor.vocabulary.texts import PAGE
from tests.monitor.reading.followed import followed
from training.examples import lines


def views(title: str, text: str = "", **values: float) -> Views:
    """A text of which the encoder says these values in its last sentence."""
    found = views_of(cleaned(title, text), None, None, values=None)
    rows = [[0.0] * len(PLACES) for _ in found.units]
    for name, value in values.items():
        rows[-1][PLACES[name]] = value
    return replace(found, values=rows)


def only(views: Views) -> Candidate:
    (one,) = candidates_of(views)
    return one


def decided(judge: Judge, one: Candidate, views: Views) -> Verdict:
    (look,) = look_again([one], features_of([one], views), views, judge)
    return judge.verdicts_on([(one, look)], views)[0]


def test_a_type_that_a_reader_holds_possible_is_a_candidate() -> None:
    assert [one.type for one in candidates_of(views("Varexin news", "Sales rose.", recall=0.2, approval=0.009))] == [
        "recall"
    ]
    (likeliest,) = candidates_of(views("Varexin news", "Sales rose.", recall=0.002, approval=0.001))
    assert likeliest.type == "recall"  # however unlikely: whether anything is told is asked of the whole text
    told, other = candidates_of(views("FDA approves varexin", "It is a pill."))
    assert (told.type, told.act is not None) == ("approval", True)
    assert (other.type, other.act) == ("label_expansion", None)  # the other way of a plain yes


def test_the_quote_is_the_sentence_that_was_read() -> None:
    seen = views("FDA approves varexin", "It is a pill.", approval=0.9)
    seen = replace(seen, values=[[0.85] * len(PLACES), *list(seen.values or ())[1:]])

    assert sentence_of("approval", seen) == 0
    assert sentence_of("recall", views("Varexin", "Lots were taken back.", recall=0.9)) == 1


@pytest.mark.parametrize(
    ("sentence", "type_", "word"),
    [
        ("Varexin is not approved in any country.", "complete_response", UNSAID),
        ("The FDA panel backs varexin, and recommended its approval.", "approval", "opinion"),
        ("The company plans to submit varexin in May.", "submission", "plan"),
        ("The FDA is leaning against a hold on varexin.", "clinical_hold", "plan"),
        ("Norvane mulls an end of varexin.", "program_discontinued", "plan"),
        ("The hospital board approved the use of varexin.", "approval", "cannot decide"),
        ("An FDA panel meets on varexin again.", "adcomm_outcome", "yes or a no"),
        ("NICE has published what it makes of varexin.", "reimbursement", "yes or a no"),
    ],
)
def test_no_probability_passes_a_guard(sentence: str, type_: str, word: str) -> None:
    seen = views("Varexin", sentence, **{type_: 0.99})
    one = next(one for one in candidates_of(seen) if one.type == type_)
    sure = judge_of({"news": {"constant": 9.0}, "subject": {"constant": 9.0}, **_thresholds(0.5)})
    why = guard(replace(one, act=None), seen)

    assert why is not None
    assert word in why
    found = decided(sure, replace(one, act=None), seen)
    assert found.decision == (NOTHING if why == UNSAID else HOLD)
    assert found.decision == NOTHING or (found.because.startswith("unsure: perhaps ") and found.because.endswith(why))


@pytest.mark.parametrize(
    ("sentence", "type_", "way"),
    [
        ("FDA panel torpedoes varexin", "adcomm_outcome", "negative"),
        ("FDA advisers warn: varexin needs limits on its use", "adcomm_outcome", "negative"),
        ("FDA advisers tied on varexin", "adcomm_outcome", "mixed"),
        ("FDA advisers give varexin their blessing", "adcomm_outcome", "positive"),
        ("NICE slams the door on varexin", "reimbursement", "negative"),
        ("EU committee snubs varexin", "chmp_opinion", "negative"),
        ("EU committee comes round to varexin, opinion positive", "chmp_opinion", "positive"),
    ],
)
def test_which_way_a_verdict_goes_stands_in_the_words_of_its_sentence(sentence: str, type_: str, way: str) -> None:
    seen = views(sentence, **{type_: 0.99})
    (one,) = [one for one in candidates_of(seen) if one.type == type_]

    assert one.polarity == way


@pytest.mark.parametrize(
    ("sentence", "guess", "rule"),
    [
        ("FDA refuses to review varexin in multiple sclerosis", "complete_response", "refuse_to_file"),
        ("Norvane pulls its European application for varexin", "market_withdrawal", "application_withdrawn"),
    ],
)
def test_which_no_it_is_the_network_does_not_say_against_a_rule(sentence: str, guess: str, rule: str) -> None:
    sure = judge_of({"news": {"constant": 9.0}, "subject": {"constant": 9.0}, **_thresholds(0.5)})
    found = {one.candidate.type: one for one in sure.verdicts(views(sentence, **{guess: 0.99, rule: 0.7}))}

    assert found[guess].decision == HOLD
    assert found[guess].because.endswith(f"the rules read its sentence as {TYPES[rule].label}")
    assert found[rule].decision == RELEASE


@pytest.mark.parametrize(
    "sentence",
    [
        "La FDA autorizó varexin para adultos con ELA.",
        "Die EMA hat varexin für Erwachsene mit ALS zugelassen, und das gilt für die ganze EU.",
        "Управление FDA одобрило новый препарат varexin.",
    ],
)
def test_what_is_not_in_english_waits_for_a_person_however_sure_the_network_is(sentence: str) -> None:
    sure = judge_of({"news": {"constant": 9.0}, "subject": {"constant": 9.0}, **_thresholds(0.5)})
    foreign, english = (
        [one for one in sure.verdicts(views("Varexin", said, recall=0.99)) if one.candidate.act is None]
        for said in (sentence, "Lots of varexin are on their way back to the plant.")
    )

    assert [(one.decision, one.because) for one in foreign] == [(HOLD, NOT_ENGLISH)]
    assert [one.decision for one in english] == [RELEASE]


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("La FDA aprueba Qalsody para los pacientes con ELA", "La decisión se tomó el lunes, dice la empresa."),
        ("バイオジェンのクアルソディ(Qalsody)、厚労省が承認", ""),
        ("Управление одобрило препарат Qalsody", ""),
        ("渤健宣布 Qalsody 获批", ""),
    ],
)
def test_a_text_in_another_language_is_held_once_and_without_a_guess(title: str, text: str) -> None:
    seen = both_readers(cleaned(title, text), None)

    assert seen is not None
    found = judge().verdicts(seen)
    assert [(one.decision, one.because) for one in found] == [(HOLD, NOT_ENGLISH)]


def test_of_a_page_its_title_says_nothing() -> None:
    """The network makes something of a bare name; what a page says now is what is read."""
    seen = both_readers(cleaned("Qalsody", "Read our notices."), None, kind=PAGE)

    assert seen is not None and max(seen.values[0]) == 0.0  # type: ignore[index]


def test_thresholds_part_what_is_released_held_and_nothing() -> None:
    seen = views("Varexin", "Lots of varexin were taken back by the maker.", recall=0.9)
    one = replace(only(seen), act=None)
    decisions = []
    for constant in (4.0, 0.0, -4.0):
        made = judge_of({"news": {"constant": constant}, "subject": {"constant": 9.0}, **_thresholds(0.9)})
        decisions.append(decided(made, one, seen).decision)

    assert decisions == [RELEASE, HOLD, NOTHING]


def test_a_reading_says_itself_whether_only_history_speaks_against_it() -> None:
    """And no words of its reason do."""
    sure = judge_of({"news": {"constant": 9.0}, "subject": {"constant": 9.0}, **_thresholds(0.5)})
    past = "Data on varexin, which the FDA approved in 2019, were collected."
    seen, other = views("Varexin", past, approval=0.99), views("Varexin", "The FDA may approve varexin.", approval=0.99)
    (retold, planned) = (
        decided(sure, next(one for one in candidates_of(each) if one.type == "approval" and not one.act), each)
        for each in (seen, other)
    )

    assert (retold.decision, retold.retold) == (HOLD, True)
    assert (planned.decision, planned.retold) == (HOLD, False)


def test_what_is_held_says_its_best_guess() -> None:
    seen = views("Varexin", "Lots of varexin were taken back by the maker.", recall=0.9)
    made = judge_of({"news": {"constant": 0.0}, "subject": {"constant": 9.0}, **_thresholds(0.9)})

    assert decided(made, replace(only(seen), act=None), seen).because.startswith("unsure: perhaps ")


def test_the_judge_that_ships_knows_its_features() -> None:
    kept = json.loads(FILE.read_text(encoding="utf-8"))
    seen = views("FDA approves varexin", "It is a pill.")
    told = candidates_of(seen)
    features = looked_again(told, features_of(told, seen), judge().news)[0]

    assert set(kept) == {"news", "again", "subject", "text", "release", "hold"}
    assert features.keys() & kept["news"].keys()
    assert {name for name in features if name.startswith("beside_")} <= kept["again"].keys()
    assert 0 < share(judge().news, features) < 1
    assert 0 < judge().likely(features) < 1


def test_every_reading_says_what_is_decided_of_it_and_why() -> None:
    claims = judged(
        Item("x", "news", "FDA approves varexin", "The FDA approved varexin today for asthma.", "2026-01-05")
    )

    assert [claim.type for claim in claims] == ["approval"]
    assert claims[0].decision in (RELEASE, HOLD)
    assert claims[0].because


def test_nobody_is_asked_where_neither_medicine_nor_act_is_named() -> None:
    assert both_readers(cleaned("Spring concert in the town hall", "Tickets cost ten francs."), None) is None


def test_kept_values_are_spread_over_the_sentences_that_are_read() -> None:
    assert spread(["a", "", "b"], [[1.0], [2.0]])[0][0] == 1.0
    assert spread(["a", "", "b"], [[1.0], [2.0]])[2][0] == 2.0


def _thresholds(least: float) -> dict[str, Any]:
    asked = {"value": 0.6, "agreed": 0.3, "alone": least}
    return {"release": {"any": asked, "followed": asked}, "hold": {"any": 0.1, "followed": 0.05}}


def test_what_a_rule_tells_is_released_unless_the_encoder_speaks_against_it() -> None:
    made = judge_of({"news": {"constant": 1.0}, "subject": {"constant": 9.0}, **_thresholds(0.9)})
    decisions = []
    for value in (0.9, 0.2):
        seen = views("FDA approves varexin", "The FDA approved varexin today.", approval=value)
        decisions.append([decided(made, one, seen).decision for one in candidates_of(seen) if one.act])

    assert decisions == [[RELEASE], [HOLD]]


def test_an_explanation_names_the_word_on_which_a_reading_rests() -> None:
    item = {"id": 1, "title": "Varexin", "text": "The FDA granted accelerated approval to varexin for asthma today."}
    (event,) = [e for e in classify_line(item, explained=True)["events"] if e["type"] == "accelerated_approval"]

    why: Any = event["why"]
    assert why.keys() == {"rules", "encoder", "news", "medicine", "words", "nearest"}
    assert "accelerated" in [word for word, _ in why["words"]]
    assert why["nearest"][0]["types"] == ("accelerated_approval",)
    assert "why" not in classify_line(item)["events"][0]


def test_the_nearest_items_of_our_own_are_like_what_is_announced_not_like_its_names() -> None:
    near = examples().nearest("Varexin trial for asthma did not meet its primary endpoint")

    assert near[0].types == ("readout_not_met",)
    assert [one.likeness for one in near] == sorted((one.likeness for one in near), reverse=True)
    assert examples().nearest("Zyx qqq") == []


def test_the_examples_that_ship_are_those_that_may_be_trained_on() -> None:
    assert FILE_OF_EXAMPLES.read_text(encoding="utf-8") == "".join(f"{line}\n" for line in lines())


ROW = ("Notice of Compliance: SKYCLARYS (omaveloxolone)", "Health Canada issued a notice of compliance for SKYCLARYS.")
GRANTED = "The European Commission granted a marketing authorisation for AMVUTTRA."


@pytest.mark.parametrize(("title", "lead"), [ROW, ("Authorisations granted: AMVUTTRA (vutrisiran)", GRANTED)])
def test_a_regulators_item_that_begins_with_its_own_decision_is_believed(title: str, lead: str) -> None:
    found = judged(Item("row", "regulator_feed", title, lead))
    assert [claim.decision for claim in found if claim.type == "approval"] == [RELEASE]


def test_a_regulators_decision_of_which_the_network_hears_nothing_waits_for_a_person() -> None:
    found = judged(Item("row", "regulator_feed", "The MHRA has approved the speakers for a day on Orvelomab", ""))
    assert [(claim.type, claim.decision) for claim in found] == [("approval", "hold")]


def test_further_below_a_regulators_sentence_may_be_history() -> None:
    text = f"We look at reports. Go on taking it. {ROW[1]}"
    found = judged(Item("row", "regulator_feed", "Reports of liver injury", text))
    assert RELEASE not in [claim.decision for claim in found if claim.type == "approval"]


def test_which_way_of_a_yes_it_is_says_the_rule_of_a_followed_medicine_however_unlikely_it_is() -> None:
    text = "The MHLW has approved the oral suspension of tofersen, the company said today."
    seen = both_readers(cleaned("Japan approves an oral suspension of tofersen", text), None, followed("tofersen"))
    assert seen is not None
    yes = [one for one in judge().verdicts(seen) if one.candidate.type in KIN]
    assert [(one.candidate.type, one.decision) for one in yes] == [("label_expansion", RELEASE)]
