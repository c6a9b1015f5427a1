"""The statements of the answer page that have aged, as its own view of the answers finds them."""

from sqlmodel import Session

from monitor.service import Service
from monitor.standing.aged import Aged, aged
from monitor.standing.kept_answers import KeptAnswers
from monitor.vocabulary.places import PLACES
from monitor.web.front_page import DRUGS, look
from monitor.web.queries import StatusQuery

MOST = 200
"""Drugs whose statements are gone through."""


def aged_statements(session: Session, service: Service, kept: KeptAnswers) -> list[Aged]:
    """What the page says today and nobody vouches for."""
    view = look(service, session, kept, StatusQuery.model_validate({}))
    connection, asked = session.connection(), (view.as_of, view.known_at)
    lines = kept.lines(connection, asked, view.shown()[:MOST])
    leading = {(kept.newest(connection, asked, place, "substance")["therapy"], place) for place in PLACES}
    return aged(view.lookout, lines, leading)


def count_of(session: Session, service: Service, kept: KeptAnswers) -> int | None:
    """How many statements have aged; None where there are too many drugs to say so on every page."""
    if len(service.pack.therapies) > DRUGS:
        return None
    return sum(len(row.statements) for row in aged_statements(session, service, kept))
