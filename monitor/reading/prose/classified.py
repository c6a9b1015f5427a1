"""A line of `therawatch classify`: what an item announces, as contract.md gives it."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NotRequired, TypedDict

from monitor.reading.prose.items import Item, judged
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.therapies import Therapies


class Reading(TypedDict):
    """One event of a line of `therawatch classify`, as contract.md gives it; `subtype` for designations alone."""

    type: str
    drug: str | None
    agency: str | None
    trial: str | None
    polarity: str
    occurred_on: str | None
    quote: str
    confidence: float
    decision: str
    because: str
    rule: str
    therapy: str | None
    subtype: NotRequired[str]
    why: NotRequired[Mapping[str, object]]


class Classified(TypedDict):
    """One line of `therawatch classify`: the item's own id and what it announces."""

    id: Any
    events: list[Reading]


def classify_line(obj: Mapping[str, Any], therapies: Therapies | None = None, *, explained: bool = False) -> Classified:
    """One line of `therawatch classify`; `explained` adds to each event what each reader says of it.

    Raises KeyError, TypeError or ValueError on a line of another shape.
    """
    published = obj.get("published")
    if published is not None:
        date.fromisoformat(str(published)[:10])
    item = Item(
        str(obj["id"]),
        str(obj.get("source_kind") or "news"),
        str(obj.get("title") or ""),
        str(obj.get("text") or ""),
        published,
    )
    return {"id": obj["id"], "events": [_event(claim) for claim in judged(item, therapies, explained=explained)]}


def _event(claim: Claim) -> Reading:
    event: Reading = {
        "type": claim.type,
        "drug": claim.drug,
        "agency": claim.agency,
        "trial": claim.trial,
        "polarity": claim.polarity,
        "occurred_on": claim.occurred_on,
        "quote": claim.quote,
        "confidence": round(claim.confidence, 2),
        "decision": claim.decision,
        "because": claim.because or f"rule {claim.rule}",
        "rule": claim.rule,
        "therapy": claim.therapy,
    }
    if claim.subtype and claim.type == "designation":
        event["subtype"] = claim.subtype
    if claim.why is not None:
        event["why"] = claim.why
    return event
