"""The noted answers: compared only when an act behind them has moved, and then as if they were compared always."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import SQLModel, delete, select

from monitor.service import Service
from monitor.settings import Settings
from monitor.standing import answers
from monitor.standing.answers import ACTS, note_changed_answers
from monitor.vocabulary.event_types import STEPS
from monitor.vocabulary.therapies import Therapies
from sources.http.client import Client
from store.database import reading, writing
from store.engine import open_engine
from store.states import Certainty, EventState, Level, Polarity
from store.tables import Event, Flag
from tests.monitor.conftest import PACK

FIRST = date(2024, 1, 1)
DAYS = st.integers(0, 120).map(lambda n: (FIRST + timedelta(days=n)).isoformat())
WHEN = st.one_of(DAYS, DAYS.map(lambda text: text[:7]), st.just("2024"), st.none())
ACT = st.fixed_dictionaries(
    {
        "therapy": st.sampled_from([therapy.name for therapy in PACK.therapies] + [None]),
        "place": st.sampled_from(["US", "JP", None]),
        "step": st.sampled_from([*STEPS, None]),
        "occurred_on": WHEN,
        "alert": st.booleans(),
        "state": st.sampled_from(list(EventState)),
        "corrects": st.one_of(st.none(), st.integers(1, 6)),
    }
)
MOVE = st.tuples(st.integers(0, 40), st.one_of(ACT, st.tuples(st.integers(1, 6), st.sampled_from(list(EventState)))))
"""Days that pass, and what then comes: a further event, or another state for one that is there."""


def an_event(number: int, at: datetime, said: dict[str, Any]) -> Event:
    corrects = f"EV{said['corrects']}" if said["corrects"] else None
    return Event(
        id=f"EV{number}", sequence=number, type="approval", polarity=Polarity.POSITIVE, detected_at=at,
        level=Level.CRITICAL, certainty=Certainty.STATED, tier=1, thread="x/y", title="t",
        **said | {"corrects": corrects},
    )  # fmt: skip


@cache
def _service() -> Service:
    engine = open_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    client = Client(contact="tests@als.example")
    return Service(Settings(), PACK, Therapies(PACK), engine, {}, {}, client, lambda: datetime.now(UTC))


def empty_service() -> Service:
    """A service on a store without rows, which is made once."""
    with _service().engine.begin() as connection:
        for table in reversed(SQLModel.metadata.sorted_tables):
            connection.execute(table.delete())
    return _service()


def noted(moves: Sequence[tuple[int, Any]], *, always: bool) -> list[Any]:
    """What is noted, move by move; `always` forgets what it was made from, so that everything is compared anew."""
    service = empty_service()
    engine = service.engine
    seen, day, number = [], FIRST, 0
    for passed, what in moves:
        day, number = day + timedelta(days=passed), number + 1
        at = datetime.combine(day, time(12), UTC)
        _happens(engine, 1000 * number, at, what, number)
        with writing(engine) as session:
            if always:
                session.exec(delete(Flag).where(Flag.name == ACTS))
            changed = note_changed_answers(service, session, at)
            seen.append([(event.place, event.therapy, event.occurred_on) for event in changed])
    with reading(engine) as session:
        seen.append(sorted((f.name, f.value) for f in session.exec(select(Flag)) if f.name != ACTS))
    return seen


def _happens(engine: Engine, sequence: int, at: datetime, what: Any, number: int) -> None:
    with writing(engine) as session:
        if isinstance(what, dict):
            event = an_event(number, at, what)
            event.sequence = sequence
            session.add(event)
        elif event_ := session.get(Event, f"EV{what[0]}"):
            event_.state = what[1]
            session.add(event_)


@settings(max_examples=40, deadline=None)
@given(moves=st.lists(MOVE, min_size=1, max_size=10))
def test_answers_are_those_of_a_full_comparison(moves):
    assert noted(moves, always=False) == noted(moves, always=True)


def test_what_is_no_act_of_authorisation_or_market_compares_nothing(monkeypatch):
    asked: list[str] = []
    real = answers.leading
    monkeypatch.setattr(answers, "leading", lambda *a, **k: asked.append(k["place"]) or real(*a, **k))
    act = {"therapy": "tofersen", "place": "US", "step": "authorised", "occurred_on": "2024-01-01", "alert": True,
           "state": EventState.RELEASED, "corrects": None}  # fmt: skip
    quiet = [(0, act | {"step": "started"}), (1, act | {"step": "result"}), (1, act | {"state": EventState.HELD})]

    noted([(0, act), *quiet], always=False)
    assert asked == ["US"]  # the place of the first act

    noted([(0, act | {"occurred_on": "2024-02"}), (20, quiet[0][1]), (40, quiet[1][1])], always=False)
    assert asked == ["US", "US"]  # and again when an act has fallen due
