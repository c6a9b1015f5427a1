"""Whether a watch has been looked at lately, and how old what it was shown is: the one limit for pages, interface,
commands and mails.   (pure)"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from monitor.vocabulary.dates import short
from sources.moments import instant
from store.columns import Looking


class Vouching(Protocol):
    """What a source says of itself: for which places it speaks, and how long its own date may stand still."""

    @property
    def places(self) -> tuple[str, ...]: ...
    @property
    def moves_within(self) -> timedelta | None: ...


AHEAD = timedelta(minutes=5)
"""So far in the future a last success may lie: clocks of two machines differ."""
PATIENCE = 2
LEAST = timedelta(hours=24)
"""A watch is stale when its last success is older than so many of its intervals, and than this."""


def in_time(watch: Looking, now: datetime) -> bool:
    """Whether it has succeeded lately enough to vouch for what is shown; never, when it never has, nor when
    a clock that ran ahead wrote down its last success."""
    last = watch.last_success_at
    if last is None:
        return False
    limit = max(PATIENCE * timedelta(seconds=watch.every_seconds), LEAST)
    age = now - (last if last.tzinfo else last.replace(tzinfo=UTC))
    return -AHEAD <= age <= limit


CALM = timedelta(days=30)
"""So long a feed may be silent, whatever its rhythm."""
RHYTHM = 3
"""... and so many times its longest gap between two entries."""


@dataclass(frozen=True, slots=True)
class Age:
    """How old the data are that a source shows, by its own word: its stamp, its newest entry, and in words why it is
    called frozen (None: it is not). `still_of`: the day of the data of a source whose stamp stands still; the silence
    of a feed may be true, and does not age what it told."""

    stamp: str | None
    newest_entry: str | None
    frozen: str | None
    still_of: date | None = None


def age_of(watch: Looking, source: Vouching | None, now: datetime) -> Age:
    """The age of what a watch is shown. A source that answers while its own date stands still is frozen: a registry
    whose stamp has a limit, a feed that is silent for much longer than it ever was and is not even built anew."""
    newest = str((watch.noise or {}).get("newest") or "") or None
    if source is None or source.moves_within is None:
        return Age(watch.stamp, newest, _silent(watch, newest, now))
    day = still_of(watch, source, now)
    if day is None:
        return Age(watch.stamp, newest, None)
    limit = f"expected to move within {source.moves_within.days} days"
    return Age(watch.stamp, newest, f"its data are of {short(day.isoformat())} and stand still; {limit}", day)


def still_of(watch: Looking, source: Vouching | None, now: datetime) -> date | None:
    """The day of the data of a source whose stamp has stood still for longer than it ever does; None while it moves."""
    limit = source.moves_within if source else None
    since = _standing_since(watch) if watch.stamp is not None and limit else None
    return since.date() if since and limit and now - since > limit else None


def _silent(watch: Looking, newest: str | None, now: datetime) -> str | None:
    last, gap = instant(newest), (watch.noise or {}).get("gap")
    if last is None or not gap:
        return None
    limit = max(CALM, RHYTHM * timedelta(days=int(gap)))
    built = _standing_since(watch)
    if now - last <= limit or (built is not None and now - built <= limit):
        return None
    told = short(last.date().isoformat())
    return f"its newest entry is of {told}; its entries came at most {gap} days apart"


def _standing_since(watch: Looking) -> datetime | None:
    """Since when the stamp of a source says what it says: by itself, or since we first read it."""
    known = [one for one in (instant(watch.stamp), _aware(watch.stamp_since)) if one is not None]
    return min(known, default=None)


def _aware(one: datetime | None) -> datetime | None:
    return one.replace(tzinfo=UTC) if one is not None and one.tzinfo is None else one
