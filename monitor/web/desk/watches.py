"""The watches on the desk: how each fares, its looks and kept pages; look now, believe, let rest, hold."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session, col, select

from monitor.path import attended
from monitor.people.audit import Who
from monitor.people.sign_ins import SignedIn
from monitor.service import Service
from monitor.settings import Misconfigured
from monitor.telling.channels import watch_lines
from monitor.watching.captures import whole_body
from monitor.web.desk.access import PATH, PRIVATE, Acting, Visitor, person
from monitor.web.desk.evidence import RAW
from monitor.web.desk.frame import desk_page
from monitor.web.kept import text_of
from monitor.web.rendering import Asking, address
from monitor.web.sources import every
from store.database import reading
from store.states import RunOutcome
from store.tables import Capture, Run, Watch

router = APIRouter(prefix=PATH, include_in_schema=False)

RUNS, PAGES = 20, 20
"""Looks and kept pages that are shown of one watch."""
READ = 2 * 2**20
"""Bytes of a kept page that are made into text to be read: the longest have 32 MB."""
LARGEST = 2**31 - 1
Name = Annotated[str, Path(max_length=200)]

DONE = {
    "paused": "It rests. It is asked again when somebody says so.",
    "resumed": "It is asked again with the next round.",
    "held": "What it tells waits for a maintainer from now on.",
    "unheld": "What it tells is released as the rules say.",
    **{f"check-{outcome.value}": f"We looked: {said}." for outcome, said in (
        (RunOutcome.BASELINE, "the first look, what was there is kept"), (RunOutcome.UNCHANGED, "nothing has changed"),
        (RunOutcome.CHANGED, "something has changed, see below"), (RunOutcome.FAILED, "no answer that could be read"),
        (RunOutcome.REFUSED, "the answer was not believed"),
    )},
}  # fmt: skip
"""What is said after an act."""


@router.get("/watches")
def watches(request: Request, service: Asking, who: Visitor) -> HTMLResponse:
    """Every watch, those in trouble first."""
    with reading(service.engine) as session:
        lines = watch_lines(service, session)
        rows = {watch.name: watch for watch in session.exec(select(Watch).where(col(Watch.active).is_(True)))}
    lines.sort(key=lambda line: (line["problem"] is None and not line["stale"], line["watch"]))
    return desk_page(request, who, "desk/watches.html", watches=[(line, rows[line["watch"]]) for line in lines])


@router.get("/watches/{name}")
def watch(request: Request, service: Asking, who: Visitor, name: Name, done: str = "") -> HTMLResponse:
    """One watch. HTTPException 404 for none of this name."""
    return _shown(request, service, who, name, said=DONE.get(done))


def _shown(
    request: Request,
    service: Service,
    who: SignedIn,
    name: str,
    *,
    said: str | None = None,
    problem: str | None = None,
    status: int = 200,
) -> HTMLResponse:
    with reading(service.engine) as session:
        row = session.exec(select(Watch).where(Watch.name == name, col(Watch.active).is_(True))).first()
        if row is None:
            raise HTTPException(404, f"expected the name of a watch, found {name[:60]!r}")
        lines = watch_lines(service, session)
        runs = list(session.exec(select(Run).where(Run.watch_id == row.id).order_by(col(Run.id).desc()).limit(RUNS)))
        kept = _kept(session, row)
    line = next(line for line in lines if line["watch"] == name)
    refused = bool(runs) and runs[0].outcome == RunOutcome.REFUSED
    return desk_page(
        request, who, "desk/watch.html", status=status, watch=line, row=row, runs=runs, kept=kept, refused=refused,
        every=every(row.every_seconds), said={"words": said, "undo": []} if said else None, problem=problem,
    )  # fmt: skip


def _kept(session: Session, watch: Watch) -> list[Capture]:
    query = select(Capture).where(Capture.watch_id == watch.id).order_by(col(Capture.id).desc())
    return list(session.exec(query.limit(PAGES)))


@router.get("/captures/{number}")
def kept_page(
    request: Request,
    service: Asking,
    who: Visitor,
    number: Annotated[int, Path(ge=1, le=LARGEST)],
    raw: Annotated[bool, Query()] = False,
) -> HTMLResponse:
    """A page as it was kept, as text or as it came; never as markup. HTTPException 404 for none."""
    with reading(service.engine) as session:
        capture = session.get(Capture, number)
        if capture is None:
            raise HTTPException(404, f"expected the number of a kept page, found {number}")
        owner = session.get_one(Watch, capture.watch_id)
        body = whole_body(session, capture.sha256)
    text = None if body is None else body.decode("utf-8", "replace") if raw else text_of(body, capture.content_type)
    return desk_page(
        request, who, "desk/capture.html", capture=capture, watch=owner, raw=raw, size=len(body or b""),
        text=text[:RAW] if text is not None else None, cut=text is not None and len(text) > RAW,
    )  # fmt: skip


Act = Callable[[Service, str, Who], str]
"""Does something with a watch and says what `done` of the next address is to be. Raises Misconfigured."""


@router.post("/watches/{name}/{act}")
def act_on_watch(
    request: Request, service: Asking, who: Acting, name: Name, act: str, sure: Annotated[bool, Form()] = False
) -> Response:
    """One act on one watch. HTTPException 404 for an act or a watch that is none."""
    if act not in ACTS:
        raise HTTPException(404, f"expected one of {', '.join(ACTS)}; found {act[:40]!r}")
    if act == "accept" and not sure:
        problem = "Look at the kept page first, then say that you have."
        return _shown(request, service, who, name, problem=problem, status=409)
    try:
        done = ACTS[act](service, name, person(who))
    except Misconfigured as problem:
        raise HTTPException(404, str(problem)) from None
    return RedirectResponse(address(request.url.path.rpartition("/")[0], {}, done=done), 303, headers=PRIVATE)


def _check(service: Service, name: str, by: Who) -> str:
    return f"check-{attended.check_now(service, name, by=by).outcome.value}"


def _accept(service: Service, name: str, by: Who) -> str:
    return f"check-{attended.check_now(service, name, accept=True, by=by).outcome.value}"


def _plain(act: Callable[..., Any], done: str) -> Act:
    def do(service: Service, name: str, by: Who) -> str:
        act(service, name, by=by)
        return done

    return do


ACTS: Mapping[str, Act] = {
    "check": _check,
    "accept": _accept,
    "pause": _plain(attended.pause_watch, "paused"),
    "resume": _plain(attended.resume_watch, "resumed"),
    "hold": _plain(attended.hold_watch, "held"),
    "unhold": _plain(attended.unhold_watch, "unheld"),
}
