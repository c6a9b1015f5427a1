"""What a reader may do with a subscription by the links in its mails: look, confirm, pause, resume, stop.

Looking changes nothing (mail scanners follow links); acting is a POST that needs the token and nothing else.
"""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from monitor.service import Service
from monitor.telling import subscriptions
from monitor.telling.channels import PAUSE_BY_LINK
from monitor.telling.secrets import PURPOSES
from monitor.vocabulary.pack import Pack
from monitor.web import labels as words
from monitor.web.rendering import Asking, display_name, page, service_of
from store.states import Cadence
from store.tables import Subscription

router = APIRouter(include_in_schema=False)

PRIVATE = {"cache-control": "no-store", "x-robots-tag": "noindex"}
Act = Callable[[Service, str], Subscription]

ACTS: Mapping[str, Act] = {
    "confirm": subscriptions.confirm,
    "stop": subscriptions.end_by_token,
    "pause": subscriptions.pause_by_token,
    "resume": subscriptions.resume_by_token,
}
ALLOWED = {"confirm": ("confirm",), "stop": ("stop", "manage"), "pause": ("manage",), "resume": ("manage",)}
"""Which links show which buttons."""

DONE = {
    "confirm": "Confirmed. You will hear from us when something changes.",
    "stop": "Stopped. This subscription has ended; nothing more will be sent for it.",
    "pause": "Nothing is sent meanwhile; what you miss is kept for you. You may resume earlier.",
    "resume": "Resumed. You will hear from us when something changes.",
}


@router.get("/subscriptions/{token}")
@router.get("/subscriptions/{token}/stop")
@router.get("/subscriptions/{token}/pause")
@router.get("/subscriptions/{token}/resume")
@router.get("/subscriptions/{token}/confirm")
def look(request: Request, service: Asking, token: str) -> HTMLResponse:
    """What this subscription is, and the buttons; nothing is changed."""
    subscription, purpose = _subscription_of(service, token)
    return _shown(request, subscription, token, purpose)


@router.post("/subscriptions/{token}/{verb}")
def act(request: Request, service: Asking, token: str, verb: str) -> HTMLResponse:
    """Confirm, pause, resume or stop. Doing it twice is the same as once.

    HTTPException 404 for an act that is none, 400 for a link that is not valid (any more).
    """
    if verb not in ACTS:
        raise HTTPException(404, f"expected one of {', '.join(ACTS)}; found {verb[:40]!r}")
    before, purpose = _subscription_of(service, token)
    if before.ended_at:
        return _shown(request, before, token, purpose, "This subscription had ended before; nothing is sent for it.")
    try:
        after = ACTS[verb](service, token)
    except ValueError as problem:
        raise HTTPException(400, str(problem)) from None
    message = f"{_state(after)}. {DONE[verb]}" if verb == "pause" else DONE[verb]
    return _shown(request, after, token, purpose, message)


def _subscription_of(service: Service, token: str) -> tuple[Subscription, str]:
    for purpose in PURPOSES:
        try:
            return subscriptions.by_token(service, purpose, token), purpose
        except ValueError:
            continue
    raise HTTPException(404, "expected a link out of one of our mails, whole and unaltered")


def _shown(
    request: Request, subscription: Subscription, token: str, purpose: str, message: str | None = None
) -> HTMLResponse:
    return page(
        request,
        "subscription.html",
        headers=PRIVATE,
        title="Your subscription",
        done=message,
        token=token,
        masked=_masked(subscription.address),
        channel=subscription.channel,
        cadence="at once" if subscription.cadence == Cadence.IMMEDIATE else subscription.cadence,
        about=_about(subscription, service_of(request).pack),
        state=_state(subscription),
        actions=_actions(subscription, purpose),
    )


def _actions(subscription: Subscription, purpose: str) -> list[tuple[str, str, bool]]:
    """Verb, label, and whether the button is a plain one."""
    if subscription.ended_at:
        return []
    wanted: list[tuple[str, str, bool]] = []
    if not subscription.confirmed_at:
        wanted.append(("confirm", "Confirm", False))
    elif subscription.paused_at:
        wanted.append(("resume", "Resume", False))
    else:
        wanted.append(("pause", f"Pause {PAUSE_BY_LINK.days // 7} weeks", True))
    wanted.append(("stop", "Stop", bool(wanted and not wanted[0][2])))
    return [action for action in wanted if purpose in ALLOWED[action[0]]]


def _masked(address: str) -> str:
    """Enough to recognise one's own address, not enough for who finds the link."""
    name, at, domain = address.rpartition("@")
    if at:
        return f"{name[:1]}…@{domain}"
    return f"{words.host(address)}/…" if words.host(address) else f"{address[:4]}…"


def _about(subscription: Subscription, pack: Pack) -> str:
    parts: list[Any] = [
        ", ".join(display_name(pack, name) or name for name in subscription.therapies) or "every drug followed here",
        ", ".join(words.word(place, "place") for place in subscription.places) or "every place",
        f"level {words.word(subscription.level, 'level').lower()} and above",
    ]
    if subscription.types:
        parts.append(", ".join(words.word(name, "type") for name in subscription.types))
    return "; ".join(parts)


def _state(subscription: Subscription) -> str:
    if subscription.ended_at:
        return f"Ended {words.instant(subscription.ended_at)}"
    if not subscription.confirmed_at:
        return "Waits for your confirmation"
    if subscription.paused_at and subscription.paused_until:
        return f"Paused until {words.instant(subscription.paused_until)}; then it goes on by itself"
    if subscription.paused_at:
        return f"Paused since {words.instant(subscription.paused_at)}, until you press Resume"
    return "Active"
