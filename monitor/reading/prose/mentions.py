"""What the sentences of a text name: medicines, who decides or pays, trials, days, numbers; of whom a clause speaks.

    sentence ──► medicines (the pack's first) ──► agencies, payers, committees ──► trials ──► days, numbers

A mention stands where its words stand; `name` is what is meant: the pack's therapy, the agency's short name, a
registry number, an ISO day.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitor.reading.prose.drug_names import find_drugs
from monitor.reading.prose.drugs import SURE, Drug
from monitor.reading.prose.tense import ISO_DAY, MONTH_YEAR, clause
from monitor.vocabulary.agencies_meant import NAMED, PAYING
from monitor.vocabulary.dates import month_number
from monitor.vocabulary.therapies import STUDY_ID, Therapies

MEDICINE, AGENCY, PAYER, COMMITTEE, TRIAL, DAY, NUMBER = (
    "medicine", "agency", "payer", "committee", "trial", "day", "number",
)  # fmt: skip
"""Kinds of mention."""

PANEL = re.compile(
    r"\b(?:CHMP|PRAC|COMP|CVMP|CTGTAC|ODAC|advisory (?:committee|panel|board)|adcomm?|human medicines committee|"
    r"independent (?:experts|advis[eo]rs)|data (?:and safety )?monitoring (?:board|committee)|DSMB|IDMC)\b",
    re.I,
)
VALUE = re.compile(
    r"(?<![\w.-])(?:p ?[<=] ?)?\d[\d,.]*\d?(?: ?(?:%|percent|per cent|patients|participants|mg))?(?![\w-])"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """One mention in sentence `unit` (0 is the title), from `start` to `end` of what is read there.

    `sure`: told by the name itself, not by grammar; `aside`: only compared with, added to or copied.
    """

    kind: str
    name: str
    unit: int
    start: int
    end: int
    sure: bool = True
    aside: bool = False
    therapy: str | None = None


def mentions_of(units: Sequence[str], therapies: Therapies | None = None) -> list[Mention]:
    """Everything the sentences name, in reading order."""
    found = [_medicine(drug) for drug in find_drugs(list(units), therapies)]
    for number, unit in enumerate(units):
        found += [*_agencies(unit, number), *_trials(unit, number, therapies), *_days(unit, number)]
        taken = [(m.start, m.end) for m in found if m.unit == number]
        found += [m for m in _numbers(unit, number) if not any(a < m.end and m.start < b for a, b in taken)]
    return sorted(found, key=lambda m: (m.unit, m.start, -m.end))


def subject_of(mentions: Sequence[Mention], units: Sequence[str], unit: int, start: int, end: int) -> Mention | None:
    """The medicine of which a clause speaks: its own, else its sentence's, the title's, that of a sentence before."""
    left, right = clause(units[unit], start, end)
    own = [m for m in mentions if m.kind == MEDICINE and not m.aside]
    places = (
        [m for m in own if m.unit == unit and left <= m.start < right],
        [m for m in own if m.unit == unit],
        [m for m in own if m.unit == 0],
        [m for m in reversed(own) if m.unit < unit],
    )
    for place in places:
        if chosen := next((m for m in place if m.sure), None) or next(iter(place), None):
            return chosen
    return None


def _medicine(drug: Drug) -> Mention:
    name = drug.therapy or drug.written
    return Mention(MEDICINE, name, drug.unit, drug.start, drug.end, drug.kind in SURE, drug.aside, drug.therapy)


def _agencies(unit: str, number: int) -> Iterator[Mention]:
    for kind, readings in ((AGENCY, NAMED), (PAYER, PAYING[0])):
        for pattern, agency, _ in readings:
            for match in pattern.finditer(unit):
                yield Mention(kind, agency or match[0], number, *match.span())
    for match in PANEL.finditer(unit):
        yield Mention(COMMITTEE, match[0], number, *match.span())


def _trials(unit: str, number: int, therapies: Therapies | None) -> Iterator[Mention]:
    for match in STUDY_ID.finditer(unit):
        owner = therapies.of_trial(match[0]) if therapies else None
        yield Mention(TRIAL, match[0].upper(), number, *match.span(), therapy=owner)
    if therapies and (acronym := therapies.acronym_in(unit)):
        registered = therapies.number_of(acronym) or acronym
        start = unit.index(acronym)
        owner = therapies.of_trial(registered)
        yield Mention(TRIAL, registered, number, start, start + len(acronym), therapy=owner)


def _days(unit: str, number: int) -> Iterator[Mention]:
    for match in ISO_DAY.finditer(unit):
        yield Mention(DAY, match[0], number, *match.span())
    for match in MONTH_YEAR.finditer(unit):
        day = int(match[1] or match[3] or 0)
        name = "-".join([match[4] or "", f"{month_number(match[2]):02d}", *([f"{day:02d}"] if day else [])])
        yield Mention(DAY, name, number, *match.span())


def _numbers(unit: str, number: int) -> Iterator[Mention]:
    for match in VALUE.finditer(unit):
        yield Mention(NUMBER, match[0], number, *match.span())
