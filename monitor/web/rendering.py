"""Templates to pages: one environment with autoescape, and what every page shows besides its own matter."""

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlencode, urlsplit

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlmodel import Session, col, select

from monitor.service import Service
from monitor.standing.contract import ChangeLine
from monitor.standing.kept_answers import KeptAnswers
from monitor.standing.label_text import heading_of
from monitor.telling.channels import teller_titles
from monitor.telling.compose.message import Frame
from monitor.vocabulary.field_quotes import field_in_words
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.wording import called, title_of
from monitor.watching.chain import head
from monitor.web import labels as words
from store.database import reading
from store.tables import Event

FOLDER = Path(__file__).parent
ASKED_FIRST = "status.html"
"""A template that is compiled before anyone waits for it: it takes a quarter of a first visit."""


@cache
def environment() -> Environment:
    """The templates with their filters. Unknown names are errors, markup in values is text."""
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "word": words.word,
        "heading": heading_of,
        "in_place": words.in_place,
        "day": words.day,
        "on_day": words.on_day,
        "vague": words.vague,
        "instant": words.instant,
        "machine": words.machine,
        "web_link": words.web_link,
        "host": words.host,
        "shown": words.shown,
        "is_nothing": words.is_nothing,
        "field_name": words.field_name,
        "spelled": words.spelled,
        "segment": lambda text: quote(str(text), safe=""),
        "merged": lambda query, **more: dict(query) | more,
        "field_in_words": field_in_words,
        "decided": words.decided,
        "way": words.way,
        "first_capital": words.first_capital,
    }
    for name in (ASKED_FIRST, "base.html", "macros.html"):
        made.get_template(name)
    return made


def service_of(request: Request) -> Service:
    """The service the application was made for."""
    service: Service = request.app.state.service
    return service


Asking = Annotated[Service, Depends(service_of)]
"""A route's way to the service."""


def kept_answers_of(request: Request) -> KeptAnswers:
    """The answers that the application keeps."""
    kept: KeptAnswers = request.app.state.kept_answers
    return kept


Kept = Annotated[KeptAnswers, Depends(kept_answers_of)]
"""A route's way to the answers."""


def page(
    request: Request, template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **context: Any
) -> HTMLResponse:
    """Render a template. `context` is the page's own matter; name, sources and licences come by themselves."""
    service = service_of(request)
    templates: Environment = request.app.state.templates
    text = templates.get_template(template).render(
        disease=frame_of(service).disease,
        condition=service.pack.pack.condition,
        attributions=attributions(service),
        titles=frame_of(service).titles,
        path=request.url.path,
        chain_head=chain_head(service),
        **context,
    )
    return HTMLResponse(text, status_code=status, headers=dict(headers or {}))


def chain_head(service: Service) -> str:
    """The hash of the last change of the log: whoever keeps it can prove later that nothing before it was altered."""
    with reading(service.engine) as session:
        return head(session)


def frame_of(service: Service) -> Frame:
    """What pages share with messages: names of sources and the short name of the disease."""
    base = service.settings.base_url
    return Frame(
        pack=service.pack, base_url=base, domain=urlsplit(base).hostname or "localhost", titles=teller_titles(service)
    )


def attributions(service: Service) -> list[dict[str, str]]:
    """Title, home and terms of each source the pack uses, in the pack's order."""
    used = dict.fromkeys(plan.source for plan in service.pack.watches)
    kinds = [service.sources[name] for name in used if name in service.sources]
    return [{"title": kind.title or kind.name, "terms": kind.terms, "home": kind.home} for kind in kinds]


def address(path: str, asked: Mapping[str, Any], **changed: Any) -> str:
    """A path with the query asked for, some of it changed; what is None or empty is left out."""
    query = {key: value for key, value in (dict(asked) | changed).items() if value not in (None, "")}
    return f"{path}?{urlencode(query)}" if query else path


def display_name(pack: Pack, therapy: str | None, place: str | None = None) -> str | None:
    """`Dystriva (velorastat)`: the brand of a place (None: the first) with the pack's own name, or that alone."""
    known = pack.therapy(therapy) if therapy else None
    return called(known, (place,) if place else ()).full if known else therapy


def display_title(event: Event, pack: Pack) -> str:
    """The headline of an event; of a correction, and where no drug is named, the title it was stored with."""
    if event.corrects or not (event.drug or event.therapy):
        return event.title
    return title_of(event, pack)


def titles_of(session: Session, ids: Collection[str], pack: Pack) -> dict[str, str]:
    """What these events are called, by id: a link says where it leads, and no number does."""
    found = session.exec(select(Event).where(col(Event.id).in_(ids)))
    return {event.id: display_title(event, pack) for event in found}


def told_as(session: Session, changes: Iterable[ChangeLine], pack: Pack) -> dict[str, str]:
    """The titles of the events that changes tell of."""
    return titles_of(session, {id for change in changes for id in change["event_ids"]}, pack)


def event_row(event: Event, pack: Pack) -> dict[str, Any]:
    """What a line of a list shows of an event."""
    shown = event.model_dump(
        include={"level", "occurred_on", "mark_date", "place", "therapy", "trial", "certainty", "state"}
    )
    return shown | {
        "event": event.id,
        "title": display_title(event, pack),
        "name": display_name(pack, event.therapy, event.place),
    }
