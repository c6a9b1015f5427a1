"""Headlines, releases and page text to events, with the sentence that proves each. Pure, offline, deterministic.

    item ──► sentences ──► acts by the tables of rules and decisions ──► done? news? about a medicine?
         ──► one event per act, told once ──► drug, agency or trial, date, confidence

The decision rules of the taxonomy are named by number where they are applied.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from monitor.reading.prose import registry_text as registry
from monitor.reading.prose.act_day import day_of_act
from monitor.reading.prose.acts import Act
from monitor.reading.prose.candidates import PLACES, Candidate, Views, done_of, is_about_medicine
from monitor.reading.prose.clean import ItemText, cleaned, cleaned_page
from monitor.reading.prose.explain import why
from monitor.reading.prose.judge import Verdict, judge
from monitor.reading.prose.pieces import HEADINGS, pieces_of, told_once
from monitor.reading.prose.priorities import subtype_of
from monitor.reading.prose.trial_names import find_trial, named_trial
from monitor.reading.prose.two_readers import WITH_TRIAL, both_readers, views_of
from monitor.reading.prose.where import doubt_of, with_others
from monitor.vocabulary.agencies import ALWAYS_BY, place_of
from monitor.vocabulary.agencies_meant import (
    GRANTING,
    NAMED,
    PAYING,
    REGULATING,
    Where,
    agency_of,
    applied_in,
    is_regulator,
    payers_of,
    verdicts_in_words,
    verdicts_of,
    whereabouts,
)
from monitor.vocabulary.claims import HOLD, NETWORK, Claim
from monitor.vocabulary.countries import ANY, countries_in
from monitor.vocabulary.event_types import TYPES
from monitor.vocabulary.texts import PAGE
from monitor.vocabulary.therapies import Therapies

FILED = frozenset({"application_withdrawn", "submission", "filing_accepted", "refuse_to_file", "review_extended"})
"""Acts on an application, which bears its place: "withdraws the European application after an FDA rejection"."""
GIVEN = frozenset({"authorisation", "forms", "conversion"})
"""Families of acts that give a medicine: who tells of one names other countries that gave it before."""


BESIDE = 2
"""Sentences before and after it that the network is shown too: it reads them together."""


@dataclass(frozen=True, slots=True)
class Item:
    """One text to read. `published` is an ISO date or None."""

    id: str
    source_kind: str
    title: str
    text: str
    published: str | None = None


def read(item: Item, therapies: Therapies | None = None) -> list[Claim]:
    """The events that an item announces as new, by the rules alone."""
    return _read(item, therapies, _by_rules)


def judged(item: Item, therapies: Therapies | None = None, *, explained: bool = False) -> list[Claim]:
    """What both readers and the judge make of an item: events to be released, and those held because they cannot be
    excluded."""
    return _read(item, therapies, partial(_by_judge, explained=explained))


Reader = Callable[[ItemText, Item, Therapies | None], list[Claim]]


def _read(item: Item, therapies: Therapies | None, told: Reader) -> list[Claim]:
    if item.source_kind == "registry_diff":
        return registry.read_differences(item.title, item.text, item.published, therapies)
    if item.source_kind == "page_diff":
        now, before = cleaned_page(item.title, item.text)
        stood = {(claim.type, claim.polarity, claim.drug) for claim in told(before, item, therapies)}
        return [c for c in told(now, item, therapies) if (c.type, c.polarity, c.drug) not in stood]
    return told(cleaned(item.title, item.text), item, therapies)


def _by_rules(text: ItemText, item: Item, therapies: Therapies | None) -> list[Claim]:
    """The events told as done by the sentences of a text, with a confidence that is not calibrated."""
    views = views_of(text, _day(item.published), therapies, kind=item.source_kind, values=None)
    return [
        replace(claim, confidence=_confidence(act, views, claim))
        for act, one in zip(views.done, done_of(views), strict=True)
        for claim in _claims(one, views, therapies, text)
    ]


def _by_judge(text: ItemText, item: Item, therapies: Therapies | None, *, explained: bool = False) -> list[Claim]:
    several = item.source_kind != PAGE and any(heading.search(text.units[0]) for heading in HEADINGS)
    pieces = pieces_of(text, therapies) if several else [text]
    told = (_of_piece(piece, item, therapies, explained=explained) for piece in pieces)
    claims = [replace(claim, piece=number) for number, some in enumerate(told) for claim in some]
    return told_once(claims) if len(pieces) > 1 else claims


def _of_piece(text: ItemText, item: Item, therapies: Therapies | None, *, explained: bool) -> list[Claim]:
    views = both_readers(text, _day(item.published), therapies, kind=item.source_kind)
    if views is None:
        return []
    return [
        replace(
            claim,
            confidence=verdict.news,
            decision=HOLD if claim.doubt else verdict.decision,
            because=claim.doubt or verdict.because,
            why=why(verdict, views) if explained else None,
            seen=_seen(verdict, views),
        )
        for verdict in judge().verdicts(views)
        for claim in _claims(verdict.candidate, views, therapies, text)
    ]


def _seen(verdict: Verdict, views: Views) -> dict[str, object]:
    """What both readers make of a reading, with its sentence, the title and what stands beside it."""
    one, units = verdict.candidate, list(views.units)
    told = sorted({f"{act.rule}: {act.modality}" for act in views.acts if act.type == one.type})
    first = max(1, one.unit - BESIDE)
    texts = [units[0], *(text for text in units[first : one.unit + BESIDE + 1] if text)]
    return {
        "type": one.type,
        "rules": "; ".join(told),
        "network": views.highest[PLACES[one.type]],
        "news": verdict.news,
        "medicine": verdict.subject,
        "texts": texts,
        "row": texts.index(units[one.unit]),
    }


def _confidence(act: Act, views: Views, claim: Claim) -> float:
    """How sure the rules are, from 0 to 1: an exact rule, a known drug, a named agency or trial."""
    drug = claim.drug or ""
    score = (0.45 if act.weak else 0.6) - 0.05 * act.loose
    score += 0.15 if claim.therapy else 0.1 if re.search(r"[(\d]", drug) else 0.0
    score += 0.1 * bool(claim.agency or claim.trial) + 0.1 * bool(drug)
    return score - 0.05 * (act.unit == 0 and len(views.units) > 1)


def _day(published: str | None) -> date | None:
    try:
        return date.fromisoformat(published[:10]) if published else None
    except ValueError:
        return None


def _claims(one: Candidate, views: Views, therapies: Therapies | None, text: ItemText) -> list[Claim]:
    """One claim for each drug the act is about; one without a drug where the type may go unnamed."""
    units = list(views.units)
    subjects, trial = list(one.subjects), _trial_of(one, views, therapies)
    if not subjects and therapies and (therapy := therapies.of_trial(therapies.number_of(trial) or "")):
        subjects = [(therapy, therapy)]
        one = replace(one, about=is_about_medicine(replace(one, subjects=tuple(subjects)), views))
    if not one.about:
        return []
    if one.type == "reimbursement" and {said for _, said in verdicts_of(units[one.unit])} == SAID["mixed"]:
        one = replace(one, polarity="mixed")  # some payers say yes, and some no
    subtype = _subtype(one, units)
    where = where_of(one.type, one.polarity, one.unit, units, one.act)
    day, stated = day_of_act(one, views, where.place)
    base = Claim(
        type=one.type,
        polarity=one.polarity,
        quote=text.quote(one.unit),
        rule=one.act.rule if one.act else f"{one.type}.{NETWORK}",
        confidence=1.0,
        agency=where.agency,
        place=where.place,
        doubt=doubt_of(one.type, where) if where.country else None,
        trial=trial,
        subtype=subtype,
        occurred_on=day,
        announced=day is not None and not stated,
        published_on=views.published.isoformat() if views.published else None,
    )
    told = [base]
    if len({place for pattern, _, place in NAMED if place and pattern.search(" ".join(units))}) > 1:
        told = with_others(base, one, where, views, text)
    return [replace(each, drug=written, therapy=therapy) for each in told for written, therapy in subjects] or told


SAID = {"positive": {True}, "negative": {False}, "mixed": {True, False}}
"""Polarity of a decision on payment, and what the payers said that it is made of."""


def _subtype(one: Candidate, units: list[str]) -> str | None:
    """Which designation it is, or which payers said yes and which no."""
    if one.type == "designation":
        return subtype_of(" ".join(units))
    if one.type != "reimbursement":
        return None
    verdicts = verdicts_of(units[one.unit])
    return verdicts_in_words(verdicts) if {said for _, said in verdicts} == SAID.get(one.polarity) else None


def _trial_of(one: Candidate, views: Views, therapies: Therapies | None) -> str | None:
    if one.type not in WITH_TRIAL:
        return None
    units = list(views.units)
    told = one.act.trial if one.act else named_trial(units[one.unit], therapies)
    return told or find_trial(units, views.drugs, therapies)


def where_of(type_: str, polarity: str, unit: int, units: list[str], act: Act | None = None) -> Where:
    """Agency and place of an act in a jurisdiction: as its own words say of an application, else its clause, its
    sentence, the title, the text."""
    spec = TYPES[type_]
    if type_ in ALWAYS_BY:
        return Where(ALWAYS_BY[type_], place_of(ALWAYS_BY[type_]))
    if spec.scope != "place" and spec.family not in ("clearance", "access"):
        return Where()
    near = [*([units[unit][act.left : act.right]] if act else []), units[unit]]
    if act and type_ in FILED and (own := applied_in(units[unit][act.start : act.end]))[0]:
        return Where(*own)
    if spec.family == "access":
        return whereabouts(*near, units[0], f"{units[unit]} {units[0]}", tried=GRANTING)
    whole = " ".join(units)
    if spec.family in GIVEN and unit and _by_its_title(units[unit], units[0]):
        return Where(*agency_of(*near, whole))
    paying = type_ == "reimbursement"
    where = whereabouts(*near, units[0], whole, tried=PAYING if paying else REGULATING)
    if paying and polarity == "mixed":  # that they do not agree says nothing without names
        return where._replace(agency=payers_of(units[unit]) or where.agency)
    return where


def _by_its_title(sentence: str, title: str) -> bool:
    """Whether a regulator whose act the title tells stands above a sentence that only adds countries: "it is approved
    in Brazil as well"."""
    if not ANY.search(sentence) or ANY.search(title) or not is_regulator(title):
        return False
    return not any(named.office for named in countries_in(sentence))
