"""What an event rests on, tab by tab: fields, words, the kept page, raw, other tellers, the ladder, why it was read so.

Everything here is text for a template that escapes it: a kept page is never shown as markup.
"""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from monitor.service import Service
from monitor.standing.log import change_lines, matter_of
from monitor.standing.timeline import by_tier, in_order
from monitor.telling.channels import teller_titles
from monitor.watching.captures import whole_body
from monitor.web import labels as words
from monitor.web.how_read import how_read
from monitor.web.kept import kept_pages
from monitor.web.rendering import display_title
from store.states import EventState
from store.tables import Capture, Event, Evidence, Item

TABS = {
    "fields": "Fields",
    "words": "Words",
    "page": "Kept page",
    "raw": "Raw",
    "tellers": "Tellers",
    "ladder": "Ladder",
    "why": "Why this reading",
}
"""Tab to its name, in the order of the keys 1 to 7."""

RAW = 30_000
"""Characters of a body shown as it came."""
LONG = 60
"""From so many characters on a value is compared word by word."""


@dataclass(frozen=True, slots=True)
class Rests:
    """An event with what is asked of every tab."""

    session: Session
    service: Service
    event: Event
    proofs: Sequence[Evidence]

    @property
    def titles(self) -> dict[str, str]:
        """What sources and watches are called."""
        return teller_titles(self.service)

    def teller(self, proof: Evidence) -> str:
        """What a teller is called."""
        return self.titles.get(proof.watch or "") or self.titles.get(proof.source) or proof.source


def tab(name: str, rests: Rests) -> dict[str, Any]:
    """What one tab shows."""
    return SHOWING[name](rests)


def _fields(rests: Rests) -> dict[str, Any]:
    return {"changes": _changes(rests)}


def _changes(rests: Rests) -> list[Any]:
    ids = sorted({proof.change_id for proof in rests.proofs if proof.change_id is not None})
    return list(change_lines(rests.session, ids))


def _words(rests: Rests) -> dict[str, Any]:
    """Long values of the changes, word by word."""
    found = [
        {"item": change["item"], "field": field["field"], "parts": word_differences(*sides)}
        for change in _changes(rests)
        for field in change["fields"]
        if max(map(len, sides := (words.shown(field["before"]), words.shown(field["after"])))) >= LONG
    ]
    return {"differing": found}


def word_differences(before: str, after: str) -> list[tuple[str, str]]:
    """Parts of a text, each `same`, `gone` or `come`: white space stays with the word before it."""
    old, new = re.findall(r"\S+\s*", before), re.findall(r"\S+\s*", after)
    parts: list[tuple[str, str]] = []
    for what, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            parts.append(("same", "".join(old[i:j])))
            continue
        parts += [part for part in (("gone", "".join(old[i:j])), ("come", "".join(new[k:m]))) if part[1]]
    return parts


def _page(rests: Rests) -> dict[str, Any]:
    """The kept page as text, with the words that prove the event marked."""
    proofs = by_tier(rests.proofs)
    kept = kept_pages(rests.session, proofs, {change["change"]: change["item"] for change in _changes(rests)})
    return {
        "pages": [
            {"teller": rests.teller(proof), "url": proof.url, "quote": proof.quote, "kept": kept.get(proof.id)}
            for proof in proofs
        ]
    }


def _raw(rests: Rests) -> dict[str, Any]:
    """How each body was asked for, and how it came."""
    shown = []
    for sha256 in dict.fromkeys(proof.capture_sha256 for proof in rests.proofs if proof.capture_sha256):
        query = select(Capture).where(Capture.sha256 == sha256).order_by(col(Capture.id))
        capture = rests.session.exec(query).first()
        body = whole_body(rests.session, sha256)
        text = body.decode("utf-8", "replace") if body is not None else None
        shown.append(
            {"sha256": sha256, "capture": capture, "size": len(body) if body is not None else None,
             "text": text[:RAW] if text is not None else None, "cut": text is not None and len(text) > RAW}
        )  # fmt: skip
    return {"bodies": shown}


def _tellers(rests: Rests) -> dict[str, Any]:
    """Who tells of it, the best first, and where each says something else than the event holds."""
    event = rests.event
    lines = []
    for proof in by_tier(rests.proofs):
        other = []
        if proof.told_on and event.occurred_on and not _same_day(proof.told_on, event.occurred_on):
            other.append(f"the date {words.day(proof.told_on)}, not {words.day(event.occurred_on)}")
        if {proof.told_kind, event.kind}.isdisjoint({None, "not_stated"}) and proof.told_kind != event.kind:
            other.append(f"{words.word(proof.told_kind, 'kind')}, not {words.word(event.kind, 'kind')}")
        if proof.told_type and proof.told_type != event.type:
            other.append(f"{words.word(proof.told_type, 'type')}, not {words.word(event.type, 'type')}")
        lines.append({"proof": proof, "teller": rests.teller(proof), "other": other})
    return {"tellers": lines}


def _same_day(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _ladder(rests: Rests) -> dict[str, Any]:
    """The steps of the matter, also those that nobody has confirmed."""
    query = select(Event).where(matter_of(rests.event), Event.state != EventState.DISMISSED)
    rungs = in_order(rests.session.exec(query).all())
    return {"rungs": [{"event": rung, "title": display_title(rung, rests.service.pack)} for rung in rungs]}


def _why(rests: Rests) -> dict[str, Any]:
    """What decided that it was read, how sure the reading is, and why it is of this level."""
    event = rests.event
    plans = {plan.name: plan for plan in rests.service.pack.watches}
    holding = [proof.watch for proof in rests.proofs if proof.watch in plans and plans[proof.watch].hold]
    told = dict.fromkeys(proof.told_type for proof in rests.proofs if proof.told_type)
    return {
        "facts": [
            ("Held because", event.held_because),
            ("Read by the rule", event.rule),
            ("Sure to", f"{100 * event.confidence:.0f} %" if event.confidence is not None else None),
            ("Read as", ", ".join(words.word(type_, "type") for type_ in told) or None),
            (
                "Weight",
                "; ".join(said.replace(event.type, words.word(event.type, "type")) for said in event.level_reasons)
                or None,
            ),
            ("Told by", words.word(event.tier, "tier")),
            ("How sure", words.word(event.certainty, "certainty")),
            ("Set to hold", ", ".join(name for name in holding if name) or None),
        ],
        "items": _items(rests),
        "how_read": how_read(rests.session, event, rests.proofs),
    }


def _items(rests: Rests) -> list[Item]:
    keys = {change["item"] for change in _changes(rests)}
    return list(rests.session.exec(select(Item).where(col(Item.key).in_(keys))).all())


SHOWING: Mapping[str, Callable[[Rests], dict[str, Any]]] = {
    "fields": _fields, "words": _words, "page": _page, "raw": _raw, "tellers": _tellers, "ladder": _ladder, "why": _why,
}  # fmt: skip
