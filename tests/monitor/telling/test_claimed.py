"""Mails that are claimed and worded together: each is sent once, and what does not go after all is as if untouched."""

from itertools import count

import pytest
from sqlalchemy import event as sql_event
from sqlmodel import select

from monitor.telling import claimed
from monitor.telling.deliver import deliver
from monitor.telling.match import match
from notifiers.base import Undeliverable
from notifiers.email import Email
from store.database import reading, writing
from store.seals import FORM, digest, key_of, rows_of
from store.tables import Delivery, Event, Seal

READERS = 12


class Sink(Email):
    """Takes mails, up to the one at which `fault` is raised."""

    taken: list[str] = []
    fault: tuple[int, Undeliverable] | None = None

    def send(self, message, now):
        if self.fault and len(self.taken) == self.fault[0]:
            raise self.fault[1]
        self.taken.append(message.address)


@pytest.fixture
def sink(world, monkeypatch):
    monkeypatch.setattr(Sink, "taken", [])
    monkeypatch.setattr(Sink, "fault", None)
    monkeypatch.setitem(world.service.notifiers, "email", Sink)
    for number in range(READERS):
        world.reader(address=f"reader{number}@example.org")
    world.event()
    match(world.service)
    return Sink


def owed(world):
    with reading(world.service.engine) as session:
        return session.exec(select(Delivery)).all()


def assert_sealed(world):
    """The newest seal of each delivery says what the delivery is."""
    with reading(world.service.engine) as session:
        said = {
            seal.row_key: seal for seal in session.exec(select(Seal).order_by(Seal.id)) if seal.table_name == "delivery"
        }
        for row in rows_of(session.connection(), "delivery"):
            newest = said[key_of("delivery", row)]
            assert (newest.form, newest.digest) == (FORM, digest("delivery", row))


def assert_untouched(deliveries):
    for one in deliveries:
        assert (one.state, one.attempts, one.body, one.first_attempt_at) == ("waiting", 0, None, None)
        assert one.leased_until is None


def test_many_take_few_statements_and_each_goes_once(world, sink):
    asked = []
    sql_event.listen(world.service.engine, "before_cursor_execute", lambda _, __, said, *more: asked.append(said))
    lines = list(deliver(world.service))
    assert sorted(sink.taken) == sorted({f"reader{number}@example.org" for number in range(READERS)})
    assert {(line["state"], line["attempts"]) for line in lines} == {("sent", 1)}
    updates = [said for said in asked if said.startswith("UPDATE delivery SET attempts")]
    assert len(updates) == 4, "one, two, four, and the rest"
    assert len(asked) < 12 * READERS
    assert_sealed(world)


def test_a_channel_that_goes_down_in_between_leaves_the_others_untouched(world, sink):
    """What is dismissed before it is up again is left out, as if nothing had been worded yet."""
    sink.fault = (4, Undeliverable("421 not now", channel=True))
    lines = list(deliver(world.service))
    assert [line["state"] for line in lines] == ["sent"] * 4 + ["waiting"]
    waiting = [one for one in owed(world) if one.state == "waiting"]
    assert len(waiting) == READERS - 4
    assert_untouched(waiting)
    assert_sealed(world)
    with writing(world.service.engine) as session:
        session.get(Event, "EV0001").state = "dismissed"
    sink.fault = None
    world.passes(minutes=2)
    assert {line["state"] for line in deliver(world.service)} == {"void"}
    assert len(sink.taken) == 4


def test_who_stops_leaves_the_rest_to_the_next_round(world, sink):
    stopped = list(deliver(world.service, stop=lambda: len(sink.taken) == 5))
    assert len(stopped) == len(sink.taken) == 5
    assert_untouched([one for one in owed(world) if one.state == "waiting"])
    list(deliver(world.service))
    assert len(sink.taken) == len(set(sink.taken)) == READERS
    assert_sealed(world)


def test_what_waits_too_long_is_claimed_again(world, sink, monkeypatch):
    """A slow server: most of a lease is for the sending, so what was claimed with others does not wait for them."""
    ticks = count(step=1.5)
    monkeypatch.setattr("monitor.telling.claimed.time.monotonic", lambda: next(ticks))
    lines = list(deliver(world.service))
    assert {(line["state"], line["attempts"]) for line in lines} == {("sent", 1)}
    assert len(sink.taken) == len(set(sink.taken)) == READERS
    assert_sealed(world)


def test_one_that_cannot_be_worded_holds_up_none_of_those_claimed_with_it(world, sink, monkeypatch):
    build = claimed.build

    def clumsy(together, delivery, subscription):
        if subscription.address.startswith("reader7@"):
            raise ZeroDivisionError("a slip of ours")
        return build(together, delivery, subscription)

    monkeypatch.setattr(claimed, "build", clumsy)
    lines = list(deliver(world.service))
    assert sorted(line["state"] for line in lines) == ["sent"] * (READERS - 1) + ["waiting"]
    assert [line["error"] for line in lines if line["error"]] == [
        "a fault of this service: ZeroDivisionError: a slip of ours"
    ]
    assert {line["attempts"] for line in lines} == {1}
    assert_sealed(world)


def test_a_process_that_died_in_the_middle_is_followed_by_another(world, sink):
    """A process that dies with some claimed: they go out under their ids once its leases ran out."""
    dues = [one.id for one in owed(world)]
    assert set(claimed.claim(world.service, dues[:6])) == set(dues[:6])
    bodies = {id: held.message.one_line for id, held in claimed.contents_of(world.service, dues[:6]).items()}
    assert len(bodies) == 6  # and here the process dies
    assert claimed.claim(world.service, dues[:6]) == {}
    assert len(list(deliver(world.service))) == READERS - 6
    with writing(world.service.engine) as session:
        for id in dues[:6]:
            session.get(Delivery, id).leased_until = None
    lines = list(deliver(world.service))
    assert {(line["delivery"], line["attempts"]) for line in lines} == {(id, 2) for id in dues[:6]}
    assert len(sink.taken) == len(set(sink.taken)) == READERS
