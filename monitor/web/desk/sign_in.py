"""Signing in and out. A wrong name and a wrong password get the same answer in the same time, and only so often."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from monitor.logs import log
from monitor.people.maintainers import any_maintainer, who_knows
from monitor.people.sign_ins import form_token, is_form_token, sign_in, sign_out, who_is
from monitor.people.tries import WAIT, Tries
from monitor.web.desk.access import COOKIE, PATH, PRIVATE, SIGN_IN, Sending, from_here, inside, keep_cookie
from monitor.web.rendering import Asking, page, service_of
from store.database import reading

router = APIRouter(prefix=PATH, include_in_schema=False)
FORM_COOKIE = "therawatch-sign-in"
"""Ties the form to the browser it was given to, so that nobody is signed in by another site's form."""

WRONG = "Name or password is wrong."
HELD_BACK = f"Too many tries. Wait {WAIT} and try again."
NO_COOKIE = (
    "Your browser did not keep our cookie, so nothing was sent. It is kept over https, and over http only on the "
    "machine itself (http://127.0.0.1). If you waited long, just try again."
)


class Asked(BaseModel):
    """The form as it was sent."""

    name: str = Field("", max_length=200)
    password: str = Field("", max_length=1000)
    token: str = Field("", max_length=200)
    next: str = Field(PATH, max_length=2000)


@router.get("/sign-in")
def form(request: Request, service: Asking, next: str = PATH) -> Response:
    """The form; who is signed in already goes on."""
    token = request.cookies.get(COOKIE)
    if token and who_is(service.engine, token):
        return RedirectResponse(inside(next), status_code=303, headers=PRIVATE)
    return _form(request, next[:2000])


@router.post("/sign-in")
def enter(request: Request, service: Asking, asked: Annotated[Asked, Form()]) -> Response:
    """Sign in with a new token, whatever the browser had before."""
    from_here(request)
    tied = request.cookies.get(FORM_COOKIE)
    if not tied or not is_form_token(asked.token, tied):
        return _form(request, asked.next, NO_COOKIE, 403)
    tries: Tries = request.app.state.tries
    address = request.client.host if request.client else ""
    with tries.turn:
        held_back = tries.too_many(asked.name, address)
        known = None if held_back else who_knows(service, asked.name, asked.password)
        if known:
            tries.succeeded(asked.name, address)
        elif not held_back:
            tries.failed(asked.name, address)
    if held_back:
        log.warning("sign-in held back", address=address)
        return _form(request, asked.next, HELD_BACK, 429)
    if known is None:
        log.warning("sign-in failed", address=address)
        return _form(request, asked.next, WRONG, 403)
    if before := request.cookies.get(COOKIE):
        sign_out(service.engine, before)
    answer = RedirectResponse(inside(asked.next), status_code=303, headers=PRIVATE)
    keep_cookie(answer, sign_in(service.engine, known))
    answer.delete_cookie(FORM_COOKIE, path=SIGN_IN, secure=True, httponly=True, samesite="strict")
    log.info("signed in", name=known.name)
    return answer


@router.post("/sign-out")
def leave(request: Request, service: Asking, _: Sending) -> Response:
    """Sign out: the token is worth nothing any more."""
    sign_out(service.engine, request.cookies[COOKIE])
    answer = RedirectResponse(SIGN_IN, status_code=303, headers=PRIVATE)
    answer.delete_cookie(COOKIE, path=PATH, secure=True, httponly=True, samesite="strict")
    return answer


def _form(request: Request, next: str, said: str | None = None, status: int = 200) -> HTMLResponse:
    tied = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(32)
    with reading(service_of(request).engine) as session:
        anybody = any_maintainer(session)
    answer = page(
        request,
        "desk/sign_in.html",
        status=status,
        headers=PRIVATE | ({"retry-after": "900"} if status == 429 else {}),
        form_token=form_token(tied),
        next=inside(next),
        said=said,
        anybody=anybody,
    )
    answer.set_cookie(FORM_COOKIE, tied, path=SIGN_IN, max_age=3600, secure=True, httponly=True, samesite="strict")
    return answer
