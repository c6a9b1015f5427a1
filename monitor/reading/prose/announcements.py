"""Announcements and page differences to claims: what is read, and what of it concerns this pack. Pure."""

import re
from dataclasses import replace
from datetime import date, timedelta

from monitor.reading.prose.candidates import UNNAMED
from monitor.reading.prose.clean import cleaned
from monitor.reading.prose.entries import Added, added, as_text
from monitor.reading.prose.items import Item, judged
from monitor.reading.prose.rows import row_claims
from monitor.reading.prose.steps import COMPANY_ACTS, OWN_NAMES, PATHWAYS, SEVERAL, STEPS
from monitor.reading.typed.record_change import RecordChange
from monitor.vocabulary.agencies import place_of
from monitor.vocabulary.claims import HIGH, HOLD, MIDDLE, NETWORK, RELEASE, Claim
from monitor.vocabulary.event_types import TYPES
from monitor.vocabulary.texts import KINDS, PAGE
from monitor.vocabulary.therapies import Therapies
from sources.records import Announcement, Passage

UNDATED = "the text has no date that can be read (one of the future is none), and names none for the act"
MOST_APART = 40
"""Entries of one page that are read apart; where more are new at once, the page was rebuilt, and the others are read as
one text."""
TODAY = re.compile(r"\b(?:today|this (?:morning|afternoon|evening)|heute|aujourd'hui|hoy|oggi)\b|本日|今日|오늘", re.I)


def interpret_prose(
    seen: RecordChange, *, tier: int, therapies_of_watch: tuple[str, ...], agency: str | None = None
) -> list[Claim]:
    """What a new or edited text announces about drugs of the pack, or about unnamed drugs in the pack's disease.
    `agency` is the regulator whose own voice it is."""
    items, read = _texts(seen, tier, agency)
    told = [claim for item in items for claim in _told(item, seen.therapies, therapies_of_watch, agency)]
    return told + [each for claim in read for each in staged(claim, seen.record.title)]


def _told(item: Item, therapies: Therapies, of_watch: tuple[str, ...], agency: str | None) -> list[Claim]:
    """What one text announces."""
    found = worth_a_look(judged(item, therapies))
    claims = [_named(_at_home(_done_by(claim, agency), of_watch), therapies) for claim in found]
    claims = [claim for claim in claims if claim.therapy or claim.drug or claim.type in UNNAMED]
    kept = [claim for claim in claims if claim.therapy]
    if len(kept) < len(claims) and therapies.context(f"{item.title} {item.text}"):
        kept = claims
    return [each for claim in kept for each in staged(_dated(claim, item), _names_places(claim, item, therapies))]


def worth_a_look(claims: list[Claim]) -> list[Claim]:
    """What is released, what a rule tells, and what the encoder alone holds possible where it is about a followed
    medicine: beside those of the same piece only what is likelier, or critical or major and all but sure."""
    told = [claim for claim in claims if claim.decision == RELEASE or not claim.rule.endswith(NETWORK)]
    best: dict[int, float] = {}
    for claim in told:
        best[claim.piece] = max(claim.confidence, best.get(claim.piece, 0.0))
    return [
        claim
        for claim in claims
        if claim in told or (claim.therapy is not None and _stands_beside(claim, best.get(claim.piece, 0.0)))
    ]


def _stands_beside(claim: Claim, best: float) -> bool:
    loud = claim.confidence >= HIGH and TYPES[claim.type].level in ("critical", "major")
    return loud or claim.confidence > best


def _texts(seen: RecordChange, tier: int, agency: str | None) -> tuple[list[Item], list[Claim]]:
    """The texts to read: an announcement, or what is new on a page, entry by entry; and what was read already."""
    record = seen.record
    if isinstance(record, Announcement):
        published = _possible(record.published_on or record.updated_on, seen.on)
        return [Item(record.key, KINDS[tier], record.title, record.summary or "", published)], []
    if not isinstance(record, Passage) or seen.before is None:
        return [], []
    if all(each.after is None for each in seen.differences):
        return [], []  # a page that says less than before announces nothing
    return _entries(record, seen, tier, agency)


def _entries(record: Passage, seen: RecordChange, tier: int, agency: str | None) -> tuple[list[Item], list[Claim]]:
    """A row that names a followed medicine is read by the table of words of status, else by itself; a piece of news as
    an announcement of its day, and all else as the one text of the page."""
    items, read, rest = list[Item](), list[Claim](), list[Added]()
    today = seen.on.isoformat()
    before = [(place, text) for place, text in (seen.before or {}).get("blocks", ())]
    for one in added(seen.differences, before, record.blocks):
        if len(items) >= MOST_APART:
            rest.append(one)
        elif one.title is not None:
            items.append(Item(record.key, KINDS[tier], one.title, one.text, _possible(one.day, seen.on) or today))
        elif one.row is None or not seen.therapies.named(one.text):
            rest.append(one)
        elif (claims := row_claims(one, record.title, agency, seen.therapies, seen.on)) is not None:
            read += claims
        else:
            items.append(Item(record.key, PAGE, record.title, one.text, today))
    whole = [Item(record.key, PAGE, record.title, as_text(rest), today)] if rest else []
    return whole + items, read


def _possible(published: str | None, on: date) -> str | None:
    """The date of a text that is not of the future, wherever on earth it was written; any other is a slip."""
    return published if published and date.fromisoformat(published[:10]) <= on + timedelta(days=1) else None


def _dated(claim: Claim, item: Item) -> Claim:
    """The claim with what is not known of its date: nothing, so that a person must look, or only the day on which the
    text was published or the page was seen to have changed."""
    if claim.occurred_on is None and not item.published:
        return replace(claim, doubt=UNDATED)
    if item.source_kind == PAGE and claim.announced:
        return replace(claim, announced=False, at_latest=True)
    return replace(claim, announced=claim.announced and not TODAY.search(claim.quote))


def _done_by(claim: Claim, agency: str | None) -> Claim:
    """What a regulator tells and names no other authority or place for, as its own act."""
    if claim.place or claim.agency or TYPES[claim.type].scope != "place" or not (place := place_of(agency)):
        return claim
    return replace(claim, agency=agency, place=place)


def _at_home(claim: Claim, therapies: tuple[str, ...]) -> Claim:
    """A text that names no drug, in a feed about just one, is read as being about it: never with certainty."""
    if claim.type in UNNAMED and claim.therapy is None and claim.drug is None and len(therapies) == 1:
        because = f"no medicine is named, in a feed about {therapies[0]} alone"
        unsure = replace(claim, confidence=min(claim.confidence, MIDDLE), decision=HOLD, because=because)
        return replace(unsure, therapy=therapies[0], drug=therapies[0])
    return claim


def _named(claim: Claim, therapies: Therapies) -> Claim:
    """Trials by their registry number where pack or registry know it, drugs of the pack by one of their names; what
    names no drug of the pack but a trial of one belongs to it."""
    trial = therapies.number_of(claim.trial)
    therapy = claim.therapy or therapies.of_trial(trial or "")
    if therapy is None:
        return claim
    names = [mention.written for mention in therapies.named(claim.drug or "") if mention.therapy == therapy]
    return replace(claim, therapy=therapy, drug=names[0] if names else therapy, trial=trial)


def staged(claim: Claim, beside: str) -> list[Claim]:
    """The claim with its step and pathway; one for each place where its words, or those beside them, name several."""
    step = claim.step or next((s for t, words, s in STEPS if t == claim.type and words.search(claim.quote)), None)
    if claim.type == "designation" and claim.subtype not in (None, "other"):
        step = claim.subtype
    claim = replace(claim, step=step, kind=claim.kind or _pathway(claim))
    if step == "shipments_resumed":
        claim = replace(claim, polarity="positive")
    places = _places(f"{claim.quote} {beside}") if claim.type in COMPANY_ACTS else ()
    if len(places) < 2:
        return [claim]
    return [
        replace(
            claim,
            place=place,
            agency=claim.agency if place == claim.place else None,
            beside=tuple(other for other in places if other != place),
            first=place == places[0],
        )
        for place in places
    ]


def _names_places(claim: Claim, item: Item, therapies: Therapies) -> str:
    """The words beside its own that may name the places of an act: the title, and where that alone tells what a company
    does, the sentence below, if it is about the medicine too."""
    if claim.type not in COMPANY_ACTS or claim.quote != item.title:
        return item.title
    below = next((unit for unit in cleaned(item.title, item.text).units[1:] if unit), "")
    same = any(one.therapy == claim.therapy for one in therapies.named(below))
    return f"{item.title} {below}" if same else item.title


def _pathway(claim: Claim) -> str | None:
    if claim.type != "accelerated_approval" or claim.place in OWN_NAMES:
        return None
    return next(
        (kind for place, words, kind in PATHWAYS if place in (None, claim.place) and words.search(claim.quote)), None
    )


def _places(text: str) -> tuple[str, ...]:
    match = SEVERAL.search(text)
    codes = [name[1:] for name, value in match.groupdict().items() if value] if match else []
    return tuple(dict.fromkeys(codes))
