"""The audit log as a page, and whole as JSON Lines."""

import json
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, StreamingResponse

from monitor.people.audit import acts, line
from monitor.service import Service
from monitor.web.desk.access import PATH, PRIVATE, Visitor
from monitor.web.desk.frame import desk_page
from monitor.web.rendering import Asking, titles_of
from store.database import reading

router = APIRouter(prefix=PATH, include_in_schema=False)
SHOWN = 50
EVENT = "event "
LARGEST = 2**31 - 1


@router.get("/log")
def audit_log(
    request: Request,
    service: Asking,
    who: Visitor,
    below: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
    matter: Annotated[str | None, Query(max_length=200)] = None,
) -> HTMLResponse:
    """What people did, the latest first; of one matter, or before one entry."""
    with reading(service.engine) as session:
        found = [line(row) for row in acts(session, below=below, matter=matter, limit=SHOWN + 1)]
        events = {row["matter"].removeprefix(EVENT) for row in found if row["matter"].startswith(EVENT)}
        called = titles_of(session, events, service.pack)
    older = found[SHOWN - 1]["audit"] if len(found) > SHOWN else None
    return desk_page(request, who, "desk/log.html", lines=found[:SHOWN], older=older, matter=matter, called=called)


@router.get("/log.jsonl")
def audit_export(service: Asking, _: Visitor) -> StreamingResponse:
    """All of it, the latest first, one act a line."""
    headers = {**PRIVATE, "content-disposition": 'attachment; filename="audit.jsonl"'}
    return StreamingResponse(_all(service), media_type="application/jsonl", headers=headers)


def _all(service: Service) -> Iterator[str]:
    below: int | None = None
    while True:
        with reading(service.engine) as session:
            found = acts(session, below=below, limit=500)
        yield from (json.dumps(line(row), ensure_ascii=False) + "\n" for row in found)
        if len(found) < 500:
            return
        below = found[-1].id
