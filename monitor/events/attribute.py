"""The same event told again? Add evidence to it, or record a new one. Step *attribute* of the one path.

A claim and an event are about the same act when they agree on the family of the type, on the therapy (or the drug as
written), on the place or the trial, and lie within the family's window. What tellers disagree on is kept with the
evidence and shown; the word of the better tier stands, and the event says that it is disputed.
"""

import base64
import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from monitor.events.alerting import alerts_alone, follow_up, places_named
from monitor.events.evidence import STANDING, contradicts, sharpen, take_over
from monitor.vocabulary.agencies import place_of
from monitor.vocabulary.claims import HIGH, Claim
from monitor.vocabulary.dates import NEWS_AGE, first_day, last_day
from monitor.vocabulary.event_types import LEVELS, TYPES, slug, thread_of
from monitor.vocabulary.places import PLACES
from monitor.vocabulary.wording import title_of
from store.states import Certainty, EventState, Level, Polarity
from store.tables import Change, Event, Evidence, Watch

FORESIGHT = timedelta(days=14)
"""An unsure reading was not of an act that came later than this: nobody tells of an act before it happened."""

SAME_WEEKS = timedelta(days=45)
"""No substance gets a further form or use so soon after its first approval in a place."""

SURE_OF_PRESS = 0.9
"""What press or community tell is often told twice and seldom checked: its reading must be surer to be released."""

PATHWAYS: dict[tuple[str, str | None], str] = {
    ("accelerated_approval", "US"): "accelerated",
    ("accelerated_approval", "CA"): "noc_c",
    **{("approval", place): "not_stated" for place in PLACES},
}
"""The only pathway a type can mean in a place; elsewhere the kind waits for a source that names it."""


@dataclass(frozen=True)
class Told:
    """Who tells a claim, where and when: all that evidence needs."""

    watch: Watch
    tier: int
    url: str
    at: datetime
    typed: bool  # read from fields of a register, not from prose
    baseline: bool
    change: Change | None
    capture_sha256: str | None


@dataclass(frozen=True)
class Attributed:
    """The event a claim belongs to, and whether it is a new one."""

    event: Event
    new: bool


def attribute(session: Session, claim: Claim, told: Told) -> Attributed:
    """Add the claim's evidence to the event it tells of, recording the event first if nobody told of it before."""
    claim = replace(claim, kind=claim.kind or PATHWAYS.get((claim.type, _place(claim))))
    place = _place(claim)
    event = _same_act(session, claim, place)
    if event is None and (other := _as_it_stands(session, claim, place)) is not None:
        claim = other
        event = _same_act(session, claim, place)
    if event is None:
        event = _record(session, claim, told, place)
        _add_evidence(session, event, claim, told)
        return Attributed(event, new=True)
    if _already_told(session, event, claim, told):
        return Attributed(event, new=False)
    _add_evidence(session, event, claim, told)
    _weigh(session, event, claim, told)
    return Attributed(event, new=False)


def _place(claim: Claim) -> str | None:
    return claim.place or place_of(claim.agency)


def _same_act(session: Session, claim: Claim, place: str | None) -> Event | None:
    """The standing event that this claim tells of, the nearest in time if several could be."""
    spec = TYPES[claim.type]
    family = [name for name, other in TYPES.items() if other.family == spec.family]
    query = select(Event).where(col(Event.type).in_(family), col(Event.state).in_(STANDING))
    if claim.therapy:
        query = query.where(Event.therapy == claim.therapy)
    elif claim.drug:
        query = query.where(col(Event.therapy).is_(None), func.lower(Event.drug) == claim.drug.lower())
    elif not claim.trial:
        return None
    near = [(gap, event) for event in session.exec(query) if (gap := _gap(claim, event, place)) is not None]
    return min(near, key=lambda pair: (pair[0], pair[1].sequence))[1] if near else None


def _gap(claim: Claim, event: Event, place: str | None) -> timedelta | None:
    """How far apart in time, or None when they cannot be one act."""
    spec = TYPES[claim.type]
    if spec.scope == "trial" and claim.trial and event.trial and slug(claim.trial) != slug(event.trial):
        return None
    if spec.scope != "trial" and place and event.place and place != event.place:
        return None
    if "step" in spec.apart and _rung(claim) != _rung(event):
        return None
    if event.state == EventState.HELD and (event.confidence or 1) < HIGH and _came_later(claim, event):
        return None
    if "polarity" in spec.apart and claim.polarity != event.polarity:
        return None
    gap = distance(claim.occurred_on, event.occurred_on)
    return gap if gap <= spec.window else None


def _came_later(claim: Claim, event: Event) -> bool:
    told = max(event.detected_at.date(), last_day(event.occurred_on or event.detected_at.date().isoformat()))
    return claim.occurred_on is not None and first_day(claim.occurred_on) > told + FORESIGHT


def _rung(told: Claim | Event) -> str | None:
    return told.subtype if told.type == "designation" else told.step or TYPES[told.type].step


def distance(one: str | None, other: str | None) -> timedelta:
    """The gap between two dates as precise as told; zero when one could be the other."""
    if one is None or other is None:
        return timedelta(0)
    return max(timedelta(0), first_day(one) - last_day(other), first_day(other) - last_day(one))


def _record(session: Session, claim: Claim, told: Told, place: str | None) -> Event:
    spec = TYPES[claim.type]
    step: str | None = claim.step or spec.step
    type_ = claim.type
    thread = thread_of(type_, therapy=claim.therapy, place=place, trial=claim.trial, drug=claim.drug, step=step)
    step = follow_up(session, thread, step)
    level, reasons = _level(claim, type_)
    state, because = _state(session, claim, told, thread)
    sequence = (session.exec(select(func.max(Event.sequence))).one() or 0) + 1
    event = Event(
        id=event_id(sequence, type_, thread, claim.occurred_on, told.at),
        sequence=sequence,
        type=type_,
        therapy=claim.therapy,
        drug=claim.drug,
        place=place if spec.scope != "trial" else None,
        agency=claim.agency,
        trial=claim.trial,
        polarity=Polarity(claim.polarity),
        occurred_on=claim.occurred_on,
        detected_at=told.at,
        released_at=told.at if state == EventState.RELEASED else None,
        level=level,
        level_reasons=reasons,
        certainty=Certainty.STATED if told.tier <= 2 else Certainty.REPORTED,
        tier=told.tier,
        thread=thread,
        step=step,
        alert=alerts_alone(session, claim, told.at, thread, step),
        title=title_of(
            type_,
            polarity=claim.polarity,
            drug=claim.drug or claim.therapy,
            places=places_named(claim, place),
            trial=claim.trial,
            step=step,
            agency=claim.agency,
        ),
        kind=claim.kind,
        subtype=claim.subtype,
        phase=claim.phase,
        planned_start=claim.planned_start,
        rule=claim.rule,
        confidence=claim.confidence,
        state=state,
        held_because=because,
        matched_at=told.at if state == EventState.IMPORTED else None,
    )
    session.add(event)
    session.flush()
    return event


def _as_it_stands(session: Session, claim: Claim, place: str | None) -> Claim | None:
    """The claim in the light of what is authorised here (taxonomy rule 6), or None where that changes nothing.

    A further approval of a substance authorised before is a new form or use of it; a "new use" told within weeks of
    the substance's first approval here is that approval.
    """
    family = TYPES[claim.type].family
    if family not in ("authorisation", "forms") or not claim.therapy or not place:
        return None
    thread = thread_of("approval", therapy=claim.therapy, place=place, trial=None)
    believed = col(Event.state).in_((EventState.RELEASED, EventState.IMPORTED, EventState.CORRECTED))
    query = select(Event.occurred_on).where(Event.thread == thread, Event.step == "authorised", believed)
    authorised = session.exec(query).all()
    if authorised and claim.type == "approval":
        return replace(claim, type="label_expansion", step="form_added", kind=None)
    if family == "forms" and any(distance(claim.occurred_on, on) <= SAME_WEEKS for on in authorised):
        return replace(claim, type="approval", step="authorised", kind=claim.kind or "not_stated")
    return None


def _level(claim: Claim, type_: str) -> tuple[Level, list[str]]:
    level = Level(TYPES[type_].level)
    reasons = [f"{type_} is {level}"]
    if claim.therapy:
        return level, [*reasons, "watched drug"]
    lower = Level(LEVELS[max(0, LEVELS.index(level) - 1)])
    return lower, [*reasons, f"not a drug of the pack: {lower}"]


def _state(session: Session, claim: Claim, told: Told, thread: str) -> tuple[EventState, str | None]:
    """State of a new event and, when held, why (contract.md, First sight; design.md section 4)."""
    old = claim.history or (claim.occurred_on is not None and last_day(claim.occurred_on) < told.at.date() - NEWS_AGE)
    if told.baseline:
        later = _later(session, claim, told, thread, old)
        return (EventState.HELD, "found at first check") if later else (EventState.IMPORTED, None)
    if old:
        return EventState.IMPORTED, None
    if reason := _doubt(claim, told):
        return EventState.HELD, reason
    return EventState.RELEASED, None


def _later(session: Session, claim: Claim, told: Told, thread: str, old: bool) -> bool:
    """Whether a baseline shows a later state than the history tells. What lies before the last known step of its
    thread, or is old where no history was compiled, only fills it in."""
    if TYPES[claim.type].family == "registration":
        return False  # that a record exists is no later state
    before = (Event.thread == thread, col(Event.occurred_on).is_not(None), Event.detected_at < told.at)
    known = session.exec(select(Event.occurred_on).where(*before))
    latest = max((last_day(on) for on in known if on), default=None)
    if latest is None or claim.occurred_on is None:
        return not old
    return last_day(claim.occurred_on) > latest


def _doubt(claim: Claim, told: Told) -> str | None:
    if told.watch.hold:
        return f"the watch {told.watch.name} is set to hold"
    if claim.doubt:
        return claim.doubt
    if told.typed:
        return None
    if claim.confidence < (SURE_OF_PRESS if told.tier >= 4 else HIGH):
        return f"the reading is unsure ({claim.confidence:.2f}, rule {claim.rule})"
    if claim.therapy is None:
        return "the drug is not in the pack"
    return None


def event_id(sequence: int, type_: str, thread: str, occurred_on: str | None, at: datetime) -> str:
    """A short name for an event, kept for ever: the link in every alert."""
    seed = f"{sequence}|{type_}|{thread}|{occurred_on}|{at.isoformat()}".encode()
    return "EV" + base64.b32encode(hashlib.sha256(seed).digest()).decode()[:10]


def _already_told(session: Session, event: Event, claim: Claim, told: Told) -> bool:
    """The same source telling the same words again is no new evidence."""
    query = select(Evidence.id).where(
        Evidence.event_id == event.id,
        Evidence.watch == told.watch.name,
        Evidence.url == told.url,
        Evidence.quote == claim.quote,
    )
    return session.exec(query).first() is not None


def _add_evidence(session: Session, event: Event, claim: Claim, told: Told) -> None:
    session.add(
        Evidence(
            event_id=event.id,
            change_id=told.change.id if told.change else None,
            source=told.watch.source,
            watch=told.watch.name,
            tier=told.tier,
            url=told.url,
            quote=claim.quote,
            told_type=claim.type,
            told_on=claim.occurred_on,
            told_kind=claim.kind,
            published_on=claim.published_on,
            retrieved_at=told.at,
            capture_sha256=told.capture_sha256,
            at=told.at,
        )
    )
    session.flush()


def _weigh(session: Session, event: Event, claim: Claim, told: Told) -> None:
    """Let new evidence raise certainty, sharpen type and date, or show a dispute; release what it settles."""
    was = event.certainty
    better = told.tier < event.tier
    if contradicts(event, claim):
        event.certainty = Certainty.DISPUTED
        if better:
            take_over(event, claim)
    elif event.state != EventState.IMPORTED:
        sharpen(event, claim, better)
        if was == Certainty.REPORTED and told.tier <= 2:
            event.certainty = Certainty.STATED
    event.tier = min(event.tier, told.tier)
    if event.state == EventState.HELD and not told.baseline and _doubt(claim, told) is None and not claim.history:
        event.state, event.held_because = EventState.RELEASED, None
        event.released_at, event.matched_at = told.at, None
    elif (
        event.state == EventState.RELEASED
        and was == Certainty.REPORTED
        and event.certainty == Certainty.STATED
        and event.matched_at
    ):
        event.confirmation_due = told.at
    session.add(event)
    session.flush()
