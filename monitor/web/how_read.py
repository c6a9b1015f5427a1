"""How a sentence became an event, for its page: who read it, how sure that is, what of our own is most like it."""

from collections.abc import Sequence
from typing import TypedDict

from sqlmodel import Session, col, select

from monitor.reading.examples import examples
from monitor.vocabulary.claims import NETWORK
from monitor.vocabulary.event_types import TYPES
from store.tables import Event, Evidence, Reading


class LikeIt(TypedDict):
    """A labelled item of our own, and what it announces in words."""

    words: str
    says: str


class Views(TypedDict):
    """What each reader made of the first quote, in percent, and the words that the network leans on most."""

    rules: str
    network: int
    news: int
    medicine: int
    words: list[str]


class HowRead(TypedDict):
    """What the page shows. `rule` is None where the network alone has read it; `views` where they were not kept."""

    rule: str | None
    percent: int
    views: Views | None
    nearest: list[LikeIt]


def how_read(session: Session, event: Event, proofs: Sequence[Evidence]) -> HowRead | None:
    """How an event was read from prose; None where it comes from the fields of a register or was compiled by hand."""
    type_, _, way = (event.rule or "").partition(".")
    quote = next((proof.quote for proof in sorted(proofs, key=lambda proof: proof.id or 0) if proof.quote), None)
    if type_ not in TYPES or event.confidence is None or quote is None:
        return None
    return {
        "rule": None if way == NETWORK else event.rule,
        "percent": round(100 * event.confidence),
        "views": _views(session, proofs),
        "nearest": [{"words": near.words, "says": _says(near.types)} for near in examples().nearest(quote)],
    }


def _views(session: Session, proofs: Sequence[Evidence]) -> Views | None:
    """What was kept of the first reading."""
    ids = [proof.id for proof in proofs]
    found = session.exec(select(Reading).where(col(Reading.evidence_id).in_(ids)).order_by(col(Reading.evidence_id)))
    if (kept := found.first()) is None:
        return None
    network, news, medicine = (round(100 * share) for share in (kept.network, kept.news, kept.medicine))
    words = [str(word) for word, _ in kept.words or ()]
    return {"rules": kept.rules, "network": network, "news": news, "medicine": medicine, "words": words}


def _says(types: Sequence[str]) -> str:
    return ", ".join(TYPES[name].label for name in types) or "announces nothing"
