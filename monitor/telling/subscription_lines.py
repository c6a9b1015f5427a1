"""A subscription as commands, interface and pages show it."""

from datetime import datetime
from typing import Any, NotRequired

from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from store.tables import Subscription


class SubscriptionLine(TypedDict):
    """A subscription as the commands print it; moments are UTC, `secret` is there once, when it has just been made,
    and until `secret_until` the one before is valid beside it."""

    subscription: int
    channel: str
    to: str
    about: str
    therapies: list[str]
    types: list[str]
    places: list[str]
    tiers: list[int]
    level: str
    only_doors: bool
    muted: list[str]
    wording: str
    hide_outcomes: bool
    cadence: str
    hour: int
    timezone: str
    quiet_days: list[str]
    confirmations: bool
    created_at: str
    confirmed_at: str | None
    paused_at: str | None
    paused_because: str | None
    paused_until: str | None
    ended_at: str | None
    options: dict[str, Any]
    secret_until: str | None
    secret: NotRequired[str]


def line(subscription: Subscription, secret: str | None = None) -> SubscriptionLine:
    """A subscription as the commands print it; the secret only when it has just been made."""
    assert subscription.id is not None, "a subscription is stored before it is shown"
    shown: SubscriptionLine = {
        "subscription": subscription.id,
        "channel": subscription.channel,
        "to": subscription.address,
        "about": subscription.about,
        "therapies": subscription.therapies,
        "types": subscription.types,
        "places": subscription.places,
        "tiers": subscription.tiers,
        "level": subscription.level,
        "only_doors": subscription.only_doors,
        "muted": subscription.muted,
        "wording": subscription.wording,
        "hide_outcomes": subscription.hide_outcomes,
        "cadence": subscription.cadence,
        "hour": subscription.at_hour,
        "timezone": subscription.timezone,
        "quiet_days": subscription.quiet_days,
        "confirmations": subscription.confirmations,
        "created_at": f"{subscription.created_at:%Y-%m-%dT%H:%M:%SZ}",
        "confirmed_at": _stamp(subscription.confirmed_at),
        "paused_at": _stamp(subscription.paused_at),
        "paused_because": subscription.paused_because,
        "paused_until": _stamp(subscription.paused_until),
        "ended_at": _stamp(subscription.ended_at),
        "options": subscription.options,
        "secret_until": _stamp(subscription.secret_until),
    }
    if secret:
        shown["secret"] = secret
    return shown


def _stamp(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
