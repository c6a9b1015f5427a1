"""What an operator does about deliveries, as JSON: the acts of `therawatch deliveries`, `resend` and `resume`.

Who asks shows the token of THERAWATCH_API_TOKEN (`Authorization: Bearer ...`); without that setting nobody may ask.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from monitor.settings import Misconfigured
from monitor.telling import deliveries as steps
from monitor.telling.deliveries import OwedLine
from monitor.telling.pause import Owed, resume_subscription
from monitor.telling.subscriptions import SubscriptionLine, line
from monitor.web.queries import Since
from monitor.web.rendering import Asking
from store.database import reading
from store.states import DeliveryState

LARGEST = 2**31 - 1
"""The largest number that a subscription can have."""

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
def _refusals() -> Iterator[None]:
    """What the steps refuse, as an answer 400 in their words."""
    try:
        yield
    except Misconfigured as problem:
        raise HTTPException(400, str(problem)) from None


router = APIRouter(prefix="/api/v1", dependencies=[Depends(maintainer)], responses=CLOSED)

Number = Annotated[int, Path(ge=1, le=LARGEST)]


class Deliveries(BaseModel, extra="forbid"):
    """Which deliveries: as the options of `therawatch deliveries`."""

    state: DeliveryState | None = Field(None, description="only deliveries in this state")
    subscription: int | None = Field(None, ge=1, le=LARGEST, description="only those owed to this subscription")
    since: Since = Field(None, description="only those that came to be owed at or after this moment")


class Again(BaseModel, extra="forbid"):
    """What is to be sent again: all news owed since a moment, to all or to one subscription."""

    since: Since
    subscription: int | None = Field(None, ge=1, le=LARGEST)


@router.get("/deliveries")
def deliveries(service: Asking, asked: Annotated[Deliveries, Query()]) -> list[OwedLine]:
    """What is owed, sent and failed, in the order in which it came to be owed."""
    with reading(service.engine) as session, _refusals():
        return list(steps.deliveries(session, state=asked.state, subscription_id=asked.subscription, since=asked.since))


@router.post("/deliveries/resend")
def resend_since(service: Asking, asked: Again) -> list[OwedLine]:
    """Send again, with the same ids and contents, all news that came to be owed at or after a moment. Raises
    HTTPException where none is given."""
    if asked.since is None:
        raise HTTPException(400, "since: expected a moment such as 2025-08-31T12:00:00Z, found none")
    with _refusals():
        return steps.resend_since(service, asked.since, asked.subscription)


@router.post("/deliveries/{delivery}/resend")
def resend(service: Asking, delivery: Annotated[str, Path(max_length=80)]) -> OwedLine:
    """Send one delivery again, with the same id and the same contents."""
    with _refusals():
        return steps.resend(service, delivery)


@router.post("/subscriptions/{subscription}/resume")
def resume(service: Asking, subscription: Number, owed: Owed = "all") -> SubscriptionLine:
    """End the pause of a subscription; `owed` says what becomes of what piled up."""
    with _refusals():
        return line(resume_subscription(service, subscription, owed))
