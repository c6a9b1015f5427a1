"""The change log: every difference found, before and after."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from monitor.reading.routine.kinds import KINDS
from monitor.standing import log as listing
from monitor.vocabulary.event_types import LEVELS
from monitor.web import labels as words
from monitor.web.events import type_choices
from monitor.web.queries import LAST_PAGE, PAGE_SIZE, ChangesQuery
from monitor.web.rendering import Asking, address, display_name, page, told_as
from store.database import reading

router = APIRouter(include_in_schema=False)


@router.get("/changes")
def changes_page(request: Request, service: Asking, asked: Annotated[ChangesQuery, Query()]) -> HTMLResponse:
    """One page of the log, newest first."""
    with reading(service.engine) as session:
        lines = listing.changes(session, asked.filters(service.pack), limit=asked.page * PAGE_SIZE + 1)
        latest = list(lines)
        latest.reverse()
        first = (asked.page - 1) * PAGE_SIZE
        shown = latest[first : first + PAGE_SIZE]
        headlines = told_as(session, shown, service.pack)
    filters = asked.address()
    used = dict.fromkeys(plan.source for plan in service.pack.watches)
    return page(
        request,
        "changes.html",
        asked=asked,
        changes=shown,
        headlines=headlines,
        newer=address("/changes", filters, page=asked.page - 1) if asked.page > 1 else None,
        older=address("/changes", filters, page=asked.page + 1)
        if len(latest) > asked.page * PAGE_SIZE and asked.page < LAST_PAGE
        else None,
        since=asked.since.date().isoformat() if asked.since else "",
        therapies=[(t.name, display_name(service.pack, t.name)) for t in service.pack.therapies],
        sources=[(name, (kind.title if (kind := service.sources.get(name)) else "") or name) for name in used],
        types=type_choices(),
        kinds=list(KINDS.items()),
        levels=[(name, words.word(name, "level")) for name in reversed(LEVELS)],
    )
