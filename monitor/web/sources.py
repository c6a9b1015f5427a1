"""The watches: when each last answered, when it is asked next, and what went wrong."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from monitor.service import Service
from monitor.standing.watch_log import Part, trouble_first
from monitor.telling.channels import watch_lines
from monitor.web.queries import SourcesQuery
from monitor.web.rendering import Asking, address, display_name, page
from sources.moments import moment
from store.database import reading

router = APIRouter(include_in_schema=False)

UNITS = ((604_800, "week"), (86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


PAGE = 200
"""Watches that are shown at once: packs may have thousands."""


@router.get("/sources")
def sources_page(request: Request, service: Asking, asked: Annotated[SourcesQuery, Query()]) -> HTMLResponse:
    """The active watches with their last runs; those that do not answer as they should stand first."""
    start = asked.watches_from - 1
    with reading(service.engine) as session:
        names, good = trouble_first(session, service.now(), service.sources)
        chosen = names[start : start + PAGE]
        lines = {line["watch"]: line for line in watch_lines(service, session, Part(names=chosen))}
    overdue = getattr(request.app.state, "clock", None)
    return page(
        request,
        "sources.html",
        watches=[_shown(lines[name], service) for name in chosen],
        good=good,
        ways_on=_ways_on(start, len(chosen), len(names)),
        clock=overdue() if overdue is not None else [],
    )


def _ways_on(start: int, shown: int, total: int) -> dict[str, Any]:
    """Which watches of how many are shown, and the ways to the others."""
    earlier, later = max(1, min(start, total) + 1 - PAGE), start + 1 + PAGE
    return {
        "first": start + 1,
        "shown": shown,
        "total": total,
        "earlier": address("/sources", {}, watches_from=earlier if earlier > 1 else None) if start else None,
        "later": address("/sources", {}, watches_from=later) if later <= total else None,
    }


def _shown(watch: Mapping[str, Any], service: Service) -> dict[str, Any]:
    kind = service.sources.get(watch["source"])
    health = "late" if watch["stale"] and watch["health"] == "ok" else watch["health"]
    return {
        **watch,
        "health": health,
        "drugs": [display_name(service.pack, name) for name in watch["therapies"]],
        "data_on": (moment(watch["data_of"]) or "")[:10],  # the source's own stamp as a day, where it can be read
        "every": every(watch["every_seconds"]),
        "terms": kind.terms if kind else "",
        "home": watch["url"] or (kind.home if kind else None),
    }


def every(seconds: int) -> str:
    """An interval in words: `12 hours`, `day`."""
    size, unit = next(((size, unit) for size, unit in UNITS if seconds % size == 0), UNITS[-1])
    count = seconds // size
    return unit if count == 1 else f"{count} {unit}s"
