"""The same queries as JSON: the lines of the commands, for machines."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse

from monitor.standing import log as listing
from monitor.standing.status import newest, table
from monitor.vocabulary.places import PLACES
from monitor.web.asked import PAGE_SIZE, ChangesAsked, EventsAsked, NewestAsked, StatusAsked
from monitor.web.events import IDENTITY
from monitor.web.front_page import HOME_PLACE, look
from monitor.web.rendering import Asking, page, titles
from store.database import reading

router = APIRouter()

Line = dict[str, Any]
REFUSED: dict[int | str, dict[str, Any]] = {
    400: {"description": "A question that is not understood; `problems` say what was expected and found."}
}
MISSING: dict[int | str, dict[str, Any]] = {404: {"description": "Nothing of this name is known."}}


@router.get("/api/v1/status", responses=REFUSED)
def status(service: Asking, asked: Annotated[StatusAsked, Query()]) -> list[Line]:
    """Where each followed therapy stands, per place and in trials."""
    places = [asked.place] if asked.place else PLACES
    with reading(service.engine) as session:
        seen = look(service, session, asked)
        return table(seen.events, seen.evidence, pack=service.pack, as_of=seen.as_of, places=places)


@router.get("/api/v1/newest", responses=REFUSED)
def newest_drug(service: Asking, asked: Annotated[NewestAsked, Query()]) -> Line:
    """The newest drug, with the rule that decided."""
    with reading(service.engine) as session:
        seen = look(service, session, asked)
        rule: Any = asked.rule or "substance"
        return newest(seen.events, seen.evidence, place=asked.place or HOME_PLACE, as_of=seen.as_of, rule=rule)


@router.get("/api/v1/events", responses=REFUSED)
def events(service: Asking, asked: Annotated[EventsAsked, Query()]) -> list[Line]:
    """What happened, as detected, newest first, 25 a page."""
    with reading(service.engine) as session:
        found = listing.events(
            session,
            since=asked.since,
            therapy=asked.therapy,
            type=asked.type,
            level=asked.level,
            source=asked.source,
            state=asked.state,
            place=asked.place,
            as_of=asked.as_of,
            known_at=asked.known_at,
            limit=asked.page * PAGE_SIZE,
        )
        return _page(list(found), asked.page)


@router.get("/api/v1/events/{identity}", responses=MISSING)
def event(service: Asking, identity: str) -> Line:
    """One event with its details, evidence, steps and reviews."""
    with reading(service.engine) as session:
        found = listing.event(session, identity) if len(identity) <= IDENTITY else None
    if found is None:
        raise HTTPException(404, f"expected the id of an event, found {identity[:IDENTITY]!r}")
    return found


@router.get("/api/v1/changes", responses=REFUSED)
def changes(service: Asking, asked: Annotated[ChangesAsked, Query()]) -> list[Line]:
    """The change log, newest first, 25 a page."""
    with reading(service.engine) as session:
        found = listing.changes(
            session,
            since=asked.since,
            therapy=asked.therapy,
            type=asked.type,
            level=asked.level,
            source=asked.source,
            state=asked.state,
            routine=asked.routine,
            limit=asked.page * PAGE_SIZE,
        )
        return _page(list(found), asked.page)


@router.get("/api/v1/sources")
def sources(service: Asking) -> list[Line]:
    """Each watch: when it last answered, when it is asked next, its last runs."""
    with reading(service.engine) as session:
        return listing.watches(session, service.now(), titles=titles(service))


@router.get("/api/v1/therapies")
def therapies(service: Asking) -> list[Line]:
    """The therapies of the pack with their names, sponsors, trials and applications."""
    return [therapy.model_dump(mode="json") for therapy in service.pack.therapies]


@router.get("/api/docs", include_in_schema=False)
def docs(request: Request) -> HTMLResponse:
    """The description of this interface as a page, made from the OpenAPI schema."""
    described = request.app.openapi()
    methods = [
        {
            "verb": verb.upper(),
            "path": path,
            "summary": operation.get("description") or operation.get("summary", ""),
            "parameters": [_parameter(one) for one in operation.get("parameters", [])],
        }
        for path, operations in described["paths"].items()
        for verb, operation in operations.items()
    ]
    return page(request, "api.html", methods=methods)


def _page(oldest_first: list[Line], number: int) -> list[Line]:
    """The lines of one page out of the latest `number` pages, newest first."""
    return oldest_first[::-1][(number - 1) * PAGE_SIZE :]


def _parameter(one: dict[str, Any]) -> dict[str, str]:
    schema = one.get("schema", {})
    words = [word for word in schema.get("enum", []) if word]
    form = {"date": "a day: 2025-08-31", "date-time": "a moment: 2025-08-31T12:00:00Z"}.get(schema.get("format", ""))
    accepted = ", ".join(words) or form or schema.get("type", "text")
    return {
        "name": one["name"],
        "meaning": one.get("description") or schema.get("description", ""),
        "accepted": accepted,
    }
