"""What an operator does about deliveries and subscriptions, as JSON: the acts of `therawatch deliveries`, `resend`,
`subscribe`, `subscriptions`, `pause`, `resume`, `send-test`, `rotate` and `unsubscribe`.

Who asks shows the token of THERAWATCH_API_TOKEN (`Authorization: Bearer ...`); without that setting nobody may ask.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from monitor.people.audit import TOKEN_HOLDER
from monitor.settings import Misconfigured
from monitor.telling import deliveries as steps
from monitor.telling.attempts import DeliveryLine
from monitor.telling.deliver import send_test
from monitor.telling.deliveries import OwedLine
from monitor.telling.delivery_log import DeliveryInFull, in_full
from monitor.telling.pause import Owed, pause_subscription, resume_subscription
from monitor.telling.rotation import BOTH_VALID, LONGEST_HOURS, rotate
from monitor.telling.subscription_lines import SubscriptionLine, line
from monitor.telling.subscriptions import subscriptions as all_subscriptions
from monitor.telling.subscriptions import unsubscribe
from monitor.web import review_api, rules_api, stale_api, subscribe_api
from monitor.web.queries import Since
from monitor.web.rendering import Asking
from store.database import reading
from store.states import DeliveryState
from store.tables import Subscription

LARGEST = 2**31 - 1
"""The largest number that a subscription can have."""

ID = 80
"""The longest id of a delivery."""

PAGE = 1000
"""Deliveries in one answer."""

MISSING: dict[int | str, dict[str, Any]] = {404: {"description": "There is none of this id or number."}}

CLOSED: dict[int | str, dict[str, Any]] = {
    400: {"description": "What was asked cannot be done; `problems` say what was expected and found."},
    401: {"description": "No token, or not that of THERAWATCH_API_TOKEN."},
    403: {"description": "This installation has no THERAWATCH_API_TOKEN: nobody may ask."},
}


def maintainer(service: Asking, request: Request) -> None:
    """Let pass who shows the token. HTTPException 403 where none is set, 401 for any other."""
    token = service.settings.api_token
    if token is None:
        raise HTTPException(403, "expected THERAWATCH_API_TOKEN to be set on the server, found none")
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secrets.compare_digest(given.strip().encode(), token.encode()):
        raise HTTPException(
            401, "expected `Authorization: Bearer` with the server's token", headers={"www-authenticate": "Bearer"}
        )


@contextmanager
def _refusals(status: int = 400) -> Iterator[None]:
    """What the steps refuse, as an answer in their words."""
    try:
        yield
    except Misconfigured as problem:
        raise HTTPException(status, str(problem)) from None


router = APIRouter(prefix="/api/v1", dependencies=[Depends(maintainer)], responses=CLOSED)
router.include_router(subscribe_api.router)
router.include_router(review_api.router)
router.include_router(rules_api.router)
router.include_router(stale_api.router)

Number = Annotated[int, Path(ge=1, le=LARGEST)]
DeliveryId = Annotated[str, Path(max_length=ID)]


class Deliveries(BaseModel, extra="forbid"):
    """Which deliveries: as the options of `therawatch deliveries`."""

    state: DeliveryState | None = Field(None, description="only deliveries in this state")
    subscription: int | None = Field(None, ge=1, le=LARGEST, description="only those owed to this subscription")
    since: Since = Field(None, description="only those that came to be owed at or after this moment")
    after: str | None = Field(None, max_length=ID, description="only those that came to be owed after this delivery")
    limit: int = Field(PAGE, ge=1, le=PAGE, description="so many at most; the header `Link` leads to the next")


class Subscriptions(BaseModel, extra="forbid"):
    """Which subscriptions."""

    ended: bool = Field(False, description="those that have ended, too")
    after: int = Field(0, ge=0, le=LARGEST, description="only those made after this one")
    limit: int = Field(PAGE, ge=1, le=PAGE, description="so many at most; the header `Link` leads to the next")


class Again(BaseModel, extra="forbid"):
    """What is to be sent again: all news owed since a moment, to all or to one subscription; or all of a subscription
    that followed the delivery `after`, the last that its receiver has."""

    since: Since = None
    subscription: int | None = Field(None, ge=1, le=LARGEST)
    after: str | None = Field(None, max_length=ID)


class Change(BaseModel, extra="forbid"):
    """A new secret for a webhook: given, or drawn here; for so many hours the one before is valid too."""

    secret: str | None = Field(None, max_length=200)
    hours: int = Field(int(BOTH_VALID.total_seconds() // 3600), ge=0, le=LONGEST_HOURS)


@router.get("/deliveries")
def deliveries(
    request: Request, answer: Response, service: Asking, asked: Annotated[Deliveries, Query()]
) -> list[OwedLine]:
    """What is owed, sent and failed, in the order in which it came to be owed."""
    with reading(service.engine) as session, _refusals():
        lines = list(
            steps.deliveries(
                session, state=asked.state, subscription_id=asked.subscription, since=asked.since, after=asked.after,
                limit=asked.limit,
            )
        )  # fmt: skip
    if len(lines) == asked.limit:
        query = asked.model_dump(mode="json", exclude_none=True) | {"after": lines[-1]["delivery"]}
        answer.headers["link"] = f'<{request.url.path}?{urlencode(query)}>; rel="next"'
    return lines


@router.get("/deliveries/{delivery}", responses=MISSING)
def delivery_in_full(service: Asking, delivery: DeliveryId) -> DeliveryInFull:
    """One delivery with every attempt, and in words why it is not there yet."""
    with reading(service.engine) as session, _refusals(404):
        return in_full(service, session, delivery)


@router.post("/deliveries/resend")
def resend_many(service: Asking, asked: Again) -> list[OwedLine]:
    """Send again, with the same ids and contents, all news that came to be owed at or after a moment, or after a
    delivery. Raises HTTPException where neither or both are given."""
    if (asked.since is None) == (asked.after is None):
        raise HTTPException(
            400, "since: expected a moment such as 2025-08-31T12:00:00Z, or after: the id of a delivery"
        )
    with _refusals():
        if asked.since is not None:
            return steps.resend_since(service, asked.since, asked.subscription, by=TOKEN_HOLDER)
        return steps.resend_after(service, asked.after or "", by=TOKEN_HOLDER)


@router.post("/deliveries/{delivery}/resend")
def resend(service: Asking, delivery: DeliveryId) -> OwedLine:
    """Send one delivery again, with the same id and the same contents."""
    with _refusals():
        return steps.resend(service, delivery, by=TOKEN_HOLDER)


@router.get("/subscriptions")
def subscriptions(
    request: Request, answer: Response, service: Asking, asked: Annotated[Subscriptions, Query()]
) -> list[SubscriptionLine]:
    """The subscriptions in the order in which they were made; those that have ended only when asked for."""
    found = all_subscriptions(service, ended=asked.ended, after=asked.after, limit=asked.limit)
    if len(found) == asked.limit:
        query = asked.model_dump(mode="json", exclude_defaults=True) | {"after": found[-1].id}
        answer.headers["link"] = f'<{request.url.path}?{urlencode(query)}>; rel="next"'
    return [line(subscription) for subscription in found]


@router.get("/subscriptions/{subscription}", responses=MISSING)
def subscription_in_full(service: Asking, subscription: Number) -> SubscriptionLine:
    """One subscription."""
    with reading(service.engine) as session:
        found = session.get(Subscription, subscription)
    if found is None:
        raise HTTPException(404, f"subscription: expected the number of one, found {subscription}")
    return line(found)


@router.post("/subscriptions/{subscription}/pause")
def pause(service: Asking, subscription: Number) -> SubscriptionLine:
    """Send nothing to a subscription until it is resumed; what is owed is kept."""
    with _refusals():
        return line(pause_subscription(service, subscription, by=TOKEN_HOLDER))


@router.post("/subscriptions/{subscription}/resume")
def resume(service: Asking, subscription: Number, owed: Owed = "all") -> SubscriptionLine:
    """End the pause of a subscription; `owed` says what becomes of what piled up."""
    with _refusals():
        return line(resume_subscription(service, subscription, owed, by=TOKEN_HOLDER))


@router.post("/subscriptions/{subscription}/test")
def test(service: Asking, subscription: Number) -> DeliveryLine:
    """Send a message marked as a test, now, and say what became of it."""
    with _refusals():
        return send_test(service, subscription, by=TOKEN_HOLDER)


@router.post("/subscriptions/{subscription}/rotate")
def change_secret(service: Asking, subscription: Number, asked: Change) -> SubscriptionLine:
    """Give a webhook a new secret, which is shown this once. For a while each message is signed with both."""
    with _refusals():
        return line(*rotate(service, subscription, asked.secret, both=timedelta(hours=asked.hours), by=TOKEN_HOLDER))


@router.post("/subscriptions/{subscription}/end")
def end(service: Asking, subscription: Number) -> SubscriptionLine:
    """End a subscription; what it is still owed is void. Ending twice changes nothing."""
    with _refusals():
        return line(unsubscribe(service, subscription, by=TOKEN_HOLDER))
