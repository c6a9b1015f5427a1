"""What people decided and nobody undid takes effect, and with it what follows from it: another answer, perhaps."""

from datetime import datetime

from sqlmodel import Session

from monitor.events.review_decisions import carry_out, due
from monitor.service import Service
from monitor.standing.answers import note_changed_answers


def carry_out_due(service: Service, session: Session, now: datetime) -> int:
    """Let the decisions take effect whose time to be undone is over; returns how many did. In the transaction of the
    match: what somebody decided and whom it is owed to are one."""
    decisions = due(session, now)
    if not decisions:
        return 0
    done = [carry_out(session, decision, service.pack, now) for decision in decisions]
    note_changed_answers(service, session, now)
    return sum(done)
