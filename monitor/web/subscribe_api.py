"""Subscriptions made and changed as JSON, by who shows the token: `therawatch subscribe`, and the managing page's form.

The routes belong to `monitor.web.maintainer_api`, which lets nobody else in.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from monitor.settings import Misconfigured
from monitor.telling.follow import change_by_id
from monitor.telling.subscription_lines import SubscriptionLine, line
from monitor.telling.subscriptions import subscribe
from monitor.vocabulary.event_types import TIERS
from monitor.web.rendering import Asking
from store.states import Cadence, Level, Wording

router = APIRouter()

Some = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=200)]
Tiers = Annotated[list[Annotated[int, Field(ge=1, le=len(TIERS))]], Field(max_length=len(TIERS))]
LARGEST = 2**31 - 1


class Wished(BaseModel, extra="forbid"):
    """What is asked for, as the options of `therawatch subscribe` name it."""

    therapies: Some = Field(default_factory=list, description="only these, by any of their names")
    places: Some = Field(default_factory=list, description="only these; what is told of trials has none")
    tiers: Tiers = Field(default_factory=list, description="only what one of these tells of: 1 regulator ... 4 press")
    level: Level = Field(Level.MINOR, description="the lowest that is told")
    only_doors: bool = Field(False, description="what opens a door, of any level, and nothing else")
    muted: Some = Field(default_factory=list, description="topics that are left out")
    wording: Wording = Field(Wording.PLAIN, description="of mails")
    hide_outcomes: bool = Field(False, description="how a trial went is told behind a link, not in the mail")
    cadence: Cadence = Field(Cadence.IMMEDIATE, description="of mails; a webhook is told at once")
    hour: int = Field(8, ge=0, le=23, description="of digests, local time")
    timezone: str = Field("UTC", max_length=60)
    quiet_days: Some = Field(default_factory=list, description="days without mail: mon, tue, ...")

    def parts(self, *, given: bool = False) -> dict[str, Any]:
        """The parts of the wish by name; all of them, or those that were given."""
        asked = self.model_dump(exclude_unset=given, include=set(Wished.model_fields))
        return {"at_hour" if name == "hour" else name: value for name, value in asked.items()}


class Subscribed(Wished):
    """A new subscription."""

    channel: str = Field(max_length=40, description="email, webhook, or a notifier of the installation's own")
    to: str = Field(max_length=2000, description="the address")
    types: Some = Field(default_factory=list, description="only these types of event")
    secret: str | None = Field(None, max_length=200, description="of a webhook; by default a new one")
    confirmations: bool = Field(False, description="also when a regulator confirms")
    confirmed: bool = Field(False, description="you vouch: no mail asks whether it is wanted")
    options: dict[str, Any] = Field(default_factory=dict, description="of the channel: owner, neutral_subject")


@router.post("/subscriptions", status_code=201)
def make(service: Asking, asked: Subscribed) -> SubscriptionLine:
    """Add a subscription; a webhook's secret is shown this once. HTTPException 400 names what cannot be granted."""
    try:
        added, secret = subscribe(
            service, channel=asked.channel, address=asked.to, types=asked.types, secret=asked.secret,
            confirmed=asked.confirmed, confirmations=asked.confirmations, options=asked.options, **asked.parts(),
        )  # fmt: skip
    except Misconfigured as problem:
        raise HTTPException(400, str(problem)) from None
    return line(added, secret)


@router.post("/subscriptions/{subscription}/change")
def change(service: Asking, subscription: Annotated[int, Path(ge=1, le=LARGEST)], asked: Wished) -> SubscriptionLine:
    """Ask for something else; what is left out stays as it is. HTTPException 400 names what cannot be granted."""
    try:
        return line(change_by_id(service, subscription, asked.parts(given=True)))
    except Misconfigured as problem:
        raise HTTPException(400, str(problem)) from None
