"""A webhook's secret changed for another: for a while every message bears the signatures of both, so that a receiver
takes the new one when it suits."""

from datetime import datetime, timedelta

from monitor.people.audit import Who, note_act
from monitor.service import Service
from monitor.settings import Misconfigured
from monitor.telling.secrets import open_keyring, valid_secrets
from monitor.telling.wishes import secret_of
from store.database import writing
from store.tables import Subscription

BOTH_VALID = timedelta(days=7)
"""How long the older secret signs beside the newer one unless somebody says otherwise."""

LONGEST_HOURS = 24 * 90


def rotate(
    service: Service,
    subscription_id: int,
    secret: str | None = None,
    *,
    both: timedelta = BOTH_VALID,
    by: Who | None = None,
) -> tuple[Subscription, str]:
    """Give a webhook a new secret, drawn here unless one is given, and return it, this once. The one before stays valid
    `both` long; of what had been changed before, nothing.

    Raises Misconfigured for no such subscription, one that has ended or that is not signed, and a secret that is none.
    """
    with writing(service.engine) as session:
        subscription = session.get(Subscription, subscription_id)
        if subscription is None:
            raise Misconfigured(f"subscription: expected the number of one, found {subscription_id}")
        if subscription.ended_at is not None:
            raise Misconfigured(f"subscription {subscription_id} has ended")
        if subscription.secret is None:
            raise Misconfigured(f"subscription {subscription_id}: expected a webhook, found {subscription.channel}")
        key, now = secret_of(secret), service.now()
        newest = valid_secrets(subscription, now)[:1] if both > timedelta(0) else ()
        subscription.secret = " ".join((open_keyring(service.settings).encrypt(key), *newest))
        subscription.secret_until = _end(now, both) if newest else None
        session.add(subscription)
        if by is not None:
            after = {"both valid until": f"{subscription.secret_until:%Y-%m-%d %H:%M} UTC"} if newest else {}
            note_act(session, by, "change secret", f"subscription {subscription_id}", at=now, after=after)
    return subscription, key


def _end(now: datetime, both: timedelta) -> datetime:
    if both > timedelta(hours=LONGEST_HOURS):
        raise Misconfigured(f"expected at most {LONGEST_HOURS} hours with both secrets valid, found more")
    return now + both
