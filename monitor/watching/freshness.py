"""Whether a watch has been looked at lately: the one limit for pages, interface, commands and mails.   (pure)"""

from datetime import UTC, datetime, timedelta

from store.tables import Watch

AHEAD = timedelta(minutes=5)
"""So far in the future a last success may lie: clocks of two machines differ."""
PATIENCE = 2
LEAST = timedelta(hours=24)
"""A watch is stale when its last success is older than so many of its intervals, and than this."""


def in_time(watch: Watch, now: datetime) -> bool:
    """Whether it has succeeded lately enough to vouch for what is shown; never, when it never has, nor when
    a clock that ran ahead wrote down its last success."""
    last = watch.last_success_at
    if last is None:
        return False
    limit = max(PATIENCE * timedelta(seconds=watch.every_seconds), LEAST)
    age = now - (last if last.tzinfo else last.replace(tzinfo=UTC))
    return -AHEAD <= age <= limit


def newest_entry(watch: Watch) -> str | None:
    """The date of the newest entry that the feed of a watch has shown, as ISO 8601; None for what is no feed. A feed
    that answers and whose newest entry is old is calm, or frozen."""
    newest = watch.noise.get("newest")
    return str(newest) if newest else None
