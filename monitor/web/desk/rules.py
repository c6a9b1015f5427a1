"""The rules on the desk: what each has read in the past year and what became of it; let it pass, or look again."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session, col, func, select

from monitor.events.passing import UNBLEMISHED, events_of, let_pass, look_again, matter, rejections
from monitor.events.review import Overruled
from monitor.people.audit import Who, acts, line
from monitor.people.sign_ins import SignedIn
from monitor.service import Service
from monitor.vocabulary.event_types import TYPES
from monitor.web.desk.access import PATH, PRIVATE, Acting, Visitor, person
from monitor.web.desk.frame import desk_page
from monitor.web.rendering import Asking, address, display_title
from store.database import reading, writing
from store.states import EventState
from store.tables import Event, Passing

router = APIRouter(prefix=PATH, include_in_schema=False)

YEAR = timedelta(days=365)
SHOWN = 100
"""Readings shown of one rule."""
Name = Annotated[str, Path(max_length=400)]

DONE = {
    "passes": "From now on what it reads of small things is approved without you, and may be undone for 10 minutes.",
    "looks": "What it reads waits for you again.",
}


@router.get("/rules")
def rules(request: Request, service: Asking, who: Visitor) -> HTMLResponse:
    """Every rule that has read something within a year, those that wait for you first."""
    with reading(service.engine) as session:
        counts = _counts(session, service.now() - YEAR)
        passing = {row.rule: row for row in session.exec(select(Passing))}
    names = sorted(counts, key=lambda name: (-counts[name].get(EventState.HELD, 0), name))
    lines = [{"rule": name, "counts": counts[name], "passing": passing.get(name)} for name in names]
    return desk_page(request, who, "desk/rules.html", rules=lines)


def _counts(session: Session, after: datetime) -> dict[str, dict[EventState, int]]:
    query = select(Event.rule, Event.state, func.count()).where(
        col(Event.rule).is_not(None), col(Event.confidence).is_not(None), col(Event.detected_at) > after,
        col(Event.state) != EventState.IMPORTED,
    )  # fmt: skip
    counts: dict[str, dict[EventState, int]] = {}
    for rule, state, count in session.exec(query.group_by(col(Event.rule), col(Event.state))):
        counts.setdefault(rule or "", {})[EventState(state)] = count
    return counts


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
    status: int = 200,
) -> HTMLResponse:
    now = service.now()
    with reading(service.engine) as session:
        found = events_of(session, rule, after=now - YEAR, limit=SHOWN)
        if not found and not events_of(session, rule, limit=1):
            raise HTTPException(404, f"expected the name of a rule that has read an event, found {rule[:60]!r}")
        passing, rejected = session.get(Passing, rule), rejections(session, rule, now)
        history = [line(row) for row in acts(session, matter=matter(rule))]
    states = [event.state for event in found]
    return desk_page(
        request, who, "desk/rule.html", status=status, rule=rule, type=_type(rule), passing=passing, rejected=rejected,
        days=UNBLEMISHED.days, events=[(event, display_title(event, service.pack)) for event in found],
        counts={state: states.count(state) for state in dict.fromkeys(states)}, more=len(found) == SHOWN,
        history=history, said={"words": said, "undo": []} if said else None, problem=problem,
    )  # fmt: skip


def _type(rule: str) -> str | None:
    """The kind of event that a rule reads, as its name says."""
    name = rule.partition(".")[0]
    return name if name in TYPES else None


Act = Callable[[Session, str, Who, datetime], Any]


@router.post("/rules/{act}/{rule:path}")
def act_on_rule(request: Request, service: Asking, who: Acting, act: str, rule: Name) -> Response:
    """One act on one rule; what cannot be done is said on its page. HTTPException 404 for no such act."""
    if act not in ACTS:
        raise HTTPException(404, f"expected one of {', '.join(ACTS)}; found {act[:40]!r}")
    perform, done = ACTS[act]
    try:
        with writing(service.engine) as session:
            perform(session, rule, person(who), service.now())
    except Overruled as problem:
        return _shown(request, service, who, rule, problem=str(problem), status=409)
    path = request.url_for("rule_page", rule=rule).path
    return RedirectResponse(address(path, {}, done=done), status_code=303, headers=PRIVATE)


ACTS: Mapping[str, tuple[Act, str]] = {"pass": (let_pass, "passes"), "look": (look_again, "looks")}
