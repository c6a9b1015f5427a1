"""The frame of every page of the desk: its sections, who is signed in, and the token of its forms."""

from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from monitor.people.sign_ins import SignedIn
from monitor.web.desk.access import PRIVATE
from monitor.web.rendering import page

SECTIONS = [
    ("/review", "Queue", "g q"),
    ("/review/rules", "Rules", "g u"),
    ("/review/watches", "Watches", "g s"),
    ("/review/subscriptions", "Subscriptions", "g r"),
    ("/review/deliveries", "Deliveries", "g d"),
    ("/review/log", "Log", "g l"),
]
"""Address, name and key of each section, in the order in which they are shown."""


def desk_page(request: Request, who: SignedIn, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """Render a template that extends `desk/base.html`. In it `form_token` is what `desk.token()` puts into a form, and
    `who.may_act` says whether to offer acts at all."""
    return page(
        request,
        template,
        status=status,
        headers=PRIVATE,
        who=who,
        form_token=who.form_token,
        sections=SECTIONS,
        **context,
    )
