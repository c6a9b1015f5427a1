"""What goes wrong here, told by mail to who looks after it: once, once more after a day, and when it is over.

    found -> told -> reminded -> over

Who is told has a subscription about trouble (`therawatch subscribe --about trouble`). What was told lies in the store,
one flag for each trouble, so that a restart tells nothing twice. Readers never hear of it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from sqlmodel import Session, col, delete, func, select

from monitor.service import Service
from monitor.telling.channels import frame_of
from monitor.telling.compose.message import Frame, capped, compose
from monitor.telling.deliveries import FAILED_SHOWN
from monitor.telling.delivery_log import channels_down
from monitor.telling.failures import WARNED_AFTER, WARNED_ATTEMPTS, gave_up_on, memory_of
from monitor.telling.slots import new_delivery
from monitor.telling.waits import may_be_told_of_trouble
from monitor.watching.freshness import age_of, in_time
from notifiers.digest import Digest, Matter
from store.database import reading, writing
from store.seals import insert_once
from store.states import About, DeliveryKind, DeliveryState
from store.tables import Delivery, Flag, Subscription, Watch

IN_A_ROW = 3
"""So many failures in a row, and a watch is in trouble; one or two happen to every source."""

REMINDED_AFTER = timedelta(days=1)
CHANNEL_AFTER = timedelta(hours=1)
"""How long a channel may turn everybody away before it is trouble."""

MAILS_A_DAY = 6
"""Mails about trouble to one reader within 24 hours; what comes on top waits and goes with the next."""

NAME = "trouble/"
SHOWN = 20
SAID = 300

LISTENING = select(Subscription).where(
    col(Subscription.about) == About.TROUBLE,
    col(Subscription.confirmed_at).is_not(None),
    col(Subscription.ended_at).is_(None),
)


@dataclass(frozen=True)
class Trouble:
    """One thing that goes wrong: by what it is known again, what it is called, and what is said of it."""

    key: str
    title: str
    said: str


@dataclass
class Turn:
    """What is to be told in one turn."""

    new: list[Trouble] = field(default_factory=list)
    still: list[Trouble] = field(default_factory=list)
    over: dict[str, Mapping[str, Any]] = field(default_factory=dict)  # key -> what was remembered

    def __bool__(self) -> bool:
        return bool(self.new or self.still or self.over)


def tell_of_trouble(service: Service) -> int:
    """Owe a mail to everyone who listens, where there is something to tell; returns how many mails."""
    now = service.now()
    if not may_be_told_of_trouble(service):
        return 0
    with reading(service.engine) as session:
        found, known = list(troubles(service, session)), _known(session)
    if not _turn(found, known, now):
        return 0
    with writing(service.engine) as session:
        readers = [one for one in session.exec(LISTENING).all() if _mails_lately(session, one, now) < MAILS_A_DAY]
        turn = _turn(found, _known(session), now)
        if not readers or not turn:
            return 0
        for reader in readers:
            _owe(service, session, reader, turn, now)
        _remember(session, turn, _known(session), now)
    return len(readers)


def troubles(service: Service, session: Session) -> Iterator[Trouble]:
    """What goes wrong now: sources that are not read or not believed, receivers that take nothing, channels that are
    down."""
    frame, now = frame_of(service), service.now()
    for watch in session.exec(select(Watch).where(col(Watch.active).is_(True)).order_by(col(Watch.name))):
        if (said := _of_watch(service, watch, now)) is not None:
            source = frame.teller(watch.source, watch.name)
            yield Trouble(f"watch/{watch.name}", f"{watch.name} ({source})", capped(said, SAID))
    yield from _of_receivers(session, now)
    for outage in channels_down(service):
        if now - outage.since >= CHANNEL_AFTER:
            said = f"turned everybody away {outage.failures} times: {outage.because}"
            yield Trouble(f"channel/{outage.channel}", f"The channel {outage.channel}", capped(said, SAID))


def _of_watch(service: Service, watch: Watch, now: datetime) -> str | None:
    if watch.paused_at is not None:  # a maintainer lets it rest
        return None
    if watch.failures >= IN_A_ROW:
        return f"not read {watch.failures} times in a row: {watch.problem}"
    age = age_of(watch, service.sources.get(watch.source), now)
    amiss = "; ".join(filter(None, (watch.problem if not watch.failures else None, age.frozen)))
    if amiss:
        return amiss
    if watch.last_success_at is not None and not in_time(watch, now):
        return f"not read since {watch.last_success_at:%Y-%m-%d %H:%M} UTC" + (
            f": {watch.problem}" if watch.problem else ""
        )
    return None


def _of_receivers(session: Session, now: datetime) -> Iterator[Trouble]:
    given_up = dict(
        session.exec(
            select(Delivery.subscription_id, func.count())
            .where(Delivery.state == DeliveryState.FAILED, col(Delivery.created_at) > now - FAILED_SHOWN)
            .group_by(col(Delivery.subscription_id))
        ).all()
    )
    for reader in session.exec(select(Subscription).where(col(Subscription.ended_at).is_(None))):
        assert reader.id is not None
        said = _of_receiver(session, reader, given_up.get(reader.id, 0), now)
        if said is not None:
            host = urlsplit(reader.address).hostname if "://" in reader.address else None
            whose = f"{reader.channel} at {host}" if host else reader.channel
            yield Trouble(f"subscription/{reader.id}", f"Subscription {reader.id} ({whose})", capped(said, SAID))


def _of_receiver(session: Session, reader: Subscription, given_up: int, now: datetime) -> str | None:
    if gave_up_on(reader):
        return f"paused: {reader.paused_because}"
    if reader.paused_at is not None:
        return None
    if given_up:
        return "a message was given up" if given_up == 1 else f"{given_up} messages were given up"
    memory = memory_of(session, reader)
    if memory is None or memory["attempts"] < WARNED_ATTEMPTS:
        return None
    since = datetime.fromisoformat(memory["since"])
    return f"has taken nothing since {since:%Y-%m-%d %H:%M} UTC" if now - since >= WARNED_AFTER else None


# What is told, and what is remembered of it ---------------------------------------------------------------------------


def _known(session: Session) -> dict[str, Mapping[str, Any]]:
    flags = session.exec(select(Flag).where(col(Flag.name).startswith(NAME))).all()
    return {flag.name.removeprefix(NAME): json.loads(flag.value) for flag in flags}


def _turn(found: Sequence[Trouble], known: Mapping[str, Mapping[str, Any]], now: datetime) -> Turn:
    """What is new, what is due to be told a second time, and what is over.   (pure)"""
    turn = Turn(new=[one for one in found if one.key not in known])
    for one in found:
        memory = known.get(one.key)
        if memory and not memory["reminded"] and now - datetime.fromisoformat(memory["told"]) >= REMINDED_AFTER:
            turn.still.append(one)
    here = {one.key for one in found}
    turn.over = {key: memory for key, memory in known.items() if key not in here}
    return turn


def _remember(session: Session, turn: Turn, known: Mapping[str, Mapping[str, Any]], now: datetime) -> None:
    for one in turn.new:
        memory = {"title": one.title, "told": now.isoformat(), "reminded": False}
        session.merge(Flag(name=NAME + one.key, value=json.dumps(memory)))
    for one in turn.still:
        session.merge(Flag(name=NAME + one.key, value=json.dumps({**known[one.key], "reminded": True})))
    if turn.over:
        session.exec(delete(Flag).where(col(Flag.name).in_([NAME + key for key in turn.over])))


def _owe(service: Service, session: Session, reader: Subscription, turn: Turn, now: datetime) -> None:
    """The mail is written now: by the time it leaves, what it tells of may be another matter."""
    assert reader.id is not None
    values = new_delivery(reader.id, DeliveryKind.TROUBLE, f"trouble/{uuid4().hex}", now)
    digest = notice(frame_of(service), Delivery(**values), reader, turn, now)
    body = digest.model_dump_json(exclude={"manage_url", "stop_url", "pause_url", "confirm_url"}).encode()
    insert_once(session, Delivery, values | {"body": body})


def notice(frame: Frame, delivery: Delivery, reader: Subscription, turn: Turn, now: datetime) -> Digest:
    """The mail of one turn.   (pure)"""
    over = [f"{memory['title']}: after {_lasted(memory['told'], now)}." for memory in turn.over.values()]
    told = (("In trouble", _lines(turn.new)), ("Still in trouble", _lines(turn.still)), ("Over", over[:SHOWN]))
    matters = tuple(Matter(heading=heading, lines=tuple(lines)) for heading, lines in told if lines)
    titles = [one.title for one in (*turn.new, *turn.still)] or [memory["title"] for memory in turn.over.values()]
    rest = f" and {len(titles) - 1} more" if len(titles) > 1 else ""
    blank = compose([], subscription=reader, delivery=delivery, frame=frame)
    where = {"one_line": "How each source fares", "more_url": f"{frame.base_url}/sources"}
    return blank.model_copy(update={"subject": f"{matters[0].heading}: {titles[0]}{rest}", "matters": matters, **where})


def _lines(some: Sequence[Trouble]) -> list[str]:
    lines = [f"{one.title}: {one.said}" for one in some[:SHOWN]]
    return lines + ([f"And {len(some) - SHOWN} more."] if len(some) > SHOWN else [])


def _lasted(told: str, now: datetime) -> str:
    hours = max(0, round((now - datetime.fromisoformat(told)).total_seconds() / 3600))
    if hours >= 48:
        return f"{round(hours / 24)} days"
    return "less than an hour" if not hours else f"{hours} hour{'s' if hours > 1 else ''}"


def _mails_lately(session: Session, reader: Subscription, now: datetime) -> int:
    return session.exec(
        select(func.count()).where(
            Delivery.subscription_id == reader.id,
            col(Delivery.kind) == DeliveryKind.TROUBLE,
            col(Delivery.created_at) > now - timedelta(days=1),
        )
    ).one()
