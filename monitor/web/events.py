"""What happened: the list, and each event for ever at one address."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session, select

from monitor.service import Service
from monitor.standing import pages
from monitor.standing.contract import EventInFull
from monitor.standing.log import as_they_were, change_lines, evidence_of_events, matter_of, successor
from monitor.standing.log import event as event_with_all
from monitor.standing.timeline import by_tier, in_order, stamp
from monitor.telling.compose.message import Frame, entry_of
from monitor.telling.compose.news import gather
from monitor.vocabulary.event_types import TYPES
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.wording import condition_of
from monitor.web import labels as words
from monitor.web import lists
from monitor.web.how_read import how_read
from monitor.web.kept import kept_pages
from monitor.web.queries import PAGE_SIZE, EventsQuery
from monitor.web.rendering import Asking, display_name, display_title, event_row, frame_of, page, told_as
from store.database import reading
from store.states import BELIEVED, Notice
from store.tables import Event, Evidence

router = APIRouter(include_in_schema=False)

IDENTITY = 100
"""Longest id or name in an address."""


@router.get("/events")
def events_page(request: Request, service: Asking, asked: Annotated[EventsQuery, Query()]) -> HTMLResponse:
    """The list, newest first by the day of the act."""
    with reading(service.engine) as session:
        filters = asked.filters(service.pack)
        found = pages.events_by_day(session, filters, **asked.marks(), size=PAGE_SIZE)
        then = (event for event, _ in as_they_were(session, found.rows, filters.known_at))
        lines = [event_row(event, service.pack) for event in (then if filters.known_at else found.rows)]
        around = lists.around("/events", asked, found, lists.of_events(service))
    return page(request, "events.html", events=lines, **around)


@router.get("/events/{identity}")
def event_page(request: Request, service: Asking, identity: str) -> Response:
    """One event with its evidence and the steps of its matter; of one that was wrong, what is right."""
    with reading(service.engine) as session:
        line = event_with_all(session, identity, among=BELIEVED) if len(identity) <= IDENTITY else None
        if line is None:
            return elsewhere(session, identity, "/events/")
        context = _everything(session, service, line)
    return page(request, "event.html", event=line, **context)


def elsewhere(session: Session, identity: str, path: str) -> Response:
    """Where to read on instead of an event that is not shown. Raises HTTPException 404 where there is no such place."""
    other = successor(session, identity, among=BELIEVED) if len(identity) <= IDENTITY else None
    if other is None:
        raise HTTPException(404, f"expected the id of an event, found {identity[:IDENTITY]!r}")
    return RedirectResponse(path + other, status_code=307)


def _everything(session: Session, service: Service, line: EventInFull) -> dict[str, Any]:
    event = session.get_one(Event, line["event"])
    frame = frame_of(service)
    entry = entry_of(gather(session, [(event, Notice.CORRECTION if event.corrects else Notice.NEWS)])[0], frame)
    proofs = evidence_of_events(session, [event.id]).get(event.id, [])
    thread = session.exec(select(Event).where(matter_of(event))).all()
    rungs = in_order(e for e in thread if e.state in BELIEVED or e.id == event.id)
    ids = sorted({proof.change_id for proof in proofs if proof.change_id is not None})
    changes = list(change_lines(session, ids, among=BELIEVED))
    kept = kept_pages(session, by_tier(proofs), {change["change"]: change["item"] for change in changes})
    return {
        "entry": entry,
        "right": (right := successor(session, event.id, among=BELIEVED)),
        "right_title": _public_title(session, right, service.pack),
        "corrected": _public_title(session, event.corrects, service.pack),
        "title": entry.heading,
        "drug": display_name(service.pack, event.therapy, event.place),
        "label": TYPES[event.type].label if event.type in TYPES else event.type.replace("_", " "),
        "terms": condition_of(event.kind),
        "reasons": [_reason(reason, event.type) for reason in event.level_reasons],
        "sides": entry if entry.before and entry.after else None,
        "ladder": [
            {
                "id": rung.id, "label": display_title(rung, service.pack), "on": rung.occurred_on,
                "mark_date": rung.mark_date, "tier": rung.tier,
            }
            for rung in rungs
        ],
        "proofs": [_proof(proof, frame) | {"kept": kept.get(proof.id)} for proof in by_tier(proofs)],
        "how_read": how_read(session, event, proofs),
        "disagreements": list(_disagreements(event, proofs, frame)),
        "changes": changes,
        "headlines": told_as(session, changes, service.pack),
        "reviews": line["reviews"],
    }  # fmt: skip


def _reason(reason: str, type_: str) -> str:
    """A reason for the level, with the label of the type in place of its name."""
    return reason.replace(type_, words.word(type_, "type"))


def _public_title(session: Session, id: str | None, pack: Pack) -> str | None:
    """What an event that may be shown is called."""
    event = session.get(Event, id) if id else None
    return display_title(event, pack) if event is not None and event.state in BELIEVED else None


def _proof(evidence: Evidence, frame: Frame) -> dict[str, Any]:
    shown = evidence.model_dump(include={"tier", "url", "quote", "told_on", "published_on", "capture_sha256"})
    return shown | {
        "source": frame.teller(evidence.source, evidence.watch),
        "retrieved_at": stamp(evidence.retrieved_at),
    }


def _disagreements(event: Event, proofs: Sequence[Evidence], frame: Frame) -> Any:
    """Where a teller says something else than what the event holds; a less precise date is no disagreement."""
    if event.mark_date == "X":
        yield f"The date: sources differ; {words.day(event.occurred_on)} is the one we keep."
    for proof in proofs:
        stated, held = proof.told_on, event.occurred_on
        if stated and held and not stated.startswith(held) and not held.startswith(stated):
            source = frame.teller(proof.source, proof.watch)
            yield f"{source} gives {words.day(stated)}; the event has {words.day(held)}."
        if {proof.told_kind, event.kind}.isdisjoint({None, "not_stated"}) and proof.told_kind != event.kind:
            stated_kind, held_kind = words.word(proof.told_kind, "kind"), words.word(event.kind, "kind")
            yield f"{frame.teller(proof.source, proof.watch)} says {stated_kind}; the event has {held_kind}."
