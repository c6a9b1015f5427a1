"""The queue: what waits for a maintainer, the weightiest and oldest first, narrowed by what stands in the address."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from monitor.events.review_decisions import SMALL
from monitor.events.review_queue import Asked, Row, View, counts, decisions, one_by_one, rows, runs, snoozes
from monitor.people.sign_ins import SignedIn
from monitor.service import Service
from monitor.standing.log import evidence_of_events
from monitor.telling.channels import teller_titles
from monitor.vocabulary.event_types import LEVELS
from monitor.vocabulary.places import PLACES
from monitor.web import labels as words
from monitor.web.desk.access import PATH, Visitor
from monitor.web.desk.aged_statements import count_of
from monitor.web.desk.frame import desk_page
from monitor.web.desk.row_facts import moved, reach
from monitor.web.desk.said import said_of
from monitor.web.rendering import Asking, Kept, address, display_name, display_title
from store.database import reading
from store.states import EventState, Level
from store.tables import Decision, Event, Snooze

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
    View.MINE: "Mine",
    View.DECIDED: "Decided, may be undone",
    View.SNOOZED: "Put off",
    View.SENT: "Went out lately",
}
CALLED = {View.CONFLICTS: "Conflicts", View.DECIDED: "Decided", View.SENT: "Went out"}
STALE = "Stale"
"""What the ways to the views are called where that is shorter than their heading."""


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

    def asked(self, who: SignedIn) -> Asked:
        """The same for the queue itself. What waits for people waits for nobody who may not act."""
        given = self.model_dump(include={"level", "therapy", "type", "place", "watch"})
        narrowed = {name: value or None for name, value in given.items()}
        mine = who.name if who.may_act else None
        return Asked(self.view, who=mine, text=self.q.strip() or None, run=self.run, **narrowed)

    def query(self) -> dict[str, Any]:
        """What stands in the address, the page aside."""
        given = self.model_dump(mode="json", exclude={"page", "tab", "done"})
        return {key: value for key, value in given.items() if value and value != View.WAITING}


@router.get("")
def queue(
    request: Request,
    service: Asking,
    kept: Kept,
    who: Visitor,
    asked: Annotated[QueueQuery, Query()],
    done: str = "",
) -> HTMLResponse:
    """The list. `done` names what was just decided, which may be undone from here."""
    now = service.now()
    with reading(service.engine) as session:
        found = rows(session, asked.asked(who), now)
        start = (asked.page - 1) * ROWS
        shown = _shown(session, service, found[start : start + ROWS], now)
        if asked.view == View.MINE:
            _say_why(session, shown, who, now)
        views = views_of(counts(session, now, asked.asked(who).who), asked.view, count_of(session, service, kept))
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


def _say_why(session: Session, shown: Sequence[Mapping[str, Any]], who: SignedIn, now: datetime) -> None:
    """Why each row is hers: what waits for her, what for another, what came back."""
    lines = [line for row in shown for line in row["lines"]]
    put_off = snoozes(session, [line["id"] for line in lines])
    for line in lines:
        line["mine"] = _because(line, put_off.get(line["id"]), who, now)


def _because(line: Mapping[str, Any], snooze: Snooze | None, who: SignedIn, now: datetime) -> str:
    decision: Decision | None = line["decision"]
    if decision is not None:
        if decision.due_at is None and decision.by != who.name:
            return "It asks you to be the second person"
        return "You decided it first" if decision.due_at is None else "You decided it"
    if snooze is None or snooze.by != who.name:
        return "You have written its sentence; it is not decided"
    told = snooze.tellers is not None and line["proofs"] > snooze.tellers
    if told or (snooze.until is not None and snooze.until <= now):
        return "You had put it off: it is back"
    until = words.instant(snooze.until) if snooze.until else "another source tells of it"
    return f"You put it off until {until}"


def views_of(held: Mapping[View, int], current: View | None, stale: int | None) -> list[dict[str, Any]]:
    """The ways to the views; `current` is None among the stale statements, of which there are so many."""
    shown = [
        {
            "label": CALLED.get(view, label),
            "count": held.get(view),
            "href": address("/review", {"view": view if view != View.WAITING else None}),
            "current": view == current,
        }
        for view, label in VIEWS.items()
    ]
    return [*shown, {"label": STALE, "count": stale, "href": f"{PATH}/stale", "current": current is None}]


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
    of_fields = moved(session, evidence)
    held = [event for event in events.values() if event.state == EventState.HELD and event.id not in decided]
    reached = reach(session, service, held)
    shown = []
    for row in found:
        lines = [
            event_line(service, events[id], evidence.get(id, []), decided.get(id), titles, now)
            for id in row.ids[:OPENED]
        ]
        for line in lines:
            line["moved"], line["reach"] = of_fields.get(line["id"]), reached.get(line["id"])
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
    tellers: dict[str, int] = {}
    for one in sorted(evidence, key=lambda proof: proof.tier):
        tellers.setdefault(titles.get(one.watch or "") or titles.get(one.source) or one.source, one.tier)
    two = service.settings.two_people and event.level == Level.CRITICAL
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
        "tellers": list(tellers.items()),
        "two_people": two and event.state == EventState.HELD and decision is None,
        "decision": decision,
        "mine": None,
        "proofs": len(evidence),
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
