"""How long failing is borne: what is remembered of a subscription's failures, and when it is paused for them."""

import json
from datetime import datetime, timedelta

from sqlmodel import Session

from notifiers.base import Notifier, Undeliverable
from store.tables import Flag, Subscription

PATIENCE = timedelta(days=5)
LEAST_ATTEMPTS = 10
"""Only failures for so long, over at least so many attempts, pause a subscription."""


def failed_again(
    session: Session, subscription: Subscription, notifier: Notifier, problem: Undeliverable, now: datetime
) -> str | None:
    """Remember a failure; return why the subscription is to be paused, or None."""
    flag = session.get(Flag, _name(subscription)) or Flag(name=_name(subscription), value="{}")
    memory = {"since": now.isoformat(), "attempts": 0, "refused_on": []} | json.loads(flag.value)
    memory["attempts"] += 1
    if problem.permanent:
        memory["refused_on"] = sorted({*memory["refused_on"], now.date().isoformat()})
    flag.value = json.dumps(memory)
    session.add(flag)
    if problem.permanent and len(memory["refused_on"]) >= notifier.refusal_days:
        return f"refused for good: {problem}"
    if memory["attempts"] >= LEAST_ATTEMPTS and now - datetime.fromisoformat(memory["since"]) >= PATIENCE:
        return f"nothing was accepted for {PATIENCE.days} days in {memory['attempts']} attempts; last: {problem}"
    return None


def recovered(session: Session, subscription: Subscription) -> None:
    """Forget the failures: something was accepted, or the owner says it is mended."""
    flag = session.get(Flag, _name(subscription))
    if flag is not None:
        session.delete(flag)


def _name(subscription: Subscription) -> str:
    return f"failing/{subscription.id}"
