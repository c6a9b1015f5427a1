"""Headlines, releases and page text to events, with the sentence that proves each. Pure, offline, deterministic.

    item ──► sentences ──► acts by the tables of rules and decisions ──► done? news? about a medicine?
         ──► one event per act, told once ──► drug, agency or trial, date, confidence

The decision rules of the taxonomy are named by number where they are applied.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from monitor.reading.prose import registry_text as registry
from monitor.reading.prose.drug_names import find_drugs
from monitor.reading.prose.drugs import GUESS, Drug
from monitor.reading.prose.genres import is_no_news, strip_boilerplate
from monitor.reading.prose.patterns import Rule
from monitor.reading.prose.priorities import DECISIONS, OPINIONS, PRECEDENCE, SUBTYPES, tone
from monitor.reading.prose.rules import RULES
from monitor.reading.prose.subjects import confidence_of, subjects_of
from monitor.reading.prose.tense import clause, is_background, is_planned, stated_date, tells_of_past
from monitor.reading.prose.trial_names import find_trial
from monitor.reading.prose.verdicts import (
    DENIED,
    DESCRIBED,
    DEVICE,
    HUMAN_REASON,
    LABORATORY,
    NAMES_AGENCY,
    NO,
    NO_MEDICINE,
    NO_NEW_APPROVAL,
    NOT_YET,
    NOUNS,
    ORIGINAL,
    OTHER_ACTOR,
    PAYS,
    QUALITY,
    REGULATOR_WORDS,
    ROUTES,
    TRIAL_OBJECT,
    YES,
)
from monitor.vocabulary.agencies import ALWAYS_BY, agency_of, is_regulator, place_of
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.dates import ANY_MONTH
from monitor.vocabulary.event_types import TYPES
from monitor.vocabulary.therapies import Therapies

CAP, SENTENCES, LONGEST = 6_000, 30, 500
"""How much of a text is read: characters, sentences, characters of one sentence. News stands in front."""

SENTENCE = re.compile(r"(?<=[.!?])[\"'”’)]*\s+(?=[A-Z0-9\"“(+-])|\n+")
ASKED = re.compile(r"^.*\?\s+(?=\S+ \S+ \S)")
"""A question that the rest of a title answers; the answer is read."""
EARLIER_DAY = re.compile(rf"(?:In|On|Last|Earlier) (?:month|week|year|this|that|{ANY_MONTH})\b")
"""How a sentence begins that goes back to an earlier step."""
ABBREVIATION = re.compile(r"\b(?:Inc|Ltd|Co|Corp|Dr|vs|No|St|approx|e\.g|i\.e|U\.S|Mr|Ms|Prof)\.$")
UNNAMED = {"adcomm_scheduled"}
UNNAMED_WORDS = re.compile(r"advis|panel|adcom|outside experts|committee", re.I)
"""Types whose product may be unnamed, and the words without which they cannot be."""


@dataclass(frozen=True, slots=True)
class Item:
    """One text to read. `published` is an ISO date or None."""

    id: str
    source_kind: str
    title: str
    text: str
    published: str | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """One act found in one sentence (unit 0 is the title), before it is given a drug and an agency."""

    type: str
    polarity: str
    unit: int
    start: int
    end: int
    rule: str
    weak: bool = False


def read(item: Item, therapies: Therapies | None = None) -> list[Claim]:
    """The events that an item announces as new."""
    if item.source_kind == "registry_diff":
        return registry.read_differences(item.title, item.text, item.published, therapies)
    title, text = ASKED.sub("", _tidy(item.title)), strip_boilerplate(_tidy(item.text[:CAP]))
    if item.source_kind == "page_diff":
        title, text = title, "\n".join(added_lines(text))
    if is_no_news(title, text, item.source_kind):
        return []
    published = _day(item.published)
    units = [unit[:LONGEST] for unit in (title, *sentences(text)[:SENTENCES])]
    drugs = find_drugs(units, therapies)
    if not drugs and title != _tidy(item.title):
        drugs = [replace(drug, unit=0) for drug in find_drugs([_tidy(item.title)], therapies) if drug.kind != GUESS]
    named = {d.unit for d in drugs if d.kind != GUESS}
    if not drugs and not UNNAMED_WORDS.search(" ".join(units)):
        return []  # an alert needs a medicine; most texts end here
    whole = " | ".join(units)
    rules = [rule for rule in RULES if not rule.needs or rule.needs.search(whole)]
    acts = [act for number in range(len(units)) for act in _acts(units, number, published, named, rules)]
    if item.source_kind == "page_diff":
        acts = [
            act for act in acts if act.unit > 0 and not (act.type in DECISIONS and DESCRIBED.search(units[act.unit]))
        ]
    acts = _settled(acts, units)
    return [claim for act in acts for claim in _claims(act, units, drugs, published, therapies)]


def classify_line(obj: dict[str, Any], therapies: Therapies | None = None) -> dict[str, Any]:
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


def _event(claim: Claim) -> dict[str, Any]:
    event: dict[str, Any] = {
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
    return {**event, "subtype": claim.subtype} if claim.subtype else event


def sentences(text: str) -> list[str]:
    """The sentences of a text; abbreviations do not end one."""
    parts: list[str] = []
    for part in SENTENCE.split(text):
        if parts and ABBREVIATION.search(parts[-1]):
            parts[-1] = f"{parts[-1]} {part}"
        elif part and part.strip():
            parts.append(part.strip())
    return parts


def added_lines(text: str) -> list[str]:
    """What a page difference adds: the parts behind `+`."""
    parts = re.split(r"(?:^|(?<=\s))([+-])\s(?=\S)", text)
    return [content.strip() for sign, content in zip(parts[1::2], parts[2::2], strict=True) if sign == "+"]


def _tidy(text: str) -> str:
    text = text.replace("’", "'").replace("‘", "'").replace("“", '"').replace("”", '"').replace("\u00a0", " ")
    return re.sub(r"[ \t\r\f]+", " ", text).strip()


def _day(published: str | None) -> date | None:
    try:
        return date.fromisoformat(published[:10]) if published else None
    except ValueError:
        return None


# Acts -----------------------------------------------------------------------------------------------------------------


def _acts(
    units: list[str], number: int, published: date | None, named: set[int], rules: Sequence[Rule] = RULES
) -> list[Act]:
    unit, whole = units[number], " | ".join(units)
    if unit.rstrip().endswith("?"):
        return []  # a question announces nothing
    if (LABORATORY.search(unit) or LABORATORY.search(units[0])) and not HUMAN_REASON.search(f"{units[0]} {unit}"):
        return []  # rule 22
    background = partial(is_background, unit, published=published)
    found: list[Act] = []
    for rule in rules:
        match = rule.pattern.search(unit)
        if match is None or (rule.unless and rule.unless.search(unit)):
            continue
        if "?" in unit[match.end() :]:
            continue
        planned = is_planned(
            unit, match.start(), match.end(), future_counts="f" in rule.flags, negative="n" in rule.flags
        )
        if planned or background(match.start(), match.end()):
            continue
        polarity = rule.polarity if rule.polarity != "-" else tone(whole)
        found.append(Act(rule.type, polarity, number, match.start(), match.end(), rule.name, "w" in rule.flags))
    decision = _decision(units, number, named, published)
    return [*found, decision] if decision else found


def _decision(units: list[str], number: int, named: set[int], published: date | None) -> Act | None:
    """The yes or no of a regulator in this sentence, routed to its type (rules 6, 7, 10 and 11)."""
    unit, whole = units[number], " | ".join(units)
    background = partial(is_background, unit, published=published)
    if OTHER_ACTOR.search(unit):
        return None
    if NO_MEDICINE.search(unit) or (number not in named and DEVICE.search(unit)):
        return None
    if not {0, number} & named and (NO_MEDICINE.search(units[0]) or DEVICE.search(units[0])):
        return None
    for pattern in NO:
        match = pattern.search(unit)
        if (
            match
            and "?" not in unit[match.end() :]
            and not DENIED.search(unit[: match.start()])
            and (NAMES_AGENCY.search(whole) or REGULATOR_WORDS.search(whole))
            and not is_planned(unit, match.start(), match.end(), negative=True)
            and not background(match.start(), match.end())
        ):
            return Act("complete_response", "negative", number, match.start(), match.end(), "refusal")
    for order, pattern in enumerate(YES):
        match = pattern.search(unit)
        if match is None or is_planned(unit, match.start(), match.end()) or background(match.start(), match.end()):
            continue
        if "?" in unit[match.end() :] or NOT_YET.search(match[0]):
            continue
        if TRIAL_OBJECT.search(unit) or QUALITY.search(unit):
            return None
        if order in NOUNS and (NO_NEW_APPROVAL.search(unit) or agency_of(unit, whole)[0] is None):
            continue
        news = [u for i, u in enumerate(units) if i == number or not tells_of_past(u, published)]
        scopes = {"item": whole, "news": " | ".join(news)}
        routes = (t for t, route, scope in ROUTES if route.search(scopes[scope]))
        type_ = next((t for t in routes if t != "label_expansion" or not ORIGINAL.search(whole)), "approval")
        return Act(type_, "positive", number, match.start(), match.end(), f"decision.{order}", order in NOUNS)
    return None


def _settled(acts: list[Act], units: list[str]) -> list[Act]:
    """Each event once, the more exact reading before the less exact."""
    if firm := [act for act in acts if not act.weak]:
        acts = [act for act in acts if not act.weak or act.type in DECISIONS or act.type in {a.type for a in firm}]
    acts = _votes(_readouts(_latest(acts, units), units))
    left = {act.type for act in acts}
    if any(act.type in DECISIONS and not act.weak and NAMES_AGENCY.search(units[act.unit]) for act in acts):
        left -= {"readout_met", "phase_advance"}
    else:  # a decision without its regulator gives way to any other act
        left = left - set(DECISIONS) or left
    apart = {act.type for act in acts if act.type in DECISIONS and _licensed_apart(act, units)}
    for winner, losers in PRECEDENCE:
        if winner in left:
            left -= set(losers) - {winner} - (apart if winner == "reimbursement" else set())
    best: dict[str, Act] = {}
    for act in sorted(acts, key=lambda a: (a.weak, a.unit == 0, a.unit)):
        if act.type in left:
            best.setdefault(act.type, act)
    return sorted(best.values(), key=lambda a: (a.unit, a.start))


def _latest(acts: list[Act], units: list[str]) -> list[Act]:
    """An opinion of an earlier day, told beside the regulator's decision, is background to it."""
    decided = {a.unit for a in acts if a.type in DECISIONS and not a.weak and NAMES_AGENCY.search(units[a.unit])}
    return [a for a in acts if a.type not in OPINIONS or not decided - {a.unit} or not EARLIER_DAY.match(units[a.unit])]


def _licensed_apart(act: Act, units: list[str]) -> bool:
    """Whether a clause of its own, with a regulator and no payer, tells a decision; who pays decides beside it."""
    left, right = clause(units[act.unit], act.start, act.end)
    told = units[act.unit][left:right]
    return not act.weak and is_regulator(told) and not PAYS.search(told)


def _readouts(acts: list[Act], units: list[str]) -> list[Act]:
    """Rule 17: what was said of a secondary goal never decides; one of several primaries is mixed."""
    met = [a for a in acts if a.type == "readout_met"]
    missed = [a for a in acts if a.type == "readout_not_met"]
    if not (met and missed) or any(a.type == "readout_mixed" for a in acts):
        return acts
    whole = " ".join(units)
    if re.search(
        r"miss\w* (?:\w+ ){0,2}secondary|secondary \w+ (?:\w+ ){0,2}(?:missed|not met|failed)|nothing won on",
        whole,
        re.I,
    ) and not re.search(r"miss\w* (?:its |the |their )?(?:primary|main|joint)|primary and secondary", whole, re.I):
        return [a for a in acts if a.type != "readout_not_met"]
    return [a for a in acts if a.type != "readout_met"]


def _votes(acts: list[Act]) -> list[Act]:
    """Two votes of one committee that go both ways, or a split one, are a mixed outcome."""
    told: dict[int, set[str]] = {}
    for act in acts:
        if act.type == "adcomm_outcome":
            told.setdefault(act.unit, set()).add(act.polarity)
    votes = {"negative" if "negative" in tones else "positive" for unit, tones in told.items() if unit > 0}
    if len(votes) < 2 and {"mixed"} not in told.values():
        return acts
    return [replace(act, polarity="mixed") if act.type == "adcomm_outcome" else act for act in acts]


# Claims ---------------------------------------------------------------------------------------------------------------


def _claims(
    act: Act, units: list[str], drugs: list[Drug], published: date | None, therapies: Therapies | None
) -> list[Claim]:
    subjects = subjects_of(act.unit, units, drugs, several=act.type not in UNNAMED)
    if not subjects and act.type not in UNNAMED:
        return []
    unit, whole = units[act.unit], " ".join(units)
    spec = TYPES[act.type]
    agency, place = (
        agency_of(unit, whole, paying=act.type == "reimbursement")
        if spec.scope == "place" or spec.family == "clearance"
        else (None, None)
    )
    if act.type in ALWAYS_BY:
        agency = ALWAYS_BY[act.type]
        place = place_of(agency)
    trial = (
        find_trial(units, drugs, therapies)
        if spec.scope == "trial" or spec.family in ("advance", "programme", "publication", "clearance")
        else None
    )
    base = Claim(
        type=act.type,
        polarity=act.polarity,
        quote=unit,
        rule=act.rule,
        confidence=confidence_of(
            rule=act.rule,
            weak=act.weak,
            title_only=act.unit == 0 and len(units) > 1,
            subjects=subjects,
            where=agency or trial,
        ),
        agency=agency,
        place=place,
        trial=trial,
        occurred_on=stated_date(unit, published),
        published_on=published.isoformat() if published else None,
        subtype=next((name for pattern, name in SUBTYPES if pattern.search(whole)), "other")
        if act.type == "designation"
        else None,
    )
    if not subjects:
        return [base]
    return [replace(base, drug=written, therapy=therapy) for written, therapy in subjects]
