"""One event on the desk: what it says, what it rests on, what would be sent to how many, and what can be done."""

import json
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import Field
from sqlmodel import Session, col, or_, select

from monitor.events.record import retold
from monitor.events.review import Overruled
from monitor.events.review_decisions import UNDO, UNDO_CRITICAL, Wish, matter, waiting_for
from monitor.events.review_queue import Row, rows
from monitor.people.audit import acts, line
from monitor.people.sign_ins import SignedIn
from monitor.service import Service
from monitor.standing.log import evidence_of_events
from monitor.telling.channels import frame_of
from monitor.telling.compose.event_body import event_body
from monitor.telling.compose.manner import Manner
from monitor.telling.compose.message import entry_of
from monitor.telling.compose.news import gather
from monitor.telling.foretold import foretell
from monitor.vocabulary.event_types import TYPES
from monitor.vocabulary.places import PLACES
from monitor.web import labels as words
from monitor.web.desk.access import PATH, Visitor
from monitor.web.desk.evidence import TABS, Rests, tab
from monitor.web.desk.frame import desk_page
from monitor.web.desk.queue import QueueQuery, age
from monitor.web.desk.said import said_of
from monitor.web.desk.stands import sentences
from monitor.web.rendering import Asking, address, display_name, display_title
from store.database import reading
from store.states import REVIEWABLE, Certainty, EventState, Level, Notice, Polarity, Verdict, Wording
from store.tables import Event, Snooze

router = APIRouter(prefix=PATH, include_in_schema=False)

IDENTITY = 100
ALIKE = 9
"""Events offered for a merge: one key each."""

REASONS = {
    "noise": ("Noise", "n", "nothing happened"),
    "parser": ("Misread", "p", "the source says something else"),
    "duplicate": ("Told already", "d", "another event tells of it"),
    "subject": ("Wrong drug or trial", "w", "it is about something else"),
    "scope": ("Out of scope", "o", "not of this disease or pack"),
    "uncertain": ("Not certain", "c", "no source that we trust says so"),
}
"""Why events are rejected: name, key, and what it means."""


class EventQuery(QueueQuery):
    """The queue that one came from, and the tab of the evidence."""

    tab: str = Field("fields", pattern=f"^({'|'.join(TABS)})$")
    done: str = Field("", max_length=2000)


@router.get("/events/{identity}")
def event_page(
    request: Request, service: Asking, who: Visitor, identity: str, asked: Annotated[EventQuery, Query()]
) -> HTMLResponse:
    """The event with one tab of its evidence open. HTTPException 404 for an id that is none."""
    return shown(request, service, who, identity, asked)


def shown(
    request: Request,
    service: Service,
    who: SignedIn,
    identity: str,
    asked: EventQuery,
    *,
    problem: str | None = None,
    status: int = 200,
) -> HTMLResponse:
    """The page, after a refused act with what was wrong."""
    queue = asked.query()
    with reading(service.engine) as session:
        event = session.get(Event, identity) if len(identity) <= IDENTITY else None
        if event is None:
            raise HTTPException(404, f"expected the id of an event, found {identity[:IDENTITY]!r}")
        context = _rests(session, service, event, asked, who) | _told(session, service, event)
    decision = context["decision"]
    return desk_page(
        request,
        who,
        "desk/event.html",
        status=status,
        event=event,
        title=display_title(event, service.pack),
        tabs=[(name, label, str(number)) for number, (name, label) in enumerate(TABS.items(), 1)],
        here=queue,
        back=urlencode(queue),
        queue_address=address("/review", queue),
        base=f"/review/events/{event.id}",
        problem=problem,
        **_foretold(service, event, decision),
        can=_can(event, decision, who),
        undo_minutes=int((UNDO_CRITICAL if event.level == Level.CRITICAL else UNDO).total_seconds() // 60),
        two_people=service.settings.two_people and event.level == Level.CRITICAL,
        reasons=REASONS,
        **context,
        **_choices(service),
    )


def _rests(session: Session, service: Service, event: Event, asked: EventQuery, who: SignedIn) -> dict[str, Any]:
    """What the store holds about an event: its evidence, what was decided, and its neighbours."""
    now = service.now()
    proofs = evidence_of_events(session, [event.id]).get(event.id, [])
    return {
        "label": TYPES[event.type].label if event.type in TYPES else event.type,
        "drug": display_name(service.pack, event.therapy, event.place) or event.drug,
        "age": age(now - event.detected_at),
        "tab": asked.tab,
        "shown": tab(asked.tab, Rests(session, service, event, proofs)),
        "tellers": len({(proof.source, proof.watch) for proof in proofs}),
        "disputed": event.certainty == Certainty.DISPUTED,
        "decision": waiting_for(session, event.id),
        "snooze": session.get(Snooze, event.id),
        "said": said_of(session, service.pack, asked.done, now),
        "history": [line(row) for row in acts(session, matter=matter(event))],
        "alike": _alike(session, service, event),
        "next": _place(rows(session, asked.asked(who), now), event.id),
    }


def _told(session: Session, service: Service, event: Event) -> dict[str, Any]:
    """What readers and machines would get, as if it were released."""
    released = retold(event, state=EventState.RELEASED, held_because=None)
    (news,) = gather(session, [(released, Notice.CORRECTION if event.corrects else Notice.NEWS)])
    frame = frame_of(service)
    body = json.dumps(json.loads(event_body(news, frame)), ensure_ascii=False, indent=1)
    technical = entry_of(news, frame, Manner(Wording.TECHNICAL)).sentence
    return {"entry": entry_of(news, frame), "technical": technical, "body": body}


def _foretold(service: Service, event: Event, decision: Any) -> dict[str, Any]:
    """What the decision that waits, or else an approval, would send, and what the answers say afterwards."""
    if decision is not None:
        wish = Wish(decision.verdict, decision.note, decision.amended)
    elif event.state == EventState.HELD:
        wish = Wish(Verdict.CONFIRMED)
    else:
        return {"foretold": None, "stands": []}
    try:
        foretold = foretell(service, event.id, wish)
    except Overruled:
        return {"foretold": None, "stands": []}
    return {"foretold": foretold, "stands": sentences(foretold.stands, service.pack)}


def _can(event: Event, decision: Any, who: SignedIn) -> set[str]:
    """The acts that are open to who looks."""
    if not who.may_act:
        return set()
    if decision is not None:
        second = decision.due_at is None and decision.by != who.name
        return {"undo", "agree"} if second else {"undo"}
    if event.state == EventState.HELD:
        return {"approve", "wording", "reject", "merge", "snooze", "correct", "conflict"}
    return {"correct", "reject", "merge", "conflict"} if event.state in REVIEWABLE else set()


def _alike(session: Session, service: Service, event: Event) -> list[dict[str, Any]]:
    """Events that may be the same one: of the same matter, or of the same drug and kind."""
    same = [col(Event.thread) == event.thread]
    if event.therapy:
        same.append((col(Event.therapy) == event.therapy) & (col(Event.type) == event.type))
    if event.trial:
        same.append(col(Event.trial) == event.trial)
    query = select(Event).where(or_(*same), Event.id != event.id, col(Event.state).in_(REVIEWABLE))
    found = session.exec(query.order_by(col(Event.sequence).desc()).limit(ALIKE)).all()
    return [{"event": one, "title": display_title(one, service.pack)} for one in found]


def _place(found: list[Row], identity: str) -> dict[str, Any]:
    """Where in the queue this event stands, and its neighbours."""
    ids = [id for row in found for id in row.ids]
    if identity not in ids:
        return {"number": None, "total": len(ids), "before": None, "after": ids[0] if ids else None}
    place = ids.index(identity)
    return {
        "number": place + 1,
        "total": len(ids),
        "before": ids[place - 1] if place else None,
        "after": ids[place + 1] if place + 1 < len(ids) else None,
    }


def _choices(service: Service) -> dict[str, Any]:
    """What a correction may choose from."""
    return {
        "types": sorted(((name, spec.label.capitalize()) for name, spec in TYPES.items()), key=lambda pair: pair[1]),
        "therapies": [(t.name, display_name(service.pack, t.name) or t.name) for t in service.pack.therapies],
        "places": [(code, words.word(code, "place")) for code in PLACES],
        "polarities": [(name, words.word(name, "polarity")) for name in Polarity],
        "kinds": list(words.KINDS.items()),
    }
