"""What people decided and nobody undid takes effect, and with it what follows from it: another answer, perhaps."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from monitor.events.review_decisions import carry_out
from monitor.service import Service
from monitor.standing.answers import note_changed_answers
from store.tables import Decision


def carry_out_all(service: Service, session: Session, decisions: Sequence[Decision], now: datetime) -> int:
    """Let decisions take effect whose time to be undone is over; returns how many did. In the transaction of the match:
    what somebody decided and whom it is owed to are one."""
    done = [carry_out(session, decision, service.pack, now) for decision in decisions]
    note_changed_answers(service, session, now)
    return sum(done)
