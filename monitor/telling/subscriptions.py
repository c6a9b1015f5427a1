"""Who is told: subscribe, confirm, stop, and what a reader may do by the links of a mail."""

import base64
import binascii
import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError
from sqlalchemy import update
from sqlmodel import Session, col, select

from monitor.service import Service
from monitor.settings import Misconfigured
from monitor.telling.channels import PAUSE_BY_LINK, open_channel
from monitor.telling.match import CADENCE_ORDER, insert_once, new_delivery
from monitor.telling.pause import Owed, drop, pause_subscription, resume_subscription
from monitor.telling.secrets import open_keyring
from monitor.vocabulary.event_types import LEVELS, TYPES
from monitor.vocabulary.places import PLACES
from notifiers.base import Notifier
from sources.http.guard import is_public
from store.database import reading, writing
from store.states import Cadence, DeliveryKind, DeliveryState, Level
from store.tables import Delivery, Subscription

OPT_IN_HOURS = 48
PUBLIC_PORTS = (80, 443)
SECRET = "whsec_"
SECRET_BYTES = (24, 64)
"""How many bytes of secret the Standard Webhooks rules allow."""


def subscribe(
    service: Service,
    *,
    channel: str,
    address: str,
    therapies: Sequence[str] = (),
    types: Sequence[str] = (),
    places: Sequence[str] = (),
    level: str = Level.MINOR,
    cadence: str = Cadence.IMMEDIATE,
    at_hour: int = 8,
    timezone: str = "UTC",
    secret: str | None = None,
    confirmed: bool = False,
    confirmations: bool = False,
    options: dict[str, Any] | None = None,
) -> tuple[Subscription, str | None]:
    """Add a subscription; for webhooks also return its secret, this once. Raises Misconfigured naming the key.

    Mail waits for the double opt-in unless the operator vouches (`confirmed`).
    """
    kind = _kind(service, channel)
    signed = kind.payload == "event"
    if secret is not None and not signed:
        raise _wrong("secret", f"none for {channel}, only webhooks are signed", "one")
    key = _secret(secret) if signed else None
    subscription = Subscription(
        channel=channel,
        address=_address(service, kind, address),
        options=_options(kind, options or {}),
        secret=open_keyring(service.settings).encrypt(key) if key else None,
        **_filters(service, therapies, types, places, level),
        confirmations=confirmations,
        cadence=Cadence.IMMEDIATE if kind.at_once else Cadence(_each("cadence", [cadence], CADENCE_ORDER)[0]),
        at_hour=_hour(at_hour),
        timezone=_timezone(timezone),
        created_at=service.now(),
        confirmed_at=service.now() if confirmed or signed else None,
    )
    _add(service, subscription)
    return subscription, key


def subscriptions(service: Service, *, ended: bool = False) -> list[Subscription]:
    """All subscriptions in the order in which they were made; ended ones only when asked for."""
    with reading(service.engine) as session:
        found = session.exec(select(Subscription).order_by(col(Subscription.id))).all()
        return [one for one in found if ended or one.ended_at is None]


def by_token(service: Service, purpose: str, token: str) -> Subscription:
    """The subscription a link speaks for. Raises ValueError for a link that was not made here."""
    subscription_id = open_keyring(service.settings).read_token(purpose, token)
    with reading(service.engine) as session:
        found = session.get(Subscription, subscription_id)
    if found is None:
        raise ValueError("expected a link to a subscription, found one to nothing")
    return found


def unsubscribe(service: Service, subscription_id: int) -> Subscription:
    """End a subscription; what it is still owed is void. Ending twice changes nothing."""
    return _change(service, subscription_id, _end)


def confirm(service: Service, token: str) -> Subscription:
    """The reader says yes, within 48 hours of asking. Raises ValueError for a false, late or ended one."""
    found = by_token(service, "confirm", token)
    if found.ended_at is not None:
        raise ValueError("this subscription has ended; please subscribe again")
    late = service.now() - found.created_at > timedelta(hours=OPT_IN_HOURS)
    if found.confirmed_at is None and late:
        raise ValueError(f"the link was valid for {OPT_IN_HOURS} hours; please subscribe again")
    assert found.id is not None
    return _change(service, found.id, _confirm)


def end_by_token(service: Service, token: str) -> Subscription:
    """Stop from a link: one for stopping, or one for managing. Raises ValueError."""
    return unsubscribe(service, _of_either(service, token, ("stop", "manage")))


def pause_by_token(service: Service, token: str) -> Subscription:
    """Pause for four weeks from the managing link. Raises ValueError."""
    return pause_subscription(service, _of_either(service, token, ("manage",)), until=service.now() + PAUSE_BY_LINK)


def resume_by_token(service: Service, token: str, owed: Owed = "all") -> Subscription:
    """Go on from the managing link. Raises ValueError."""
    return resume_subscription(service, _of_either(service, token, ("manage",)), owed)


def line(subscription: Subscription, secret: str | None = None) -> dict[str, Any]:
    """A subscription as the commands print it; the secret only when it has just been made."""
    one = subscription
    return {
        "subscription": one.id,
        "channel": one.channel,
        "to": one.address,
        "therapies": one.therapies,
        "types": one.types,
        "places": one.places,
        "level": one.level,
        "cadence": one.cadence,
        "hour": one.at_hour,
        "timezone": one.timezone,
        "confirmations": one.confirmations,
        "created_at": _stamp(one.created_at),
        "confirmed_at": _stamp(one.confirmed_at),
        "paused_at": _stamp(one.paused_at),
        "paused_because": one.paused_because,
        "paused_until": _stamp(one.paused_until),
        "ended_at": _stamp(one.ended_at),
        "options": one.options,
    } | ({"secret": secret} if secret else {})


def _kind(service: Service, channel: str) -> type[Notifier]:
    if channel not in service.notifiers:
        raise _wrong("channel", f"one of {', '.join(sorted(service.notifiers))}", channel)
    return service.notifiers[channel]


def _filters(
    service: Service, therapies: Sequence[str], types: Sequence[str], places: Sequence[str], level: str
) -> dict[str, Any]:
    return {
        "therapies": [_therapy(service, name) for name in therapies],
        "types": _each("type", types, TYPES),
        "places": _each("place", [place.upper() for place in places], PLACES),
        "level": _each("level", [level], LEVELS)[0],
    }


def _add(service: Service, subscription: Subscription) -> None:
    """Store it, and owe the opt-in mail to who has not confirmed yet."""
    with writing(service.engine) as session:
        session.add(subscription)
        session.flush()
        if subscription.confirmed_at is None:
            assert subscription.id is not None
            insert_once(
                session, Delivery, new_delivery(subscription.id, DeliveryKind.OPT_IN, "opt-in", subscription.created_at)
            )


def _change(
    service: Service, subscription_id: int, change: Callable[[Session, Subscription, datetime], None]
) -> Subscription:
    with writing(service.engine) as session:
        found = session.get(Subscription, subscription_id)
        if found is None:
            raise Misconfigured(f"subscription: expected the number of one, found {subscription_id}")
        change(session, found, service.now())
        session.add(found)
    return found


def _confirm(session: Session, one: Subscription, now: datetime) -> None:
    one.confirmed_at = one.confirmed_at or now
    waiting = (
        col(Delivery.subscription_id) == one.id,
        col(Delivery.state) == DeliveryState.WAITING,
        col(Delivery.kind) == DeliveryKind.OPT_IN,
    )
    session.exec(update(Delivery).where(*waiting).values(state=DeliveryState.VOID))


def _end(session: Session, one: Subscription, now: datetime) -> None:
    one.ended_at = one.ended_at or now
    drop(session, one, keep=0)


def _of_either(service: Service, token: str, purposes: Sequence[str]) -> int:
    keyring = open_keyring(service.settings)
    for purpose in purposes[:-1]:
        try:
            return keyring.read_token(purpose, token)
        except ValueError:
            continue
    return keyring.read_token(purposes[-1], token)


def _address(service: Service, kind: type[Notifier], address: str) -> str:
    try:
        found = kind(open_channel(service)).check_address(address)
        if kind.payload == "event" and not service.settings.allow_private:
            _require_public(found)
    except ValueError as problem:
        raise Misconfigured(f"to: {problem}") from None
    return found


def _require_public(address: str) -> None:
    """Raises ValueError for an address that the guard of the network would refuse at every attempt."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    try:
        private = not is_public(str(ip_address(host)))
    except ValueError:
        private = host == "localhost" or host.endswith(".localhost")
    if private:
        raise ValueError(
            f"expected an address of the open Internet, found the host {host} (THERAWATCH_ALLOW_PRIVATE=1 admits it)"
        )
    if parts.port not in (None, *PUBLIC_PORTS):
        raise ValueError(f"expected port 80 or 443, found {parts.port} (THERAWATCH_ALLOW_PRIVATE=1 admits any)")


def _options(kind: type[Notifier], options: dict[str, Any]) -> dict[str, Any]:
    try:
        return kind.Options.model_validate(options).model_dump()
    except ValidationError as problem:
        found = "; ".join(
            f"options.{'.'.join(map(str, e['loc']))}: {e['msg'].removeprefix('Value error, ')}"
            for e in problem.errors()
        )
        raise Misconfigured(found) from None


def _secret(secret: str | None) -> str:
    if secret is None:
        return SECRET + base64.b64encode(secrets.token_bytes(SECRET_BYTES[0])).decode()
    expected = f"{SECRET} and the base64 of {SECRET_BYTES[0]} to {SECRET_BYTES[1]} bytes"
    try:
        size = len(base64.b64decode(secret.removeprefix(SECRET), validate=True))
    except (binascii.Error, ValueError):
        size = 0
    if not secret.startswith(SECRET) or not SECRET_BYTES[0] <= size <= SECRET_BYTES[1]:
        raise _wrong("secret", expected, "another text")  # never shown: it may be a real one with a slip
    return secret


def _therapy(service: Service, name: str) -> str:
    """The pack's name of a therapy, found by any of its names."""
    for therapy in service.pack.therapies:
        if name.strip().lower() in (known.lower() for known in therapy.names):
            return therapy.name
    raise _wrong("therapy", f"one of {', '.join(one.name for one in service.pack.therapies)}", name)


def _each(key: str, values: Sequence[str], known: Iterable[str]) -> list[str]:
    accepted = list(known)
    for value in values:
        if value not in accepted:
            raise _wrong(key, f"one of {', '.join(accepted)}", value)
    return list(values)


def _hour(hour: int) -> int:
    if not 0 <= hour <= 23:
        raise _wrong("hour", "a number from 0 to 23", hour)
    return hour


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise _wrong("timezone", "a name such as Europe/Madrid", name) from None
    return name


def _wrong(key: str, expected: str, found: object) -> Misconfigured:
    return Misconfigured(f"{key}: expected {expected}, found {found!r}")


def _stamp(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
