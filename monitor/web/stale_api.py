"""What is said and nobody vouches for, as JSON, by who shows the token: the acts of `therawatch stale` and of the desk.

The routes belong to `monitor.web.maintainer_api`, which lets nobody else in.
"""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from monitor.events.review import Overruled
from monitor.path.stale import AttestedLine, StaleLine, stale_lines, stand_for, stand_no_longer
from monitor.people.audit import TOKEN_HOLDER
from monitor.standing.filters import filters_from
from monitor.standing.unaccepted import Unaccepted
from monitor.web.rendering import Asking, Kept
from store.database import reading, writing

router = APIRouter()

NAME = 400


class Looked(BaseModel, extra="forbid"):
    """What a person has looked up, or takes back, as the arguments of `therawatch stale`."""

    act: Literal["confirm", "undo"]
    therapy: str = Field(max_length=NAME, description="the drug, by any of its names")
    place: str | None = Field(None, max_length=NAME, description="null: where it stands in trials")
    state: str | None = Field(None, max_length=NAME, description="what it says as you saw it; null: whatever it says")
    note: str = Field("", max_length=2000, description="to confirm: where you looked, such as an address")


@router.get("/stale")
def stale(service: Asking, kept: Kept) -> list[StaleLine]:
    """The statements that have aged because no watch answers for them, those first that a look may mend."""
    with reading(service.engine) as session:
        return stale_lines(session, service, kept)


@router.post("/stale")
def confirm_or_undo(service: Asking, kept: Kept, asked: Looked) -> AttestedLine:
    """Say that a statement was looked up and is still true, for 30 days; or undo that within ten minutes. HTTPException
    400 where it has not aged, says something else by now, or it is too late."""
    try:
        named = filters_from(service.pack, {"therapy": asked.therapy, "place": asked.place})
    except Unaccepted as problem:
        raise HTTPException(400, f"{problem.field}: {problem}") from None
    with reading(service.engine) as session:
        lines = stale_lines(session, service, kept) if asked.act == "confirm" else []
    therapy, place, now = named.therapy or "", named.place, service.now()
    with writing(service.engine) as session:
        try:
            if asked.act == "undo":
                return stand_no_longer(session, therapy, place, TOKEN_HOLDER, now)
            wish = AttestedLine(therapy=therapy, place=place, state=asked.state, by=None, at=None, note=asked.note)
            return stand_for(session, lines, wish, TOKEN_HOLDER, now)
        except Overruled as problem:
            raise HTTPException(400, str(problem)) from None
