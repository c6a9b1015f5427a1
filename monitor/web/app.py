"""The web application: routes put together, one guard around them, and errors as calm pages."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from prometheus_client.registry import Collector
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.people.tries import Tries
from monitor.service import Service
from monitor.standing.kept_answers import KeptAnswers
from monitor.standing.unaccepted import Unaccepted
from monitor.telling.kept_plans import KeptPlans
from monitor.web import (
    about,
    api,
    changes,
    events,
    feeds,
    follow,
    front_page,
    maintainer_api,
    metrics,
    readiness,
    schemas,
    sources,
    twins,
)  # fmt: skip
from monitor.web import manage as subscriptions
from monitor.web.description import Application
from monitor.web.desk import pages as desk
from monitor.web.desk.access import PATH as DESK
from monitor.web.desk.access import Closed, SignedOut, closed, signed_out
from monitor.web.rendering import FOLDER, environment, page

SECURITY = {
    "content-security-policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",  # addresses of subscriptions hold a token
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_SITES = frozenset({"same-origin", "none"})
ONE_CLICK = ("/subscriptions/", "/stop")
"""Mail providers send the one-click POST from wherever they are; it carries no cookie and its own token."""

FAMILIES = (
    front_page, twins, events, about, changes, sources, follow, subscriptions, feeds, api, maintainer_api, schemas,
    metrics, readiness, desk,
)  # fmt: skip
"""The families of pages, one file each."""

EXPLAINED = {
    400: ("That address asks for something we do not understand", "Correct the address or start again."),
    401: ("That is for maintainers", "Show the token of this installation."),
    403: ("That request is refused", "If you pressed a button of another site, open the page here and press it again."),
    404: ("There is no such page", "It may have been mistyped. Links to events are kept for ever."),
    405: ("That address does not take this kind of request", "Open it from the pages."),
    409: ("That cannot be done now", "Open the page again: something has changed meanwhile."),
    413: ("That is more than we take", "Send less of it. Nothing was changed."),
    429: ("That was asked too often", "Nothing was changed. Please wait a while."),
    500: ("Something went wrong on our side", "Nothing was changed by it. It has been noted; try again in a while."),
    503: ("We cannot answer at this moment", "Please try again in a while."),
}


def create_app(
    service: Service, *, lifespan: Callable[[FastAPI], Any] | None = None, measured: Iterable[Collector] = ()
) -> FastAPI:
    """The application for one service. `lifespan` starts and stops what runs beside it (the clock), `measured` is what
    that tells of itself at `/metrics`."""
    app = Application(
        title="Therawatch",
        summary="What regulators and trial registries say about drugs, and when it changed.",
        version=service.pack.pack.version,
        lifespan=lifespan,
        openapi_url="/api/openapi.json",
        docs_url=None,  # FastAPI's own page loads scripts from elsewhere
        redoc_url=None,
    )
    app.state.service = service
    app.state.kept_answers = KeptAnswers(service.pack)
    app.state.kept_plans = KeptPlans(service)
    app.state.templates = environment()
    app.state.tries = Tries()
    for family in FAMILIES:
        app.include_router(family.router)
    app.mount("/static", StaticFiles(directory=FOLDER / "static"), name="static")
    app.add_middleware(Guard)
    counted = metrics.answers_counted()
    app.state.measured = metrics.registry_of(service, (*measured, *counted))
    app.add_middleware(metrics.Counting, *counted)
    app.add_exception_handler(RequestValidationError, _misunderstood)
    app.add_exception_handler(Unaccepted, _unaccepted)
    app.add_exception_handler(SignedOut, signed_out)
    app.add_exception_handler(Closed, closed)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(Exception, _failed)
    return app


class Guard:
    """Around every answer: security headers, redirects that stay here, HEAD as GET without a body, no posting from
    other sites."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        bare = scope["method"] == "HEAD"

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY.items():
                    headers.setdefault(name, value)
                if "location" in headers:
                    headers["location"] = _within(headers["location"])
            elif bare and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        if scope["method"] not in SAFE and _from_elsewhere(scope):
            refusal = _answer(Request(scope, receive), 403, [])
            await refusal(scope, receive, guarded)
            return
        await self.app({**scope, "method": "GET"} if bare else scope, receive, guarded)


def _within(location: str) -> str:
    """Where a redirect leads, as a path of this site: all of ours stay here, and a host in one is what the request
    claims in some form or other; anybody can write that. Of two slashes a browser would make a host again."""
    there = urlsplit(location)
    return urlunsplit(("", "", "/" + there.path.lstrip("/\\"), there.query, there.fragment))


def _from_elsewhere(scope: Scope) -> bool:
    path: str = scope["path"]
    if path.startswith(ONE_CLICK[0]) and path.endswith(ONE_CLICK[1]):
        return False
    site = Headers(scope=scope).get("sec-fetch-site")
    return site is not None and site not in OWN_SITES


def _misunderstood(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, RequestValidationError), problem
    return _answer(request, 400, [_in_words(error) for error in problem.errors()])


def _unaccepted(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Unaccepted), problem
    return _answer(request, 400, [f"{problem.field}: {problem}"])


def _in_words(error: Any) -> str:
    where = ".".join(str(part) for part in error["loc"][1:]) or "request"
    text = str(error["msg"]).removeprefix("Value error, ")
    return f"{where}: {text}"


def _refused(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException), problem
    standard = HTTPStatus(problem.status_code).phrase
    problems = [] if problem.detail in (standard, None) else [str(problem.detail)]
    return _answer(request, problem.status_code, problems, headers=problem.headers)


def _failed(request: Request, problem: Exception) -> Response:
    """The last resort, outside the guard; the server logs the traceback after it."""
    return _answer(request, 500, [], headers=SECURITY)


def _answer(request: Request, code: int, problems: list[str], *, headers: Any = None) -> Response:
    title, advice = EXPLAINED.get(code, (HTTPStatus(code).phrase, "Open another page."))
    if request.url.path.startswith("/api/"):
        error = {"status": code, "title": title, "problems": problems}
        return JSONResponse({"error": error}, status_code=code, headers=headers)
    return page(
        request, "error.html", status=code, headers=headers, title=title, advice=advice, problems=problems, code=code,
        way_on=_way_on(request, code),
    )  # fmt: skip


def _way_on(request: Request, code: int) -> tuple[str, str]:
    """Where a page of an error leads: its address and what the button says."""
    path = request.url.path
    if path == DESK or path.startswith(f"{DESK}/"):
        return DESK, "Go to the desk"
    if code == 400 and request.method == "GET" and path != "/":
        return path, "Open this page as it comes"
    return "/", "Go to the status page"
