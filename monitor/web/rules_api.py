"""The rules as JSON, by who shows the token: the acts of `therawatch rules`, `rule` and of the desk.

The routes belong to `monitor.web.maintainer_api`, which lets nobody else in.
"""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from monitor.events.policies import RuleLine, edit, rule_lines
from monitor.events.review import Overruled
from monitor.people.audit import TOKEN_HOLDER
from monitor.web.rendering import Asking
from store.database import reading, writing

router = APIRouter()

NAME = 400


class Rules(BaseModel, extra="forbid"):
    """Which rules."""

    rule: str | None = Field(None, max_length=NAME, description="one by its name; by default all of the past year")


class Edited(BaseModel, extra="forbid"):
    """What is to be done with what a rule reads, as the arguments of `therawatch rule`."""

    rule: str = Field(max_length=NAME, description="its name, such as trial_registered.registers")
    act: Literal["pass", "hold", "default", "critical", "major", "minor", "info", "taxonomy", "undo"]
    note: str = Field("", max_length=2000, description="why, for the log")


@router.get("/rules")
def rules(service: Asking, asked: Annotated[Rules, Query()]) -> list[RuleLine]:
    """By which rules news were read, what became of it, and what each edit would have changed. HTTPException 400 for
    one that has read nothing."""
    with reading(service.engine) as session:
        try:
            return rule_lines(session, service.now(), asked.rule)
        except Overruled as problem:
            raise HTTPException(400, str(problem)) from None


@router.post("/rules")
def edit_rule(service: Asking, asked: Edited) -> RuleLine:
    """Let a rule pass, hold it always, put it back to default; move what it reads to a level, or back to that of its
    type (`taxonomy`); or undo that within ten minutes. HTTPException 400 where it may not be."""
    with writing(service.engine) as session:
        try:
            return edit(session, asked.rule, asked.act, TOKEN_HOLDER, service.now(), asked.note)
        except Overruled as problem:
            raise HTTPException(400, str(problem)) from None
