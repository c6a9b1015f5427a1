"""The queue: what waits for a maintainer, the weightiest and oldest first, narrowed by what stands in the address."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from monitor.events.review_decisions import SMALL
from monitor.events.review_queue import Asked, Row, View, counts, decisions, one_by_one, rows, runs
from monitor.service import Service
from monitor.standing.log import evidence_of_events
from monitor.telling.channels import teller_titles
from monitor.vocabulary.event_types import LEVELS
from monitor.vocabulary.places import PLACES
from monitor.web import labels as words
from monitor.web.desk.access import PATH, Visitor
from monitor.web.desk.frame import desk_page
from monitor.web.desk.said import said_of
from monitor.web.rendering import Asking, address, display_name, display_title
from store.database import reading
from store.states import Level
from store.tables import Decision, Event

router = APIRouter(prefix=PATH, include_in_schema=False)

ROWS = 25
"""Rows of one page."""
OPENED = 6
"""Events of a run that its row names; the others are counted."""
LARGEST = 2**31 - 1

VIEWS = {
    View.WAITING: "To do",
    View.CRITICAL: "Critical",
    View.CONFLICTS: "Sources disagree",
    View.DECIDED: "Decided, may be undone",
    View.SNOOZED: "Put off",
    View.SENT: "Went out lately",
}


class QueueQuery(BaseModel):
    """What of the queue is shown, as it stands in the address: a view can be kept as a bookmark."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    view: View = View.WAITING
    level: Level | Literal[""] = ""
    therapy: str = Field("", max_length=200)
    type: str = Field("", max_length=60)
    place: str = Field("", max_length=10)
    watch: str = Field("", max_length=200)
    q: str = Field("", max_length=100)
    run: int | None = Field(None, ge=1, le=LARGEST)
    page: int = Field(1, ge=1, le=200)

    def asked(self) -> Asked:
        """The same for the queue itself."""
        return Asked(
            self.view, self.level or None, self.therapy or None, self.type or None, self.place or None,
            self.watch or None, self.q.strip() or None, self.run,
        )  # fmt: skip

    def query(self) -> dict[str, Any]:
        """What stands in the address, the page aside."""
        given = self.model_dump(mode="json", exclude={"page", "tab", "done"})
        return {key: value for key, value in given.items() if value and value != View.WAITING}


@router.get("")
def queue(
    request: Request, service: Asking, who: Visitor, asked: Annotated[QueueQuery, Query()], done: str = ""
) -> HTMLResponse:
    """The list. `done` names what was just decided, which may be undone from here."""
    now = service.now()
    with reading(service.engine) as session:
        found = rows(session, asked.asked(), now)
        start = (asked.page - 1) * ROWS
        shown = _shown(session, service, found[start : start + ROWS], now)
        views = _views(counts(session, now), asked)
        said = said_of(session, service.pack, done, now)
        watch = next(iter(runs(session, [asked.run]).values()), None) if asked.run else None
    here = asked.query()
    return desk_page(
        request,
        who,
        "desk/queue.html",
        title=VIEWS[asked.view],
        asked=asked,
        here=here,
        rows=shown,
        total=sum(len(row.ids) for row in found),
        views=views,
        said=said,
        run=watch,
        narrowed=bool({"level", "therapy", "type", "place", "watch", "q"} & set(here)),
        newer=address("/review", here, page=asked.page - 1) if asked.page > 1 else None,
        older=address("/review", here, page=asked.page + 1) if start + ROWS < len(found) else None,
        **_choices(service),
    )


def _views(held: Mapping[View, int], asked: QueueQuery) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "count": held.get(view),
            "href": address("/review", {"view": view if view != View.WAITING else None}),
            "current": view == asked.view,
        }
        for view, label in VIEWS.items()
    ]


def _choices(service: Service) -> dict[str, Any]:
    return {
        "levels": [(name, words.word(name, "level")) for name in reversed(LEVELS)],
        "places": [(name, words.word(name, "place")) for name in PLACES],
        "therapies": [(t.name, display_name(service.pack, t.name)) for t in service.pack.therapies],
        "watches": [(plan.name, teller_titles(service).get(plan.name, plan.name)) for plan in service.pack.watches],
    }


def _shown(session: Session, service: Service, found: Sequence[Row], now: datetime) -> list[dict[str, Any]]:
    events = one_by_one(session, [id for row in found for id in (row.ids if not row.many else row.ids[:OPENED])])
    evidence = evidence_of_events(session, list(events))
    decided = decisions(session, list(events))
    of_runs = runs(session, [row.run for row in found if row.run is not None])
    titles = teller_titles(service)
    shown = []
    for row in found:
        lines = [
            event_line(service, events[id], evidence.get(id, []), decided.get(id), titles, now)
            for id in row.ids[:OPENED]
        ]
        watch, at = of_runs.get(row.run or 0, ("", None))
        shown.append(
            {"many": row.many, "count": len(row.ids), "run": row.run, "watch": titles.get(watch, watch), "at": at,
             "lines": lines, "first": lines[0], "more": len(row.ids) - len(lines)}
        )  # fmt: skip
    return shown


def event_line(
    service: Service,
    event: Event,
    evidence: Sequence[Any],
    decision: Decision | None,
    titles: Mapping[str, str],
    now: datetime,
) -> dict[str, Any]:
    """What a row says of one event."""
    tellers = dict.fromkeys(titles.get(one.watch or "") or titles.get(one.source) or one.source for one in evidence)
    return {
        "id": event.id,
        "title": display_title(event, service.pack),
        "level": event.level,
        "place": event.place,
        "trial": event.trial,
        "on": event.occurred_on,
        "mark": event.mark_date,
        "found": event.detected_at,
        "age": age(now - event.detected_at),
        "why": event.held_because,
        "confidence": event.confidence,
        "disputed": event.certainty == "disputed",
        "state": event.state,
        "tellers": list(tellers),
        "decision": decision,
        "small": event.level in SMALL and event.state == "held" and decision is None,
        "rule": event.rule,
    }


def age(span: Any) -> str:
    """`40 min`, `5 h`, `3 days`: how long something waits."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h"
    return f"{minutes // (24 * 60)} days"
