"""What notifiers are given: the guarded client as their `post`, the mail server, our own name, and our links."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit

from sqlmodel import Session

from monitor.service import Service
from monitor.standing.contract import WatchLine
from monitor.standing.watch_log import ALL, Part, watches
from monitor.telling.compose.message import Frame
from monitor.telling.secrets import Keyring
from monitor.vocabulary.dates import short
from notifiers.base import Answer, Channel, Undeliverable
from notifiers.digest import Digest
from sources.base import SourceError

PAUSE_BY_LINK = timedelta(weeks=4)
"""How long a pause lasts that a reader asks for by a link."""


def open_channel(service: Service) -> Channel:
    """The channel of this installation; its `post` raises Undeliverable where the receiver could not be asked."""

    def post(url: str, *, body: bytes, headers: Mapping[str, str]) -> Answer:
        try:
            answer = service.client.post(url, body=body, headers=headers)
        except SourceError as problem:
            wait = getattr(problem, "retry_after", None)
            raise Undeliverable(str(problem), retry_after=wait) from None
        return Answer(status=answer.status, headers=dict(answer.headers), text=answer.body.decode("utf-8", "replace"))

    settings = service.settings
    return Channel(
        post=post,
        base_url=settings.base_url,
        mail_from=settings.mail_from,
        smtp_url=settings.smtp_url,
        allow_private=settings.allow_private,
    )


def frame_of(service: Service) -> Frame:
    """What every message of this installation shares."""
    _, address = parseaddr(service.settings.mail_from)
    return Frame(
        pack=service.pack,
        base_url=service.settings.base_url,
        domain=address.rpartition("@")[2] or "localhost",
        titles=teller_titles(service),
    )


def teller_titles(service: Service) -> dict[str, str]:
    """What readers call each source and each watch: as the pack does, else a register by its own name, a feed or page
    by its host; a watch that the pack has no more goes by the kind of its source.
    """
    registers = {name: kind.title for name, kind in service.sources.items() if kind.title and not kind.needs_url}
    watches = {
        plan.name: plan.title or registers.get(plan.source) or urlsplit(plan.url or "").hostname or plan.name
        for plan in service.pack.watches
    }
    return {name: kind.title for name, kind in service.sources.items() if kind.title} | watches


def watch_lines(service: Service, session: Session, part: Part = ALL) -> list[WatchLine]:
    """How each watch fares now, by the names that readers know."""
    return watches(
        session,
        service.now(),
        sources=service.sources,
        titles=teller_titles(service),
        unconfirmed=service.pack.unconfirmed,
        part=part,
    )


def linked(digest: Digest, keyring: Keyring, base_url: str, now: datetime, *, confirm: bool = False) -> Digest:
    """A digest with the links of its subscription. They are made anew for each attempt and come out the same, so that
    no token lies in the database."""

    purposes = ("manage", "stop", "confirm") if confirm else ("manage", "stop")
    at = {why: f"{base_url}/subscriptions/{keyring.token(why, digest.subscription)}" for why in purposes}
    links = {
        "manage_url": at["manage"],
        "stop_url": f"{at['stop']}/stop",
        "pause_url": f"{at['manage']}/pause",
        "pause_until": short((now + PAUSE_BY_LINK).date().isoformat()),
        "confirm_url": f"{at['confirm']}/confirm" if confirm else None,
    }
    return digest.model_copy(update=links)
