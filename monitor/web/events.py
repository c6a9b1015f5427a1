"""What happened: the list, each event for ever at one address, and what is known of one therapy or trial."""

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session, col, func, select

from monitor.reading.routine.dates_moved import DATES
from monitor.service import Service
from monitor.standing.contract import EventInFull
from monitor.standing.log import change_lines, events_by_day, evidence_of_events, matter_of, successor
from monitor.standing.log import event as event_with_all
from monitor.standing.routine_log import slip_history
from monitor.standing.timeline import by_tier, in_order, once_each, stamp
from monitor.telling.compose.message import Frame, entry_of
from monitor.telling.compose.news import gather
from monitor.vocabulary.event_types import LEVELS, TYPES
from monitor.vocabulary.pack import Pack, Therapy
from monitor.vocabulary.places import PLACES
from monitor.vocabulary.wording import condition_of, for_whom_of
from monitor.web import labels as words
from monitor.web.how_read import how_read
from monitor.web.queries import LAST_PAGE, PAGE_SIZE, EventsQuery
from monitor.web.rendering import Asking, address, display_name, display_title, event_row, frame_of, page, told_as
from store.database import reading
from store.states import BELIEVED, Notice
from store.tables import Change, Event, Evidence, Item

router = APIRouter(include_in_schema=False)

SHOWN_CHANGES = 25
SHOWN_EVENTS = 200
IDENTITY = 100
"""Longest id or name in an address."""


@router.get("/events")
def events_page(request: Request, service: Asking, asked: Annotated[EventsQuery, Query()]) -> HTMLResponse:
    """The list, newest first by the day of the act."""
    with reading(service.engine) as session:
        first = (asked.page - 1) * PAGE_SIZE
        rows = events_by_day(session, asked.filters(service.pack), offset=first, limit=PAGE_SIZE + 1)
        lines = [event_row(row, service.pack) for row in once_each(rows[:PAGE_SIZE])]
    filters = asked.address()
    return page(
        request,
        "events.html",
        asked=asked,
        events=lines,
        newer=address("/events", filters, page=asked.page - 1) if asked.page > 1 else None,
        older=address("/events", filters, page=asked.page + 1)
        if len(rows) > PAGE_SIZE and asked.page < LAST_PAGE
        else None,
        therapies=[(t.name, display_name(service.pack, t.name)) for t in service.pack.therapies],
        types=type_choices(),
        levels=[(name, words.word(name, "level")) for name in reversed(LEVELS)],
        places=[(name, words.word(name, "place")) for name in PLACES],
        states=[(name, words.word(name, "event_state")) for name in BELIEVED],
    )


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


@router.get("/therapies/{name}")
def therapy_page(request: Request, service: Asking, name: str) -> Response:
    """All that is known of one therapy of the pack. HTTPException 404 for a name that is none of its therapies."""
    therapy = service.pack.named(name)
    if therapy is None:
        raise HTTPException(404, f"expected a name of a therapy of this pack, found {name[:IDENTITY]!r}")
    if therapy.name != name:
        return RedirectResponse(f"/therapies/{quote(therapy.name, safe='')}", status_code=307)
    keys = [*therapy.trials, *(number for numbers in therapy.applications.values() for number in numbers)]
    facts = [
        ("For whom", for_whom_of(therapy) or ""),
        ("Also called", ", ".join(therapy.names[1:])),
        ("Companies", ", ".join(therapy.sponsors)),
        ("Applications", ", ".join(number for numbers in therapy.applications.values() for number in numbers)),
    ]
    return _about(
        request,
        service,
        name=display_name(service.pack, therapy.name) or therapy.name,
        facts=[fact for fact in facts if fact[1]],
        condition=func.lower(col(Event.therapy)) == therapy.name.lower(),
        keys=keys,
        therapy=therapy,
    )


@router.get("/trials/{identity}")
def trial_page(request: Request, service: Asking, identity: str) -> Response:
    """All that is known of one trial; by its acronym, or its number in small letters, one comes to its page.

    HTTPException 404 for a number that nothing here tells of.
    """
    if len(identity) > IDENTITY:
        raise HTTPException(404, f"expected the number of a trial, found {identity[:IDENTITY]!r}")
    if (number := _number_of(service, identity)) != identity:
        return RedirectResponse(f"/trials/{quote(number, safe='')}", status_code=307)
    return _about(
        request, service, name=identity, facts=[], condition=col(Event.trial) == identity, keys=[identity], therapy=None
    )


def _number_of(service: Service, trial: str) -> str:
    """The number of a trial of the pack asked for by number or acronym, whatever the case; anything else as it is."""
    numbers = {number.lower(): number for therapy in service.pack.therapies for number in therapy.trials}
    acronyms = {short.lower(): number for one in service.pack.therapies for short, number in one.acronyms.items()}
    return numbers.get(trial.lower()) or acronyms.get(trial.lower()) or trial


def type_choices() -> list[tuple[str, str]]:
    """Every kind of event with its label, by label."""
    return sorted(((spec.name, spec.label.capitalize()) for spec in TYPES.values()), key=lambda pair: pair[1])


def _everything(session: Session, service: Service, line: EventInFull) -> dict[str, Any]:
    event = session.get_one(Event, line["event"])
    frame = frame_of(service)
    entry = entry_of(gather(session, [(event, Notice.CORRECTION if event.corrects else Notice.NEWS)])[0], frame)
    proofs = evidence_of_events(session, [event.id]).get(event.id, [])
    thread = session.exec(select(Event).where(matter_of(event))).all()
    rungs = in_order(e for e in thread if e.state in BELIEVED or e.id == event.id)
    ids = sorted({proof.change_id for proof in proofs if proof.change_id is not None})
    changes = list(change_lines(session, ids, among=BELIEVED))
    return {
        "entry": entry,
        "right": successor(session, event.id, among=BELIEVED),
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
        "proofs": [_proof(proof, frame) for proof in by_tier(proofs)],
        "how_read": how_read(event, proofs),
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


def _about(
    request: Request,
    service: Service,
    *,
    name: str,
    facts: list[tuple[str, str]],
    condition: Any,
    keys: list[str],
    therapy: Therapy | None,
) -> HTMLResponse:
    with reading(service.engine) as session:
        query = select(Event).where(condition, col(Event.state).in_(BELIEVED))
        events = in_order(session.exec(query).all())[-SHOWN_EVENTS:]
        items = session.exec(select(Item).where(col(Item.key).in_(keys))).all()
        if therapy is None and not (events or items or _followed(service, name)):
            raise HTTPException(404, f"expected the number of a trial that is followed here, found {name!r}")
        latest = select(Change.id).where(col(Change.item_id).in_([item.id for item in items]))
        ids = session.exec(latest.order_by(col(Change.id).desc()).limit(SHOWN_CHANGES)).all()
        changes = list(change_lines(session, [id for id in ids if id is not None], among=BELIEVED))
        headlines = told_as(session, changes, service.pack)
        lines = [event_row(row, service.pack) for row in reversed(once_each(events))]
        slips = slip_history(session, items) if therapy is None else []
    item = items[0] if therapy is None and items else None
    return page(
        request,
        "about.html",
        name=name,
        facts=[*facts, ("Title", item.title)] if item else facts,
        link=item.url if item else None,
        trials=list(therapy.trials) if therapy else [],
        events=lines,
        changes=list(reversed(changes)),
        headlines=headlines,
        slips=[(DATES[move.field], move) for move in slips],
    )


def _followed(service: Service, trial: str) -> bool:
    return any(trial in therapy.trials for therapy in service.pack.therapies)
