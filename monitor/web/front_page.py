"""The status page: the answer, the table it rests on, and what could not be looked at."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from sqlmodel import Session, col, select

from monitor.service import Service
from monitor.standing.contract import Marks, NewestLine, PlaceLine, StatusLine
from monitor.standing.coverage import Looked, Lookout, lookout
from monitor.standing.kept_answers import KeptAnswers
from monitor.standing.recent import recent
from monitor.standing.status import RULES, Rule
from monitor.vocabulary.pack import Pack, Therapy, folded
from monitor.vocabulary.places import PLACES
from monitor.vocabulary.wording import condition_of, facts_of, who_says
from monitor.watching.freshness import in_time
from monitor.web.queries import FrontQuery, StatusQuery
from monitor.web.rendering import Asking, Kept, address, display_name, display_title, event_row, frame_of, page
from store.columns import Looking
from store.database import reading
from store.tables import Event

router = APIRouter(include_in_schema=False)

HOME_PLACE = "US"
RECENT = 8
DRUGS = 50
"""Drugs that the tables show at once, and of those approved in a place so many are named: packs may have thousands."""
NAMED = 50
"""Watches in trouble that are named; the page of the sources has all of them, those in trouble first."""
NEWSWORTHY = "minor"
GONE = ("end_announced", "not_marketed")
SILENT_AS = {Looked.WATCHED: "elsewhere", Looked.FROZEN: "aged"}
"""How well a place without an application is looked after, and the list of a drug's row that names it."""


@dataclass(frozen=True)
class View:
    """The answers for a day and a moment, the watches, and the events that decided what is shown."""

    session: Session
    kept: KeptAnswers
    lookout: Lookout
    as_of: date
    known_at: datetime | None
    deciding: dict[str, Event] = field(default_factory=dict)

    def table(self, places: Sequence[str] = PLACES) -> list[StatusLine]:
        """Where each followed therapy stands."""
        lines = self.kept.table(self.session.connection(), (self.as_of, self.known_at), places)
        return self.lookout.over_status(lines)

    def shown(self) -> list[Therapy]:
        """The therapies that have a line."""
        return self.kept.shown(self.session.connection(), (self.as_of, self.known_at))

    def lines(self, therapies: Sequence[Therapy]) -> list[StatusLine]:
        """Where each of these stands."""
        found = self.kept.lines(self.session.connection(), (self.as_of, self.known_at), therapies)
        return self.lookout.over_status(found)

    def newest(self, place: str, rule: Rule) -> NewestLine:
        """The newest drug by a rule."""
        line = self.kept.newest(self.session.connection(), (self.as_of, self.known_at), place, rule)
        return self.lookout.over_newest(line)

    def silence(self, therapy: str | None, place: str | None, state: str | None = None) -> str | None:
        """Why a statement about a therapy in a place, or in trials, cannot be vouched for."""
        return self.lookout.saying(therapy, place, state).doubt

    def event(self, made_by: Sequence[str]) -> Event | None:
        """The first of the events that made an answer."""
        return self.deciding.get(made_by[0]) if made_by else None

    def fetch(self, answers: Iterable[Marks]) -> None:
        """Read the events that decided these answers."""
        ids = {line["events"][0] for line in answers if line["events"]}
        found = self.session.exec(select(Event).where(col(Event.id).in_(ids)))
        self.deciding.update((event.id, event) for event in found)


def look(service: Service, session: Session, kept: KeptAnswers, asked: StatusQuery) -> View:
    """How things stood on the day that is asked for."""
    now = service.now()
    watches = lookout(session.connection(), service.sources, now, service.pack.therapies)
    return View(session, kept, watches, asked.as_of or now.date(), asked.known_at)


@router.get("/")
def status_page(request: Request, service: Asking, kept: Kept, asked: Annotated[FrontQuery, Query()]) -> HTMLResponse:
    """The newest drug here, and where each drug stands."""
    place = asked.place or HOME_PLACE
    with reading(service.engine) as session:
        view = look(service, session, kept, asked)
        listed = [therapy for therapy in view.shown() if _bears(therapy, asked.drug)]
        lines = view.lines(listed[asked.drugs_from - 1 : asked.drugs_from - 1 + DRUGS])
        view.fetch(cell for line in lines for cell in line["places"].values())
        rows = [_row(line, view, service.pack) for line in lines]
        context = _answers(view, service.pack, place) | _tables(rows, view, service.pack)
        context["lineage"] = _lineage(view, place, service.pack)
        context["recent"] = _recent(view, service.pack)
    query = {
        "as_of": asked.as_of and asked.as_of.isoformat(),
        "known_at": asked.known_at and asked.known_at.isoformat(),
    }
    return page(
        request,
        "status.html",
        place=place,
        places=[(code, address("/", query | _chosen(asked), place=code)) for code in PLACES],
        as_of=view.as_of.isoformat(),
        asked_day=asked.as_of is not None,
        future=view.as_of > view.lookout.now.date(),
        today=address("/", {"place": place} | _chosen(asked)),
        as_json=address("/api/v1/status", query, place=place),
        drugs=_drugs(asked, len(listed), query | {"place": place}),
        **_looking(view, service),
        **context,
    )


def _bears(therapy: Therapy, text: str | None) -> bool:
    """Whether a text stands in a name of a therapy; nothing stands in all."""
    return not text or any(folded(text) in folded(name) for name in therapy.names)


def _chosen(asked: FrontQuery) -> dict[str, Any]:
    """What an address says of the drugs that are shown; what is as usual is left out."""
    return {"drug": asked.drug, "drugs_from": asked.drugs_from if asked.drugs_from > 1 else None}


def _drugs(asked: FrontQuery, total: int, query: Mapping[str, Any]) -> dict[str, Any] | None:
    """Which drugs of how many the tables show, and the ways to the others; None where they show all there are."""
    first, last = asked.drugs_from, min(asked.drugs_from - 1 + DRUGS, total)
    if total <= DRUGS and not asked.drug and first == 1:
        return None
    found = dict(query) | {"drug": asked.drug}
    earlier = address("/", found, drugs_from=max(1, first - DRUGS) if first - DRUGS > 1 else None)
    return {
        "first": first, "last": last, "total": total, "named": asked.drug, "query": query,
        "earlier": earlier + "#where" if first > 1 else None,
        "later": address("/", found, drugs_from=last + 1) + "#where" if last < total else None,
        "all": address("/", query) + "#where" if asked.drug or first > 1 else None,
    }  # fmt: skip


def _looking(view: View, service: Service) -> dict[str, Any]:
    """How the watches fare, on which all of it rests."""
    watches = view.lookout.watches
    silent = [watch for watch in watches if not in_time(watch, view.lookout.now)]
    late = set(map(id, silent))
    frozen = [watch for watch in watches if id(watch) in view.lookout.still and id(watch) not in late]
    return {
        "looked_at": max((w.last_success_at for w in watches if w.last_success_at), default=None),
        "watches": len(watches),
        "silent": {"total": len(silent), "named": [_silent(watch, service) for watch in silent[:NAMED]]},
        "frozen": {"total": len(frozen), "named": [_frozen(watch, service, view.lookout) for watch in frozen[:NAMED]]},
    }


def _answers(view: View, pack: Pack, place: str) -> dict[str, Any]:
    here: list[NewestLine] = [view.newest(place, rule) for rule in RULES]
    there = [view.newest(other, "substance") for other in PLACES if other != place]
    view.fetch([*here, *there])
    by_rule = {line["rule"]: _named(line, view, pack) for line in here}
    others = [
        by_rule["act"] | {"label": "Latest first approval in any place we watch"},
        by_rule["formulation"] | {"label": "Newest form of a drug that was approved here before"},
    ]
    asked = [other for other in PLACES if other != place]
    elsewhere = [_named(line, view, pack) | {"asked": other} for other, line in zip(asked, there, strict=True)]
    return {"answer": by_rule["substance"], "others": others, "elsewhere": elsewhere}


def _named(line: NewestLine, view: View, pack: Pack) -> dict[str, Any]:
    deciding = view.event(line["events"])
    stale = view.silence(line["therapy"], line["place"])
    return {
        **line,
        "name": display_name(pack, line["therapy"], line["place"]),
        "event": deciding.id if deciding else None,
        "title": display_title(deciding, pack) if deciding else None,
        "certainty": deciding.certainty if deciding else None,
        "announced": who_says(facts_of(deciding, pack)) if deciding else None,
        "stale": stale,
    }


def _row(line: StatusLine, view: View, pack: Pack) -> dict[str, Any]:
    therapy = line["therapy"]
    cells = [_cell(cell, therapy, place, view, pack) for place, cell in line["places"].items()]
    stage = {**line["pipeline"], "stale": view.silence(therapy, None, line["pipeline"]["state"])}
    return {
        "therapy": therapy,
        "name": display_name(pack, therapy),
        "for_whom": line["for_whom"],
        "cells": cells,
        "pipeline": stage,
    }


def _cell(cell: PlaceLine, therapy: str, place: str, view: View, pack: Pack) -> dict[str, Any]:
    deciding = view.event(cell["events"])
    announced = who_says(facts_of(deciding, pack)) if deciding else None
    proof = next((proof for proof in cell["evidence"] if deciding and proof["event"] == deciding.id), None)
    stale = view.silence(therapy, place, cell["state"])
    return {**cell, "place": place, "stale": stale, "announced": announced, "proof": proof}


def _tables(rows: Sequence[Mapping[str, Any]], view: View, pack: Pack) -> dict[str, Any]:
    columns = [p for n, p in enumerate(PLACES) if any(row["cells"][n]["state"] != "none" for row in rows)]
    shown = []
    for row in rows:
        cells = [cell for cell in row["cells"] if cell["place"] in columns]
        if any(cell["state"] != "none" for cell in cells):
            silent = [cell for cell in cells if cell["state"] == "none"]
            lists: dict[str, list[str]] = {"elsewhere": [], "aged": [], "unseen": []}
            for cell in silent:
                lists[SILENT_AS.get(cell["looked"], "unseen")].append(cell["place"])
            shown.append({**row, "cells": cells, **lists})
    named = [row["name"] for row in shown]
    left = [
        {**cell, "name": display_name(pack, row["therapy"], cell["place"]), "for_whom": row["for_whom"]}
        for row in rows
        for cell in row["cells"]
        if _has_left(cell)
    ]
    staged = [{**row["pipeline"], **{key: row[key] for key in ("therapy", "name", "for_whom")}} for row in rows]
    kinds = dict.fromkeys(cell["kind"] for row in shown for cell in row["cells"] if cell["condition"])
    conditions = dict.fromkeys(map(condition_of, kinds))
    return {
        "columns": columns,
        "rows": shown,
        "unfiled": [row["name"] for row in rows if row["name"] not in named],
        "conditions": [(text, [k for k in kinds if condition_of(k) == text]) for text in conditions],
        "left": left,
        "pipeline": [stage for stage in staged if stage["state"] != "none"],
        "trials_unseen": view.silence(None, None),
        "no_trials": [stage["name"] for stage in staged if stage["state"] == "none"],
    }


def _has_left(cell: Mapping[str, Any]) -> bool:
    return cell["state"] == "withdrawn" or cell["market"] in GONE


def _lineage(view: View, place: str, pack: Pack) -> dict[str, Any]:
    """The drugs that are approved here, the latest first, and how many more there are."""
    approved = view.kept.approved(view.session.connection(), (view.as_of, view.known_at), place)
    latest = sorted(approved, key=lambda pair: pair[1] or "", reverse=True)
    named = [{"name": display_name(pack, one.name, place), "since": since} for one, since in latest[:DRUGS]]
    return {"named": named, "more": len(latest) - len(named)}


def _recent(view: View, pack: Pack) -> list[dict[str, Any]]:
    """The latest news: without the routine of registries, which is of the lowest level."""
    found = recent(view.session, as_of=view.as_of, known_at=view.known_at, lowest=NEWSWORTHY, limit=RECENT)
    return [event_row(event, pack) for event in found]


def _silent(watch: Looking, service: Service) -> dict[str, Any]:
    title = frame_of(service).teller(watch.source, watch.name)
    return {"title": title, "health": watch.health, "last_success_at": watch.last_success_at}


def _frozen(watch: Looking, service: Service, lookout: Lookout) -> dict[str, Any]:
    return {
        "title": frame_of(service).teller(watch.source, watch.name),
        "data_of": lookout.still[id(watch)].isoformat(),
    }
