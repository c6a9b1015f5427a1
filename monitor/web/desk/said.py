"""What was just done, in words, with the way to undo it: named in the address, read from the store."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from monitor.events.review_decisions import ACTS
from monitor.vocabulary.pack import Pack
from monitor.web.rendering import display_title
from store.states import DecisionState
from store.tables import Decision, Event

LARGEST = 2**31 - 1
DONE = {"approve": "Approved", "reject": "Rejected", "correct": "Corrected", "merge": "Merged"}
OTHERS = {
    "undone": "Undone. It waits for you as before; nobody was told.",
    "snoozed": "Put off. It comes back by itself.",
    "worded": "Wording kept.",
    "disagree": "Readers are told that those who tell of it disagree.",
    "agree": "Those who tell of it agree after all.",
}


def said_of(session: Session, pack: Pack, done: str, now: datetime) -> dict[str, Any] | None:
    """What `done` of an address stands for: some decisions by their numbers, or a word; None for anything else."""
    if done in OTHERS:
        return {"words": OTHERS[done], "undo": [], "until": None}
    numbers = [int(part) for part in done.split(".")[:100] if part.isascii() and part.isdigit() and len(part) < 10]
    found = [row for number in numbers if (row := session.get(Decision, number)) is not None]
    if not found:
        return None
    first = found[0]
    event = session.get_one(Event, first.event_id)
    what = display_title(event, pack) if len(found) == 1 else f"{len(found)} events"
    open_ = [row.event_id for row in found if row.state == DecisionState.WAITING]
    return {
        "words": f"{DONE[ACTS[first.verdict]]}: {what}.{_then(first, now)}",
        "undo": open_,
        "until": first.due_at if open_ else None,
    }


def _then(decision: Decision, now: datetime) -> str:
    if decision.state == DecisionState.UNDONE:
        return " It was undone."
    if decision.state != DecisionState.WAITING:
        return ""
    if decision.due_at is None:
        return " A second person is yet to agree."
    minutes = max(1, round((decision.due_at - now).total_seconds() / 60))
    return f" It takes effect at {decision.due_at:%H:%M} UTC, in {minutes} min; until then it can be undone."
