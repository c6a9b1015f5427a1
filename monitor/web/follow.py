"""The follow page, by mail, webhook or feed: choose what, where and how often, and see what it would have brought.

Works without script and without cookies. Whether an address follows already is said to nobody but its mailbox.
"""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse

from monitor.service import Service
from monitor.settings import Misconfigured
from monitor.telling.follow import Overrun, follow, would_have_brought
from monitor.telling.hooks import hook
from monitor.telling.secrets import open_keyring
from monitor.telling.subscriptions import OPT_IN_HOURS
from monitor.web import labels as words
from monitor.web.feed_query import FeedQuery
from monitor.web.rendering import Asking, event_row, page, service_of
from monitor.web.wish_form import ADDRESSES, CHANNELS, FEED, FIELDS, MAIL, WAYS, WEBHOOK, Asked, choices
from store.states import DeliveryState

router = APIRouter(include_in_schema=False)

PRIVATE = {"cache-control": "no-store"}
NO_MAIL = "This installation sends no mail: who runs it has named no mail server yet (THERAWATCH_SMTP_URL)."
BUSY = "Too many people are asking at this moment. Nothing was sent; please try again in an hour."
TITLES = {MAIL: "Follow by mail", WEBHOOK: "Follow by webhook", FEED: "Follow by feed or calendar"}


@router.get("/subscribe")
def form(request: Request, service: Asking, asked: Annotated[Asked, Query()]) -> HTMLResponse:
    """The form; what the address names (a drug, a place) is chosen in it already. A feed is asked for in the address,
    too: nothing is stored for it."""
    asked = _by_what_works(service, asked.model_copy(update={"to": ""}))
    return _guarded(request, asked, lambda: _addresses(request, service, asked) if asked.act else _form(request, asked))


@router.post("/subscribe")
def ask(request: Request, service: Asking, asked: Annotated[Asked, Form()]) -> HTMLResponse:
    """Show what the wish would have brought, send the mail that asks back, or try the webhook."""
    acts = {MAIL: _by_mail, WEBHOOK: _by_webhook, FEED: _addresses}
    if asked.act == "preview":
        return _guarded(request, asked, lambda: _preview(request, service, _by_what_works(service, asked)))
    act = acts[asked.way]
    return _guarded(request, asked, lambda: act(request, service, asked))


def _ways(service: Service) -> list[str]:
    """The ways of following that work here."""
    return [way for way in WAYS if way != MAIL or service.settings.smtp_url is not None]


def _by_what_works(service: Service, asked: Asked) -> Asked:
    """What is asked for, by a feed where the way asked for does not work here: a feed always does."""
    return asked if asked.way in _ways(service) else asked.model_copy(update={"how": FEED})


def _guarded(request: Request, asked: Asked, answer: Callable[[], HTMLResponse]) -> HTMLResponse:
    """An answer, or the form again with what was wrong."""
    try:
        return answer()
    except Misconfigured as problem:
        field, _, said = str(problem).partition(": ")
        return _form(request, asked, status=400, problem=(field if field in FIELDS else "to", said or str(problem)))
    except Overrun:
        return _form(request, asked, status=429, problem=("", BUSY))


def _by_mail(request: Request, service: Service, asked: Asked) -> HTMLResponse:
    if service.settings.smtp_url is None:
        return _form(request, _by_what_works(service, asked), status=503, problem=("", NO_MAIL))
    follow(service, asked.to, asked.wish(), asked.options())
    return page(
        request,
        "asked.html",
        headers=PRIVATE,
        title="One more step: your mailbox",
        hours=OPT_IN_HOURS,
        to=asked.to.strip(),
    )


def _by_webhook(request: Request, service: Service, asked: Asked) -> HTMLResponse:
    made = hook(service, asked.to, asked.wish(WEBHOOK))
    accepted = made.test["state"] == DeliveryState.SENT
    assert made.subscription.id is not None
    token = open_keyring(service.settings).token("manage", made.subscription.id)
    return page(
        request,
        "hooked.html",
        headers=PRIVATE,
        title="Your webhook follows" if accepted else "One more step: your address has to answer",
        accepted=accepted,
        error=made.test["error"],
        host=words.host(made.subscription.address),
        secret=made.secret,
        link=f"{service.settings.base_url}/subscriptions/{token}",
        token=token,
        hours=OPT_IN_HOURS,
    )


def _addresses(request: Request, service: Service, asked: Asked) -> HTMLResponse:
    """The form with the addresses of the feeds that tell what was asked for."""
    wish = FeedQuery.asking(asked.wish())
    wish.reader(service)  # what is wrong is said here, not by a feed reader
    query = f"?{wish.query()}" if wish.query() else ""
    base = service.settings.base_url
    named = {"Atom": "events.atom", "JSON Feed": "events.json", "Calendar of dates ahead": "calendar.ics"}
    feeds = [(name, f"{base}/feeds/{file}{query}", f"/feeds/{file}{query}") for name, file in named.items()]
    return _form(request, asked, feeds=feeds, brought=_brought(service, asked))


def _preview(request: Request, service: Service, asked: Asked) -> HTMLResponse:
    return _form(request, asked, brought=_brought(service, asked))


def _brought(service: Service, asked: Asked) -> dict[str, Any]:
    channel = CHANNELS[asked.way]
    brought = would_have_brought(service, asked.wish(channel), channel)
    return {
        "messages": brought.messages,
        "count": brought.count,
        "since": brought.since,
        "events": [event_row(event, service.pack) for event in brought.newest],
    }


def _form(
    request: Request,
    asked: Asked,
    *,
    status: int = 200,
    problem: tuple[str, str] | None = None,
    brought: dict[str, Any] | None = None,
    feeds: list[tuple[str, str, str]] | None = None,
) -> HTMLResponse:
    service = service_of(request)
    return page(
        request,
        "follow.html",
        status=status,
        headers=PRIVATE,
        title=TITLES[asked.way],
        ways=[
            (way, WAYS[way], f"/subscribe?how={way}" + (f"&{asked.query()}" if asked.query() else ""))
            for way in _ways(service)
        ],
        asked=asked,
        problem=problem,
        field=(FIELDS | {"to": ADDRESSES.get(asked.way)}).get(problem[0]) if problem else None,
        brought=brought,
        feeds=feeds,
        no_mail=None if MAIL in _ways(service) or problem else NO_MAIL,
        choices=choices(service.pack),
    )
