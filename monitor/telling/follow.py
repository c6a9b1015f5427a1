"""Following without an account: who asks on the page gets one mail that asks back, and nothing more before a yes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlalchemy import select as choose
from sqlmodel import Session, col, func, select

from monitor.service import Service
from monitor.settings import Misconfigured
from monitor.telling.match import wants
from monitor.telling.slots import SUMMARY_ABOVE, due_on, next_day, rests
from monitor.telling.subscriptions import OPT_IN_HOURS, by_token, revise, same_wishes, subscribe, wishes_of
from monitor.telling.wishes import WISHES, Wish, address_of, granted, notifier_named, options_of
from monitor.vocabulary.event_types import LEVELS, TYPES
from monitor.vocabulary.topics import topic_of
from store.columns import Weighed
from store.database import reading
from store.states import Cadence, DeliveryKind, EventState
from store.tables import Delivery, Event, Subscription

CHANNEL = "email"

LOOK_BACK = timedelta(days=90)
"""How far the preview of a follow looks back."""

NAMED = 12
"""Events that the preview names."""

WEIGHED: list[Any] = [
    col(Event.id), col(Event.type), col(Event.polarity), col(Event.level), col(Event.therapy), col(Event.place),
    col(Event.places), col(Event.agency), col(Event.tier), col(Event.alert), col(Event.detected_at),
]  # fmt: skip
"""What `Weighed` names: a busy log has thousands of events in 90 days, and whole ones take long to make."""

ASKED_AT_ONCE = 3
"""Mails that may ask at one address and wait for its yes: nobody fills a stranger's mailbox with our questions."""

ASKED_AN_HOUR = 120
"""Mails that may ask, of the whole installation in an hour: no flood of strangers' addresses goes out in our name."""


class Overrun(Exception):
    """More follows are being asked for than a crowd of readers would."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What a wish would have brought since a day: so many messages with so many events, and the newest of these."""

    since: datetime
    messages: int
    count: int
    newest: Sequence[Event]


def follow(service: Service, address: str, wish: Wish, options: Mapping[str, Any] = MappingProxyType({})) -> None:
    """Owe an address the mail that asks whether it wants this. What is asked twice is mailed once, and an address that
    has not said yes to several asks gets no further one: neither is told to who asks, who may be anybody.

    Raises Misconfigured naming the field, Overrun where too many ask.
    """
    checked = address_of(service, notifier_named(service, CHANNEL), address)
    asked = _row(service, CHANNEL, checked, wish, options)
    now = service.now()
    with reading(service.engine) as session:
        waiting = _waiting(session, checked, now)
        lately = _asked_since(session, now - timedelta(hours=1))
    if len(waiting) >= ASKED_AT_ONCE or any(same_wishes(asked, other) for other in waiting):
        return
    if lately >= ASKED_AN_HOUR:
        raise Overrun(f"{lately} follows were asked for within an hour, expected fewer than {ASKED_AN_HOUR}")
    subscribe(
        service,
        channel=CHANNEL,
        address=checked,
        options=dict(options),
        **wishes_of(wish),
    )


def change_by_token(
    service: Service, token: str, wish: Wish, options: Mapping[str, Any] = MappingProxyType({})
) -> Subscription:
    """Ask for something else by the managing link. Raises ValueError for a false one, Misconfigured naming a field."""
    before = by_token(service, "manage", token)
    assert before.id is not None
    return revise(
        service, before.id, _row(service, before.channel, before.address, wish, {**before.options, **options})
    )


def change_by_id(service: Service, subscription_id: int, parts: Mapping[str, Any]) -> Subscription:
    """Let an operator change parts of a wish; the rest stays. Raises Misconfigured."""
    with reading(service.engine) as session:
        before = session.get(Subscription, subscription_id)
    if before is None or before.ended_at is not None:
        raise Misconfigured(f"subscription: expected the number of one that goes on, found {subscription_id}")
    wish = Wish(**{**{name: getattr(before, name) for name in WISHES}, **parts})
    return revise(service, subscription_id, _row(service, before.channel, before.address, wish, before.options))


def would_have_brought(service: Service, wish: Wish, channel: str = CHANNEL, named: int = NAMED) -> Brought:
    """What a wish would have brought in the last 90 days, by the filters that also decide what is sent; so many of the
    events are named, the others counted.

    Raises Misconfigured naming the field.
    """
    reader, now = _row(service, channel, "", wish, {}), service.now()
    since = now - LOOK_BACK
    with reading(service.engine) as session:
        rows = (
            session.connection()
            .execute(
                choose(*WEIGHED)
                .where(
                    col(Event.state) == EventState.RELEASED,
                    col(Event.detected_at) >= since,
                    col(Event.detected_at) <= now,
                )
                .where(*_surely(reader))
                .order_by(col(Event.sequence).desc())
            )
            .all()
        )
        wanted = [event for event in cast(Sequence[Weighed], rows) if wants(reader, event)]
        newest = select(Event).where(col(Event.id).in_([event.id for event in wanted[:named]]))
        events = session.exec(newest.order_by(col(Event.sequence).desc())).all()
    prose = notifier_named(service, channel).payload == "digest"
    messages = _messages(reader, wanted, since, now) if prose else len(wanted)
    return Brought(since=since, messages=messages, count=len(wanted), newest=events)


def _surely(reader: Subscription) -> list[ColumnElement[bool]]:
    """What every event that a reader wants meets, for the database: the filters decide on the rest."""
    where = [col(Event.type).in_(reader.types)] if reader.types else []
    where += [col(Event.therapy).in_(reader.therapies)] if reader.therapies else []
    where += [col(Event.tier).in_(reader.tiers)] if reader.tiers else []
    where += [col(Event.level).in_(LEVELS[LEVELS.index(reader.level) :])] if not reader.only_doors else []
    return [*where, col(Event.type).not_in([name for name in TYPES if topic_of(name) in reader.muted])]


def _row(service: Service, channel: str, address: str, wish: Wish, options: Mapping[str, Any]) -> Subscription:
    """The wish as a subscription that is not stored. Raises Misconfigured."""
    kind = notifier_named(service, channel)
    return Subscription(
        channel=channel,
        address=address,
        options=options_of(kind, dict(options)),
        **granted(service, kind, wish),
        created_at=service.now(),
    )


def _waiting(session: Session, address: str, now: datetime) -> list[Subscription]:
    """The follows of an address that still may be confirmed."""
    return list(
        session.exec(
            select(Subscription).where(
                Subscription.channel == CHANNEL,
                Subscription.address == address,
                col(Subscription.confirmed_at).is_(None),
                col(Subscription.ended_at).is_(None),
                col(Subscription.created_at) > now - timedelta(hours=OPT_IN_HOURS),
            )
        ).all()
    )


def _asked_since(session: Session, moment: datetime) -> int:
    return session.exec(
        select(func.count()).where(Delivery.kind == DeliveryKind.OPT_IN, col(Delivery.created_at) > moment)
    ).one()


def _messages(reader: Subscription, events: Sequence[Weighed], since: datetime, now: datetime) -> int:
    """How many messages these events would have come in. A weekly reader hears of quiet weeks too."""

    def day_of(event: Weighed, cadence: Cadence) -> Any:
        return next_day(event.detected_at, reader.at_hour, reader.timezone, cadence, reader.quiet_days)

    if reader.cadence == Cadence.WEEKLY:
        day = next_day(since, reader.at_hour, reader.timezone, Cadence.WEEKLY, reader.quiet_days)
        zone, weeks = reader.timezone, 0
        while due_on(day, reader.at_hour, ZoneInfo(zone)) <= now:
            day, weeks = day + timedelta(weeks=1), weeks + 1
        return weeks
    if reader.cadence == Cadence.DAILY:
        return len({day_of(event, Cadence.DAILY) for event in events})
    later = [not event.alert or rests(reader, event.detected_at) for event in events]
    at_once = Counter(event.detected_at for event, waits in zip(events, later, strict=True) if not waits)
    small = {day_of(event, Cadence.DAILY) for event, waits in zip(events, later, strict=True) if waits}
    return sum(1 if many > SUMMARY_ABOVE else many for many in at_once.values()) + len(small)
