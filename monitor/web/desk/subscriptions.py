"""The subscriptions on the desk: what each asks for and whether it arrives; pause, resume, send a test, send again,
change a webhook's secret, end."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Form, HTTPException, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session, col, func, select

from monitor.people.audit import Who
from monitor.people.sign_ins import SignedIn
from monitor.service import Service
from monitor.settings import Misconfigured
from monitor.telling.deliver import send_test
from monitor.telling.deliveries import resend_since
from monitor.telling.failures import failing_since
from monitor.telling.pause import Owed, pause_subscription, resume_subscription
from monitor.telling.rotation import BOTH_VALID, LONGEST_HOURS, rotate
from monitor.telling.subscription_lines import line
from monitor.telling.subscriptions import unsubscribe
from monitor.web.desk.access import PATH, PRIVATE, Acting, Visitor, person
from monitor.web.desk.delivery_rows import called_reader, rows
from monitor.web.desk.frame import desk_page
from monitor.web.rendering import Asking, address
from store.database import reading
from store.states import DeliveryState
from store.tables import Delivery, Subscription

router = APIRouter(prefix=PATH, include_in_schema=False)

ROWS = 50
RECENT = 10
"""Deliveries shown of one subscription."""
LARGEST = 2**31 - 1
HOURS = int(BOTH_VALID.total_seconds() // 3600)
Number = Annotated[int, Path(ge=1, le=LARGEST)]

AGAIN = "again-"
DONE = {
    "paused": "It is paused. What it is owed is kept.",
    "resumed": "It goes on.",
    "ended": "It has ended; what it was still owed is void.",
    "test-sent": "The test arrived.",
    "test-waiting": "The test did not arrive. Its log says why.",
    f"{AGAIN}0": "Nothing that had left since that day: nothing is sent again.",
}


class Given(BaseModel):
    """The fields of all forms of the page; each act takes its own."""

    owed: Owed = "all"
    since: str = Field("", max_length=20)
    hours: int = Field(HOURS, ge=0, le=LONGEST_HOURS)


@router.get("/subscriptions")
def subscriptions(
    request: Request, service: Asking, who: Visitor, page: Annotated[int, Query(ge=1, le=1000)] = 1, ended: bool = False
) -> HTMLResponse:
    """All of them, the latest first, with what does not arrive."""
    with reading(service.engine) as session:
        query = select(Subscription).order_by(col(Subscription.id).desc())
        query = query if ended else query.where(col(Subscription.ended_at).is_(None))
        found = list(session.exec(query.offset((page - 1) * ROWS).limit(ROWS + 1)).all())
        counts = _counts(session, [one.id for one in found if one.id is not None])
        shown = [
            {"line": line(one), "called": called_reader(one, who), "failing": failing_since(session, one),
             "owed": counts.get((one.id, DeliveryState.WAITING), 0),
             "failed": counts.get((one.id, DeliveryState.FAILED), 0)}
            for one in found[:ROWS]
        ]  # fmt: skip
    here = {"ended": "true" if ended else None}
    return desk_page(
        request, who, "desk/subscriptions.html", subscriptions=shown, page=page, ended=ended,
        newer=address("/review/subscriptions", here, page=page - 1) if page > 1 else None,
        older=address("/review/subscriptions", here, page=page + 1) if len(found) > ROWS else None,
    )  # fmt: skip


def _counts(session: Session, ids: list[int]) -> dict[tuple[int | None, DeliveryState], int]:
    query = select(Delivery.subscription_id, Delivery.state, func.count()).where(col(Delivery.subscription_id).in_(ids))
    found = session.exec(query.group_by(col(Delivery.subscription_id), col(Delivery.state))).all()
    return {(number, DeliveryState(state)): count for number, state, count in found}


@router.get("/subscriptions/{number}")
def subscription(request: Request, service: Asking, who: Visitor, number: Number, done: str = "") -> HTMLResponse:
    """One subscription. HTTPException 404 for none of this number."""
    said = DONE.get(done)
    if said is None and done.startswith(AGAIN) and done.removeprefix(AGAIN).isdigit():
        said = f"Owed again: {done.removeprefix(AGAIN)[:9]} of its messages."
    return _shown(request, service, who, number, said={"words": said, "undo": []} if said else None)


def _shown(
    request: Request, service: Service, who: SignedIn, number: int, *, status: int = 200, **more: Any
) -> HTMLResponse:
    with reading(service.engine) as session:
        found = session.get(Subscription, number)
        if found is None:
            raise HTTPException(404, f"expected the number of a subscription, found {number}")
        recent = rows(service, session, who, [col(Delivery.subscription_id) == number], RECENT)
        failing = failing_since(session, found)
    return desk_page(
        request, who, "desk/subscription.html", status=status, subscription=line(found),
        called=called_reader(found, who),
        signed=found.secret is not None, failing=failing, recent=recent, owed=get_args(Owed), hours=HOURS,
        longest=LONGEST_HOURS, week=f"{service.now() - timedelta(days=7):%Y-%m-%d}",
        **{"said": None, "problem": None, "secret": None} | more,
    )  # fmt: skip


Act = Callable[[Service, int, Given, Who], str]
"""Does something with a subscription and says what `done` of the next address is to be. Raises Misconfigured."""


@router.post("/subscriptions/{number}/secret")
def change_secret(
    request: Request, service: Asking, who: Acting, number: Number, given: Annotated[Given, Form()]
) -> HTMLResponse:
    """Change a webhook's secret: the new one stands on this page alone, this once."""
    try:
        _, key = rotate(service, number, both=timedelta(hours=given.hours), by=person(who))
    except Misconfigured as problem:
        return _shown(request, service, who, number, problem=str(problem), status=409)
    return _shown(request, service, who, number, secret=key)


@router.post("/subscriptions/{number}/{act}")
def act_on_subscription(
    request: Request, service: Asking, who: Acting, number: Number, act: str, given: Annotated[Given, Form()]
) -> Response:
    """One act on one subscription; what cannot be done is said on the same page. HTTPException 404 for no such act."""
    if act not in ACTS:
        raise HTTPException(404, f"expected one of {', '.join(ACTS)}; found {act[:40]!r}")
    try:
        done = ACTS[act](service, number, given, person(who))
    except Misconfigured as problem:
        return _shown(request, service, who, number, problem=str(problem), status=409)
    return RedirectResponse(address(f"/review/subscriptions/{number}", {}, done=done), 303, headers=PRIVATE)


def _pause(service: Service, number: int, given: Given, by: Who) -> str:
    pause_subscription(service, number, "a maintainer paused it", by=by)
    return "paused"


def _resume(service: Service, number: int, given: Given, by: Who) -> str:
    resume_subscription(service, number, given.owed, by=by)
    return "resumed"


def _test(service: Service, number: int, given: Given, by: Who) -> str:
    return "test-sent" if send_test(service, number, by=by)["state"] == DeliveryState.SENT else "test-waiting"


def _again(service: Service, number: int, given: Given, by: Who) -> str:
    try:
        since = datetime.combine(datetime.fromisoformat(given.since).date(), datetime.min.time(), UTC)
    except ValueError:
        raise Misconfigured(f"since: expected a day such as 2026-03-05, found {given.since!r}") from None
    return f"{AGAIN}{len(resend_since(service, since, number, by=by))}"


def _end(service: Service, number: int, given: Given, by: Who) -> str:
    unsubscribe(service, number, by=by)
    return "ended"


ACTS: Mapping[str, Act] = {"pause": _pause, "resume": _resume, "test": _test, "again": _again, "end": _end}
