"""What is read unsurely waits beside what is told, and what tells of a plan does not tell of the act."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import Engine

from monitor.events.intents import Teller
from monitor.vocabulary.claims import HOLD, Claim
from tests.monitor.events.told import COMPANY, NOW, PRESS, REGISTER, claim, events, evidence, tell, teller

TRIAL = {"place": None, "agency": None, "trial": "NCT02623699"}
MET = claim("readout_met", quote="the trial met its main goal", **TRIAL)
UNSURE = {"decision": HOLD, "confidence": 0.2, "because": "unsure: perhaps main goal missed (0.20)"}
MISSED = claim("readout_not_met", polarity="negative", quote="where a dozen failed", **TRIAL | UNSURE)
OPINION = claim("chmp_opinion", place="EU", agency="EMA", quote="the committee recommends it")
AGENCY = teller("agency", 1)


def shown(engine: Engine) -> list[tuple[str, str, str, list[str]]]:
    proofs = evidence(engine)
    return [
        (event.type, event.state, event.certainty, [one.source for one in proofs if one.event_id == event.id])
        for event in events(engine)
    ]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_an_unsure_reading_against_a_sure_one_waits_by_itself(engine: Engine, order: tuple[int, ...]) -> None:
    told = [(MET, COMPANY), (MISSED, PRESS), (replace(MISSED, quote="in other words"), teller("blog", 4))]
    tell(engine, *(told[i] for i in order))
    doubted = [told[i][1].source for i in order if i]
    assert sorted(shown(engine), key=lambda one: one[0]) == [
        ("readout_met", "released", "reported", ["company"]),
        ("readout_not_met", "held", "reported", doubted),
    ]


def test_what_is_told_surely_after_both_joins_what_it_agrees_with(engine: Engine) -> None:
    tell(engine, (MET, COMPANY), (MISSED, PRESS), (replace(MET, quote="it worked"), teller("paper", 4)))
    assert [tellers for *_, tellers in shown(engine)] == [["company", "paper"], ["press"]]


def test_an_unsure_yes_or_no_of_another_panel_does_not_dispute_the_agencys(engine: Engine) -> None:
    other = replace(
        OPINION, polarity="negative", quote="a panel advises against it", occurred_on="2023-05-10", **UNSURE
    )
    tell(engine, (OPINION, AGENCY), (other, teller("press", 4, after=timedelta(days=15))))
    assert shown(engine) == [
        ("chmp_opinion", "released", "stated", ["agency"]), ("chmp_opinion", "held", "reported", ["press"]),
    ]  # fmt: skip


def test_an_unsure_pathway_does_not_dispute_an_approval_nor_rename_it(engine: Engine) -> None:
    tell(engine, (claim(kind="regular"), REGISTER), (claim("accelerated_approval", **UNSURE), COMPANY))
    converted = claim("full_approval_conversion", **UNSURE)
    supplement = claim("label_expansion", step="form_added", confidence=1.0, therapy="edaravone")
    tell(engine, (supplement, REGISTER), (replace(converted, therapy="edaravone"), PRESS))
    assert [(kind, state, certainty) for kind, state, certainty, _ in shown(engine)] == [
        ("approval", "released", "stated"), ("accelerated_approval", "held", "reported"),
        ("label_expansion", "released", "stated"), ("full_approval_conversion", "held", "reported"),
    ]  # fmt: skip


def test_what_is_old_and_read_unsurely_against_what_is_told_waits_too(engine: Engine) -> None:
    long_ago = replace(MISSED, occurred_on="2022-12-01", history=True)
    tell(engine, (MET, COMPANY), (long_ago, PRESS))
    assert [state for _, state, *_ in shown(engine)] == ["released", "held"]


def test_an_unsure_reading_that_agrees_is_kept_and_makes_nothing_surer_or_earlier(engine: Engine) -> None:
    tell(engine, (MET, COMPANY), (replace(MET, quote="as said", occurred_on="2023-04-01", **UNSURE), AGENCY))
    (event,) = events(engine)
    assert (event.occurred_on, event.certainty, event.tier, len(evidence(engine))) == ("2023-04-25", "reported", 3, 2)


# A plan, and the act ------------------------------------------------------------------------------------------------

PLAN = replace(OPINION, quote="on next week's list", occurred_on="2023-04-18", announced=True, **UNSURE)
WEEK_BEFORE = teller("press", 4, after=timedelta(days=-7))


@pytest.mark.parametrize(
    ("act", "who"),
    [
        (OPINION, AGENCY),
        (replace(OPINION, announced=True), AGENCY),
        (replace(OPINION, announced=True), COMPANY),
        (replace(OPINION, announced=True), teller("paper", 4)),
        (replace(OPINION, occurred_on="2023-04-22"), teller("paper", 4)),
    ],
)
def test_what_was_published_before_the_act_does_not_tell_it(engine: Engine, act: Claim, who: Teller) -> None:
    tell(engine, (PLAN, WEEK_BEFORE), (act, who), (replace(act, quote="they said yes"), teller("weekly", 4)))
    plan, done = events(engine)
    assert (plan.state, plan.detected_at) == ("held", NOW - timedelta(days=7))
    assert (done.state, done.detected_at) == ("released", NOW)
    assert [proof.event_id for proof in evidence(engine)] == [plan.id, done.id, done.id]


@pytest.mark.parametrize(
    ("before", "told_before", "act"),
    [
        (replace(PLAN, occurred_on="2023-04-24"), teller("press", 4, after=timedelta(days=-1)), OPINION),  # zones
        (replace(PLAN, occurred_on="2023-04-25"), WEEK_BEFORE, OPINION),  # it names the day of the act
        (PLAN, WEEK_BEFORE, replace(OPINION, at_latest=True)),  # seen then, and done before
        (PLAN, replace(WEEK_BEFORE, tier=3), replace(OPINION, announced=True)),  # the press follows the company
    ],
)
def test_what_may_have_told_of_the_act_is_its_first_teller(
    engine: Engine, before: Claim, told_before: Teller, act: Claim
) -> None:
    tell(engine, (before, told_before), (act, PRESS))
    assert [event.state for event in events(engine)] == ["released"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize(("type_", "stopped"), [("trial_stopped", "2023-03-28"), ("futility_stop", "2023-04-20")])
def test_the_day_on_which_a_registry_shows_a_trial_as_stopped_is_not_the_day_of_the_stop(
    engine: Engine, order: tuple[int, int], type_: str, stopped: str
) -> None:
    told = [
        (claim(type_, polarity="negative", occurred_on=stopped, announced=True, **TRIAL), COMPANY),
        (
            claim("trial_stopped", polarity="negative", occurred_on="2023-04-26", at_latest=True, **TRIAL),
            teller("registry", 2, typed=True),
        ),
    ]
    tell(engine, *(told[i] for i in order))
    (event,) = events(engine)
    assert (event.occurred_on, event.tier) == (stopped, 2)
