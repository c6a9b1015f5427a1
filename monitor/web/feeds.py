"""Published events as Atom and as JSON Feed, for readers of feeds. History and held events are not in them."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from xml.etree import ElementTree

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from monitor.service import Service
from monitor.standing.log import latest_events
from monitor.standing.timeline import stamp
from monitor.web import labels as words
from monitor.web.queries import ListQuery
from monitor.web.rendering import Asking, frame_of
from store.database import reading
from store.tables import Event

router = APIRouter(include_in_schema=False)

LONGEST = 50
PUBLISHED = ("released", "corrected")
ATOM = "http://www.w3.org/2005/Atom"
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document may hold."""


@router.get("/feeds/events.atom")
def atom(service: Asking, asked: Annotated[ListQuery, Query()]) -> Response:
    """Atom (RFC 4287), narrowed as the list of events is."""
    base = service.settings.base_url
    events = _published(service, asked)
    feed = ElementTree.Element("feed", xmlns=ATOM)
    _add(feed, "title", f"{frame_of(service).disease}: drug events")
    _add(feed, "subtitle", "Information, not medical advice.")
    _add(feed, "id", f"{base}/feeds/events.atom")
    _add(feed, "updated", _moment(max((_told_at(e) for e in events), default=service.now())))
    _add(_add(feed, "author"), "name", "Therawatch")
    _add(feed, "link", rel="self", type="application/atom+xml", href=f"{base}/feeds/events.atom")
    _add(feed, "link", rel="alternate", type="text/html", href=f"{base}/events")
    for event in events:
        entry = _add(feed, "entry")
        _add(entry, "title", event.title)
        _add(entry, "id", f"{base}/events/{event.id}")
        _add(entry, "link", rel="alternate", type="text/html", href=f"{base}/events/{event.id}")
        _add(entry, "published", _moment(_told_at(event)))
        _add(entry, "updated", _moment(_told_at(event)))
        _add(entry, "category", term=event.type, label=event.level)
        _add(entry, "summary", _summary(event), type="text")
    text = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return Response(text, media_type="application/atom+xml; charset=utf-8")


@router.get("/feeds/events.json")
def json_feed(service: Asking, asked: Annotated[ListQuery, Query()]) -> Response:
    """JSON Feed 1.1, narrowed as the list of events is."""
    base = service.settings.base_url
    return JSONResponse(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": f"{frame_of(service).disease}: drug events",
            "description": "Information, not medical advice.",
            "home_page_url": f"{base}/events",
            "feed_url": f"{base}/feeds/events.json",
            "language": "en",
            "authors": [{"name": "Therawatch", "url": base}],
            "items": [_item(event, base) for event in _published(service, asked)],
        },
        media_type="application/feed+json",
    )


def _published(service: Service, asked: ListQuery) -> Sequence[Event]:
    with reading(service.engine) as session:
        return latest_events(session, asked.filters(service.pack, among=PUBLISHED), limit=LONGEST)


def _item(event: Event, base: str) -> dict[str, Any]:
    tags = [event.type, event.level, event.therapy, event.place]
    return {
        "id": f"{base}/events/{event.id}",
        "url": f"{base}/events/{event.id}",
        "title": event.title,
        "content_text": _summary(event),
        "date_published": _moment(_told_at(event)),
        "tags": [tag for tag in tags if tag],
    }


def _summary(event: Event) -> str:
    """Plain sentences: when, where, how sure."""
    doubts = [doubt for doubt in (words.vague(event.occurred_on), words.word(event.mark_date, "mark")) if doubt]
    parts = [
        words.day(event.occurred_on).capitalize() + (f" ({'; '.join(doubts)})" if doubts else ""),
        words.word(event.place, "place"),
        words.word(event.certainty, "certainty"),
        words.word(event.state, "event_state") if event.state != "released" else "",
    ]
    return ". ".join(part for part in parts if part) + "."


def _told_at(event: Event) -> datetime:
    moment = event.released_at or event.detected_at
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _moment(moment: datetime) -> str:
    return stamp(moment.replace(microsecond=0)) or ""


def _add(parent: ElementTree.Element, name: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    clean = {key: NOT_XML.sub(" ", value) for key, value in attributes.items()}
    child = ElementTree.SubElement(parent, name, clean)
    child.text = NOT_XML.sub(" ", text) if text else None
    return child
