"""An alert of several places: every reader gets one message, and it names the places that concern her."""

import json

import pytest
from sqlmodel import select

from monitor.telling.compose.contents import Together, build
from monitor.telling.compose.news import concerning
from monitor.telling.match import match
from monitor.telling.preview import preview
from notifiers.digest import Digest
from notifiers.email import render
from store.database import reading, writing
from store.states import DeliveryState, EventState
from store.tables import Delivery, Event, Subscription

LEAVES = {
    "type": "market_withdrawal", "step": "market_end_announced", "occurred_on": "2024-04-04", "agency": None,
    "places": ["US", "CA"], "tier": 3, "certainty": "reported", "title": "leaves",
}  # fmt: skip
TWIN = LEAVES | {"place": "CA", "places": ["CA"], "thread": "ca/amx0035/authorisation", "alert": False}


def leaves(world, places=("US", "CA")):
    """One announcement for several places: the alert, and its rungs elsewhere, which alert nobody."""
    alert = world.event(**LEAVES | {"places": list(places)})
    for place in places[1:]:
        world.event(**TWIN | {"place": place, "places": [place], "thread": f"{place.lower()}/amx0035/authorisation"})
    return alert


def bodies(world):
    """What each subscription is sent, by its number."""
    match(world.service)
    with reading(world.service.engine) as session:
        owed = session.exec(select(Delivery).where(Delivery.state == DeliveryState.WAITING)).all()
        found = {}
        for one in owed:
            reader = session.get_one(Subscription, one.subscription_id)
            found.setdefault(reader.id, []).append(
                json.loads(build(Together(world.service, session, [(one, reader)]), one, reader))
            )
        return found


def entry_for(world, **wishes):
    reader = world.reader(**wishes)
    [told] = bodies(world)[reader.id]
    [entry] = told["important"]
    return told, entry


@pytest.mark.parametrize(
    ("follows", "heading"),
    [
        ([], "Relyvrio (AMX0035): leaves the market in the US and Canada"),
        (["US"], "leaves the market in the US"),
        (["CA"], "leaves the market in Canada"),
        (["CA", "US"], "leaves the market in the US and Canada"),
        (["CA", "JP"], "leaves the market in Canada"),
    ],
)
def test_a_mail_names_the_places_its_reader_follows(world, follows, heading):
    leaves(world)
    told, entry = entry_for(world, places=follows)
    assert entry["heading"].endswith(heading)
    assert told["subject"] == entry["heading"]
    text = render(Digest.model_validate(told | {"manage_url": "", "stop_url": "", "pause_url": ""}))
    for name, word in (("US", " US"), ("CA", "Canad")):
        for part in (told["subject"], entry["sentence"], *text):
            assert not follows or name in follows or word not in part, part


@pytest.mark.parametrize("place", ["JP", "KR", "CA"])
def test_of_three_places_the_reader_of_one_hears_of_that_one_with_its_own_steps(world, place):
    world.event(
        type="approval", polarity="positive", step="authorised", occurred_on="2022-06-10", place=place,
        thread=f"{place.lower()}/amx0035/authorisation", alert=False, state="imported",
    )  # fmt: skip
    world.event(type="approval", step="authorised", occurred_on="2022-09-29", alert=False, state="imported")
    world.event(
        type="filing_accepted", step="filed", occurred_on="2021-12-29", place="US", alert=False, state="imported"
    )
    leaves(world, ("US", "CA", "JP", "KR"))
    told, entry = entry_for(world, places=[place])
    assert entry["place"] == place
    assert entry["thread"] == told["thread"] == f"{place.lower()}/amx0035/authorisation"
    assert [rung["on"] for rung in entry["ladder"]] == ["2024-04-04"], "one rung, once, and none of the US"


def test_a_machine_that_follows_one_place_is_told_of_that_one(world):
    leaves(world)
    here = world.reader("webhook", "http://127.0.0.1:9/ca", places=["CA"])
    everywhere = world.reader("webhook", "http://127.0.0.1:9/all")
    found = bodies(world)
    [body], [whole] = found[here.id], found[everywhere.id]
    assert (body["place"], body["places"], body["thread"]) == ("CA", ["CA"], "ca/amx0035/authorisation")
    assert body["title"].endswith("leaves the market in Canada")
    assert "US" not in body["title"] + body["text"]["plain"]["en"] + body["text"]["technical"]["en"]
    assert body["links"]["status"].endswith("?place=CA")
    assert (whole["place"], whole["places"]) == ("US", ["US", "CA"])
    assert body["id"] == whole["id"], "it is one event"


def test_who_asked_for_two_places_in_two_ways_hears_once_of_both(world):
    leaves(world, ("US", "CA", "JP"))
    world.reader(places=["US"])
    world.reader(places=["CA"], cadence="weekly")
    told = [body for some in bodies(world).values() for body in some if body["important"]]
    assert [body["subject"].rpartition(": ")[2] for body in told] == ["leaves the market in the US and Canada"]


def test_a_second_wish_that_does_not_want_the_event_names_no_place(world):
    leaves(world, ("US", "CA"))
    world.reader(places=["US"])
    world.reader(places=["CA"], therapies=["tofersen"])
    told = [body for some in bodies(world).values() for body in some if body["important"]]
    assert [body["subject"].rpartition(": ")[2] for body in told] == ["leaves the market in the US"]


def test_a_correction_says_what_this_reader_was_told(world):
    wrong = leaves(world)
    reader = world.reader(places=["CA"])
    bodies(world)
    with writing(world.service.engine) as session:
        owed = session.exec(select(Delivery)).one()
        owed.first_attempt_at, owed.state = world.moment, DeliveryState.SENT
        session.get_one(Event, wrong.id).state = EventState.CORRECTED
    world.event(**LEAVES | {"corrects": wrong.id, "occurred_on": "2024-05-01"})
    [told] = bodies(world)[reader.id]
    [entry] = told["corrections"]
    assert "Canada" in entry["before"] and " US" not in entry["before"]
    assert "Canada" in entry["after"] and " US" not in entry["after"]


def test_a_preview_names_them_as_the_message_will(world):
    leaves(world)
    reader = world.reader(places=["CA"])
    [entry] = preview(world.service, reader.id).important
    assert entry.heading.endswith("leaves the market in Canada")


@pytest.mark.parametrize("follows", [[], ["US", "CA"], ["EU"], ["US", "CA", "KR"]])
def test_an_event_stays_as_it_is_where_nothing_is_left_out_or_nothing_would_be_left(follows):
    told = {name: LEAVES[name] for name in ("type", "places", "tier", "certainty", "title")}
    event = Event(
        id="EV1", sequence=1, polarity="negative", level="major", state="released", thread="t", place="US",
        therapy="AMX0035", detected_at=None, **told,
    )  # fmt: skip
    assert concerning(event, follows) is event
