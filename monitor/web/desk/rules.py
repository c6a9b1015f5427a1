"""The rules on the desk: what each has read in the past year and what became of it; let it pass, hold it always, put it
back to default, move it to another level, with a note, and undo that."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from monitor.events.passing import UNBLEMISHED, events_of, matter
from monitor.events.policies import BY_TYPE, UNDO_RULE, YEAR, edit, last_edit, rule_lines
from monitor.events.review import Overruled
from monitor.people.audit import acts, line
from monitor.people.sign_ins import SignedIn
from monitor.service import Service
from monitor.vocabulary.event_types import LEVELS, TYPES
from monitor.web import labels as words
from monitor.web.desk.access import PATH, PRIVATE, Acting, Visitor, person
from monitor.web.desk.frame import desk_page
from monitor.web.rendering import Asking, address, display_title
from store.database import reading, writing

router = APIRouter(prefix=PATH, include_in_schema=False)

SHOWN = 100
"""Readings shown of one rule."""
NOTE = 2000
Name = Annotated[str, Path(max_length=400)]

DONE = {
    "pass": "From now on what it reads of small things is approved without you, and may be undone for 10 minutes.",
    "hold": "From now on whatever it reads waits for you.",
    "default": "It is back to default: what is unsure waits for you, the rest goes out.",
    **{level: f"From now on what it reads is {words.word(level, 'level').lower()}." for level in LEVELS},
    BY_TYPE: "From now on what it reads has the level of its type again.",
    UNDO_RULE: "Undone. It stands as it stood before; what it had let pass meanwhile waits for you.",
}
KEYS = {"critical": "1", "major": "2", "minor": "3", "info": "4", BY_TYPE: "0"}


@router.get("/rules")
def rules(request: Request, service: Asking, who: Visitor) -> HTMLResponse:
    """Every rule that has read something within a year, those that wait for you first."""
    with reading(service.engine) as session:
        lines = rule_lines(session, service.now())
    return desk_page(request, who, "desk/rules.html", rules=[(line, _type(line["rule"])) for line in lines])


@router.get("/rules/{rule:path}")
def rule_page(request: Request, service: Asking, who: Visitor, rule: Name, done: str = "") -> HTMLResponse:
    """One rule. HTTPException 404 for one that has read nothing."""
    return _shown(request, service, who, rule, said=DONE.get(done))


def _shown(
    request: Request,
    service: Service,
    who: SignedIn,
    rule: str,
    *,
    said: str | None = None,
    problem: str | None = None,
    note: str = "",
    status: int = 200,
) -> HTMLResponse:
    now = service.now()
    with reading(service.engine) as session:
        try:
            (found,) = rule_lines(session, now, rule)
        except Overruled as unknown:
            raise HTTPException(404, str(unknown)) from None
        events = events_of(session, rule, after=now - YEAR, limit=SHOWN)
        history = [line(row) for row in acts(session, matter=matter(rule))]
        last = last_edit(session, rule, now)
    return desk_page(
        request, who, "desk/rule.html", status=status, rule=rule, type=_type(rule), line=found, days=UNBLEMISHED.days,
        events=[(event, display_title(event, service.pack)) for event in events], more=len(events) == SHOWN,
        history=history, last=line(last) if last else None, note=note, longest=NOTE,
        said={"words": said, "undo": []} if said else None, problem=problem,
        keys=KEYS, by_type=BY_TYPE,
    )  # fmt: skip


def _type(rule: str) -> str | None:
    """The kind of event that a rule reads, as its name says."""
    name = rule.partition(".")[0]
    return name if name in TYPES else None


@router.post("/rules/{act}/{rule:path}")
def act_on_rule(
    request: Request,
    service: Asking,
    who: Acting,
    act: str,
    rule: Name,
    note: Annotated[str, Form(max_length=NOTE)] = "",
) -> Response:
    """One act on one rule; what cannot be done is said on its page. HTTPException 404 for no such act."""
    if act not in DONE:
        raise HTTPException(404, f"expected one of {', '.join(DONE)}; found {act[:40]!r}")
    try:
        with writing(service.engine) as session:
            edit(session, rule, act, person(who), service.now(), note)
    except Overruled as problem:
        return _shown(request, service, who, rule, problem=str(problem), note=note, status=409)
    path = request.url_for("rule_page", rule=rule).path
    return RedirectResponse(address(path, {}, done=act), status_code=303, headers=PRIVATE)
