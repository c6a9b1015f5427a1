"""How many statements have aged, for the views of the desk."""

from sqlmodel import Session

from monitor.path.stale import aged_statements
from monitor.service import Service
from monitor.standing.kept_answers import KeptAnswers
from monitor.web.front_page import DRUGS


def count_of(session: Session, service: Service, kept: KeptAnswers) -> int | None:
    """How many statements have aged; None where there are too many drugs to say so on every page."""
    if len(service.pack.therapies) > DRUGS:
        return None
    return sum(len(row.statements) for row in aged_statements(session, service, kept))
