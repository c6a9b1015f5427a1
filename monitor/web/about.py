"""What is known of one therapy or of one trial."""

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session, col, select

from monitor.reading.routine.dates_moved import DATES
from monitor.service import Service
from monitor.standing.conditions import of_states, of_therapy
from monitor.standing.contract import ChangeLine, TrialLine
from monitor.standing.label_text import by_label, said
from monitor.standing.log import change_lines
from monitor.standing.registries import FIELDS, trials
from monitor.standing.routine_log import Move, slip_history
from monitor.standing.timeline import in_order, once_each
from monitor.vocabulary.pack import Therapy
from monitor.vocabulary.wording import for_whom_of
from monitor.web.events import IDENTITY
from monitor.web.rendering import Asking, address, display_name, event_row, page, told_as
from store.database import reading
from store.states import BELIEVED
from store.tables import Change, Event, Item

router = APIRouter(include_in_schema=False)

SHOWN_CHANGES, SHOWN_EVENTS = 25, 50


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
        condition=of_therapy(therapy.name),
        keys=keys,
        therapy=therapy,
        registered=_registered(service, therapy.trials),
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
    registered = _registered(service, [identity])
    numbers = [identity, *(number for line in registered for number in line["numbers"] if number != identity)]
    return _about(
        request,
        service,
        name=identity,
        facts=[("Also registered as", ", ".join(numbers[1:]))] if numbers[1:] else [],
        condition=col(Event.trial).in_(numbers),
        keys=numbers,
        therapy=None,
        registered=registered,
    )


def _registered(service: Service, numbers: Sequence[str]) -> list[TrialLine]:
    """The trials of these numbers as their registries show them."""
    with reading(service.engine) as session:
        return trials(service, session, numbers)


def _number_of(service: Service, trial: str) -> str:
    """The number of a trial of the pack asked for by number or acronym, whatever the case; anything else as it is."""
    numbers = {number.lower(): number for therapy in service.pack.therapies for number in therapy.trials}
    acronyms = {short.lower(): number for one in service.pack.therapies for short, number in one.acronyms.items()}
    return numbers.get(trial.lower()) or acronyms.get(trial.lower()) or trial


def _about(
    request: Request,
    service: Service,
    *,
    name: str,
    facts: list[tuple[str, str]],
    condition: Any,
    keys: list[str],
    therapy: Therapy | None,
    registered: Sequence[TrialLine],
) -> HTMLResponse:
    with reading(service.engine) as session:
        query = select(Event).where(condition, of_states(BELIEVED))
        latest = query.order_by(col(Event.day).desc(), col(Event.sequence).desc()).limit(SHOWN_EVENTS + 1)
        events = session.exec(latest).all()
        items = session.exec(select(Item).where(col(Item.key).in_(keys))).all()
        if therapy is None and not (events or items or _followed(service, name)):
            raise HTTPException(404, f"expected the number of a trial that is followed here, found {name!r}")
        changes = _changes(session, items)
        headlines = told_as(session, changes, service.pack)
        lines = [event_row(row, service.pack) for row in once_each(in_order(events[:SHOWN_EVENTS])[::-1])]
        slips = slip_history(session, items) if therapy is None else []
        labels = by_label(said(service, session, therapy.name)) if therapy else []
    item = next((each for key in keys for each in items if each.key == key), None) if therapy is None else None
    further = {"therapy": therapy.name} if therapy else {"search": name}
    return page(
        request,
        "about.html",
        name=name,
        facts=[*facts, ("Title", item.title)] if item else facts,
        link=item.url if item else None,
        therapy=therapy,
        events=lines,
        further=address("/events", further) if len(events) > SHOWN_EVENTS else None,
        labels=labels,
        changes=list(reversed(changes)),
        headlines=headlines,
        disputed=[line | {"fields": FIELDS} for line in registered if line["disagreements"]],
        slips=_by_registry(service, slips),
    )


def _by_registry(service: Service, slips: Sequence[Move]) -> list[tuple[str, list[tuple[str, Move]]]]:
    """The moves of dates under the names of their registries, each beside the name of its date."""
    return [
        (service.sources[source].title, [(DATES[move.field], move) for move in moves])
        for source, moves in groupby(slips, key=attrgetter("source"))
    ]


def _changes(session: Session, items: Sequence[Item]) -> list[ChangeLine]:
    """The newest changes of these records."""
    latest = select(Change.id).where(col(Change.item_id).in_([item.id for item in items]))
    ids = session.exec(latest.order_by(col(Change.id).desc()).limit(SHOWN_CHANGES)).all()
    return list(change_lines(session, [id for id in ids if id is not None], among=BELIEVED))


def _followed(service: Service, trial: str) -> bool:
    return any(trial in therapy.trials for therapy in service.pack.therapies)
