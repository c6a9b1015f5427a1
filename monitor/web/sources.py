"""The watches: when each last answered, when it is asked next, and what went wrong."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from monitor.service import Service
from monitor.telling.channels import watch_lines
from monitor.web.rendering import Asking, display_name, page
from sources.moments import moment
from store.database import reading
from store.states import Health

router = APIRouter(include_in_schema=False)

UNITS = ((604_800, "week"), (86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


@router.get("/sources")
def sources_page(request: Request, service: Asking) -> HTMLResponse:
    """Every active watch with its last runs; those that do not answer as they should stand first."""
    with reading(service.engine) as session:
        watches = watch_lines(service, session)
    overdue = getattr(request.app.state, "clock", None)
    shown = [_shown(watch, service) for watch in watches]
    shown.sort(key=lambda watch: watch["health"] == Health.OK)
    return page(
        request,
        "sources.html",
        watches=shown,
        good=len([watch for watch in watches if not watch["stale"]]),
        clock=overdue() if overdue is not None else [],
    )


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
