"""`therawatch digest`: the digest that would be sent."""

from typing import Annotated

import typer

from monitor.commands.shell import AsJson, Since, SubscriptionId, call_of, show
from monitor.telling.preview import preview
from notifiers.digest import Digest
from notifiers.mail_parts import render


def digest(
    context: typer.Context,
    subscription: SubscriptionId,
    preview_: Annotated[bool, typer.Option("--preview", help="Print it; nothing is sent.")] = False,
    since: Since = None,
    as_json: AsJson = False,
) -> None:
    """The digest that would be sent."""
    if not preview_:
        raise typer.BadParameter("expected --preview; what is due is sent by `therawatch deliver`")
    call = call_of(context)
    with call.service() as service:
        letter = preview(service, subscription, call.filters(since=since).since)
    show([letter.model_dump(mode="json")], as_json=as_json, text=lambda _: _letter(letter))


def _letter(letter: Digest) -> str:
    return f"Subject: {letter.subject}\n\n{render(letter)[0]}"
