"""A verdict on an event as JSON, by who shows the token: the acts of `therawatch review` and of the desk.

The routes belong to `monitor.web.maintainer_api`, which lets nobody else in.
"""

from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from typing_extensions import TypedDict

from monitor.events import review_decisions as decisions
from monitor.events.review import Overruled
from monitor.events.review_decisions import Rules, Wish
from monitor.people.audit import TOKEN_HOLDER
from monitor.standing.timeline import stamp
from monitor.web.rendering import Asking
from store.database import writing
from store.states import DecisionState, Verdict
from store.tables import Event

router = APIRouter()

IDENTITY = 100
VERDICTS = {
    "confirm": Verdict.CONFIRMED,
    "correct": Verdict.CORRECTED,
    "dismiss": Verdict.DISMISSED,
    "merge": Verdict.MERGED,
}


class Given(BaseModel, extra="forbid"):
    """What is decided, as the options of `therawatch review`."""

    verdict: Literal["confirm", "correct", "dismiss", "merge", "undo"]
    note: str = Field("", max_length=2000, description="why; readers of a correction see it")
    amended: dict[str, Annotated[str, Field(max_length=2000)] | None] = Field(
        default_factory=dict, max_length=20, description="of a correction: the fields that are right"
    )
    into: str | None = Field(None, max_length=IDENTITY, description="of a merge: the event that stays")


class DecisionLine(TypedDict):
    """A decision; `takes_effect` is null where a second person is yet to agree."""

    event: str
    verdict: str
    state: DecisionState
    takes_effect: str | None


@router.post("/events/{event}/review", responses={404: {"description": "There is no such event."}})
def review(service: Asking, event: Annotated[str, Path(max_length=IDENTITY)], given: Given) -> DecisionLine:
    """Give a verdict, or take one back that has not taken effect. HTTPException 400 where it cannot be given."""
    amended = {"into": given.into} if given.verdict == "merge" else given.amended
    now, rules = service.now(), Rules(two_people=service.settings.two_people)
    with writing(service.engine) as session:
        if (known := session.get(Event, event)) is None:
            raise HTTPException(404, f"expected the id of an event, found {event!r}")
        try:
            if given.verdict == "undo":
                decision = decisions.undo(session, known, TOKEN_HOLDER, now)
            else:
                wish = Wish(VERDICTS[given.verdict], given.note, amended)
                decision = decisions.decide(session, known, wish, TOKEN_HOLDER, now, rules)
        except Overruled as problem:
            raise HTTPException(400, str(problem)) from None
        return {
            "event": event,
            "verdict": decision.verdict,
            "state": decision.state,
            "takes_effect": stamp(decision.due_at),
        }
