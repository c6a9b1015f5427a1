"""Who may come in and who may act: the cookie, and the dependencies of every route of the desk.

    Visitor   somebody who is signed in, whatever her role; everybody else is sent to the sign-in
    Sending   somebody who is signed in, by a form of ours: to sign out
    Acting    the same, of the role maintainer: for every other POST

A form bears a token made from the cookie, the browser says from which site it was sent, and the cookie goes to no other
site's request; any one of the three would do.
"""

from typing import Annotated
from urllib.parse import urlencode, urlsplit

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse, Response

from monitor.people.audit import Who
from monitor.people.sign_ins import LONGEST, SignedIn, is_form_token, who_is
from monitor.web.rendering import Asking, page
from store.states import Door

COOKIE = "therawatch-desk"
PATH = "/review"
"""The cookie goes nowhere else: who signs in is not followed on the public pages."""

TOKEN = "token"
"""Name of the field by which every form bears its token."""

SIGN_IN = f"{PATH}/sign-in"
PRIVATE = {"cache-control": "no-store", "x-robots-tag": "noindex", "referrer-policy": "same-origin"}
"""Of every answer of the desk. The referrer stays within the site, so that browsers name the origin of a form."""


class SignedOut(Exception):
    """Who asks is not signed in, or not any more."""


class Closed(Exception):
    """What was asked is refused with 403: the text says why, and what to do instead."""


def signed_in(request: Request, service: Asking) -> SignedIn:
    """Let pass who is signed in. Raises SignedOut."""
    token = request.cookies.get(COOKIE)
    if not token or (who := who_is(service.engine, token)) is None:
        raise SignedOut
    return who


Visitor = Annotated[SignedIn, Depends(signed_in)]
"""A route's way to who asks."""


def from_here(request: Request) -> None:
    """Refuse what another site sent. A browser names the site or the origin; what names neither is no browser's.

    Raises Closed.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    own = {request.headers.get("host"), urlsplit(request.app.state.service.settings.base_url).netloc}
    if (site or "same-origin") != "same-origin" or (site is None and origin and urlsplit(origin).netloc not in own):
        raise Closed("That form was sent from another site. Open the page here and press the button again.")


async def sending(request: Request, who: Visitor) -> SignedIn:
    """Let pass who sends a form of ours. Raises Closed."""
    from_here(request)
    given = (await request.form()).get(TOKEN)
    if not isinstance(given, str) or not is_form_token(given, request.cookies[COOKIE]):
        raise Closed(
            "That form was not made for you, or before you signed in. Open the page again; nothing was changed."
        )
    return who


Sending = Annotated[SignedIn, Depends(sending)]


def acting(who: Sending) -> SignedIn:
    """Let pass a maintainer who sends a form of ours. Raises Closed."""
    if not who.may_act:
        raise Closed("You may look at everything here and act on nothing: you are signed in as a viewer.")
    return who


Acting = Annotated[SignedIn, Depends(acting)]
"""A route's way to who acts: for every POST."""


def person(who: SignedIn) -> Who:
    """Who acts, as the audit log names her."""
    return Who(who.name, who.role, Door.DESK)


def keep_cookie(answer: Response, token: str) -> None:
    """Give the browser the token of a sign-in. Browsers take it over https, and from this machine itself."""
    answer.set_cookie(
        COOKIE, token, path=PATH, max_age=int(LONGEST.total_seconds()), secure=True, httponly=True, samesite="strict"
    )


def inside(address: str) -> str:
    """An address to go on to, if it is one of the desk's; else its first page."""
    plain = address.split("\\")[0]
    own = plain == PATH or plain.startswith((f"{PATH}/", f"{PATH}?"))
    return plain if own and not plain.startswith((f"{SIGN_IN}", f"{PATH}//")) and plain.isprintable() else PATH


def signed_out(request: Request, problem: Exception) -> Response:
    """The way to the sign-in and back; of a form that comes too late, a page that says so."""
    assert isinstance(problem, SignedOut), problem
    if request.method == "GET":
        query = f"?{request.url.query}" if request.url.query else ""
        asked = urlencode({"next": inside(request.url.path + query)})
        return RedirectResponse(f"{SIGN_IN}?{asked}", status_code=303, headers=PRIVATE)
    said = "You are not signed in, or not any more. Nothing was changed."
    return page(request, "desk/closed.html", status=401, headers=PRIVATE, title="Please sign in", said=said)


def closed(request: Request, problem: Exception) -> Response:
    """A refusal in words."""
    assert isinstance(problem, Closed), problem
    return page(request, "desk/closed.html", status=403, headers=PRIVATE, title="Not possible", said=str(problem))
