"""Which drugs a text names: those of the pack, codes by their form, substances by spelling, brands by grammar."""

import re
from bisect import bisect_right
from collections.abc import Iterator

from monitor.reading.prose.brands import find_brands
from monitor.reading.prose.drugs import BRAND, CODE, KNOWN, SUBSTANCE, Drug, drug_at, overlaps, without_overlaps
from monitor.reading.prose.spelling import WORD, has_ending, is_substance, may_be_substance
from monitor.vocabulary.drug_words import (
    INSULINS,
    NO_FIELD,
    NOT_CODE_ENDS,
    NOT_CODES,
    PLACES_AND_PEOPLE,
    SUBSTANCE_SECONDS,
    FieldWords,
)
from monitor.vocabulary.therapies import STUDY_ID, Therapies

CODE_NAME = re.compile(
    rf"(?<![\w/-])(?!(?:{NOT_CODES})[- ]?\d)"
    r"(?:[A-Z][A-Za-z]{0,5}[-‐‑ ]?\d{3,7}[A-Za-z]{0,2}\d?(?:-[A-Z]{1,3})?|[A-Z]{2,5}[-‐‑]\d{2,6}[A-Za-z]?|"
    r"[A-Z]{3,5}\d{2}|"
    r"[A-Z]{3}-[A-Z][a-z]\d|"
    r"[A-Z]{2,5}-[A-Z]\d{2,5}|[A-Z]{3,6}-[A-Z0-9]{2,6}-[A-Z][A-Za-z]+|[A-Z]{2,4}-[A-Z]{2,6}\d*[A-Z]?|"
    r"[A-Z]{2,4}\d{2,5}[a-z]\d|m?RNA-\d{3,5})(?![\w])"
)
CODE_STOP = re.compile(
    rf"^(?:[A-Z]{{2,}}-(?:{NOT_CODE_ENDS})|[A-Z][a-z]+ (?:19|20)\d\d|MRI-\w+|"
    r"CAR-T|AAV-\w+|"
    r"NON-W|NOD-W|NOC-C|G-BA|E-\w+|X-\w+|K-\w+|RNA-\w+|DNA-\w+|OTC-\w+|TRAIL\w+|[A-Z][a-z]* \d+|[A-Z]{4,}-\d{1,2}|"
    r"\w+-0\d|[A-Z]{4,5} \d+)$"
)
NUMBERED = re.compile(r"([A-Z][A-Za-z]*)[-‐‑ ]?\d")
VARIANT = re.compile(r"([A-Z]{2,}\d*)-([A-Z]+)$")
"""What may be a disease of the field with a number; a gene with the disease it causes (SMN1-SMA)."""
ACID = re.compile(r"\b(?!amino|nucleic|fatty|hyaluronic|lactic|uric|ribonucleic|stomach)\w{4,}ic acid\b", re.I)
SALT = re.compile(
    r"\b(?:(?:sodium|potassium|calcium|magnesium) (?:oxybate|phenylbutyrate|thiosulfate|chloride|gluconate|sulfate)|"
    rf"insulin (?:{INSULINS})|"
    r"(?!the\b|of\b|and\b)[a-z]{6,} (?:fumarate|oxybate|phenylbutyrate|carbonate|citrate|succinate|malate))\b",
    re.I,
)
HYPHENED_CELLS = re.compile(r"\b(?:[a-z]{2,5}-?)?[a-z]{2,6}-cel\b")
GENE_THERAPY = re.compile(r"\b\w{4,}gene (?:\w+(?:vec|cel|rev))\b", re.I)
SECOND_WORD = re.compile(rf" (?:{SUBSTANCE_SECONDS})\b")
TRIAL_FOLLOWS = re.compile(r" (?:trial|study|program)")
DRUG_FOLLOWS = re.compile(
    r"(?:[A-Z]\w+(?:'s|s')|\b(?:stud(?:y|ies)|trials?|application|filing|rights|approval|recall|licen[cs]e|NDA|"
    r"BLA|dosing|doses|developer|maker) "
    r"(?:of|for|to|on)|\b(?:file[sd]?|submit(?:s|ted)|approve[sd]|clear(?:s|ed)|reject(?:s|ed)|refuse[sd]|"
    r"drop(?:s|ped)|licen[cs]e[sd])) $"
)
"""What stands directly before a drug."""


def find_drugs(units: list[str], therapies: Therapies | None) -> list[Drug]:
    """All drugs named in the sentences of an item, in reading order; brands only where the grammar tells them."""
    field = therapies.field_words if therapies else NO_FIELD
    named = _of_pack(units, therapies) if therapies else []
    for number, unit in enumerate(units):
        named += [*_codes(unit, number, field), *_patterned(unit, number), *_substances(unit, number, field)]
    brands: list[Drug] = []
    for number in range(len(units)):
        brands += [drug for drug in find_brands(units, number, [*named, *brands], field) if not overlaps(drug, named)]
    return without_overlaps([*named, *brands])


def _of_pack(units: list[str], therapies: Therapies) -> list[Drug]:
    starts = [0]
    for unit in units:
        starts.append(starts[-1] + len(unit) + 1)
    mentions = therapies.mentioned("\n".join(units))
    acronyms = {therapy: therapies.acronyms_of(therapy) for therapy in {mention.therapy for mention in mentions}}
    drugs = []
    for mention in mentions:
        if mention.written not in acronyms[mention.therapy]:
            number = bisect_right(starts, mention.start, hi=len(units)) - 1
            at = mention.start - starts[number]
            drugs.append(drug_at(mention.written, KNOWN, units[number], number, at, mention.therapy))
    return drugs


def _codes(unit: str, number: int, field: FieldWords) -> Iterator[Drug]:
    for match in CODE_NAME.finditer(unit):
        code = match[0]
        if CODE_STOP.match(code) or STUDY_ID.match(code) or code.isalpha() or _of_field(code, field):
            continue
        yield drug_at(code, CODE, unit, number, match.start())


def _of_field(code: str, field: FieldWords) -> bool:
    """Whether a code is a disease word of the pack with a number, or a gene with the disease behind it."""
    if variant := VARIANT.match(code):
        return variant[1].lower() in PLACES_AND_PEOPLE or variant[2].lower() in field.plain
    numbered = NUMBERED.match(code)
    return numbered is not None and numbered[1].lower() in field.plain


def _patterned(unit: str, number: int) -> Iterator[Drug]:
    for pattern in (HYPHENED_CELLS, GENE_THERAPY, ACID, SALT):
        for match in pattern.finditer(unit):
            yield drug_at(match[0], SUBSTANCE, unit, number, match.start())


def _substances(unit: str, number: int, field: FieldWords) -> Iterator[Drug]:
    for match in WORD.finditer(unit):
        word = re.sub(r"['’]s$|['’]$", "", match[0])
        if "-" in word and not is_substance(word, field):
            word = next((part for part in word.split("-") if is_substance(part, field)), "")
        like_only = word[:1].isupper() and not has_ending(word, field)
        if like_only and word.isupper() and TRIAL_FOLLOWS.match(unit, match.end()):
            continue
        introduced = DRUG_FOLLOWS.search(unit[: match.start()]) and may_be_substance(word, field)
        if introduced or is_substance(word, field):
            second = SECOND_WORD.match(unit, match.start() + len(word))
            kind = BRAND if like_only else SUBSTANCE
            yield drug_at(word + (second[0] if second else ""), kind, unit, number, match.start())
