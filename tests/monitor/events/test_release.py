"""When a further telling lets out what waits."""

from dataclasses import replace
from itertools import permutations

import pytest
from sqlalchemy import Engine

from monitor.events.intents import Teller
from monitor.vocabulary.claims import HOLD
from tests.monitor.events.told import COMPANY, PRESS, claim, events, tell, teller

PULLED = claim("application_withdrawn", polarity="negative", quote="we withdraw our application")
HALF = {"decision": HOLD, "confidence": 0.55, "because": "unsure: perhaps company withdraws application (0.55)"}


@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_the_press_is_not_alone_where_the_company_says_the_same_though_unsurely(
    engine: Engine, order: tuple[int, ...]
) -> None:
    told = [(replace(PULLED, **HALF), COMPANY), (replace(PULLED, quote="it pulled out"), PRESS)]  # type: ignore[arg-type]
    first, second = (told[i] for i in order)
    tell(engine, first)
    assert [event.state for event in events(engine)] == ["held"]
    tell(engine, second)
    (event,) = events(engine)
    assert (event.state, event.held_because, event.certainty, event.tier) == ("released", None, "reported", 3)


@pytest.mark.parametrize("order", list(permutations(range(2))))
@pytest.mark.parametrize(
    ("why", "who"),
    [
        ({**HALF, "confidence": 0.4}, COMPANY),  # not what the reader takes it for
        (HALF, teller("paper", 4)),  # the press again
        ({"doubt": "the entry's date cannot be read"}, COMPANY),
        ({}, teller("company", 3, hold=True)),
    ],
)
def test_else_the_press_stays_alone(
    engine: Engine, why: dict[str, object], who: Teller, order: tuple[int, ...]
) -> None:
    told = [(replace(PULLED, **why), who), (replace(PULLED, quote="it pulled out"), PRESS)]  # type: ignore[arg-type]
    tell(engine, *(told[i] for i in order))
    assert [event.state for event in events(engine)] == ["held"]
