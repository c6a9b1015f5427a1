"""What is done on the desk, each a POST of a form: approve, edit the wording, reject, merge, put off, correct, say that
the tellers disagree, undo.

The acts are those of `monitor.events.review_decisions`, as for `therawatch review` and the interface.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field, ValidationError
from sqlmodel import Session

from monitor.events import review_decisions as decisions
from monitor.events.conflicts import turn_conflict
from monitor.events.review import AMENDABLE, Overruled
from monitor.events.review_decisions import Rules, Wish
from monitor.events.review_queue import next_after, one_by_one
from monitor.people.audit import Who
from monitor.service import Service
from monitor.standing.log import evidence_of_events
from monitor.web.desk.access import PATH, PRIVATE, Acting, person
from monitor.web.desk.event import IDENTITY, REASONS, EventQuery, shown
from monitor.web.rendering import Asking, address
from store.database import reading, writing
from store.states import Verdict
from store.tables import Event

router = APIRouter(prefix=PATH, include_in_schema=False)

PUT_OFF = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
SOURCE = "source"
"""Put off until another source tells of it."""

MANY = 200
"""Events approved at once."""


class Given(BaseModel):
    """The fields of all forms of the page; each act takes its own."""

    back: str = Field("", max_length=2000)
    reason: str = Field("", max_length=40)
    note: str = Field("", max_length=2000)
    sentence: str = Field("", max_length=2000)
    into: str = Field("", max_length=IDENTITY)
    until: str = Field("", max_length=40)
    type: str = Field("", max_length=60)
    therapy: str = Field("", max_length=200)
    place: str = Field("", max_length=10)
    trial: str = Field("", max_length=60)
    polarity: str = Field("", max_length=20)
    occurred_on: str = Field("", max_length=10)
    kind: str = Field("", max_length=60)
    event: list[Annotated[str, Field(max_length=IDENTITY)]] = Field(default_factory=list, max_length=MANY)

    def queue(self) -> EventQuery:
        """The queue that one came from; an odd one is the first view."""
        try:
            return EventQuery.model_validate(dict(parse_qsl(self.back)))
        except ValidationError:
            return EventQuery.model_validate({})


Act = Callable[[Service, Session, Event, Given, Who, datetime], str]
"""Does something with an event and says what `done` of the next address is to be. Raises Overruled."""


@router.post("/events/{identity}/{act}")
def act_on(
    request: Request, service: Asking, who: Acting, identity: str, act: str, given: Annotated[Given, Form()]
) -> Response:
    """One act on one event; then the next event of the queue. What cannot be done is said on the same page.

    HTTPException 404 for an act or an event that is none.
    """
    if act not in ACTS:
        raise HTTPException(404, f"expected one of {', '.join(ACTS)}; found {act[:40]!r}")
    queue, now = given.queue(), service.now()
    with reading(service.engine) as session:
        after = next_after(session, queue.asked(who), now, identity) if act not in STAY else identity
    try:
        with writing(service.engine) as session:
            event = session.get(Event, identity) if len(identity) <= IDENTITY else None
            if event is None:
                raise HTTPException(404, f"expected the id of an event, found {identity[:IDENTITY]!r}")
            done = ACTS[act](service, session, event, given, person(who), now)
    except Overruled as problem:
        return shown(request, service, who, identity, queue, problem=str(problem), status=409)
    path = f"/review/events/{after}" if after else "/review"
    return RedirectResponse(address(path, queue.query(), done=done), status_code=303, headers=PRIVATE)


@router.post("/approve")
def approve_many(service: Asking, who: Acting, given: Annotated[Given, Form()]) -> Response:
    """Approve the selected events: small ones that one rule has read. HTTPException 409 for others, and none."""
    with writing(service.engine) as session:
        events = list(one_by_one(session, given.event).values())
        if not events:
            raise HTTPException(409, "expected at least one event to be selected, found none")
        try:
            done = decisions.approve_all(session, events, person(who), service.now(), _rules(service))
        except Overruled as problem:
            raise HTTPException(409, str(problem)) from None
        session.flush()
        numbers = ".".join(str(decision.id) for decision in done)
    return RedirectResponse(address("/review", given.queue().query(), done=numbers), status_code=303, headers=PRIVATE)


@router.post("/undo")
def undo_many(service: Asking, who: Acting, given: Annotated[Given, Form()]) -> Response:
    """Undo what was just decided. HTTPException 409 where it has taken effect."""
    with writing(service.engine) as session:
        try:
            for event in one_by_one(session, given.event).values():
                decisions.undo(session, event, person(who), service.now())
        except Overruled as problem:
            raise HTTPException(409, str(problem)) from None
    first = given.event[0] if len(given.event) == 1 else None
    path = f"/review/events/{first}" if first else "/review"
    return RedirectResponse(address(path, given.queue().query(), done="undone"), status_code=303, headers=PRIVATE)


def _rules(service: Service) -> Rules:
    return Rules(two_people=service.settings.two_people)


def _decided(service: Service, session: Session, event: Event, wish: Wish, who: Who, now: datetime) -> str:
    decision = decisions.decide(session, event, wish, who, now, _rules(service))
    session.flush()
    return str(decision.id)


def _approve(service: Service, session: Session, event: Event, given: Given, who: Who, now: datetime) -> str:
    return _decided(service, session, event, Wish(Verdict.CONFIRMED, given.note.strip()), who, now)


def _agree(service: Service, session: Session, event: Event, given: Given, who: Who, now: datetime) -> str:
    """The second person says the same as the first."""
    if (first := decisions.waiting_for(session, event.id)) is None:
        raise Overruled(f"expected a decision on {event.id} that waits for a second person, found none")
    return _decided(service, session, event, Wish(first.verdict, first.note, first.amended), who, now)


def _reject(service: Service, session: Session, event: Event, given: Given, who: Who, now: datetime) -> str:
    if given.reason not in REASONS:
        raise Overruled(f"expected a reason of {', '.join(REASONS)}, found {given.reason!r}")
    name, _, means = REASONS[given.reason]
    note = given.note.strip() or f"{name}: {means}."
    return _decided(service, session, event, Wish(Verdict.DISMISSED, note, {"reason": given.reason}), who, now)


def _merge(service: Service, session: Session, event: Event, given: Given, who: Who, now: datetime) -> str:
    wish = Wish(Verdict.MERGED, given.note.strip(), {"into": given.into.strip()})
    return _decided(service, session, event, wish, who, now)


def _correct(service: Service, session: Session, event: Event, given: Given, who: Who, now: datetime) -> str:
    amended = {
        field: value or None
        for field in AMENDABLE
        if field in given.model_fields_set and (value := getattr(given, field).strip()) != (getattr(event, field) or "")
    }
    if (therapy := amended.get("therapy")) and service.pack.named(therapy) is None:
        raise Overruled(f"therapy: expected one of the pack, found {therapy!r}")
    if not given.note.strip():
        raise Overruled("How it came about: expected a sentence for the readers of the correction, found none")
    return _decided(service, session, event, Wish(Verdict.CORRECTED, given.note.strip(), amended), who, now)


def _wording(service: Service, session: Session, event: Event, given: Given, who: Who, now: datetime) -> str:
    decisions.edit_wording(session, event, given.sentence, who, now, service.pack)
    return "worded"


def _snooze(service: Service, session: Session, event: Event, given: Given, who: Who, now: datetime) -> str:
    tellers = None
    until = now + PUT_OFF[given.until] if given.until in PUT_OFF else None
    if given.until == SOURCE:
        tellers = len(evidence_of_events(session, [event.id]).get(event.id, []))
    elif until is None:
        until = _day(given.until)
    decisions.put_off(session, event, who, now, until=until, tellers=tellers)
    return "snoozed"


def _day(text: str) -> datetime:
    try:
        return datetime.combine(datetime.fromisoformat(text).date(), datetime.min.time(), UTC)
    except ValueError:
        raise Overruled(f"until: expected a day such as 2026-03-05, found {text!r}") from None


def _undo(service: Service, session: Session, event: Event, given: Given, who: Who, now: datetime) -> str:
    decisions.undo(session, event, who, now)
    return "undone"


def _conflict(service: Service, session: Session, event: Event, given: Given, who: Who, now: datetime) -> str:
    return "disagree" if turn_conflict(session, event, who, now, service.pack) else "agree"


STAY = ("wording", "conflict", "undo")
"""Acts after which one stays with the event."""

ACTS: Mapping[str, Act] = {
    "approve": _approve,
    "agree": _agree,
    "wording": _wording,
    "reject": _reject,
    "merge": _merge,
    "snooze": _snooze,
    "correct": _correct,
    "conflict": _conflict,
    "undo": _undo,
}
