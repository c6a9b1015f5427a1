"""The rows of a page of a list as CSV and as JSON: the same rows in the same order, by the same address."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from monitor.service import Service
from monitor.standing import log as listing
from monitor.standing import pages
from monitor.standing.contract import ChangeLine, EventLine
from monitor.web.labels import shown
from monitor.web.queries import ChangesQuery, EventsQuery, LargeChanges, LargeEvents, ListQuery
from monitor.web.rendering import Asking, address
from store.database import reading

router = APIRouter(include_in_schema=False)

EVENT_COLUMNS = (
    "event", "occurred_on", "detected_at", "level", "type", "title", "therapy", "places", "trial", "certainty", "tier",
    "state", "sources", "url", "quote",
)  # fmt: skip
CHANGE_COLUMNS = (
    "change", "detected_at", "source", "watch", "item", "kind", "title", "url", "field", "path", "before", "after",
    "routine", "event_ids",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would work out."""


@router.get("/events.json")
def events_json(service: Asking, asked: Annotated[LargeEvents, Query()]) -> Response:
    """The rows of /events with all their evidence."""
    lines, around = _events(service, asked, asked.limit)
    return JSONResponse(around | {"events": lines})


@router.get("/events.csv")
def events_csv(service: Asking, asked: Annotated[LargeEvents, Query()]) -> Response:
    """The rows of /events, each with the first of its tellers."""
    lines, _ = _events(service, asked, asked.limit)
    return _csv("events", EVENT_COLUMNS, map(_event_row, lines))


@router.get("/changes.json")
def changes_json(service: Asking, asked: Annotated[LargeChanges, Query()]) -> Response:
    """The rows of /changes."""
    lines, around = _changes(service, asked, asked.limit)
    return JSONResponse(around | {"changes": lines})


@router.get("/changes.csv")
def changes_csv(service: Asking, asked: Annotated[LargeChanges, Query()]) -> Response:
    """The rows of /changes, one for each field that differs."""
    lines, _ = _changes(service, asked, asked.limit)
    return _csv("changes", CHANGE_COLUMNS, (row for line in lines for row in _change_rows(line)))


def _events(service: Service, asked: EventsQuery, limit: int) -> tuple[list[EventLine], dict[str, Any]]:
    filters = asked.filters(service.pack)
    with reading(service.engine) as session:
        found = pages.events_by_day(session, filters, **asked.marks(), size=limit)
        lines = list(listing.event_lines(session, found.rows, known_at=filters.known_at))
        return lines, _around("/events.json", asked, found)


def _changes(service: Service, asked: ChangesQuery, limit: int) -> tuple[Sequence[ChangeLine], dict[str, Any]]:
    with reading(service.engine) as session:
        found = pages.changes(session, asked.filters(service.pack), **asked.marks(), size=limit)
        return found.rows, _around("/changes.json", asked, found)


def _around(path: str, asked: ListQuery, found: pages.Page[Any]) -> dict[str, Any]:
    """How long the list is, and where it goes on."""
    total, query = found.total(), asked.address()
    return {
        "total": total and total.number,
        "total_is_more": bool(total and total.capped),
        "newer": address(path, query, after=found.newer) if found.newer else None,
        "older": address(path, query, before=found.older) if found.older else None,
    }


def _event_row(line: EventLine) -> dict[str, Any]:
    first = line["evidence"][0] if line["evidence"] else None
    return line | {
        "places": " ".join(line["places"]),
        "sources": "; ".join(dict.fromkeys(proof["source"] for proof in line["evidence"])),
        "url": first and first["url"],
        "quote": first and first["quote"],
    }


def _change_rows(line: ChangeLine) -> Iterator[Mapping[str, Any]]:
    told = {"event_ids": " ".join(line["event_ids"]), "routine": "; ".join(one["words"] for one in line["routine"])}
    none: dict[str, Any] = dict.fromkeys(("field", "path", "before", "after"))
    for field in (dict(one) for one in line["fields"]) if line["fields"] else [none]:
        sides = {name: None if field[name] is None else shown(field[name]) for name in ("before", "after")}
        yield {**line, **told, **field, **sides}


def _csv(name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Response:
    text = io.StringIO(newline="")
    written = csv.writer(text)
    written.writerow(columns)
    written.writerows([_cell(row[column]) for column in columns] for row in rows)
    return Response(
        "\ufeff" + text.getvalue(),  # without the mark Excel takes UTF-8 for something else
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}.csv"'},
    )


def _cell(value: Any) -> Any:
    """A value as text that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value).replace("\x00", "")
    return f"'{text}" if text.startswith(FORMULA) else text
