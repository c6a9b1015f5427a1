"""How a sentence became an event, for its page: who read it, how sure that is, what of our own is most like it."""

from collections.abc import Sequence
from typing import TypedDict

from monitor.reading.examples import examples
from monitor.vocabulary.claims import NETWORK
from monitor.vocabulary.event_types import TYPES
from store.tables import Event, Evidence


class LikeIt(TypedDict):
    """A labelled item of our own, and what it announces in words."""

    words: str
    says: str


class HowRead(TypedDict):
    """What the page shows. `rule` is None where the network alone has read it."""

    rule: str | None
    percent: int
    nearest: list[LikeIt]


def how_read(event: Event, proofs: Sequence[Evidence]) -> HowRead | None:
    """How an event was read from prose; None where it comes from the fields of a register or was compiled by hand."""
    type_, _, way = (event.rule or "").partition(".")
    quote = next((proof.quote for proof in sorted(proofs, key=lambda proof: proof.id or 0) if proof.quote), None)
    if type_ not in TYPES or event.confidence is None or quote is None:
        return None
    return {
        "rule": None if way == NETWORK else event.rule,
        "percent": round(100 * event.confidence),
        "nearest": [{"words": near.words, "says": _says(near.types)} for near in examples().nearest(quote)],
    }


def _says(types: Sequence[str]) -> str:
    return ", ".join(TYPES[name].label for name in types) or "announces nothing"
