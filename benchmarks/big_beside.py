"""What lies beside a log of many years: labels in all their versions, runs of every watch, readers, what they were
sent, and what maintainers did. Put into a log that has none of it yet.
"""

import json
import random
import zlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from big_log import START, TOPICS, YEARS
from sqlalchemy import Engine
from sqlmodel import Session, col, insert, select

from monitor.watching.chain import canonical
from sources.product_labels import SECTIONS
from store.states import Cadence, DecisionState, DeliveryKind, DeliveryState, Door, Level, Notice, Role, Verdict, Way
from store.tables import (
    Attempt,
    Audit,
    Decision,
    Delivery,
    Enclosure,
    Event,
    Item,
    Policy,
    Review,
    Run,
    Snapshot,
    Subscription,
    Watch,
)  # fmt: skip

READERS, DELIVERIES = 5_000, 20_000
LABELS, VERSIONS, HEADINGS = 20, 20, 12
"""Labels, versions of each, and numbered headings of each of its sections."""
RUNS, ACTS, DECISIONS = 200_000, 20_000, 5_000
END = START + timedelta(days=365 * YEARS)


def beside(engine: Engine) -> None:
    """Fill in what is not there, unless somebody reads the log already."""
    with Session(engine) as session:
        if session.exec(select(Subscription.id).limit(1)).first() is not None:
            return
        events = session.exec(select(Event.id).order_by(col(Event.sequence).desc()).limit(READERS)).all()
        _readers(session, events)
        _labels(session)
        _runs(session)
        _acts(session, events)
        session.commit()


def _readers(session: Session, events: Any) -> None:
    for number in range(1, READERS + 1):
        session.add(
            Subscription(
                id=number, channel="email", address=f"reader{number}@example.org", level=Level.MINOR,
                created_at=START, confirmed_at=START, cadence=tuple(Cadence)[number % 3],
            )
        )  # fmt: skip
    session.flush()
    for number in range(DELIVERIES):
        reader, told = 1 + number % READERS, events[number * 7 % len(events)]
        sent = DeliveryState.SENT if number % 50 else DeliveryState.WAITING
        state = DeliveryState.FAILED if number % 97 == 0 else sent
        session.add(
            Delivery(
                id=f"{number:032x}", subscription_id=reader, kind=DeliveryKind.ALERT, slot=f"{told}/{number}",
                created_at=END, due_at=END, state=state, attempts=1,
                sent_at=END if state == DeliveryState.SENT else None,
            )
        )  # fmt: skip
    session.flush()
    pairs = {(1 + number % READERS, events[number * 7 % len(events)]): number for number in range(DELIVERIES)}
    session.add_all(
        Enclosure(subscription_id=reader, event_id=told, notice=Notice.NEWS, delivery_id=f"{number:032x}")
        for (reader, told), number in pairs.items()
    )
    session.flush()
    tried = ((f"{number:032x}", bool(number % 97)) for number in range(DELIVERIES))
    rows = [{"delivery_id": id, "at": END, "accepted": well, "said": None if well else "503"} for id, well in tried]
    session.execute(insert(Attempt), rows)


def _labels(session: Session) -> None:
    """Labels with some hundred numbered headings each, one more in every version."""
    draw = random.Random(17)
    for number in range(LABELS):
        item = Item(source="dailymed", key=f"set-{number}", title=f"Compound {number}", url="https://label.example")
        session.add(item)
        session.flush()
        assert item.id
        for version in range(1, VERSIONS + 1):
            content = {"place": "US", "version": str(version), "effective_on": f"{2000 + version}-01-01",
                       "sections": dict(_sections(draw, version))}  # fmt: skip
            snapshot = Snapshot(
                item_id=item.id, run_id=1, capture_id=1, taken_at=START, revision=1, fingerprint=f"l{number}/{version}",
                packed=zlib.compress(canonical(content)),
            )  # fmt: skip
            session.add(snapshot)
            session.flush()
            item.snapshot_id = snapshot.id
    session.flush()


def _sections(draw: random.Random, version: int) -> Iterator[tuple[str, str]]:
    for place, name in enumerate(SECTIONS.values(), 1):
        parts = [f"{place}.{n} {draw.choice(TOPICS).capitalize()} ¶ {' '.join(draw.choices(TOPICS, k=60))}"
                 for n in range(1, HEADINGS + version % 2)]  # fmt: skip
        yield name, " ¶ ".join(parts)


def _runs(session: Session) -> None:
    """The checks of all those years, nearly all without news."""
    watches = session.exec(select(Watch.id)).all()
    for first in range(0, RUNS, 20_000):
        rows = [
            {"watch_id": watches[n % len(watches)], "started_at": (at := START + n * (END - START) / RUNS),
             "finished_at": at, "outcome": "unchanged" if n % 50 else "failed", "pages": 1, "records": 9, "changes": 0,
             "events": 0, "ms": 9, "note": None if n % 50 else "expected an answer, found none"}
            for n in range(first, first + 20_000)
        ]  # fmt: skip
        session.execute(insert(Run), rows)


def _acts(session: Session, events: Any) -> None:
    """What maintainers did: verdicts, rules, watches, in the log of acts."""
    for rule, way in (("recall.notices", Way.PASS), ("approval.prose", Way.HOLD)):
        session.add(Policy(rule=rule, way=way, by="an-editor", at=START, note="as agreed"))
    for number in range(DECISIONS):
        event, at = events[number % len(events)], END - timedelta(minutes=number)
        verdict = Verdict.DISMISSED if number % 10 == 0 else Verdict.CONFIRMED
        session.add(Review(event_id=event, verdict=verdict, by="an-editor", at=at, note="as the register says"))
        session.add(
            Decision(
                event_id=event, verdict=verdict, by="an-editor", door=Door.DESK, at=at, note="", due_at=at, ended_at=at,
                state=DecisionState.DONE,
            )
        )  # fmt: skip
    for first in range(0, ACTS, 5_000):
        rows = [
            {"at": END - timedelta(minutes=ACTS - n), "who": "an-editor", "role": Role.MAINTAINER, "door": Door.DESK,
             "act": "approve", "matter": f"event {events[n % len(events)]}", "before": {"state": "held"},
             "after": {"state": "released"}, "note": json.dumps(n)}
            for n in range(first, first + 5_000)
        ]  # fmt: skip
        session.execute(insert(Audit), rows)
