"""The installation in figures, for Prometheus: read from the database when somebody asks, with labels from short lists.

Nothing personal is among them: no address, no name of a watch, a drug or a reader is a label.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, and_, col, func, select

from monitor.path.health import free_bytes
from monitor.path.heartbeat import last_round
from monitor.service import Service
from monitor.settings import Misconfigured
from monitor.telling.claimed import channel_of
from monitor.telling.outages import outages, stopped
from monitor.telling.secrets import open_keyring
from monitor.watching.freshness import age_of, in_time
from store.database import reading
from store.states import DeliveryKind, DeliveryState, EventState, Health, Level, RunOutcome
from store.tables import Change, Delivery, Event, Run, Subscription, Watch

NAMED = "therawatch_"


class Figures(Collector):
    """Collects the figures of one installation, each time anew."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def describe(self) -> Iterable[Metric]:
        """Nothing: what there is shows when it is collected, and registering asks no database."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Every figure; of a database that does not answer, that it does not."""
        try:
            with reading(self._service.engine) as session:
                found = [*self._stored(session)]
        except SQLAlchemyError:
            found = []
        yield _gauge("database_up", "Whether the database answered.", float(bool(found)))
        yield from found
        room = free_bytes(self._service.settings)
        if room is not None:
            yield _gauge("disk_free_bytes", "Bytes free where the database lies.", room)

    def _stored(self, session: Session) -> Iterator[Metric]:
        pack = self._service.pack.pack
        yield InfoMetricFamily("therawatch", "Version and pack.", {"version": _version(), "pack": pack.name})
        yield from _watches(self._service, session)
        yield from _runs(session)
        yield from _log(self._service, session)
        yield from _deliveries(self._service, session)
        yield from _subscriptions(session)
        yield _gauge("sending_paused", "Whether all sending is stopped by hand.", float(stopped(session)))
        yield _channels(self._service)


def _watches(service: Service, session: Session) -> Iterator[Metric]:
    now = service.now()
    watches = session.exec(select(Watch).where(col(Watch.active).is_(True))).all()
    frozen = {watch.id for watch in watches if age_of(watch, service.sources.get(watch.source), now).frozen}
    health = [
        Health.FROZEN if watch.id in frozen and watch.health == Health.OK else Health(watch.health) for watch in watches
    ]
    yield _counted(
        GaugeMetricFamily, "watches", "Watches by health.", "health", {one: health.count(one) for one in Health}
    )
    stale = sum(not in_time(watch, now) for watch in watches)
    yield _gauge(
        "watches_stale", "Watches whose last success is too old to vouch for anything, or that had none.", stale
    )
    ages = [(now - watch.last_success_at).total_seconds() for watch in watches if watch.last_success_at]
    yield _gauge("watch_success_age_seconds", "Age of the oldest last success of a watch.", max(ages, default=0))


def _runs(session: Session) -> Iterator[Metric]:
    rows = session.exec(select(Run.outcome, func.count(), func.sum(Run.ms)).group_by(col(Run.outcome))).all()
    counts = dict.fromkeys(RunOutcome, 0) | {RunOutcome(outcome): count for outcome, count, _ in rows}
    yield _counted(CounterMetricFamily, "runs", "Checks of watches by outcome.", "outcome", counts)
    took = sum(float(ms or 0) for _, _, ms in rows) / 1000
    yield CounterMetricFamily(f"{NAMED}runs_seconds", "Seconds that all checks took together.", took)
    if (last := last_round(session.connection())) is not None:
        yield _gauge("last_good_round_timestamp_seconds", "When the last good round ended.", last.at.timestamp())
        yield _gauge("last_good_round_seconds", "How long the last good round took.", last.seconds)


def _log(service: Service, session: Session) -> Iterator[Metric]:
    family = GaugeMetricFamily(f"{NAMED}events", "Events by state and level.", labels=["state", "level"])
    rows = session.exec(
        select(Event.state, Event.level, func.count()).group_by(col(Event.state), col(Event.level))
    ).all()
    counts = {(EventState(state), Level(level)): count for state, level, count in rows}
    for state in EventState:
        for level in Level:
            family.add_metric([state, level], counts.get((state, level), 0))
    yield family
    held = session.exec(select(func.min(Event.detected_at)).where(Event.state == EventState.HELD)).one()
    yield _gauge("held_age_seconds", "Age of the oldest event that waits for a maintainer.", _age(held, service.now()))
    last = session.exec(select(func.max(Change.id))).one()
    yield CounterMetricFamily(f"{NAMED}changes", "Changes of records.", last or 0)


def _deliveries(service: Service, session: Session) -> Iterator[Metric]:
    rows = session.exec(
        select(Subscription.channel, Delivery.kind, Delivery.state, func.count())
        .join(Subscription, col(Subscription.id) == col(Delivery.subscription_id))
        .group_by(col(Subscription.channel), col(Delivery.kind), col(Delivery.state))
    ).all()
    counts = {(channel, state): 0 for channel in service.notifiers for state in DeliveryState}
    for channel, kind, state, count in rows:
        way = (channel_of(DeliveryKind(kind), channel), DeliveryState(state))
        counts[way] = counts.get(way, 0) + count
    family = GaugeMetricFamily(f"{NAMED}deliveries", "Messages by channel and state.", labels=["channel", "state"])
    for (channel, state), count in counts.items():
        family.add_metric([channel, state], count)
    yield family
    now = service.now()
    due, oldest = session.exec(
        select(func.count(), func.min(Delivery.due_at))
        .select_from(Delivery)
        .join(Subscription, col(Subscription.id) == col(Delivery.subscription_id))
        .where(
            Delivery.state == DeliveryState.WAITING, col(Delivery.due_at) <= now, col(Subscription.paused_at).is_(None)
        )
    ).one()
    yield _gauge("deliveries_due", "Messages that are due and wait, those of paused subscriptions apart.", due)
    yield _gauge("oldest_due_seconds", "How long the longest of them has been due.", _age(oldest, now))


def _subscriptions(session: Session) -> Iterator[Metric]:
    goes_on = and_(col(Subscription.confirmed_at).is_not(None), col(Subscription.paused_at).is_(None))
    rows = session.exec(
        select(Subscription.channel, goes_on, col(Subscription.confirmed_at).is_(None), func.count())
        .where(col(Subscription.ended_at).is_(None))
        .group_by(col(Subscription.channel), goes_on, col(Subscription.confirmed_at).is_(None))
    ).all()
    family = GaugeMetricFamily(
        f"{NAMED}subscriptions", "Subscriptions that have not ended.", labels=["channel", "state"]
    )
    for channel, active, unconfirmed, count in rows:
        family.add_metric([channel, "active" if active else "unconfirmed" if unconfirmed else "paused"], count)
    yield family


def _channels(service: Service) -> Metric:
    try:
        down = {outage.channel for outage in outages(service, open_keyring(service.settings))}
    except Misconfigured:  # without the key no outage can be read; `doctor` says so
        down = set()
    counts = dict.fromkeys(service.notifiers, 0) | dict.fromkeys(down, 1)
    return _counted(
        GaugeMetricFamily, "channel_down", "Whether a channel turned everybody away last.", "channel", counts
    )


def _counted(
    family: type[GaugeMetricFamily] | type[CounterMetricFamily],
    name: str,
    said: str,
    label: str,
    counts: Mapping[Any, float],
) -> Metric:
    made = family(f"{NAMED}{name}", said, labels=[label])
    for value, count in counts.items():
        made.add_metric([value], count)
    return made


def _gauge(name: str, said: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{NAMED}{name}", said, value)


def _age(moment: datetime | None, now: datetime) -> float:
    if moment is None:
        return 0
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)  # SQLite's min() knows no zone
    return max(0, (now - aware).total_seconds())


def _version() -> str:
    try:
        return version("therawatch")
    except PackageNotFoundError:  # run from a checkout that was not installed
        return "0"
