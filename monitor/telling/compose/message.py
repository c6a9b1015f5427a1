"""Rows to a Digest: what is said, in which order, and what is left for the link.   (pure)

Order of a message: what opens a door, what is important, what waits, corrections; the weightiest first. At most
seven items, the rest is counted.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from monitor.telling.compose.ladder import MARKET_ENDS, ladder_of, rungs_of
from monitor.telling.compose.manner import PLAIN, Manner, technical, veiled
from monitor.telling.compose.news import News
from monitor.vocabulary.event_types import LEVELS, REGISTRY, TYPES
from monitor.vocabulary.field_quotes import field_in_words
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.topics import opens_door
from monitor.vocabulary.wording import Telling, facts_of, name_of, sentence, telling_of, title_of
from notifiers.digest import Difference, Digest, Entry, Looked, Proof
from store.states import Cadence, EventState, Notice, Wording
from store.tables import Delivery, Event, Evidence, Subscription

ITEMS = 7
PROOFS = 3
QUOTE = 300
VALUE = 160
MOVED = 8
DATE_NOTES = {"M": "date not confirmed", "X": "date not confirmed", "P": "the day it was made known",
              "L": "the latest day it can have been"}  # fmt: skip
"""Marks of a date that hand-compiled history could not confirm, or that is not told as that of the act itself."""

FIELDS = {"status": "Status", "why_stopped": "Reason given", "results_posted": "Results posted"}

TAKEN_BACK = "We do not say so any more: it did not happen, or no source that we trust tells of it."
"""The sentence of a correction that puts nothing in the place of what was wrong."""

NOTHING_SEEN = "We do not know of this time: no source showed us anything new."
"""What is said of a time in which no source answered with data of these days: blind is not quiet."""

SECTIONS = (("opens_a_door", "opens a door"), ("important", "important"), ("waiting", "waiting"))


@dataclass(frozen=True)
class Frame:
    """What every message of this installation shares."""

    pack: Pack
    base_url: str
    domain: str  # of Message-ID
    titles: Mapping[str, str] = field(default_factory=dict)  # source or watch -> what a reader calls it

    def teller(self, source: str, watch: str | None) -> str:
        """What a reader calls who tells: the name of the watch, else of its source, else as history names it."""
        return self.titles.get(watch or "") or self.titles.get(source) or source

    @cached_property
    def disease(self) -> str:
        """Short name of the disease."""
        return self.pack.pack.short


def compose(
    news: Sequence[News],
    *,
    subscription: Subscription,
    delivery: Delivery,
    frame: Frame,
    cadence: str = Cadence.IMMEDIATE,
    period: str | None = None,
    looked: Looked | None = None,
) -> Digest:
    """The message of one delivery: at once, or of a `period` (`week to 3 Aug 2026`) that was `looked` at. Its links to
    the subscription are filled in when it is sent."""
    public = sorted(
        (item for item in news if item.event.state not in (EventState.HELD, EventState.DISMISSED)), key=_weight
    )
    homes = [section_of(item) for item in public]
    manner = Manner(subscription.wording, subscription.hide_outcomes)
    entries = [entry_of(item, frame, manner) for item in public[:ITEMS]]  # the rest is only counted
    sections = {name: tuple(e for home, e in zip(homes, entries, strict=False) if home == name) for name in _NAMES}
    alone = public[0] if len(public) == 1 and cadence == Cadence.IMMEDIATE else None
    assert subscription.id is not None
    return Digest(
        id=delivery.id,
        message_id=f"<{delivery.id}@{frame.domain}>",
        subscription=subscription.id,
        address=subscription.address,
        options=subscription.options,
        cadence=cadence,
        subject=_alert_subject(alone, entries[0]) if alone else _subject(homes, frame, period, looked),
        period=period,
        one_line=_one_line(public, entries, subscription, frame, looked),
        more=len(public) - len(entries),
        more_url=f"{frame.base_url}/events" if len(public) > len(entries) else None,
        looked=looked,
        thread=alone.event.thread if alone else None,
        manage_url="",
        stop_url="",
        pause_url="",
        **sections,
    )


_NAMES = (*(name for name, _ in SECTIONS), "corrections")


def section_of(news: News) -> str:
    """The part of the message an event belongs to."""
    if news.notice == Notice.CORRECTION:
        return "corrections"
    if news.event.type in TYPES and TYPES[news.event.type].waiting:
        return "waiting"
    if opens_door(news.event.type, news.event.polarity):
        return "opens_a_door"
    return "important"


def entry_of(news: News, frame: Frame, manner: Manner = PLAIN) -> Entry:
    """One event in words."""
    event, telling = news.event, telling_of(news.event, frame.pack)
    said, means, before, after = _said(news, telling, frame, manner)
    entry = Entry(
        event=event.id,
        notice=news.notice,
        level=event.level,
        heading=heading_of(news, telling, frame),
        sentence=f"Now confirmed: {said}" if news.notice == Notice.CONFIRMATION else said,
        meaning=means,
        before=before,
        after=after,
        how_sure=telling.how_sure,
        for_whom=telling.for_whom,
        occurred_on=event.occurred_on,
        occurred_note=DATE_NOTES.get(event.mark_date or ""),
        therapy=event.therapy,
        place=event.place,
        url=f"{frame.base_url}/events/{event.id}",
        thread=event.thread,
        evidence=tuple([_proof(proof, frame, manner) for proof in news.evidence[:PROOFS]]),
        differences=_differences(news, manner) if news.notice != Notice.CORRECTION else (),
        ladder=rungs_of(event, news.thread),
    )
    if not manner.hide_outcomes:
        return entry
    if manner.veils(event, news.corrected):
        return veiled(entry, name_of(event, telling.therapy).full, event.trial)
    return manner.without_outcomes(entry, event, news.thread)


def _proof(proof: Evidence, frame: Frame, manner: Manner) -> Proof:
    plain = manner.wording == Wording.PLAIN and proof.tier <= REGISTRY
    said = field_in_words(proof.quote) if plain and proof.quote else None
    return Proof(
        source=frame.teller(proof.source, proof.watch),
        tier=proof.tier,
        url=proof.url,
        quote=capped(proof.quote, QUOTE) if proof.quote else None,
        said=capped(said, QUOTE) if said else None,
        retrieved_at=proof.retrieved_at.isoformat() if proof.retrieved_at else None,
        capture_sha256=proof.capture_sha256,
    )


def _taken_back(news: News) -> Event | None:
    """The earlier event of which this one only says that it was none."""
    earlier = news.corrected
    return earlier if earlier is not None and earlier.state == EventState.DISMISSED else None


def heading_of(news: News, telling: Telling, frame: Frame) -> str:
    """`Dystriva (velorastat): US approval formally ended`; the title where no drug is named."""
    event = _taken_back(news) or news.event
    if not event.drug and not event.therapy and event.title:
        return capped(event.title, VALUE)
    return telling.headline if event is news.event else f"{title_of(event, frame.pack)} (taken back)"


def sentence_of(news: News, telling: Telling) -> str:
    """The one plain sentence of an event; of what nobody has confirmed, it says so."""
    return TAKEN_BACK if _taken_back(news) else telling.sentence or capped(news.event.title, QUOTE)


def _once_said(event: Event, frame: Frame, manner: Manner) -> str:
    """The sentence that was sent of an event which is corrected now."""
    if manner.wording == Wording.TECHNICAL:
        return technical(event, telling_of(event, frame.pack))
    facts = replace(facts_of(event, frame.pack), state=EventState.RELEASED)
    return event.sentence or sentence(facts) or capped(event.title, QUOTE)


def capped(text: str, limit: int) -> str:
    """White space folded, and cut with an ellipsis."""
    folded = " ".join(text.split())
    return folded if len(folded) <= limit else folded[: limit - 1].rstrip() + "…"


def _said(news: News, telling: Telling, frame: Frame, manner: Manner) -> tuple[str, str | None, str | None, str | None]:
    """Sentence, meaning, before, after; of a correction: what is right, how it came about, what we said, and right."""
    event, said = news.event, sentence_of(news, telling)
    if manner.wording == Wording.TECHNICAL and not _taken_back(news):
        said = technical(event, telling)
    if news.notice == Notice.CORRECTION and news.corrected is not None:
        notes = [review.note for review in news.reviews if review.note]
        how = capped(notes[-1], QUOTE) if notes else "The source was read again."
        return said, how, _once_said(news.corrected, frame, manner), said
    means, before = telling.meaning if manner.wording != Wording.TECHNICAL else None, telling.before
    if event.type == "authorization_revoked":
        gone = next((rung for rung, step in ladder_of(event, news.thread) if step in MARKET_ENDS), None)
        if gone is not None:
            before = "approved, not sold"
            means = means and f"Legal follow-up to the {(gone.occurred_on or '')[:4]} decision. No change in supply."
    return said, means, before, telling.after


def _differences(news: News, manner: Manner) -> tuple[Difference, ...]:
    """The fields that say what happened; in technical words all that moved, each as its source calls it."""
    if manner.wording == Wording.TECHNICAL:
        return tuple(
            Difference(
                field=str(moved.get("path") or moved.get("field")),
                before=_value(moved.get("before")),
                after=_value(moved.get("after")),
            )
            for moved in news.differences[:MOVED]
        )
    telling = TYPES[news.event.type].fields if news.event.type in TYPES else ()
    return tuple(
        Difference(
            field=FIELDS[difference["field"]],
            before=_value(difference.get("before")),
            after=_value(difference.get("after")),
        )
        for name in telling
        for difference in news.differences
        if difference.get("field") == name
    )[:3]


def _value(value: Any) -> str | None:
    if value is None:
        return None
    text = capped(str(value), VALUE)
    return text.replace("_", " ").lower() if re.fullmatch(r"[A-Z][A-Z_]+", text) else text


def _weight(news: News) -> tuple[bool, int, int]:
    return news.notice != Notice.CORRECTION, -LEVELS.index(news.event.level), -news.event.sequence


def _subject(homes: Sequence[str], frame: Frame, period: str | None, looked: Looked | None) -> str:
    """What there is in each part of the message; `homes` are the parts that the news belong to."""
    corrections = homes.count("corrections")
    parts = [f"{count} {label}" for name, label in SECTIONS if (count := homes.count(name))]
    calm = "nothing seen" if looked is not None and not looked.succeeded else "nothing new"
    if corrections:
        parts.append(f"{corrections} correction{'s' if corrections > 1 else ''}")
    return f"{frame.disease} updates{f', {period}' if period else ''}: {', '.join(parts) or calm}"


def _alert_subject(news: News, entry: Entry) -> str:
    prefix = {Notice.CORRECTION: "Correction: ", Notice.CONFIRMATION: "Confirmed: "}.get(news.notice, "")
    return prefix + entry.heading


def _one_line(
    news: Sequence[News],
    entries: Sequence[Entry],
    subscription: Subscription,
    frame: Frame,
    looked: Looked | None,
) -> str:
    """The week in one line. `No new drug` is only said to who follows everything: a filter may hide one; and only of
    what was looked at: who saw nothing does not know."""
    blind = looked is not None and not looked.succeeded
    partly = looked is not None and looked.succeeded < looked.watches
    calm = "As far as we could see: no change" if partly else "No change"
    calm = NOTHING_SEEN if blind else f"{calm} that matters to what you follow."
    first = entries[0].sentence if entries else calm
    narrowed = ("therapies", "types", "places", "tiers", "muted")
    everything = not any(getattr(subscription, name) for name in narrowed)
    types = [TYPES.get(item.event.type) for item in news if item.notice != Notice.CORRECTION]
    new = any(type_.new_drug for type_ in types if type_)
    if new or blind or not everything:
        return first
    return f"{first} {'As far as we could see, no' if partly and entries else 'No'} new {frame.disease} drug."
