"""Published events as Atom and as JSON Feed, dates ahead as a calendar, narrowed as a reader's wishes narrow her mails.

History and held events are not in them."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any
from xml.etree import ElementTree

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response
from sqlmodel import Session

from monitor.service import Service
from monitor.standing.filters import Filters
from monitor.standing.log import latest_events
from monitor.standing.timeline import once_each, stamp
from monitor.telling.compose.manner import Manner
from monitor.telling.compose.message import entry_of
from monitor.telling.compose.news import gather
from monitor.telling.match import wants
from monitor.web import calendar_feed
from monitor.web import labels as words
from monitor.web.feed_query import HIDDEN, FeedQuery
from monitor.web.rendering import Asking, frame_of
from notifiers.digest import Entry
from store.database import reading
from store.states import EventState, Notice
from store.tables import Event, Subscription

router = APIRouter(include_in_schema=False)
router.include_router(calendar_feed.router)

LONGEST = 50
LOOKED_AT = (2 * LONGEST, 2000)
"""Among how many of the latest events a feed looks for those that pass: at first, and where they are too few."""

ATOM = "http://www.w3.org/2005/Atom"
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document may hold."""


@router.get("/feeds/events.atom")
def atom(service: Asking, asked: Annotated[FeedQuery, Query()]) -> Response:
    """Atom (RFC 4287). Raises Unaccepted."""
    base, address = service.settings.base_url, _address(service, "events.atom", asked)
    published = _published(service, asked)
    feed = ElementTree.Element("feed", xmlns=ATOM)
    _add(feed, "title", f"{frame_of(service).disease}: drug events")
    _add(feed, "subtitle", "Information, not medical advice.")
    _add(feed, "id", address)
    _add(feed, "updated", _moment(max((_published_at(event) for event, _ in published), default=service.now())))
    _add(_add(feed, "author"), "name", "Therawatch")
    _add(feed, "link", rel="self", type="application/atom+xml", href=address)
    _add(feed, "link", rel="alternate", type="text/html", href=f"{base}/events")
    for event, entry in published:
        element = _add(feed, "entry")
        _add(element, "title", entry.heading)
        _add(element, "id", f"{base}/events/{event.id}")
        _add(element, "link", rel="alternate", type="text/html", href=f"{base}/events/{event.id}")
        _add(element, "published", _moment(_published_at(event)))
        _add(element, "updated", _moment(_published_at(event)))
        if not _manner(asked).veils(event):
            _add(element, "category", term=event.type, label=event.level)
        _add(element, "summary", _summary(event, entry), type="text")
    text = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return Response(text, media_type="application/atom+xml; charset=utf-8")


@router.get("/feeds/events.json")
def json_feed(service: Asking, asked: Annotated[FeedQuery, Query()]) -> Response:
    """JSON Feed 1.1. Raises Unaccepted."""
    base = service.settings.base_url
    return JSONResponse(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": f"{frame_of(service).disease}: drug events",
            "description": "Information, not medical advice.",
            "home_page_url": f"{base}/events",
            "feed_url": _address(service, "events.json", asked),
            "language": "en",
            "authors": [{"name": "Therawatch", "url": base}],
            "items": [
                _item(event, entry, base, veiled=_manner(asked).veils(event))
                for event, entry in _published(service, asked)
            ],
        },
        media_type="application/feed+json",
    )


def _published(service: Service, asked: FeedQuery) -> list[tuple[Event, Entry]]:
    """The latest events that pass, in words. Raises Unaccepted."""
    frame = frame_of(service)
    reader, filters = asked.narrowed(service)
    with reading(service.engine) as session:
        events = once_each(_wanted(session, reader, filters))
        notices = [(e, Notice.CORRECTION if e.corrects else Notice.NEWS) for e in events]
        published = gather(session, notices, lambda _: reader.places)
        return [(news.event, entry_of(news, frame, Manner(reader.wording, reader.hide_outcomes))) for news in published]


def _wanted(session: Session, reader: Subscription, filters: Filters) -> list[Event]:
    """The latest events that a reader wants: more and more are looked at until there are enough. Raises Unaccepted."""
    for limit in LOOKED_AT:
        found = latest_events(session, filters, limit=limit)
        wanted = [event for event in found if wants(reader, event)][:LONGEST]
        if len(wanted) == LONGEST or len(found) < limit:
            break
    return wanted


def _manner(asked: FeedQuery) -> Manner:
    return Manner(hide_outcomes=asked.outcomes == HIDDEN)


def _address(service: Service, file: str, asked: FeedQuery) -> str:
    """Where a feed is read: its filters stand in it."""
    query = asked.query()
    return f"{service.settings.base_url}/feeds/{file}" + (f"?{query}" if query else "")


def _item(event: Event, entry: Entry, base: str, *, veiled: bool) -> dict[str, Any]:
    tags = [*([] if veiled else [event.type, event.level]), event.therapy, event.place]
    return {
        "id": f"{base}/events/{event.id}",
        "url": f"{base}/events/{event.id}",
        "title": entry.heading,
        "content_text": _summary(event, entry),
        "date_published": _moment(_published_at(event)),
        "tags": [tag for tag in tags if tag],
    }


def _summary(event: Event, entry: Entry) -> str:
    """What happened in plain sentences, what it means, for whom, how sure it is, and who says so."""
    doubts = [doubt for doubt in (words.vague(event.occurred_on), words.word(event.mark_date, "mark")) if doubt]
    doubt = f" ({'; '.join(doubts)})" if doubts else ""
    parts = [
        entry.sentence,
        entry.meaning,
        f"For whom: {entry.for_whom}." if entry.for_whom else "",
        f"How sure: {entry.how_sure}{doubt}.",
        f"{words.word(event.state, 'event_state')}." if event.state != EventState.RELEASED else "",
        f"Source: {', '.join(dict.fromkeys(proof.source for proof in entry.evidence))}." if entry.evidence else "",
    ]
    return " ".join(part for part in parts if part)


def _published_at(event: Event) -> datetime:
    moment = event.released_at or event.detected_at
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _moment(moment: datetime) -> str:
    return stamp(moment.replace(microsecond=0)) or ""


def _add(parent: ElementTree.Element, name: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    clean = {key: NOT_XML.sub(" ", value) for key, value in attributes.items()}
    child = ElementTree.SubElement(parent, name, clean)
    child.text = NOT_XML.sub(" ", text) if text else None
    return child
