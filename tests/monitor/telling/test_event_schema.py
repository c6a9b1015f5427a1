"""What webhooks are sent is what the published schema says, and its place in the thread rises."""

import json
from typing import Any

import jsonschema_rs

from monitor.telling.compose.event_body import event_body
from monitor.telling.compose.event_schema import event_schema
from monitor.telling.compose.message import Frame
from monitor.telling.compose.news import gather, place_in_thread
from store.database import reading
from store.states import Certainty, EventState, Level, Notice, Polarity
from store.tables import Event

BASE = "https://als.example"


def valid(body: Any) -> list[str]:
    found = jsonschema_rs.validator_for(event_schema(BASE)).iter_errors(body)
    return [f"{error.instance_path}: {error.message}" for error in found]


def body_of(world: Any, event: Event, *, test: bool = False) -> Any:
    frame = Frame(pack=world.service.pack, base_url=BASE, domain="als.example")
    with reading(world.service.engine) as session:
        (news,) = gather(session, [(event, Notice.NEWS)])
        return json.loads(event_body(news, frame, test=test))


def test_a_body_is_as_its_schema_says(world: Any) -> None:
    for changes in (
        {}, {"occurred_on": "2025-08"}, {"occurred_on": None, "certainty": "disputed", "place": None, "places": []},
        {"therapy": None, "drug": None}, {"type": "trial_stopped", "trial": "NCT05021536", "tier": 4},
    ):  # fmt: skip
        assert valid(body_of(world, world.event(**changes))) == []


def test_every_key_is_asked_for_and_a_wrong_one_shows(world: Any) -> None:
    body = body_of(world, world.event())
    schema = event_schema(BASE)

    assert set(schema["required"]) == set(body) == set(schema["properties"])
    assert valid(body | {"added_later": 1}) == [], "later versions only add"
    for key, wrong in (
        ("schema", "event/2"), ("level", "huge"), ("sequence", 0), ("tier", 5), ("occurred_on", "August 2025"),
        ("detected_at", "2025-08-29"), ("evidence", [{}]), ("therapy", []),
    ):  # fmt: skip
        assert valid(body | {key: wrong}), key


def test_the_sequence_rises_within_a_thread_and_begins_anew_in_another(world: Any) -> None:
    told = [world.event(thread="us/amx0035/authorisation") for _ in range(3)]
    other = world.event(thread="us/tofersen/authorisation", therapy="tofersen")

    assert [body_of(world, event)["sequence"] for event in told] == [1, 2, 3]
    assert body_of(world, other)["sequence"] == 1


def test_an_event_of_several_places_has_its_place_in_the_thread_of_each(world: Any) -> None:
    both = world.event(type="approval", therapy="AMX0035", place="US", places=["US", "CA"],
                       thread="us/amx0035/authorisation", polarity=Polarity.POSITIVE, level=Level.CRITICAL,
                       certainty=Certainty.STATED, state=EventState.RELEASED)  # fmt: skip
    later = world.event(
        type="approval", therapy="AMX0035", place="CA", places=["CA"], thread="ca/amx0035/authorisation"
    )

    with reading(world.service.engine) as session:
        assert place_in_thread(session, both) == 1
        assert place_in_thread(session, later) == 2, "whoever follows Canada alone was told the first as its first"
        (news,) = gather(session, [(both, Notice.NEWS)], lambda _: ["CA"])
        assert (news.event.thread, news.sequence) == ("ca/amx0035/authorisation", 1)
