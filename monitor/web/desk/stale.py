"""The statements of the answer page that have aged, as rows of the queue with what to do: look now, go and see an
answer that was not believed, or say that a person has looked and they are still true."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from monitor.events.review import Overruled
from monitor.events.review_queue import counts
from monitor.path import attended
from monitor.path.stale import aged_statements
from monitor.people.sign_ins import SignedIn
from monitor.service import Service
from monitor.settings import Misconfigured
from monitor.standing.aged import Aged, Statement
from monitor.standing.attested import attest, take_back
from monitor.standing.coverage import BY_HAND
from monitor.standing.kept_answers import KeptAnswers
from monitor.telling.channels import watch_lines
from monitor.web import labels as words
from monitor.web.desk.access import PATH, PRIVATE, Acting, Visitor, person
from monitor.web.desk.frame import desk_page
from monitor.web.desk.queue import QueueQuery, views_of
from monitor.web.desk.watches import DONE as LOOKED
from monitor.web.rendering import Asking, Kept, address, display_name
from store.database import reading, writing
from store.states import RunOutcome

router = APIRouter(prefix=f"{PATH}/stale", include_in_schema=False)

LARGEST = 2**31 - 1
MANY = 500
"""Statements confirmed at once."""
UNDONE = "undone"


class Given(BaseModel):
    """The fields of all forms of the page."""

    watch: str = Field("", max_length=200)
    note: str = Field("", max_length=2000)
    statement: list[Annotated[str, Field(max_length=400)]] = Field(default_factory=list, max_length=MANY)
    act: list[Annotated[int, Field(ge=1, le=LARGEST)]] = Field(default_factory=list, max_length=MANY)


@router.get("")
def stale(request: Request, service: Asking, kept: Kept, who: Visitor, done: str = "") -> HTMLResponse:
    """The statements, those first that a look may mend."""
    return _page(request, service, kept, who, done=done)


@router.post("/look")
def look_now(request: Request, service: Asking, kept: Kept, who: Acting, given: Annotated[Given, Form()]) -> Response:
    """Look at one watch now. HTTPException 404 for none of this name."""
    try:
        outcome = attended.check_now(service, given.watch, by=person(who)).outcome
    except Misconfigured as problem:
        raise HTTPException(404, str(problem)) from None
    return _back(f"check-{outcome.value}")


@router.post("/confirm")
def confirm(request: Request, service: Asking, kept: Kept, who: Acting, given: Annotated[Given, Form()]) -> Response:
    """Keep that a person has looked and found these statements still true."""
    with reading(service.engine) as session:
        shown = [one for row in aged_statements(session, service, kept) for one in row.statements]
    asked = [(one.therapy, one.place, one.line["state"]) for one in shown if _key(one) in given.statement]
    try:
        if len(asked) < len(set(given.statement)):
            raise Overruled("expected statements that have aged, found some that say something else by now")
        with writing(service.engine) as session:
            written = attest(session, asked, person(who), service.now(), given.note)
    except Overruled as problem:
        return _page(request, service, kept, who, problem=str(problem), note=given.note, status=409)
    return _back(".".join(str(row.id) for row in written))


@router.post("/undo")
def undo(request: Request, service: Asking, kept: Kept, who: Acting, given: Annotated[Given, Form()]) -> Response:
    """Take back what was just confirmed."""
    try:
        with writing(service.engine) as session:
            take_back(session, given.act, person(who), service.now())
    except Overruled as problem:
        return _page(request, service, kept, who, problem=str(problem), status=409)
    return _back(UNDONE)


def _back(done: str) -> Response:
    return RedirectResponse(address(f"{PATH}/stale", {}, done=done), status_code=303, headers=PRIVATE)


def _page(
    request: Request,
    service: Service,
    kept: KeptAnswers,
    who: SignedIn,
    *,
    done: str = "",
    problem: str | None = None,
    note: str = "",
    status: int = 200,
) -> HTMLResponse:
    now = service.now()
    with reading(service.engine) as session:
        found = aged_statements(session, service, kept)
        lines = watch_lines(service, session) if found else []
        views = views_of(counts(session, now, QueueQuery().asked(who).who), None, sum(len(r.statements) for r in found))
    by_name = {line["watch"]: line for line in lines}
    confirmed = [int(part) for part in done.split(".") if part.isascii() and part.isdigit() and len(part) < 10][:MANY]
    return desk_page(
        request, who, "desk/stale.html", status=status, views=views, problem=problem, note=note, days=BY_HAND.days,
        rows=[_shown(row, by_name, service) for row in found], total=sum(len(row.statements) for row in found),
        said=LOOKED.get(done) or ("Undone. It is doubted as before." if done == UNDONE else None), confirmed=confirmed,
    )  # fmt: skip


def _key(one: Statement) -> str:
    return f"{one.place or ''}|{one.line['state']}|{one.therapy}"


def _shown(row: Aged, by_name: dict[str, Any], service: Service) -> dict[str, Any]:
    watches = [by_name[name] for name in row.watches if name in by_name]
    return {
        "doubt": row.coverage.doubt,
        "silent": row.silent,
        "watches": [
            watch | {"refused": bool(watch["runs"]) and watch["runs"][0]["outcome"] == RunOutcome.REFUSED}
            for watch in watches
        ],
        "statements": [_statement(one, service) for one in _in_order(row.statements)],
    }


def _in_order(statements: Sequence[Statement]) -> list[Statement]:
    """The answers first."""
    return sorted(statements, key=lambda one: not one.leads)


def _statement(one: Statement, service: Service) -> dict[str, Any]:
    line: Any = one.line
    parts = [
        f"Phase {line['phase']}" if line.get("phase") else None,
        words.word(line["state"], "authorisation" if one.place else "pipeline").lower(),
        words.day(line["since"]) if line["since"] else None,
        words.word(line["kind"], "kind") if line.get("kind") else None,
        line.get("trial"),
    ]
    return {
        "key": _key(one),
        "therapy": one.therapy,
        "name": display_name(service.pack, one.therapy, one.place) or one.therapy,
        "where": words.in_place(one.place) if one.place else None,
        "says": ", ".join(part for part in parts if part),
        "leads": one.leads,
        "proof": next(iter(line["evidence"]), None),
    }
