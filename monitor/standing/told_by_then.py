"""What an event was by those who had told of it at a moment, where the log did not keep what it said then."""

from collections.abc import Sequence
from typing import Any

from monitor.events.evidence import STATED_KINDS
from monitor.events.record import retold
from monitor.vocabulary.event_types import TYPES, stated_from
from store.states import Certainty, Polarity
from store.tables import Event, Evidence


def as_told(event: Event, by_then: Sequence[Evidence]) -> Event:
    """An event by what those had told who told it by a moment, where the log did not keep what it said: how sure it
    was and, where its day was told later, the best day that was told."""
    if event.former or not by_then:
        return event
    tier = min(proof.tier for proof in by_then)
    agreed = Certainty.STATED if tier <= stated_from(event.type, event.step) else Certainty.REPORTED
    certainty = agreed if event.certainty != Certainty.STATED or tier > event.tier else event.certainty
    days = sorted((-len(proof.told_on), proof.tier, proof.told_on) for proof in by_then if proof.told_on)
    on = event.occurred_on if not days or event.occurred_on in {day for *_, day in days} else days[0][-1]
    disputed = event.certainty == Certainty.DISPUTED and _disagree(by_then)
    was: dict[str, Any] = {
        "tier": tier,
        "occurred_on": on,
        "certainty": Certainty.DISPUTED if disputed else certainty,
    }
    return retold(event, **was)


def _disagree(tellers: Sequence[Evidence]) -> bool:
    """Whether tellers told opposites, or different pathways, as far as their evidence says it."""
    told = {TYPES[proof.told_type].polarity for proof in tellers if proof.told_type in TYPES}
    kinds = {proof.told_kind for proof in tellers} & STATED_KINDS
    return len(told & {Polarity.POSITIVE, Polarity.NEGATIVE}) > 1 or len(kinds) > 1
