"""The contents of a delivery: built from its enclosures at the first attempt, and the same bytes ever after."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode, urlsplit

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from monitor.events.intents import NewEvent
from monitor.events.record import event_of
from monitor.kill_points import kill_point
from monitor.service import Service
from monitor.standing.overdue import trials_of_pack
from monitor.telling.channels import frame_of
from monitor.telling.compose.ahead import ahead, may_plan
from monitor.telling.compose.event_body import event_body
from monitor.telling.compose.message import capped, compose
from monitor.telling.compose.news import Follows, News, gather, looked
from monitor.telling.failures import failing_since
from monitor.telling.match import wants
from monitor.telling.slots import cadence_of, period_named, period_start
from monitor.vocabulary.wording import called
from notifiers.digest import Digest
from store.columns import word
from store.states import Cadence, DeliveryKind, EventState, Notice
from store.tables import Delivery, Enclosure, Event, Subscription

SAYERS = {1: ("a regulator",), 2: ("a registry", "a legal filing"), 3: ("a company",), 4: ("the press", "a community")}
"""Who tells, by tier, in a sentence."""

WHY = 300

ENCLOSED = (
    select(Event, Enclosure.notice)
    .join(Enclosure, col(Enclosure.event_id) == col(Event.id))
    .where(Enclosure.delivery_id == bindparam("delivery"), col(Event.state) == word(EventState.RELEASED))
    .order_by(col(Event.sequence))
)


def build(service: Service, session: Session, delivery: Delivery, subscription: Subscription) -> bytes | None:
    """The body of a delivery; None when nothing is left in it (all was dismissed, or is held again).

    A weekly digest is never empty: a quiet week is told, with proof of looking.
    """
    if delivery.kind == DeliveryKind.OPT_IN:
        return _packed(opt_in(service, delivery, subscription))
    if delivery.kind == DeliveryKind.PAUSED:
        return _packed(paused_notice(service, delivery, subscription))
    if delivery.kind == DeliveryKind.FAILING:
        return _packed(failing_notice(service, delivery, subscription, failing_since(session, subscription)))
    if delivery.kind == DeliveryKind.TEST:
        return _pack(service, [made_up_news(service)], delivery, subscription, session, test=True)
    rows = session.exec(ENCLOSED, params={"delivery": delivery.id}).all()
    if not rows and cadence_of(subscription, delivery.kind) != Cadence.WEEKLY:
        return None
    kill_point("K13")
    enclosed = [(event, Notice(notice)) for event, notice in rows]
    news = gather(session, enclosed, followed_by(service, session, subscription)) if enclosed else []
    return _pack(service, news, delivery, subscription, session)


def followed_by(service: Service, session: Session, subscription: Subscription) -> Follows:
    """Which places of an event a message names. A person who reads hears of an event once, whichever of several
    subscriptions asked for it: then those of all of them. A machine is told what this subscription asks for."""
    asked = [subscription]
    if service.notifiers[subscription.channel].payload == "digest":
        person = (Subscription.channel == subscription.channel, Subscription.address == subscription.address)
        going_on = (col(Subscription.confirmed_at).is_not(None), col(Subscription.ended_at).is_(None))
        asked = list(session.exec(select(Subscription).where(*person, *going_on)).all())

    def places(event: Event) -> set[str]:
        wishes = [one.places for one in asked if one.id == subscription.id or wants(one, event)]
        return set().union(*wishes) if all(wishes) else set()

    return places


def digest_of(
    service: Service, session: Session, news: list[News], delivery: Delivery, subscription: Subscription
) -> Digest:
    """The digest of these news, with proof of looking when it tells of a period."""
    looks, period, frame = None, None, frame_of(service)
    cadence = cadence_of(subscription, delivery.kind)
    if cadence != Cadence.IMMEDIATE:
        since = period_start(delivery.due_at, subscription.timezone, cadence, subscription.quiet_days)
        period = period_named(delivery.due_at, subscription.timezone, cadence)
        until, now = max(delivery.due_at, service.now()), service.now()
        looks = looked(session, since, until, now=now, titles=frame.titles, sources=service.sources)
        if looks.routine_changes:
            asked = urlencode({"since": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")})
            looks = looks.model_copy(update={"routine_url": f"{frame.base_url}/changes?{asked}"})
    digest = compose(
        news, subscription=subscription, delivery=delivery, frame=frame, cadence=cadence, period=period, looked=looks
    )
    if cadence != Cadence.WEEKLY or subscription.types:  # who asked for some types of news asked for no plans
        return digest
    trials = trials_of_pack(service, session, may_plan).values()
    names = {therapy.name: called(therapy).short for therapy in service.pack.therapies}
    plans = ahead(trials, service.now().date(), titles=frame.titles, names=names, reader=subscription)
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
    service: Service,
    news: list[News],
    delivery: Delivery,
    subscription: Subscription,
    session: Session,
    *,
    test: bool = False,
) -> bytes:
    if service.notifiers[subscription.channel].payload == "event":
        assert len(news) == 1, f"a webhook delivery holds one event, {delivery.id} holds {len(news)}"
        return event_body(news[0], frame_of(service), test=test)
    digest = digest_of(service, session, news, delivery, subscription)
    if test:
        (entry,) = digest.important
        said = {"sentence": "What we send to you arrives.", "meaning": None, "url": frame_of(service).base_url}
        digest = digest.model_copy(update={"test": True, "important": (entry.model_copy(update=said),)})
    return _packed(digest)


def _packed(digest: Digest) -> bytes:
    return digest.model_dump_json(exclude={"manage_url", "stop_url", "pause_url", "confirm_url"}).encode()


PERIOD = {"immediate": timedelta(days=7), "daily": timedelta(days=1), "weekly": timedelta(days=7)}
"""How far a preview looks back when nobody says."""
