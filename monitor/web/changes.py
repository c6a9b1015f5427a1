"""The change log: every difference found, before and after."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from monitor.standing import pages
from monitor.web import lists
from monitor.web.queries import PAGE_SIZE, ChangesQuery
from monitor.web.rendering import Asking, page, told_as
from store.database import reading

router = APIRouter(include_in_schema=False)


@router.get("/changes")
def changes_page(request: Request, service: Asking, asked: Annotated[ChangesQuery, Query()]) -> HTMLResponse:
    """The log, newest first."""
    with reading(service.engine) as session:
        found = pages.changes(session, asked.filters(service.pack), **asked.marks(), size=PAGE_SIZE)
        headlines = told_as(session, found.rows, service.pack)
        around = lists.around("/changes", asked, found, lists.of_changes(service))
    return page(request, "changes.html", changes=found.rows, headlines=headlines, **around)
