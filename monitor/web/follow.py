"""The follow page: choose what, where and how often, see what it would have brought, and ask for the mail to confirm.

Works without script and without cookies. Whether an address follows already is said to nobody but its mailbox.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse

from monitor.service import Service
from monitor.settings import Misconfigured
from monitor.telling.follow import Overrun, follow, would_have_brought
from monitor.telling.subscriptions import OPT_IN_HOURS
from monitor.web.rendering import Asking, event_row, page, service_of
from monitor.web.wish_form import FIELDS, Asked, choices

router = APIRouter(include_in_schema=False)

PRIVATE = {"cache-control": "no-store"}
NO_MAIL = "This installation has no mail server yet; who runs it names one in THERAWATCH_SMTP_URL."
SHOWN = 12
"""Events that the preview names; the rest is counted."""


@router.get("/subscribe")
def form(request: Request, asked: Annotated[Asked, Query()]) -> HTMLResponse:
    """The form; what the address names (a drug, a place) is chosen in it already."""
    return _form(request, asked.model_copy(update={"to": ""}))


@router.post("/subscribe")
def ask(request: Request, service: Asking, asked: Annotated[Asked, Form()]) -> HTMLResponse:
    """Show what the wish would have brought, or send the mail that asks back. What is wrong is named."""
    try:
        if asked.act == "preview":
            return _form(request, asked, brought=_preview(service, asked))
        if service.settings.smtp_url is None:
            return _form(request, asked, status=503, problem=("", NO_MAIL))
        follow(service, asked.to, asked.wish(), asked.options)
    except Misconfigured as problem:
        field, _, said = str(problem).partition(": ")
        return _form(request, asked, status=400, problem=(field if field in FIELDS else "to", said or str(problem)))
    except Overrun:
        busy = "Too many people are asking at this moment. Nothing was sent; please try again in an hour."
        return _form(request, asked, status=429, problem=("", busy))
    return page(
        request,
        "asked.html",
        headers=PRIVATE,
        title="One more step: your mailbox",
        hours=OPT_IN_HOURS,
        to=asked.to.strip(),
    )


def _preview(service: Service, asked: Asked) -> dict[str, Any]:
    brought = would_have_brought(service, asked.wish())
    return {
        "messages": brought.messages,
        "count": len(brought.events),
        "since": brought.since,
        "events": [event_row(event, service.pack) for event in brought.events[:SHOWN]],
    }


def _form(
    request: Request,
    asked: Asked,
    *,
    status: int = 200,
    problem: tuple[str, str] | None = None,
    brought: dict[str, Any] | None = None,
) -> HTMLResponse:
    service = service_of(request)
    return page(
        request,
        "follow.html",
        status=status,
        headers=PRIVATE,
        title="Follow by mail",
        asked=asked,
        problem=problem,
        field=FIELDS.get(problem[0]) if problem else None,
        brought=brought,
        mails=service.settings.smtp_url is not None,
        **choices(service.pack),
    )
