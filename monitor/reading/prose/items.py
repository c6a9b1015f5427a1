"""Headlines, releases and page text to events, with the sentence that proves each. Pure, offline, deterministic.

    item ──► sentences ──► acts by the tables of rules and decisions ──► done? news? about a medicine?
         ──► one event per act, told once ──► drug, agency or trial, date, confidence

The decision rules of the taxonomy are named by number where they are applied.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NotRequired, TypedDict

from monitor.reading.prose import registry_text as registry
from monitor.reading.prose.acts import Act, Scene, acts_of
from monitor.reading.prose.clean import ItemText, cleaned, cleaned_page
from monitor.reading.prose.drug_names import find_drugs
from monitor.reading.prose.drugs import SURE, Drug
from monitor.reading.prose.genres import genres_of
from monitor.reading.prose.priorities import DECISIONS, subtype_of
from monitor.reading.prose.settling import settled
from monitor.reading.prose.subjects import confidence_of, subjects_of
from monitor.reading.prose.tense import DONE, stated_date
from monitor.reading.prose.trial_names import find_trial, named_trial
from monitor.reading.prose.verdicts import DESCRIBED, DEVICE, NO_MEDICINE
from monitor.vocabulary.agencies import ALWAYS_BY, agency_of, payers_of, place_of, verdicts_in_words, verdicts_of
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.event_types import TYPES
from monitor.vocabulary.therapies import Therapies

ASKED = re.compile(r"^.*\?\s+(?=\S+ \S+ \S)")
"""A question that the rest of a title answers; the answer is read."""
UNNAMED = frozenset({"adcomm_scheduled"})
"""Types whose product may be unnamed."""
MEDICINE = re.compile(
    r"\b(?:drugs?|treatments?|therap(?:y|ies|eutics?)|pills?|shots?|jabs?|vaccines?|medicines?|medications?|antibod(?:y|ies)|"
    r"injections?|tablets?|inhalers?|combo|combination|cocktail|regimen|candidate|generics?|biosimilars?|painkillers?|"
    r"antibiotics?|inhibitors?|agonists?|blockers?|immunotherap\w+|chemotherap\w+|cell therap\w+|insulins?|statins?|"
    r"opioids?|antidepressants?|antivirals?|contraceptives?|trials?|stud(?:y|ies)|phase)\b",
    re.I,
)
"""Words for a medicine, or its trial, that is not named."""
EUROPEAN, AMERICAN = re.compile(r"\bCHMP\b|\bEMA\b|European Medicines"), re.compile(r"\bFDA\b|\badvisory\b", re.I)
"""Whose committee a title names."""
WITH_TRIAL = ("advance", "programme", "publication", "clearance")
"""Families of acts that are not in a trial but may be about one."""


@dataclass(frozen=True, slots=True)
class Item:
    """One text to read. `published` is an ISO date or None."""

    id: str
    source_kind: str
    title: str
    text: str
    published: str | None = None


def read(item: Item, therapies: Therapies | None = None) -> list[Claim]:
    """The events that an item announces as new."""
    if item.source_kind == "registry_diff":
        return registry.read_differences(item.title, item.text, item.published, therapies)
    if item.source_kind == "page_diff":
        now, before = cleaned_page(item.title, item.text)
        stood = {(claim.type, claim.polarity, claim.drug) for claim in _told(before, item, therapies)}
        told = _told(now, item, therapies)
        return [claim for claim in told if (claim.type, claim.polarity, claim.drug) not in stood]
    return _told(cleaned(item.title, item.text), item, therapies)


def _told(text: ItemText, item: Item, therapies: Therapies | None) -> list[Claim]:
    """The events told as done by the sentences of a text; of a page only what it says itself, not its title."""
    title = ASKED.sub("", text.sentences[0].text)
    units, published = [title, *text.units[1:]], _day(item.published)
    acts = [_placed(act, units, therapies) for act in readings(units, published) if act.modality == DONE]
    if item.source_kind == "page_diff":
        acts = [act for act in acts if act.unit > 0 and not _describes(act, units)]
    acts = settled(acts, units)
    if not acts:
        return []
    drugs = find_drugs(units, therapies)
    if not drugs and title != text.sentences[0].text:
        drugs = [drug for drug in find_drugs([text.sentences[0].text], therapies) if drug.kind in SURE]
    return [claim for act in acts for claim in _claims(act, units, drugs, published, therapies, text)]


def _placed(act: Act, units: list[str], therapies: Therapies | None) -> Act:
    """The act with its trial, and with the committee that the title names where the sentence says "the committee"."""
    if act.type == "adcomm_outcome" and EUROPEAN.search(units[0]) and not AMERICAN.search(units[0] + units[act.unit]):
        act = replace(act, type="chmp_opinion", rule="chmp_opinion.committee-of-the-title")
    return replace(act, trial=named_trial(units[act.unit], therapies)) if _has_trial(act.type) else act


def readings(units: list[str], published: date | None) -> list[Act]:
    """Every act that the sentences tell, also what is planned, denied or retold."""
    scene = Scene(units, published, genres_of(units[0]))
    return acts_of(scene)


def _describes(act: Act, units: list[str]) -> bool:
    """Whether a page tells of the decision where it describes the medicine."""
    return act.type in DECISIONS and bool(DESCRIBED.search(units[act.unit]))


def _day(published: str | None) -> date | None:
    try:
        return date.fromisoformat(published[:10]) if published else None
    except ValueError:
        return None


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
    rule: str
    therapy: str | None
    subtype: NotRequired[str]


class Classified(TypedDict):
    """One line of `therawatch classify`: the item's own id and what it announces."""

    id: Any
    events: list[Reading]


def classify_line(obj: Mapping[str, Any], therapies: Therapies | None = None) -> Classified:
    """One line of `therawatch classify`. Raises KeyError, TypeError or ValueError on a line of another shape."""
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
    return {"id": obj["id"], "events": [_event(claim) for claim in read(item, therapies)]}


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
        "rule": claim.rule,
        "therapy": claim.therapy,
    }
    if claim.subtype and claim.type == "designation":
        event["subtype"] = claim.subtype
    return event


def _claims(
    act: Act, units: list[str], drugs: list[Drug], published: date | None, therapies: Therapies | None, text: ItemText
) -> list[Claim]:
    """One claim for each drug the act is about; one without a drug where the type may go unnamed."""
    subjects = subjects_of(act.unit, units, drugs, several=act.type not in UNNAMED)
    trial = (act.trial or find_trial(units, drugs, therapies)) if _has_trial(act.type) else None
    if not subjects and therapies and (therapy := therapies.of_trial(therapies.number_of(trial) or "")):
        subjects = [(therapy, therapy)]
    if not subjects and act.type not in UNNAMED and not MEDICINE.search(f"{units[0]} {units[act.unit]}"):
        return []  # an alert needs a medicine, named or not
    if not any(d.kind in SURE for d in drugs if d.unit in (0, act.unit)) and _is_no_medicine(act, units):
        return []
    if act.type == "reimbursement" and {said for _, said in verdicts_of(units[act.unit])} == SAID["mixed"]:
        act = replace(act, polarity="mixed")  # some payers say yes, and some no
    agency, place = where_of(act, units)
    base = Claim(
        type=act.type,
        polarity=act.polarity,
        quote=text.quote(act.unit),
        rule=act.rule,
        confidence=confidence_of(
            weak=act.weak,
            loose=act.loose,
            title_only=act.unit == 0 and len(units) > 1,
            subjects=subjects,
            where=agency or trial,
        ),
        agency=agency,
        place=place,
        trial=trial,
        occurred_on=_day_of(act, units, published),
        published_on=published.isoformat() if published else None,
        subtype=_subtype(act, units),
    )
    return [replace(base, drug=written, therapy=therapy) for written, therapy in subjects] or [base]


SAID = {"positive": {True}, "negative": {False}, "mixed": {True, False}}
"""Polarity of a decision on payment, and what the payers said that it is made of."""


def _subtype(act: Act, units: list[str]) -> str | None:
    """Which designation it is, or which payers said yes and which no."""
    if act.type == "designation":
        return subtype_of(" ".join(units))
    if act.type != "reimbursement":
        return None
    verdicts = verdicts_of(units[act.unit])
    return verdicts_in_words(verdicts) if {said for _, said in verdicts} == SAID.get(act.polarity) else None


def _day_of(act: Act, units: list[str], published: date | None) -> str | None:
    """The day its sentence states, else one that the title states, else the day of publication."""
    told = stated_date(units[act.unit], None) or stated_date(units[0], None)
    day = stated_date(f"{units[act.unit]} {units[0]}", published)
    return day if told or published else None


def _is_no_medicine(act: Act, units: list[str]) -> bool:
    """Whether an act that names no medicine for sure is about a device, an animal or food (rule 11)."""
    around = " ".join(units[n] for n in dict.fromkeys((0, act.unit, act.unit + 1)) if n < len(units))
    where = around if TYPES[act.type].scope == "place" else units[0]
    return bool(NO_MEDICINE.search(units[0]) or DEVICE.search(where))


def where_of(act: Act, units: list[str]) -> tuple[str | None, str | None]:
    """Agency and place of an act in a jurisdiction."""
    if act.type in ALWAYS_BY:
        return ALWAYS_BY[act.type], place_of(ALWAYS_BY[act.type])
    if TYPES[act.type].scope != "place" and TYPES[act.type].family != "clearance":
        return None, None
    agency, place = agency_of(units[act.unit], " ".join(units), paying=act.type == "reimbursement")
    if act.type == "reimbursement" and act.polarity == "mixed":  # that they do not agree says nothing without names
        agency = payers_of(units[act.unit]) or agency
    return agency, place


def _has_trial(type_: str) -> bool:
    return TYPES[type_].scope == "trial" or TYPES[type_].family in WITH_TRIAL
