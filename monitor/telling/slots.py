"""When a digest is due: one slot per local day or week, whatever the clocks do.   (pure)"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from store.states import Cadence

MONDAY = 0
"""Weekly digests leave on Mondays and tell of the week that ended on Sunday."""


def due_on(day: date, at_hour: int, zone: ZoneInfo) -> datetime:
    """The moment of an hour on a local day. An hour that comes twice counts the first time; one that the clocks
    skip counts as if they had not moved yet."""
    return datetime.combine(day, time(at_hour), zone).astimezone(UTC)


def next_day(moment: datetime, at_hour: int, timezone: str, cadence: str) -> date:
    """The local day of the first digest due after `moment`."""
    zone = ZoneInfo(timezone)
    day = moment.astimezone(zone).date()
    if due_on(day, at_hour, zone) <= moment:
        day += timedelta(days=1)
    if cadence == Cadence.WEEKLY:
        day += timedelta(days=(MONDAY - day.weekday()) % 7)
    return day


def period_start(due: datetime, timezone: str, cadence: str) -> datetime:
    """Where the period of a digest begins: a local day or week before it is due."""
    local = due.astimezone(ZoneInfo(timezone))
    days = 1 if cadence == Cadence.DAILY else 7
    return datetime.combine(local.date() - timedelta(days=days), local.time(), local.tzinfo).astimezone(UTC)
