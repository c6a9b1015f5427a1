"""Whether what is shown has been looked at lately: which watches speak for a statement, and since when they are silent.

A statement without a watch that answered in time is shown, and marked: blind is not quiet.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.taxonomy import AGENCY_PLACES
from monitor.web.words import instant
from store.tables import Watch

REGULATORS = {
    "drugsfda": "US", "dailymed": "US", "federalregister": "US", "fda_shortages": "US", "ema": "EU",
    "healthcanada": "CA",
}  # fmt: skip
"""Sources that hold the records of one place's regulator. A feed speaks for the place of its agency."""

REGISTRIES = frozenset({"clinicaltrials", "ctis"})
PATIENCE = 3
"""A watch is late when its last success is older than so many of its intervals, and than a day."""


def in_time(watch: Watch, now: datetime) -> bool:
    """Whether it has succeeded lately enough to vouch for what is shown."""
    limit = max(PATIENCE * timedelta(seconds=watch.every_seconds), timedelta(days=1))
    return watch.last_success_at is not None and now - _aware(watch.last_success_at) <= limit


def silence(watches: Iterable[Watch], now: datetime, *, therapy: str, place: str | None) -> str | None:
    """Why a statement about a therapy in a place (None: in trials) cannot be vouched for; None when it can.

    Of the watches that could, the closest count: records before feeds, those that name the therapy before general ones.
    """
    closest = _closest([w for w in watches if _covers(w, place) and (not w.therapies or therapy in w.therapies)])
    if not closest:
        return "not watched"
    late = [watch for watch in closest if not in_time(watch, now)]
    if not late:
        return None
    if last := [watch.last_success_at for watch in late if watch.last_success_at]:
        return f"not checked since {instant(_aware(min(last)))}"
    return "not checked yet"


def _covers(watch: Watch, place: str | None) -> bool:
    if place is None:
        return watch.source in REGISTRIES
    return place in (REGULATORS.get(watch.source), _agency_place(watch.options))


def _agency_place(options: Mapping[str, Any]) -> str | None:
    return AGENCY_PLACES.get(str(options.get("agency")))


def _closest(watches: list[Watch]) -> list[Watch]:
    ranks = {id(watch): (watch.source in ("feed", "page"), not watch.therapies) for watch in watches}
    best = min(ranks.values(), default=None)
    return [watch for watch in watches if ranks[id(watch)] == best]


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
