"""Whether what is shown has been looked at lately: which watches speak for a statement, and since when they are silent.

A statement without a watch that answered in time is shown, and marked: blind is not quiet.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from monitor.vocabulary.agencies import place_of
from monitor.watching.freshness import in_time
from monitor.web.labels import instant
from sources.base import TRIALS, Source
from store.tables import Watch


def silence(
    watches: Sequence[Watch], now: datetime, sources: Mapping[str, type[Source]], *, therapy: str, place: str | None
) -> str | None:
    """Why a statement about a therapy in a place (None: in trials) cannot be vouched for; None when it can.

    Of the watches that could, the closest count: those whose source holds the records of the place before those of its
    agencies' news, those that name the therapy before general ones.
    """
    wanted = place or TRIALS
    ranks = {
        id(watch): (not kept, not watch.therapies)
        for watch in watches
        if not watch.therapies or therapy in watch.therapies
        if (kept := wanted in _places(watch, sources)) or wanted == _agency_place(watch.options)
    }
    closest = [watch for watch in watches if id(watch) in ranks and ranks[id(watch)] == min(ranks.values())]
    return _why([watch for watch in closest if not in_time(watch, now)]) if closest else "not watched"


def _why(late: list[Watch]) -> str | None:
    if not late:
        return None
    if last := [watch.last_success_at for watch in late if watch.last_success_at]:
        return f"not checked since {instant(_aware(min(last)))}"
    return "not checked yet"


def _places(watch: Watch, sources: Mapping[str, type[Source]]) -> tuple[str, ...]:
    return sources[watch.source].places if watch.source in sources else ()


def _agency_place(options: Mapping[str, Any]) -> str | None:
    return place_of(str(options.get("agency")))


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
