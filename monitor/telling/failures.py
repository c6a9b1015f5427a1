"""How long failing is borne: what is remembered of a subscription's failures, when its owner hears of them, when it is
paused for them, and what becomes of messages that were given up meanwhile."""

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy import select as choose
from sqlmodel import Session, col

from monitor.telling.slots import new_delivery
from notifiers.base import Notifier, Undeliverable
from store.columns import FLAG
from store.seals import change, insert_once
from store.states import DeliveryKind, DeliveryState
from store.tables import Delivery, Flag, Subscription

PATIENCE = timedelta(days=5)
LEAST_ATTEMPTS = 10
"""Only failures for so long, over at least so many attempts, pause a subscription."""

REFUSED, NOTHING = "refused for good", "nothing was accepted"
"""How the reasons begin for which a subscription is paused here, and not by a person."""

WARNED_AFTER = timedelta(days=1)
WARNED_ATTEMPTS = 3
"""Only failures for so long, over at least so many attempts, and the owner of a webhook hears of it."""

FAILING = "failing/"
"""How the names begin under which the failures of subscriptions are remembered."""

NOTED = choose(FLAG.c.value).where(FLAG.c.name == bindparam("flag"))


def failed_again(
    session: Session, subscription: Subscription, notifier: type[Notifier], problem: Undeliverable, now: datetime
) -> str | None:
    """Remember a failure; return why the subscription is to be paused, or None."""
    memory = memory_of(session, subscription) or {"since": now.isoformat(), "attempts": 0, "refused_on": []}
    memory["since"] = min(memory["since"], now.isoformat())  # after the clock was set back
    memory["attempts"] += 1
    if problem.permanent:
        memory["refused_on"] = sorted({*memory["refused_on"], now.date().isoformat()})
    session.merge(Flag(name=_name(subscription), value=json.dumps(memory)))
    if problem.permanent and len(memory["refused_on"]) >= notifier.refusal_days:
        return f"{REFUSED}: {problem}"
    if memory["attempts"] >= LEAST_ATTEMPTS and now - datetime.fromisoformat(memory["since"]) >= PATIENCE:
        return f"{NOTHING} for {PATIENCE.days} days in {memory['attempts']} attempts; last: {problem}"
    return None


def warn_owner(session: Session, subscription: Subscription, now: datetime) -> None:
    """Owe the owner of a webhook, once for each stretch of failures, a mail that nothing arrives there."""
    memory = memory_of(session, subscription)
    if memory is None or not subscription.options.get("owner") or subscription.paused_at is not None:
        return
    if memory["attempts"] < WARNED_ATTEMPTS or now - datetime.fromisoformat(memory["since"]) < WARNED_AFTER:
        return
    assert subscription.id is not None
    notice = new_delivery(subscription.id, DeliveryKind.FAILING, f"failing/{memory['since']}", now)
    insert_once(session, Delivery, notice)


def pause_for(session: Session, subscription: Subscription, because: str, now: datetime) -> None:
    """Until a person resumes it. The owner of a webhook is told when there is a mail address of theirs."""
    subscription.paused_at, subscription.paused_because = now, because
    if subscription.options.get("owner"):
        assert subscription.id is not None
        slot = f"paused/{now:%Y-%m-%dT%H:%M:%SZ}"
        insert_once(session, Delivery, new_delivery(subscription.id, DeliveryKind.PAUSED, slot, now))


def gave_up_on(subscription: Subscription) -> bool:
    """Whether it is paused for failing, and waits for a person."""
    because = subscription.paused_because or ""
    return subscription.paused_at is not None and because.startswith((REFUSED, NOTHING))


def failing_since(session: Session, subscription: Subscription) -> datetime | None:
    """Since when nothing was accepted; None while something is."""
    memory = memory_of(session, subscription)
    return datetime.fromisoformat(memory["since"]) if memory else None


def recovered(session: Session, subscription: Subscription) -> datetime | None:
    """Forget the failures: something was accepted, or a person says it is mended. Returns since when they lasted."""
    since = failing_since(session, subscription)
    if since is not None:
        session.delete(session.get_one(Flag, _name(subscription)))
    return since


def take_up_again(session: Session, subscription: Subscription, since: datetime | None, now: datetime) -> None:
    """Owe once more what was given up since a moment: it only ever met a receiver that was away."""
    if since is None:
        return
    given_up = (
        col(Delivery.subscription_id) == subscription.id,
        col(Delivery.state) == DeliveryState.FAILED,
        col(Delivery.first_attempt_at) >= since,
    )
    again = update(Delivery).where(*given_up)
    change(session, again.values(state=DeliveryState.WAITING, due_at=now, attempts=0, leased_until=None))


def memory_of(session: Session, subscription: Subscription) -> dict[str, Any] | None:
    """What is remembered of its failures: `since`, `attempts`; None where it takes what it is sent."""
    session.flush()  # what was remembered in this transaction counts
    noted = session.connection().scalar(NOTED, {"flag": _name(subscription)})
    return json.loads(noted) if noted else None


def _name(subscription: Subscription) -> str:
    return f"{FAILING}{subscription.id}"
