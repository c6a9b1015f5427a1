"""The press that names no trial tells of the one that the company named; where two may be meant, of none."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from monitor.events.intents import Teller
from monitor.vocabulary.claims import HOLD, Claim
from tests.monitor.events.told import COMPANY, PRESS, REGISTER, claim, events, tell, teller

MET = claim("readout_met", quote="the trial met its main goal", place=None, agency=None)


def two_trials(engine: Engine) -> None:
    registry = teller("registry", 2, typed=True, baseline=True, after=timedelta(days=-30))
    for number in ("NCT1", "NCT2"):
        known = {"trial": number, "place": None, "agency": None, "occurred_on": "2023-01-10"}
        tell(engine, (claim("trial_registered", polarity="neutral", confidence=1.0, quote=number, **known), registry))


NAMED = replace(MET, trial="NCT1", occurred_on="2023-04-22")
UNNAMED = replace(MET, trial=None, quote="it won in the pivotal study")


HALF_MET = replace(NAMED, decision=HOLD, confidence=0.6, because="unsure: perhaps main goal met (0.60)")


@pytest.mark.parametrize(
    "told",
    [
        [(NAMED, COMPANY), (UNNAMED, PRESS)],
        [(UNNAMED, PRESS), (NAMED, COMPANY)],
        [(HALF_MET, COMPANY), (UNNAMED, PRESS)],
        [(NAMED, REGISTER), (UNNAMED, COMPANY), (replace(UNNAMED, quote="a first win"), PRESS)],
    ],
)
def test_the_press_tells_of_the_trial_that_the_company_named_in_these_days(
    engine: Engine, told: list[tuple[Claim, Teller]]
) -> None:
    two_trials(engine)
    tell(engine, *told)
    readouts = [event for event in events(engine) if event.type == "readout_met"]
    assert [(event.trial, event.state, event.thread) for event in readouts] == [("NCT1", "released", "trial/nct1")]


@pytest.mark.parametrize(
    "before",
    [
        [replace(NAMED, occurred_on="2023-03-20")],  # weeks ago
        [NAMED, replace(NAMED, trial="NCT2", quote="so did the other")],
        [replace(NAMED, type="readout_not_met", polarity="negative")],
        [replace(NAMED, type="interim_data")],
    ],
)
def test_where_another_one_may_be_meant_none_is_guessed(engine: Engine, before: list[Claim]) -> None:
    two_trials(engine)
    tell(engine, *((one, COMPANY) for one in before), (UNNAMED, PRESS))
    assert (events(engine)[-1].trial, events(engine)[-1].state) == (None, "held")
    assert events(engine)[-1].held_because == "which trial is meant is not said: NCT1, NCT2"
