"""What a reader may do with a subscription by the links in its mails: look, confirm, change, pause, resume, stop one or
all, take her data along and have it erased; and who made a webhook, by the link shown then, the same and a test.

Looking changes nothing (mail scanners follow links); acting is a POST that needs the token and nothing else.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse

from monitor.service import Service
from monitor.settings import Misconfigured
from monitor.telling import hooks, personal, subscriptions
from monitor.telling.channels import PAUSE_BY_LINK
from monitor.telling.follow import Overrun, change_by_token
from monitor.telling.secrets import PURPOSES
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.topics import TOPICS
from monitor.web import labels as words
from monitor.web.rendering import Asking, display_name, page, service_of
from monitor.web.wish_form import (
    DAYS,
    DOORS_SAID,
    FIELDS,
    LEVELS_SAID,
    MAIL,
    WEBHOOK,
    Asked,
    asked_of,
    choices,
)
from store.database import reading
from store.states import Cadence, DeliveryState, Wording
from store.tables import Subscription

router = APIRouter(include_in_schema=False)

PRIVATE = {"cache-control": "no-store", "x-robots-tag": "noindex"}
Act = Callable[[Service, str], str]
"""Does something by a token and says what was done. Raises ValueError for a token that does not allow it."""

ALLOWED = {
    "confirm": ("confirm",),
    "test": ("manage",),
    "pause": ("manage",),
    "resume": ("manage",),
    "stop": ("stop", "manage"),
    "stop-all": ("stop", "manage"),
    "erase": ("manage",),
}
"""Which links show which buttons."""

WAY_OF = {"email": MAIL, hooks.CHANNEL: WEBHOOK}
"""Channels whose wishes the form can change."""

OFTEN = {Cadence.WEEKLY: "once a week", Cadence.DAILY: "once a day", Cadence.IMMEDIATE: "at once"}
HEAR = "You will hear from us when something changes."


def _confirm(service: Service, token: str) -> str:
    confirmed = subscriptions.confirm(service, token)
    return "You follow this already; it goes on as before." if confirmed.ended_at else f"Confirmed. {HEAR}"


def _pause(service: Service, token: str) -> str:
    paused = subscriptions.pause_by_token(service, token)
    return f"{_state(paused)}. Nothing is sent meanwhile; what you miss is kept for you. You may resume earlier."


def _resume(service: Service, token: str) -> str:
    subscriptions.resume_by_token(service, token)
    return f"Resumed. {HEAR}"


def _stop(service: Service, token: str) -> str:
    ended = subscriptions.end_by_token(service, token)
    others = sum(each.ended_at is None for each in _follows(service, ended))
    on = f"{others} other{'s' if others > 1 else ''} of this address go{'' if others > 1 else 'es'} on."
    return f"Stopped. 1 subscription has ended. {on if others else 'Nothing more will be sent to you.'}"


def _stop_all(service: Service, token: str) -> str:
    ended = personal.end_all(service, _allowed(service, token, "stop-all"))
    return f"Stopped. {_many(ended)} ended. Nothing more will be sent to you."


def _erase(service: Service, token: str) -> str:
    erased = personal.erase(service, _allowed(service, token, "erase"))
    return f"Erased. {_many(erased)} ended; your address, and the text of every message to it, are forgotten."


def _test(service: Service, token: str) -> str:
    sent = hooks.test_by_token(service, token)
    if sent["state"] == DeliveryState.SENT:
        return "The test event was accepted. Events are sent there from now on."
    return f"The test event was not accepted: {sent['error'] or 'it is on its way'}."


ACTS: Mapping[str, Act] = {
    "confirm": _confirm,
    "test": _test,
    "stop": _stop,
    "stop-all": _stop_all,
    "pause": _pause,
    "resume": _resume,
    "erase": _erase,
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


@router.get("/subscriptions/{token}/data")
def data(service: Asking, token: str) -> JSONResponse:
    """Everything that is kept about who has this subscription, to take along.

    HTTPException 404 for a link that is not the managing one.
    """
    try:
        subscription = subscriptions.by_token(service, "manage", token)
    except ValueError:
        raise HTTPException(404, "expected the link to change a subscription, whole and unaltered") from None
    kept = {"subscriptions": personal.what_is_kept(service, subscription)}
    return JSONResponse(kept, headers={**PRIVATE, "content-disposition": 'attachment; filename="my-data.json"'})


@router.post("/subscriptions/{token}/change")
def change(request: Request, service: Asking, token: str, asked: Annotated[Asked, Form()]) -> HTMLResponse:
    """Ask for something else. A field that is wrong is named and nothing is changed.

    HTTPException 400 for a link that does not allow it.
    """
    before, purpose = _subscription_of(service, token)
    if before.ended_at:
        return _shown(request, before, token, purpose, ENDED)
    try:
        after = change_by_token(service, token, asked.wish(before.channel), asked.options(before.channel))
    except Misconfigured as problem:
        field, _, said = str(problem).partition(": ")
        return _shown(request, before, token, purpose, f"Nothing was changed. {FIELDS.get(field, field)}: {said}", 400)
    except ValueError as problem:
        raise HTTPException(400, str(problem)) from None
    return _shown(request, after, token, purpose, "Changed. What was on its way already still comes.")


@router.post("/subscriptions/{token}/{verb}")
def act(request: Request, service: Asking, token: str, verb: str) -> HTMLResponse:
    """Confirm, test, pause, resume, stop or erase. Doing it twice is the same as once, but for a test.

    HTTPException 404 for an act that is none, 400 for a link that is not valid (any more).
    """
    if verb not in ACTS:
        raise HTTPException(404, f"expected one of {', '.join(ACTS)}; found {verb[:40]!r}")
    before, purpose = _subscription_of(service, token)
    if before.ended_at and verb not in ("stop-all", "erase"):
        return _shown(request, before, token, purpose, ENDED)
    try:
        said = ACTS[verb](service, token)
    except ValueError as problem:
        raise HTTPException(400, str(problem)) from None
    except Overrun:
        return _shown(request, before, token, purpose, TOO_OFTEN, 429)
    after, purpose = _subscription_of(service, token)
    return _shown(request, after, token, purpose, said)


TOO_OFTEN = f"Nothing was sent: {hooks.TESTS_AN_HOUR} tests were asked for within an hour. Please wait a while."
ENDED = "This subscription had ended before; nothing is sent for it."


def _many(count: int) -> str:
    return f"{count} subscription{' has' if count == 1 else 's have'}"


def _follows(service: Service, subscription: Subscription) -> list[Subscription]:
    with reading(service.engine) as session:
        return personal.follows_of(session, subscription)


def _allowed(service: Service, token: str, verb: str) -> Subscription:
    subscription, purpose = _subscription_of(service, token)
    if purpose not in ALLOWED[verb]:
        raise ValueError(f"expected the link to change a subscription, found one to {purpose}")
    return subscription


def _subscription_of(service: Service, token: str) -> tuple[Subscription, str]:
    for purpose in PURPOSES:
        try:
            return subscriptions.by_token(service, purpose, token), purpose
        except ValueError:
            continue
    raise HTTPException(404, "expected a link out of one of our mails, whole and unaltered")


def _shown(
    request: Request,
    subscription: Subscription,
    token: str,
    purpose: str,
    said: str | None = None,
    status: int = 200,
) -> HTMLResponse:
    service = service_of(request)
    going_on = [each for each in _follows(service, subscription) if each.ended_at is None]
    changeable = purpose == "manage" and subscription.channel in WAY_OF and not subscription.ended_at
    form = {"asked": asked_of(subscription), "choices": choices(service.pack), "way": WAY_OF.get(subscription.channel)}
    return page(
        request,
        "subscription.html",
        status=status,
        headers=PRIVATE,
        title="Your subscription",
        done=said,
        token=token,
        masked=_masked(subscription.address),
        channel="mail" if subscription.channel == "email" else subscription.channel,
        cadence=OFTEN[subscription.cadence],
        about=_about(subscription, service.pack),
        manner=_manner(subscription),
        state=_state(subscription),
        actions=_actions(subscription, purpose, len(going_on)),
        manages=purpose == "manage" and subscription.address != personal.ERASED,
        form=form if changeable else {},
    )


def _actions(subscription: Subscription, purpose: str, going_on: int) -> list[tuple[str, str, bool]]:
    """Verb, label, and whether the button is a plain one."""
    wanted: list[tuple[str, str, bool]] = []
    if not subscription.ended_at:
        if subscription.channel == hooks.CHANNEL:
            wanted.append(("test", "Send a test event", bool(subscription.confirmed_at)))
        if not subscription.confirmed_at:
            wanted.append(("confirm", "Confirm", False))
        elif subscription.paused_at:
            wanted.append(("resume", "Resume", False))
        else:
            wanted.append(("pause", f"Pause {PAUSE_BY_LINK.days // 7} weeks", True))
        wanted.append(("stop", "Stop", bool(wanted and not wanted[0][2])))
    if going_on > 1 or (going_on and subscription.ended_at):
        label = f"Stop all {going_on} of this address" if going_on > 1 else "Stop the other one too"
        wanted.append(("stop-all", label, True))
    return [action for action in wanted if purpose in ALLOWED[action[0]]]


def _masked(address: str) -> str:
    """Enough to recognise one's own address, not enough for who finds the link."""
    name, at, domain = address.rpartition("@")
    if at:
        return f"{name[:1]}…@{domain}"
    return f"{words.host(address)}/…" if words.host(address) else f"{address[:4]}…"


def _about(subscription: Subscription, pack: Pack) -> str:
    parts: list[Any] = [
        ", ".join(display_name(pack, name) or name for name in subscription.therapies) or "Every drug followed here",
        ", ".join(words.word(place, "place") for place in subscription.places) or "every place",
        (DOORS_SAID if subscription.only_doors else LEVELS_SAID[subscription.level]).partition(":")[0].lower(),
    ]
    if subscription.tiers:
        parts.append(f"as said by: {', '.join(words.word(tier, 'tier') for tier in subscription.tiers)}")
    if subscription.types:
        parts.append(", ".join(words.word(name, "type") for name in subscription.types))
    if subscription.muted:
        parts.append(f"not: {'; '.join(TOPICS.get(topic, topic).lower() for topic in subscription.muted)}")
    return "; ".join(parts)


def _manner(subscription: Subscription) -> str:
    """How mails are worded and when they rest, where that is not as usual."""
    parts = ["technical words"] if subscription.wording == Wording.TECHNICAL else []
    parts += ["how a trial went behind a link"] if subscription.hide_outcomes else []
    parts += ["neutral subject"] if subscription.options.get("neutral_subject") else []
    days = ", ".join(DAYS[day] for day in subscription.quiet_days)
    return "; ".join([*parts, *([f"no mail on {days}"] if days else [])])


def _state(subscription: Subscription) -> str:
    if subscription.ended_at:
        return f"Ended {words.instant(subscription.ended_at)}"
    if not subscription.confirmed_at:
        waits = "its address has to accept a test event" if subscription.channel == hooks.CHANNEL else ""
        return f"Not begun: {waits}" if waits else "Waits for your confirmation"
    if subscription.paused_at and subscription.paused_until:
        return f"Paused until {words.instant(subscription.paused_until)}; then it goes on by itself"
    if subscription.paused_at:
        return f"Paused since {words.instant(subscription.paused_at)}, until you press Resume"
    return "Active"
