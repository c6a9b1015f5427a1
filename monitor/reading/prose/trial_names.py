"""Which trial a text speaks of: a registry number, an acronym of the pack, else a word in capitals."""

import re

from monitor.reading.prose.around_brands import NEAR_TRIAL
from monitor.reading.prose.drugs import Drug
from monitor.vocabulary.drug_words import COMMON, COMPANIES, PLACES_AND_PEOPLE
from monitor.vocabulary.field_words import NO_FIELD
from monitor.vocabulary.therapies import STUDY_ID, Therapies

ACRONYM = re.compile(
    r"(?<![\w-])(?:[A-Z][A-Z0-9]{3,}(?:-[A-Z0-9]+)*(?: (?:AD|HD ?\d?|CM|HF|PN|OLE|\d{1,2}))?|"
    r"[A-Z]{3,}[a-z]{2,4}[A-Z]?s?|"
    r"[A-Z]{3,}-[A-Z0-9]{1,8}(?:-\d+)?(?: \d)?|[A-Z]{2,5}-[A-Z]{1,3}[a-z]+\w*)(?![\w])"
)
TARGET = re.compile(
    r" ?-?(?:receptors?|(?:ant)?agonists?|inhibitors?|blockers?|modulators?|antibod\w+|genes?|mutations?|proteins?|"
    r"pathways?|enzymes?|kinases?|channels?|variants?|carriers?|degraders?|peptides?|ligands?|signall?ing|deficien\w+)\b",
    re.I,
)
AGAINST = re.compile(r"\b(?:against|targets?|targeting|anti-|blocks?|inhibits?|block(?:ing|ed)|inhibiting) ?$", re.I)
"""What stands behind the short name of that on which a medicine acts, and before it."""


def named_trial(unit: str, therapies: Therapies | None) -> str | None:
    """The trial that one sentence names for sure: a registry number, or an acronym of the pack."""
    if number := STUDY_ID.search(unit):
        return number[0].upper()
    return therapies.acronym_in(unit) if therapies else None


def find_trial(units: list[str], drugs: list[Drug], therapies: Therapies | None) -> str | None:
    """The trial meant: a registry number, an acronym of the pack, else a word in capitals in a text about a trial."""
    whole = "\n".join(units)
    if number := STUDY_ID.search(whole):
        return number[0].upper()
    if therapies and (named := therapies.trial_named(whole)):
        return named[0]
    field = therapies.field_words if therapies else NO_FIELD
    tables = (PLACES_AND_PEOPLE, COMMON, COMPANIES, field.plain, field.makers)
    written = {d.written.upper() for d in drugs}
    found = [(unit, match) for unit in units for match in ACRONYM.finditer(unit)]
    targets = {match[0] for unit, match in found if TARGET.match(unit, match.end())}
    targets |= {match[0] for unit, match in found if AGAINST.search(unit, max(0, match.start() - 15), match.start())}
    for _, match in found:
        word = match[0]
        first = word.lower().split("-")[0].split(" ")[0]
        if first not in field.platforms and any(first in table for table in tables):
            continue
        if word in targets or any(word in name or name in word for name in written):
            continue
        if NEAR_TRIAL.search(whole):
            return word
    return None
