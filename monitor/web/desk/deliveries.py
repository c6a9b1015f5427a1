"""What is owed, sent and failed, why it waits, and sending it again; and the stop of all sending."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Form, HTTPException, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, and_, col, func, or_, select

from monitor.people.sign_ins import SignedIn
from monitor.service import Service
from monitor.settings import Misconfigured
from monitor.telling.deliveries import resend
from monitor.telling.delivery_log import channels_down, in_full
from monitor.telling.outages import stopped
from monitor.telling.pause import Owed, pause_all, resume_all
from monitor.web.desk.access import PATH, PRIVATE, Acting, Visitor, person
from monitor.web.desk.delivery_rows import called_reader, rows
from monitor.web.desk.frame import desk_page
from monitor.web.rendering import Asking, address, titles_of
from store.database import reading
from store.states import DeliveryState
from store.tables import Delivery, Subscription

router = APIRouter(prefix=PATH, include_in_schema=False)

ROWS = 25
LARGEST = 2**31 - 1
Id = Annotated[str, Path(max_length=80)]


class View(StrEnum):
    """Which deliveries."""

    FAILED = "failed"
    WAITING = "waiting"
    SENT = "sent"
    ALL = "all"


VIEWS = {View.FAILED: "Given up", View.WAITING: "Owed", View.SENT: "Sent", View.ALL: "All"}
DONE = {
    "again": "It is owed again, under the same id. It goes with the next round.",
    "stopped": "All sending is stopped. What is owed is kept.",
    "started": "Sending goes on.",
}


class Asked(BaseModel):
    """What of the deliveries is shown, as it stands in the address."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    view: View = View.WAITING
    subscription: int | None = Field(None, ge=1, le=LARGEST)
    before: str = Field("", max_length=80)
    done: str = Field("", max_length=20)

    def query(self) -> dict[str, Any]:
        """What stands in the address, place and outcome aside."""
        return {"view": None if self.view == View.WAITING else self.view.value, "subscription": self.subscription}


@router.get("/deliveries")
def deliveries(request: Request, service: Asking, who: Visitor, asked: Annotated[Asked, Query()]) -> HTMLResponse:
    """The list, the latest first."""
    with reading(service.engine) as session:
        wanted: list[Any] = [col(Delivery.subscription_id) == asked.subscription] if asked.subscription else []
        counts = _counts(session, wanted)
        wanted += [col(Delivery.state) == asked.view.value] if asked.view != View.ALL else []
        last = session.get(Delivery, asked.before) if asked.before else None
        if last is not None:
            at_once = and_(col(Delivery.created_at) == last.created_at, col(Delivery.id) < last.id)
            wanted.append(or_(col(Delivery.created_at) < last.created_at, at_once))
        shown = rows(service, session, who, wanted, ROWS + 1)
        all_stopped = stopped(session)
    here = asked.query()
    return desk_page(
        request, who, "desk/deliveries.html",
        rows=shown[:ROWS], asked=asked, all_stopped=all_stopped, down=channels_down(service),
        views=[
            {"label": label, "count": counts.get(view.value), "current": view == asked.view,
             "href": address("/review/deliveries", here | {"view": None if view == View.WAITING else view.value})}
            for view, label in VIEWS.items()
        ],
        older=address("/review/deliveries", here, before=shown[ROWS - 1]["id"]) if len(shown) > ROWS else None,
        owed=get_args(Owed), said={"words": DONE[asked.done], "undo": []} if asked.done in DONE else None,
    )  # fmt: skip


def _counts(session: Session, wanted: Sequence[Any]) -> dict[str, int]:
    query = select(Delivery.state, func.count()).where(*wanted).group_by(col(Delivery.state))
    return {DeliveryState(state).value: count for state, count in session.exec(query)}


@router.get("/deliveries/{delivery}")
def one_delivery(request: Request, service: Asking, who: Visitor, delivery: Id, done: str = "") -> HTMLResponse:
    """One delivery with every attempt. HTTPException 404 for none of this id."""
    said = {"words": DONE[done], "undo": []} if done in DONE else None
    return _shown(request, service, who, delivery, said=said)


def _shown(
    request: Request, service: Service, who: SignedIn, delivery: str, *, status: int = 200, **more: Any
) -> HTMLResponse:
    with reading(service.engine) as session:
        try:
            line = in_full(service, session, delivery)
        except Misconfigured as problem:
            raise HTTPException(404, str(problem)) from None
        reader = session.get_one(Subscription, line["subscription"])
        titles = titles_of(session, line["events"], service.pack)
    return desk_page(
        request, who, "desk/delivery.html", status=status, delivery=line, reader=reader, headlines=titles,
        called=called_reader(reader, who), **{"said": None, "problem": None} | more,
    )  # fmt: skip


@router.post("/deliveries/{delivery}/again")
def send_again(request: Request, service: Asking, who: Acting, delivery: Id) -> Response:
    """Send one again, under the same id; what cannot be is said on the same page."""
    try:
        resend(service, delivery, by=person(who))
    except Misconfigured as problem:
        return _shown(request, service, who, delivery, problem=str(problem), status=409)
    return RedirectResponse(address(f"/review/deliveries/{delivery}", {}, done="again"), 303, headers=PRIVATE)


@router.post("/sending/stop")
def stop_sending(service: Asking, who: Acting) -> Response:
    """Stop all sending, as `therawatch pause`."""
    pause_all(service, by=person(who))
    return RedirectResponse("/review/deliveries?done=stopped", 303, headers=PRIVATE)


@router.post("/sending/start")
def start_sending(service: Asking, who: Acting, owed: Annotated[Owed, Form()] = "all") -> Response:
    """Start it again, as `therawatch resume`."""
    resume_all(service, owed, by=person(who))
    return RedirectResponse("/review/deliveries?done=started", 303, headers=PRIVATE)
