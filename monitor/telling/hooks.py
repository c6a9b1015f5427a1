"""Following by webhook without an account: an address that accepts a signed test event is told from then on, one that
does not never is. Whoever gives an address may be anybody, so nothing but a test ever goes to one that has not."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlmodel import Session, col, func, select

from monitor.service import Service
from monitor.telling.attempts import DeliveryLine
from monitor.telling.deliver import send_test
from monitor.telling.follow import Overrun
from monitor.telling.subscriptions import OPT_IN_HOURS, by_token, drawn_up, same_wishes, store
from monitor.telling.wishes import Wish, wrong
from store.database import reading
from store.states import DeliveryKind
from store.tables import Delivery, Subscription

CHANNEL = "webhook"

HOUR = timedelta(hours=1)
AN_HOUR = 30
"""Webhooks that may be made in an hour, of the whole installation: nobody lets us knock at a thousand doors."""

AT_A_HOST = 5
"""Of these, at one host."""

TESTS_AN_HOUR = 6
"""Test events that may be asked for one webhook in an hour."""


@dataclass(frozen=True, slots=True)
class Hooked:
    """A webhook that was made: its secret, this once, and what came of the test event."""

    subscription: Subscription
    secret: str
    test: DeliveryLine


def hook(service: Service, address: str, wish: Wish) -> Hooked:
    """Make a webhook and send it a test event, now; it is told of events once it has accepted one.

    Raises Misconfigured naming the field, Overrun where too many ask.
    """
    subscription, secret = drawn_up(service, CHANNEL, address, wish, options={})
    assert secret is not None, "what is signed has a secret"
    with reading(service.engine) as session:
        _refuse_a_second(session, subscription)
        _refuse_a_flood(session, subscription, service.now())
    store(service, subscription, asks=False)
    assert subscription.id is not None
    test = send_test(service, subscription.id)
    return Hooked(_stored(service, subscription.id), secret, test)


def test_by_token(service: Service, token: str) -> DeliveryLine:
    """Send a test event by the managing link. Raises ValueError for a false link or one that is too late, Overrun."""
    subscription = by_token(service, "manage", token)
    assert subscription.id is not None
    if subscription.channel != CHANNEL or subscription.ended_at is not None:
        raise ValueError("expected a webhook that goes on, found another subscription")
    now = service.now()
    if subscription.confirmed_at is None and now - subscription.created_at > timedelta(hours=OPT_IN_HOURS):
        raise ValueError(f"a new webhook is waited for {OPT_IN_HOURS} hours; please make it again")
    with reading(service.engine) as session:
        lately = session.exec(
            select(func.count()).where(
                Delivery.subscription_id == subscription.id,
                Delivery.kind == DeliveryKind.TEST,
                col(Delivery.created_at) > now - HOUR,
            )
        ).one()
    if lately >= TESTS_AN_HOUR:
        raise Overrun(f"{lately} tests were asked for within an hour, expected fewer than {TESTS_AN_HOUR}")
    return send_test(service, subscription.id)


def _refuse_a_second(session: Session, asked: Subscription) -> None:
    """A page that is sent twice makes one webhook: nobody needs the same event twice. Raises Misconfigured."""
    same = (
        Subscription.channel == CHANNEL,
        Subscription.address == asked.address,
        col(Subscription.ended_at).is_(None),
    )
    proven = session.exec(select(Subscription).where(*same, col(Subscription.confirmed_at).is_not(None))).all()
    if any(same_wishes(asked, other) for other in proven):
        raise wrong("to", "an address that does not follow just this already", urlsplit(asked.address).hostname)


def _refuse_a_flood(session: Session, asked: Subscription, now: datetime) -> None:
    lately = session.exec(
        select(Subscription.address).where(Subscription.channel == CHANNEL, col(Subscription.created_at) > now - HOUR)
    ).all()
    host = urlsplit(asked.address).hostname
    there = sum(urlsplit(address).hostname == host for address in lately)
    if len(lately) >= AN_HOUR or there >= AT_A_HOST:
        raise Overrun(f"{len(lately)} webhooks were made within an hour, {there} of them at this host")


def _stored(service: Service, subscription_id: int) -> Subscription:
    with reading(service.engine) as session:
        return session.get_one(Subscription, subscription_id)
