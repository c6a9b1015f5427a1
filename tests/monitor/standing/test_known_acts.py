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
from store.states import EventState, Level
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


@settings(max_examples=15, deadline=None)
@given(
    log=LOG, seen=st.integers(0, 150), again=st.lists(st.tuples(st.integers(1, 14), st.sampled_from(list(EventState))))
)
def test_what_is_kept_follows_the_log(log: Any, seen: int, again: Any) -> None:
    """Told move by move, the answers that are kept become those that are made anew."""
    service, kept, day = empty_service(), KeptAnswers(PACK), FIRST + timedelta(days=seen)
    moments = (None, datetime.combine(day, time(12), UTC))
    for number, what in enumerate([*log, *again], start=1):
        with writing(service.engine) as session:
            if len(what) == 3:
                event = an_event(number, datetime.combine(FIRST, time(12), UTC) + timedelta(days=what[0]), what[1])
                session.add(event)
                for name, value in what[2].items():
                    setattr(event, name, value)
                session.flush()
            elif event := session.get(Event, f"EV{what[0]}"):
                event.state = what[1]
                session.add(Evidence(event_id=event.id, source="s", tier=1, quote=f"{number}", at=event.detected_at))
        with reading(service.engine) as session:
            connection = session.connection()
            for at in moments:
                acts, evidence = what_is_known(connection, at)
                assert kept.table(connection, (day, at)) == table(acts, evidence, pack=PACK, as_of=day)
                for rule in RULES:
                    fresh = newest(acts, evidence, place="US", as_of=day, rule=rule, pack=PACK)
                    assert kept.newest(connection, (day, at), "US", rule) == fresh


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
