"""The contents of a delivery: built from its enclosures at the first attempt, and the same bytes ever after.

What deliveries that are built together share is asked of the store once for all of them, in one transaction.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode, urlsplit

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from monitor.events.intents import NewEvent
from monitor.events.record import event_of
from monitor.kill_points import kill_point
from monitor.service import Service
from monitor.standing.overdue import Trial, trials_of_pack
from monitor.telling.channels import frame_of
from monitor.telling.compose.ahead import ahead, may_plan
from monitor.telling.compose.event_body import event_body
from monitor.telling.compose.message import Frame, capped, compose
from monitor.telling.compose.news import Follows, News, gather, looked
from monitor.telling.failures import failing_since
from monitor.telling.match import wants
from monitor.telling.slots import cadence_of, period_named, period_start
from monitor.vocabulary.wording import called
from notifiers.digest import Digest, Looked
from store.columns import word
from store.states import Cadence, DeliveryKind, EventState, Notice
from store.tables import Delivery, Enclosure, Event, Subscription

SAYERS = {1: ("a regulator",), 2: ("a registry", "a legal filing"), 3: ("a company",), 4: ("the press", "a community")}
"""Who tells, by tier, in a sentence."""

WHY = 300


ENCLOSED = (
    select(Enclosure.delivery_id, Event, Enclosure.notice)
    .join(Event, col(Enclosure.event_id) == col(Event.id))
    .where(
        col(Enclosure.delivery_id).in_(bindparam("deliveries", expanding=True)),
        col(Event.state) == word(EventState.RELEASED),
    )
    .order_by(col(Event.sequence))
)
GOING_ON = select(Subscription).where(
    col(Subscription.address).in_(bindparam("addresses", expanding=True)),
    col(Subscription.confirmed_at).is_not(None),
    col(Subscription.ended_at).is_(None),
)


@dataclass
class Together:
    """Some deliveries, each with whose it is. Of one critical event thousands of readers are told: what is read about
    it, and worded by no wish of theirs, is so once."""

    service: Service
    session: Session
    owed: Sequence[tuple[Delivery, Subscription]]
    _news: dict[Any, list[News]] = field(default_factory=dict)
    _looked: dict[tuple[datetime, datetime], Looked] = field(default_factory=dict)

    @cached_property
    def frame(self) -> Frame:
        """What every message of this installation shares."""
        return frame_of(self.service)

    @cached_property
    def trials(self) -> Sequence[Trial]:
        """The trials that may have a plan."""
        return list(trials_of_pack(self.service, self.session, may_plan).values())

    def enclosed(self, delivery: Delivery) -> list[tuple[Event, Notice]]:
        """The events that a delivery is to tell, as they were recorded; what is not released is left out."""
        return self._enclosed.get(delivery.id, [])

    def news(self, enclosed: Sequence[tuple[Event, Notice]], subscription: Subscription) -> list[News]:
        """The same with all that the wording needs, as it concerns who has this subscription."""
        follows = self.follows(subscription)
        told = tuple(
            (event.id, notice, frozenset(follows(event)) if len(event.places) > 1 else ()) for event, notice in enclosed
        )
        if told not in self._news:
            self._news[told] = gather(self.session, enclosed, follows)
        return self._news[told]

    def looked(self, since: datetime, until: datetime) -> Looked:
        """Proof of looking in a period."""
        if (since, until) not in self._looked:
            self._looked[since, until] = looked(
                self.session, since, until,
                now=self.service.now(), titles=self.frame.titles, sources=self.service.sources,
            )  # fmt: skip
        return self._looked[since, until]

    def follows(self, subscription: Subscription) -> Follows:
        """Which places of an event a message names. A person who reads hears of an event once, whichever of several
        subscriptions asked for it: then those of all of them. A machine is told what this subscription asks for."""
        asked = [subscription]
        if self._is_prose(subscription):
            asked = self._of_persons[subscription.channel, subscription.address]

        def places(event: Event) -> set[str]:
            wishes = [one.places for one in asked if one.id == subscription.id or wants(one, event)]
            return set().union(*wishes) if all(wishes) else set()

        return places

    def _is_prose(self, subscription: Subscription) -> bool:
        return self.service.notifiers[subscription.channel].payload == "digest"

    @cached_property
    def _enclosed(self) -> dict[str, list[tuple[Event, Notice]]]:
        found: dict[str, list[tuple[Event, Notice]]] = defaultdict(list)
        rows = self.session.exec(ENCLOSED, params={"deliveries": [delivery.id for delivery, _ in self.owed]})
        for delivery, event, notice in rows:
            found[delivery].append((event, Notice(notice)))
        return found

    @cached_property
    def _of_persons(self) -> dict[tuple[str, str], list[Subscription]]:
        """What each of these readers asks for, in all of her subscriptions."""
        found: dict[tuple[str, str], list[Subscription]] = defaultdict(list)
        addresses = sorted({reader.address for _, reader in self.owed if self._is_prose(reader)})
        for one in self.session.exec(GOING_ON, params={"addresses": addresses}):
            found[one.channel, one.address].append(one)
        return found


def build(together: Together, delivery: Delivery, subscription: Subscription) -> bytes | None:
    """The body of a delivery; None when nothing is left in it (all was dismissed, or is held again).

    A weekly digest is never empty: a quiet week is told, with proof of looking.
    """
    service = together.service
    if delivery.kind == DeliveryKind.OPT_IN:
        return _packed(opt_in(service, delivery, subscription))
    if delivery.kind == DeliveryKind.PAUSED:
        return _packed(paused_notice(service, delivery, subscription))
    if delivery.kind == DeliveryKind.FAILING:
        since = failing_since(together.session, subscription)
        return _packed(failing_notice(service, delivery, subscription, since))
    if delivery.kind == DeliveryKind.TEST:
        return _pack(together, [made_up_news(service)], delivery, subscription, test=True)
    enclosed = together.enclosed(delivery)
    if not enclosed and cadence_of(subscription, delivery.kind) != Cadence.WEEKLY:
        return None
    kill_point("K13")
    return _pack(together, together.news(enclosed, subscription), delivery, subscription)


def digest_of(together: Together, news: list[News], delivery: Delivery, subscription: Subscription) -> Digest:
    """The digest of these news, with proof of looking when it tells of a period."""
    looks, period, frame, now = None, None, together.frame, together.service.now()
    cadence = cadence_of(subscription, delivery.kind)
    if cadence != Cadence.IMMEDIATE:
        since = period_start(delivery.due_at, subscription.timezone, cadence, subscription.quiet_days)
        period = period_named(delivery.due_at, subscription.timezone, cadence)
        looks = together.looked(since, max(delivery.due_at, now))
        if looks.routine_changes:
            asked = urlencode({"since": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")})
            looks = looks.model_copy(update={"routine_url": f"{frame.base_url}/changes?{asked}"})
    digest = compose(
        news, subscription=subscription, delivery=delivery, frame=frame, cadence=cadence, period=period, looked=looks
    )
    if cadence != Cadence.WEEKLY or subscription.types:  # who asked for some types of news asked for no plans
        return digest
    names = {therapy.name: called(therapy).short for therapy in together.service.pack.therapies}
    plans = ahead(together.trials, now.date(), titles=frame.titles, names=names, reader=subscription)
    return digest.model_copy(update={"ahead": plans})


def opt_in(service: Service, delivery: Delivery, subscription: Subscription) -> Digest:
    """The message that asks whether the mails are wanted."""
    frame = frame_of(service)
    blank = compose([], subscription=subscription, delivery=delivery, frame=frame)
    *others, last = [who for tier in sorted(subscription.tiers) for who in SAYERS[tier]] or [""]
    only = f", but only what {' or '.join(filter(None, (', '.join(others), last)))} says" if last else ""
    asked = f"Someone, you we hope, asked for news on {frame.disease} drugs at this address{only}."
    line = f"{asked} Press Confirm to get them."
    return blank.model_copy(update={"subject": f"Please confirm: {frame.disease} updates", "one_line": line})


def paused_notice(service: Service, delivery: Delivery, subscription: Subscription) -> Digest:
    """Tells the owner of a webhook that it was paused, and why. Its address may be secret: only the host is named."""
    blank = compose([], subscription=subscription, delivery=delivery, frame=frame_of(service))
    host, why = urlsplit(subscription.address).hostname, capped(subscription.paused_because or "", WHY)
    line = (
        f"We stopped sending to your webhook at {host} ({why}). What you miss is kept for you. "
        "Mend it, then press Resume."
    )
    notice = {"address": subscription.options["owner"], "options": {}, "one_line": line, "paused": True}
    return blank.model_copy(update={**notice, "subject": f"Your webhook at {host} is paused"})


def failing_notice(service: Service, delivery: Delivery, subscription: Subscription, since: datetime | None) -> Digest:
    """Tells the owner of a webhook that nothing arrives there, while it is still being tried."""
    blank = compose([], subscription=subscription, delivery=delivery, frame=frame_of(service))
    host, start = urlsplit(subscription.address).hostname, since or delivery.created_at
    line = (
        f"Your webhook at {host} has taken nothing since {start.day} {start:%b %Y %H:%M} UTC. We go on trying, ever "
        "more rarely; what is given up meanwhile is kept, and goes out again under the same id once it answers."
    )
    notice = {"address": subscription.options["owner"], "options": {}, "one_line": line}
    return blank.model_copy(update={**notice, "subject": f"Your webhook at {host} does not answer"})


def made_up_news(service: Service) -> News:
    """A made-up event that says so, and concerns no drug."""
    now = service.now()
    nothing = NewEvent(
        id="EVTEST", type="trial_status_change", polarity="neutral", at=now, occurred_on=now.date().isoformat(), tier=2,
        thread="trial/test", title="Test message: nothing has happened", state=EventState.RELEASED, alert=True,
    )  # fmt: skip
    return News(event=event_of(nothing, 0, service.pack), notice=Notice.NEWS)


def _pack(
    together: Together, news: list[News], delivery: Delivery, subscription: Subscription, *, test: bool = False
) -> bytes:
    if together.service.notifiers[subscription.channel].payload == "event":
        assert len(news) == 1, f"a webhook delivery holds one event, {delivery.id} holds {len(news)}"
        return event_body(news[0], together.frame, test=test)
    digest = digest_of(together, news, delivery, subscription)
    if test:
        (entry,) = digest.important
        said = {"sentence": "What we send to you arrives.", "meaning": None, "url": together.frame.base_url}
        digest = digest.model_copy(update={"test": True, "important": (entry.model_copy(update=said),)})
    return _packed(digest)


def _packed(digest: Digest) -> bytes:
    return digest.model_dump_json(exclude={"manage_url", "stop_url", "pause_url", "confirm_url"}).encode()


PERIOD = {"immediate": timedelta(days=7), "daily": timedelta(days=1), "weekly": timedelta(days=7)}
"""How far a preview looks back when nobody says."""
