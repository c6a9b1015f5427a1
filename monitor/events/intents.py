"""What attribution, history, silences, answers and reviews want recorded: frozen values for `record`, which writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from monitor.vocabulary.claims import Claim
from monitor.vocabulary.dates import AT_LATEST, MADE_KNOWN
from store.states import Certainty, EventState, Level
from store.tables import Event, Evidence


@dataclass(frozen=True, slots=True)
class Teller:
    """Who tells a claim, where and when: what its evidence needs, and what decides whether it is believed at once."""

    watch: str
    source: str
    tier: int  # 1 regulator, 2 registry, 3 sponsor, 4 press or community
    url: str
    at: datetime
    typed: bool = False  # read from fields of a register, not from prose
    baseline: bool = False
    therapies: tuple[str, ...] | None = None  # those of the sponsor who speaks here; None: it may be anyone's
    hold: bool = False  # whatever this watch tells waits for a maintainer
    change_id: int | None = None
    capture_sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One piece of evidence, before it is tied to an event."""

    source: str
    tier: int
    watch: str | None = None
    url: str | None = None
    quote: str | None = None
    change_id: int | None = None
    told_type: str | None = None
    told_on: str | None = None
    told_kind: str | None = None
    published_on: str | None = None
    retrieved_at: datetime | None = None
    capture_sha256: str | None = None
    seen: Mapping[str, Any] | None = None  # what both readers made of its sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An act of which no event tells yet.

    What is None and follows from the rest is made by `record`: `id`, `thread` and `title`, `tier` from the best proof,
    `certainty` from the tier, `alert` from type and step.
    """

    type: str
    polarity: str
    at: datetime  # when it came to be known here; aware UTC
    state: EventState
    proofs: tuple[Proof, ...] = ()
    therapy: str | None = None
    drug: str | None = None
    place: str | None = None
    places: tuple[str, ...] = ()  # all places that one alert speaks for; empty: `place` alone
    agency: str | None = None
    trial: str | None = None
    occurred_on: str | None = None
    kind: str | None = None
    subtype: str | None = None
    phase: str | None = None
    planned_start: str | None = None
    marketed_from: str | None = None
    step: str | None = None
    rule: str | None = None
    confidence: float | None = None
    held_because: str | None = None
    corrects: str | None = None
    confirmed_at: datetime | None = None
    cause: str | None = None
    sentence: str | None = None
    mark_event: str | None = None
    mark_date: str | None = None
    dated_by: int | None = None  # tier of who tells its date
    note: str | None = None
    id: str | None = None
    thread: str | None = None
    title: str | None = None
    tier: int | None = None
    certainty: Certainty | None = None
    alert: bool | None = None
    moved_to: Level | None = None  # the level that a maintainer gave what the rule reads; None: that of the type


@dataclass(frozen=True, slots=True)
class Amendment:
    """Fields of a known event that take another value, and what proves it; title and level follow."""

    event_id: str
    at: datetime
    fields: Mapping[str, Any] = field(default_factory=dict)
    proofs: tuple[Proof, ...] = ()


Intent = NewEvent | Amendment

OF_EVIDENCE = tuple(column.name for column in fields(Proof) if column.name != "seen")
_OF_EVENT = tuple(
    column.name for column in fields(NewEvent) if column.name not in ("at", "proofs", "places", "moved_to")
)
_OF_CLAIM = tuple({column.name for column in fields(NewEvent)} & {column.name for column in fields(Claim)})


def proof_by(teller: Teller, claim: Claim) -> Proof:
    """The evidence that a claim is, told by this teller."""
    return Proof(
        source=teller.source,
        watch=teller.watch,
        tier=teller.tier,
        url=teller.url,
        quote=claim.quote,
        change_id=teller.change_id,
        told_type=claim.type,
        told_on=claim.occurred_on,
        told_kind=claim.kind,
        published_on=claim.published_on,
        retrieved_at=teller.at,
        capture_sha256=teller.capture_sha256,
        seen=claim.seen,
    )


def proof_of(evidence: Evidence) -> Proof:
    """A stored piece of evidence, to be tied to another event."""
    return Proof(**{name: getattr(evidence, name) for name in OF_EVIDENCE})


def act_of(claim: Claim) -> dict[str, Any]:
    """The fields of a new event that a claim states."""
    return {name: getattr(claim, name) for name in _OF_CLAIM}


def intent_of(event: Event, proofs: Sequence[Evidence]) -> NewEvent:
    """What would record a stored event once more, its evidence too."""
    values = {name: getattr(event, name) for name in _OF_EVENT}
    return NewEvent(
        **values, places=tuple(event.places), at=event.detected_at, proofs=tuple(proof_of(proof) for proof in proofs)
    )


def dated(claim: Claim, teller: Teller) -> dict[str, Any]:
    """The claim's date and who tells it, marked when it is only the day on which the act was made known, or seen."""
    mark = AT_LATEST if claim.at_latest else MADE_KNOWN if claim.announced else None
    on = claim.occurred_on
    return {"occurred_on": on, "mark_date": mark if on else None, "dated_by": teller.tier if on else None}
