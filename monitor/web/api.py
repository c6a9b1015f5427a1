"""The same queries as JSON: the lines of the commands, for machines."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from monitor.standing import log as listing
from monitor.standing import pages
from monitor.standing.contract import ChangeLine, EventInFull, EventLine, NewestLine, StatusLine, TrialLine, WatchLine
from monitor.standing.label_text import said
from monitor.standing.registries import trials as registered
from monitor.standing.watch_log import Part
from monitor.telling.channels import watch_lines
from monitor.vocabulary.places import PLACES
from monitor.web.events import IDENTITY, elsewhere
from monitor.web.front_page import HOME_PLACE, look
from monitor.web.methods import groups_of
from monitor.web.queries import LARGEST_PAGE, PAGE_SIZE, Changes, Events, Newest, Status
from monitor.web.rendering import Asking, Kept, address, page
from store.database import reading
from store.states import BELIEVED

router = APIRouter()

Line = dict[str, Any]
REFUSED: dict[int | str, dict[str, Any]] = {
    400: {"description": "A question that is not understood; `problems` say what was expected and found."}
}
MISSING: dict[int | str, dict[str, Any]] = {404: {"description": "Nothing of this name is known."}}


@router.get("/api/v1/status", responses=REFUSED)
def status(service: Asking, kept: Kept, asked: Annotated[Status, Query()]) -> list[StatusLine]:
    """Where each followed therapy stands, per place and in trials."""
    with reading(service.engine) as session:
        return look(service, session, kept, asked).table([asked.place] if asked.place else PLACES)


@router.get("/api/v1/newest", responses=REFUSED)
def newest_drug(service: Asking, kept: Kept, asked: Annotated[Newest, Query()]) -> NewestLine:
    """The newest drug, with the rule that decided."""
    rule: Any = asked.rule or "substance"
    with reading(service.engine) as session:
        return look(service, session, kept, asked).newest(asked.place or HOME_PLACE, rule)


@router.get("/api/v1/events", responses=REFUSED)
def events(service: Asking, response: Response, asked: Annotated[Events, Query()]) -> list[EventLine]:
    """What happened, as detected, newest first. The header Link leads to the older rows (`next`) and the newer
    (`prev`)."""
    filters = asked.filters(service.pack)
    with reading(service.engine) as session:
        found = pages.events_by_detection(session, filters, **asked.marks(), size=asked.limit)
        _link(response, "/api/v1/events", asked, found)
        return list(listing.event_lines(session, found.rows, known_at=filters.known_at))


@router.get("/api/v1/events/{identity}", response_model=EventInFull, responses=MISSING)
def event(service: Asking, identity: str) -> Any:
    """One event with its details, evidence, steps and reviews; of one that was wrong, a redirect to what is right."""
    with reading(service.engine) as session:
        line = listing.event(session, identity, among=BELIEVED) if len(identity) <= IDENTITY else None
        return line or elsewhere(session, identity, "/api/v1/events/")


@router.get("/api/v1/changes", responses=REFUSED)
def changes(service: Asking, response: Response, asked: Annotated[Changes, Query()]) -> list[ChangeLine]:
    """The change log, newest first. The header Link leads to the older rows (`next`) and the newer (`prev`)."""
    with reading(service.engine) as session:
        found = pages.changes(session, asked.filters(service.pack), **asked.marks(), size=asked.limit)
        _link(response, "/api/v1/changes", asked, found)
        return list(found.rows)


@router.get("/api/v1/sources", responses=REFUSED)
def sources(
    service: Asking,
    response: Response,
    after: Annotated[str, Query(max_length=200, description="only watches whose name comes after this one")] = "",
    limit: Annotated[
        int | None, Query(ge=1, le=LARGEST_PAGE, description="so many at most, and a header Link to the next; else all")
    ] = None,
) -> list[WatchLine]:
    """Each watch by name: when it last answered, when it is asked next, its last runs."""
    with reading(service.engine) as session:
        found = watch_lines(service, session, Part(after=after, limit=limit))
    if len(found) == limit:
        further = address("/api/v1/sources", {"after": found[-1]["watch"], "limit": limit})
        response.headers["link"] = f'<{further}>; rel="next"'
    return found


@router.get("/api/v1/therapies")
def therapies(service: Asking) -> list[Line]:
    """The therapies of the pack with their names, sponsors, trials and applications, and what their labels say."""
    with reading(service.engine) as session:
        labels = said(service, session)
    return [
        therapy.model_dump(mode="json") | {"labels": [line for line in labels if line["therapy"] == therapy.name]}
        for therapy in service.pack.therapies
    ]


@router.get("/api/v1/trials")
def trials(service: Asking) -> list[TrialLine]:
    """The trials of the pack that a registry has shown: each once, in however many registries it stands, with where
    these do not agree."""
    with reading(service.engine) as session:
        return registered(service, session)


@router.get("/api/docs", include_in_schema=False)
def docs(request: Request) -> HTMLResponse:
    """The description of this interface as a page, made from the OpenAPI schema."""
    described = request.app.openapi()
    return page(request, "api.html", groups=groups_of(described))


def _link(response: Response, path: str, asked: Events | Changes, found: pages.Page[Any]) -> None:
    """Say where the list goes on (RFC 8288)."""
    query = asked.address() | ({"limit": asked.limit} if asked.limit != PAGE_SIZE else {})
    ways = [("next", "before", found.older), ("prev", "after", found.newer)]
    links = [f'<{address(path, query, **{key: mark})}>; rel="{name}"' for name, key, mark in ways if mark]
    if links:
        response.headers["link"] = ", ".join(links)
