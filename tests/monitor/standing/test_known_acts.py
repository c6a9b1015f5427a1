"""What is read of the log for answers gives the answers of the whole log, and is kept only while the log stands."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from monitor.service import Service
from monitor.standing.kept_answers import KeptAnswers
from monitor.standing.known_acts import what_is_known
from monitor.standing.recent import recent
from monitor.standing.status import RULES, known, newest, table
from monitor.standing.timeline import in_order, once_each, start_of
from monitor.vocabulary.event_types import at_least
from store.database import reading, writing
from store.states import Level
from store.tables import Event, Evidence
from tests.monitor.conftest import PACK, World
from tests.monitor.standing.test_answers import ACT, DAYS, FIRST, an_event, empty_service

MORE = st.fixed_dictionaries(
    {
        "trial": st.sampled_from(["NCT1", "NCT2", None]),
        "phase": st.sampled_from(["2", "3", None]),
        "planned_start": st.one_of(DAYS, st.none()),
        "marketed_from": st.one_of(DAYS, st.none()),
        "polarity": st.sampled_from(["positive", "negative", "mixed"]),
        "tier": st.integers(1, 4),
        "level": st.sampled_from(list(Level)),
    }
)
LOG = st.lists(st.tuples(st.integers(0, 30), ACT, MORE), max_size=14)


def written(log: Sequence[tuple[int, dict[str, Any], dict[str, Any]]]) -> Service:
    service, day = empty_service(), FIRST
    with writing(service.engine) as session:
        for number, (passed, act, more) in enumerate(log, start=1):
            day += timedelta(days=passed)
            event = an_event(number, datetime.combine(day, time(12), UTC), act)
            for name, value in more.items():
                setattr(event, name, value)
            event.released_at = event.detected_at if number % 2 else None
            session.add(event)
            session.flush()
            session.add(Evidence(event_id=event.id, source="s", tier=event.tier, quote="q", at=event.detected_at))
    return service


@settings(max_examples=60, deadline=None)
@given(log=LOG, seen=st.integers(0, 150), known_for=st.one_of(st.none(), st.integers(0, 150)))
def test_the_answers_are_those_of_the_whole_log(log: Any, seen: int, known_for: int | None) -> None:
    service, as_of = written(log), FIRST + timedelta(days=seen)
    at = None if known_for is None else datetime.combine(FIRST + timedelta(days=known_for), time(12), UTC)
    with reading(service.engine) as session:
        whole = known(session.exec(select(Event)), at)
        proofs = defaultdict(list)
        for proof in session.exec(select(Evidence)):
            if at is None or proof.at <= at:
                proofs[proof.event_id].append(proof)
        acts, evidence = what_is_known(session.connection(), at)
        kept = KeptAnswers(PACK)
        status = table(whole, proofs, pack=PACK, as_of=as_of)
        assert table(acts, evidence, pack=PACK, as_of=as_of) == status
        assert kept.table(session.connection(), (as_of, at)) == status
        for rule in RULES:
            answer = newest(whole, proofs, place="US", as_of=as_of, rule=rule, pack=PACK)
            assert kept.newest(session.connection(), (as_of, at), "US", rule) == answer
        past = [event for event in whole if start_of(event) <= as_of and at_least(event.level, "minor")]
        found = recent(session, as_of=as_of, known_at=at, lowest="minor", limit=3)
        assert {event.id for event in found} <= {event.id for event in past}

        assert [event.id for event in found] == [e.id for e in reversed(once_each(in_order(past))[-3:])]


def test_an_answer_is_made_anew_when_the_log_moves(world: World) -> None:
    kept = KeptAnswers(PACK)
    asked = (world.moment.date(), None)

    def answer() -> Any:
        with reading(world.service.engine) as session:
            return kept.newest(session.connection(), asked, "US", "substance")

    assert answer()["therapy"] is None
    world.event(step="authorised", type="approval", polarity="positive", occurred_on="2025-08-01")
    first = answer()
    assert first["therapy"] == "AMX0035" and answer() is first
    world.event(step="authorisation_ended", occurred_on="2025-08-20")
    assert answer()["therapy"] is None
