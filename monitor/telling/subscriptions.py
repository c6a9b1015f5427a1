"""Who is told: subscribe, confirm, stop, and what a reader may do by the links of a mail."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Unpack, cast

from sqlalchemy import update
from sqlmodel import Session, col, select
from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from monitor.people.audit import Who, note_act
from monitor.service import Service
from monitor.settings import Misconfigured
from monitor.telling.channels import PAUSE_BY_LINK
from monitor.telling.pause import Owed, drop, pause_subscription, resume_subscription
from monitor.telling.secrets import address_seal, open_keyring
from monitor.telling.slots import new_delivery
from monitor.telling.wishes import (
    WISHES,
    Wish,
    address_of,
    each_known,
    granted,
    notifier_named,
    options_of,
    secret_of,
    wrong,
)
from store.database import reading, writing
from store.seals import change, insert_once
from store.states import About, Cadence, DeliveryKind, DeliveryState
from store.tables import Delivery, Subscription

OPT_IN_HOURS = 48

CHANGED = tuple(name for name in WISHES if name != "types")
"""What a reader changes by herself, besides the options of her channel; types are what an operator has set."""


class Wishes(TypedDict, total=False):
    """The parts of a Wish by name."""

    therapies: Sequence[str]
    types: Sequence[str]
    places: Sequence[str]
    tiers: Sequence[int | str]
    level: str
    only_doors: bool
    muted: Sequence[str]
    wording: str
    hide_outcomes: bool
    cadence: str
    at_hour: int
    timezone: str
    quiet_days: Sequence[str]


def subscribe(
    service: Service,
    *,
    channel: str,
    address: str,
    secret: str | None = None,
    confirmed: bool = False,
    confirmations: bool = False,
    options: dict[str, Any] | None = None,
    about: str = About.NEWS,
    **wishes: Unpack[Wishes],
) -> tuple[Subscription, str | None]:
    """Add a subscription; for webhooks also return its secret, this once. Raises Misconfigured naming the key.

    `wishes` are those of a Wish, at once unless they say otherwise. What is `about` trouble of this installation comes
    by mail.
    Mail waits for the double opt-in unless the operator vouches (`confirmed`).
    """
    wish: dict[str, Any] = {"cadence": Cadence.IMMEDIATE, **wishes}
    subscription, key = drawn_up(service, channel, address, Wish(**wish), options=options or {}, secret=secret)
    subscription.confirmations, subscription.about = confirmations, About(each_known("about", [about], About)[0])
    if subscription.about == About.TROUBLE and key:
        raise wrong("about", "news for a webhook: of trouble maintainers are told by mail", about)
    subscription.confirmed_at = service.now() if confirmed or key else None
    store(service, subscription, asks=subscription.confirmed_at is None)
    return subscription, key


def drawn_up(
    service: Service, channel: str, address: str, wish: Wish, *, options: Mapping[str, Any], secret: str | None = None
) -> tuple[Subscription, str | None]:
    """A subscription that is neither stored nor confirmed, and the secret of what is signed. Raises Misconfigured."""
    kind = notifier_named(service, channel)
    key = _key_of(channel, secret, signed=kind.payload == "event")
    subscription = Subscription(
        channel=channel,
        address=address_of(service, kind, address),
        options=options_of(kind, dict(options)),
        secret=open_keyring(service.settings).encrypt(key) if key else None,
        **granted(service, kind, wish),
        created_at=service.now(),
    )
    return subscription, key


def wishes_of(wish: Wish) -> Wishes:
    """A wish by its parts."""
    return cast(Wishes, {name: getattr(wish, name) for name in WISHES})


def subscriptions(
    service: Service, *, ended: bool = False, after: int = 0, limit: int | None = None
) -> list[Subscription]:
    """Subscriptions as they were made, all or so many `after` one; ended ones only when asked for."""
    query = select(Subscription).where(col(Subscription.id) > after).order_by(col(Subscription.id)).limit(limit)
    if not ended:
        query = query.where(col(Subscription.ended_at).is_(None))
    with reading(service.engine) as session:
        return list(session.exec(query))


def by_token(service: Service, purpose: str, token: str) -> Subscription:
    """The subscription a link speaks for. Raises ValueError for a link that was not made here."""
    subscription_id = open_keyring(service.settings).read_token(purpose, token)
    with reading(service.engine) as session:
        subscription = session.get(Subscription, subscription_id)
    if subscription is None:
        raise ValueError("expected a link to a subscription, found one to nothing")
    return subscription


def unsubscribe(service: Service, subscription_id: int, *, by: Who | None = None) -> Subscription:
    """End a subscription; what it is still owed is void. Ending twice changes nothing."""

    def ended(session: Session, subscription: Subscription, now: datetime) -> None:
        if by is not None and subscription.ended_at is None:
            note_act(session, by, "end", f"subscription {subscription_id}", at=now)
        end(session, subscription, now)

    return _change(service, subscription_id, ended)


def confirm(service: Service, token: str) -> Subscription:
    """The reader says yes, within 48 hours of asking. Raises ValueError for a false, late or ended one."""
    subscription = by_token(service, "confirm", token)
    if subscription.ended_at is not None:
        raise ValueError("this subscription has ended; please subscribe again")
    late = service.now() - subscription.created_at > timedelta(hours=OPT_IN_HOURS)
    if subscription.confirmed_at is None and late:
        raise ValueError(f"the link was valid for {OPT_IN_HOURS} hours; please subscribe again")
    assert subscription.id is not None
    return _change(service, subscription.id, _confirm)


def revise(service: Service, subscription_id: int, wanted: Subscription) -> Subscription:
    """Let a subscription ask for what another, unstored one asks for; what it is owed already still comes."""

    def take(_: Session, subscription: Subscription, now: datetime) -> None:
        subscription.revised_at = now
        for name in CHANGED:
            setattr(subscription, name, getattr(wanted, name))
        subscription.options = {**subscription.options, **wanted.options}

    return _change(service, subscription_id, take)


def end_by_token(service: Service, token: str) -> Subscription:
    """Stop from a link: one for stopping, or one for managing. Raises ValueError."""
    return unsubscribe(service, _of_either(service, token, ("stop", "manage")))


def pause_by_token(service: Service, token: str) -> Subscription:
    """Pause for four weeks from the managing link. Raises ValueError."""
    return pause_subscription(service, _of_either(service, token, ("manage",)), until=service.now() + PAUSE_BY_LINK)


def resume_by_token(service: Service, token: str, owed: Owed = "all") -> Subscription:
    """Go on from the managing link. Raises ValueError."""
    return resume_subscription(service, _of_either(service, token, ("manage",)), owed)


def _key_of(channel: str, secret: str | None, *, signed: bool) -> str | None:
    """The secret given or drawn for what is signed. Raises Misconfigured where one is given for anything else."""
    if secret is not None and not signed:
        raise wrong("secret", f"none for {channel}, only webhooks are signed", "one")
    return secret_of(secret) if signed else None


def store(service: Service, subscription: Subscription, *, asks: bool) -> None:
    """Store it, and where it `asks`, owe the mail that does."""
    with writing(service.engine) as session:
        session.add(subscription)
        session.flush()
        subscription.seal = address_seal(open_keyring(service.settings), subscription)
        if asks:
            assert subscription.id is not None
            insert_once(
                session, Delivery, new_delivery(subscription.id, DeliveryKind.OPT_IN, "opt-in", subscription.created_at)
            )


def _change(
    service: Service, subscription_id: int, change: Callable[[Session, Subscription, datetime], None]
) -> Subscription:
    with writing(service.engine) as session:
        subscription = session.get(Subscription, subscription_id)
        if subscription is None:
            raise Misconfigured(f"subscription: expected the number of one, found {subscription_id}")
        change(session, subscription, service.now())
        session.add(subscription)
    return subscription


def _confirm(session: Session, subscription: Subscription, now: datetime) -> None:
    """Who asks again for what she follows already goes on as before: nobody gets the same mail twice."""
    subscription.confirmed_at = subscription.confirmed_at or now
    waiting = (
        col(Delivery.subscription_id) == subscription.id,
        col(Delivery.state) == DeliveryState.WAITING,
        col(Delivery.kind) == DeliveryKind.OPT_IN,
    )
    change(session, update(Delivery).where(*waiting).values(state=DeliveryState.VOID))
    going_on = select(Subscription).where(
        Subscription.id != subscription.id,
        Subscription.channel == subscription.channel,
        Subscription.address == subscription.address,
        col(Subscription.confirmed_at).is_not(None),
        col(Subscription.ended_at).is_(None),
    )
    if any(same_wishes(subscription, other) for other in session.exec(going_on).all()):
        end(session, subscription, now)


def same_wishes(one: Subscription, other: Subscription) -> bool:
    """Whether two subscriptions ask for the same."""
    return all(getattr(one, name) == getattr(other, name) for name in ("about", "confirmations", "options", *WISHES))


def end(session: Session, subscription: Subscription, now: datetime) -> None:
    """End it and void what it is owed; one that has ended stays as it is."""
    subscription.ended_at = subscription.ended_at or now
    drop(session, subscription, newest=0)
    session.add(subscription)


def _of_either(service: Service, token: str, purposes: Sequence[str]) -> int:
    keyring = open_keyring(service.settings)
    for purpose in purposes[:-1]:
        try:
            return keyring.read_token(purpose, token)
        except ValueError:
            continue
    return keyring.read_token(purposes[-1], token)
