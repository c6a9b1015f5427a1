"""What is forgotten after a year, and what is not; some at a time, so that ended midway the next goes on."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from monitor.watching import retention
from monitor.watching.retention import KEPT, still_needed, tidy
from store.database import reading, writing
from store.states import DeliveryKind, RunOutcome
from store.tables import Attempt, Body, Capture, Delivery, Evidence, Item, Memory, Run, Snapshot, Watch
from tests.monitor.conftest import START, World

LONG_AGO = START - KEPT - timedelta(days=1)
NEEDED = ("young", "came again", "proof", "remembered", "snapshot")
NEEDLESS = tuple(f"needless {number}" for number in range(5))


def captured(session: Session, sha256: str, at: datetime) -> int:
    capture = Capture(watch_id=1, url="https://example.org", fetched_at=at, status=200, sha256=sha256)
    session.add(capture)
    session.flush()
    assert capture.id
    return capture.id


@pytest.fixture
def kept(world: World) -> World:
    """Bodies of more than a year ago, each with what may keep it; and what was said of deliveries, then and lately."""
    world.event(id="EV1")
    reader = world.reader()
    with writing(world.service.engine) as session:
        session.add(Watch(id=1, name="p", source="page", options={}, every_seconds=1, next_check_at=START))
        session.flush()
        run = Run(id=1, watch_id=1, started_at=LONG_AGO, finished_at=LONG_AGO, outcome=RunOutcome.BASELINE)
        session.add_all([run, Item(id=1, source="page", key="p", title="P", url="https://example.org")])
        session.add_all(Body(sha256=one, size=1, packed=b"x") for one in (*NEEDED, *NEEDLESS, "of no capture"))
        session.flush()
        ids = {one: captured(session, one, LONG_AGO) for one in (*NEEDED[1:], *NEEDLESS)}
        captured(session, "young", START)
        captured(session, "came again", START)
        session.add(Evidence(event_id="EV1", source="page", tier=1, at=LONG_AGO, capture_sha256="proof"))
        session.add(Memory(watch_id=1, url="https://example.org", sha256="remembered", fetched_at=LONG_AGO))
        session.add(
            Snapshot(
                item_id=1, run_id=1, capture_id=ids["snapshot"], taken_at=LONG_AGO, packed=b"x", fingerprint="f",
                revision=1,
            )
        )  # fmt: skip
        assert reader.id
        session.add(
            Delivery(
                id="d", subscription_id=reader.id, kind=DeliveryKind.ALERT, slot="s", created_at=START, due_at=START
            )
        )
        session.flush()
        moments = [LONG_AGO] * 5 + [START - timedelta(days=1)]
        session.add_all(Attempt(delivery_id="d", at=at, accepted=False, said="503") for at in moments)
    return world


def left(world: World) -> Sequence[str]:
    with reading(world.service.engine) as session:
        return sorted(session.exec(select(Body.sha256)).all())


def attempts(world: World) -> list[datetime]:
    with reading(world.service.engine) as session:
        return [at.astimezone(UTC) for at in session.exec(select(Attempt.at).order_by(col(Attempt.at))).all()]


@pytest.fixture(autouse=True)
def few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("BODIES", 2), ("ATTEMPTS", 2), ("REST", 0)):
        monkeypatch.setattr(retention, name, value)


def test_what_nothing_needs_is_forgotten_after_a_year(kept: World) -> None:
    assert tidy(kept.service) == len(NEEDLESS)

    assert left(kept) == sorted([*NEEDED, "of no capture"])
    assert attempts(kept) == [START - timedelta(days=1)]
    assert tidy(kept.service) == 0


def test_verify_misses_what_may_not_have_been_forgotten_yet(kept: World) -> None:
    with reading(kept.service.engine) as session:
        missed = {one for one in (*NEEDED, *NEEDLESS) if still_needed(session, one, START)}

    assert missed == set(NEEDED) - {"remembered"}


@pytest.mark.parametrize("parts", range(1, 7))
def test_ended_after_any_part_the_next_goes_on(kept: World, monkeypatch: pytest.MonkeyPatch, parts: int) -> None:
    done: list[str] = []

    def end(point: str) -> None:
        done.append(point)
        if len(done) == parts:
            raise KeyboardInterrupt

    monkeypatch.setattr(retention, "kill_point", end)
    with pytest.raises(KeyboardInterrupt):
        tidy(kept.service)
    before = left(kept)
    monkeypatch.setattr(retention, "kill_point", bool)

    assert tidy(kept.service) == len(before) - len(NEEDED) - 1

    assert left(kept) == sorted([*NEEDED, "of no capture"])
    assert attempts(kept) == [START - timedelta(days=1)]


def test_what_comes_again_in_the_meantime_stays(kept: World, monkeypatch: pytest.MonkeyPatch) -> None:
    came: list[str] = []

    def come_again(_: float) -> None:
        there = [one for one in NEEDLESS if one in left(kept)]
        if len(there) == 3 and not came:
            came.append(there[-1])
            with writing(kept.service.engine) as session:
                captured(session, there[-1], START)

    monkeypatch.setattr(retention.time, "sleep", come_again)

    assert tidy(kept.service) == len(NEEDLESS) - 1

    assert left(kept) == sorted([*NEEDED, *came, "of no capture"])
