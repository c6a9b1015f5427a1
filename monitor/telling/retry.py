"""When a delivery that was not accepted is tried again.   (pure)"""

import random

from notifiers.base import Notifier, Undeliverable

DAY = 86400.0
"""The longest wait in seconds that a receiver may ask for."""

JITTER = 0.1
"""Waits are lengthened by up to this share, so that many do not come back in the same second. Never shortened: the
window of a schedule is at least the sum of its waits."""


def wait_after(notifier: type[Notifier], attempts: int, problem: Undeliverable) -> float | None:
    """Seconds until the next attempt after so many failed ones; None when there is none left.

    The longer of the schedule's wait and what the receiver asked for, up to a day: asking never shortens the window.
    """
    if attempts > len(notifier.retries):
        return None
    scheduled = notifier.retries[attempts - 1] * (1 + random.uniform(0, JITTER))
    if problem.permanent and notifier.refusal_days > 1:
        scheduled = max(scheduled, DAY)  # it only counts when it comes again on another day
    return max(scheduled, min(problem.retry_after or 0.0, DAY))
