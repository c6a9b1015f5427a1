"""Which words are spelt like a substance: known ones, the endings of international names, letter trigrams."""

import json
import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from monitor.reading.prose.drugs import BRAND, SUBSTANCE, Span
from monitor.vocabulary.authorised import SUBSTANCES
from monitor.vocabulary.drug_words import (
    COMMON,
    COMPANIES,
    ENGLISH,
    NOT_SUBSTANCES,
    PLACES_AND_PEOPLE,
    STEMS,
    SUBSTANCE_SECONDS,
)
from monitor.vocabulary.field_words import NO_FIELD, FieldWords

WORD = re.compile(r"[^\W\d_][\w’'-]*")
PART = re.compile(r"\w+")
POSSESSIVE = re.compile(r"['’]s?$")
STEM = re.compile(rf"^(?:\w{{2,}})(?:{STEMS})$", re.I)
ILLNESS = re.compile(
    r"(?:oma|omas|itis|osis|[ae]?emia|pathy|trophy|ism|terase|algia|plegia|philia|uria|axia|epsy|lepsy|ulent|ness|ment|tion|"
    r"ally|able|ated|ing|chloride|fiber|fibre|virus|viruses|valent|fluid|body|bodies|demics?|arian|asis|style|globulin|ology|"
    r"ical|vitamin|enzyme|peptide|protein|plasma|hormone|steroid|steroids|tissue|genic|grade|phase|online)$"
)
TRIGRAMS: dict[str, float] = json.loads(
    files("monitor.reading.prose").joinpath("trigrams.json").read_text(encoding="utf-8")
)
"""Letter trigram to its log odds: a substance against English. benchmarks/names/train.py writes them."""
LIKE, UNLIKE, STRANGE = 4.5, -8.0, -2.5
"""Log odds from which a spelling alone is a substance, below which not even a known ending makes it one, and from
which a word in front of a title is strange enough to be a name."""
SECOND_WORD = re.compile(rf" (?:{SUBSTANCE_SECONDS})\b", re.I)
SPOKEN = re.compile(r"[A-Z]{3,}[a-z]{2,}$")
"""A name for a trial that is made of a medicine's: AVAglio."""
TRIAL_FOLLOWS = re.compile(r" (?:trial|study|program)")
DRUG_FOLLOWS = re.compile(
    r"(?:[A-Z]\w+(?:'s|s')|\b(?:stud(?:y|ies)|trials?|application|filing|rights|approval|recall|licen[cs]e|NDA|"
    r"BLA|dosing|doses|developer|maker) "
    r"(?:of|for|to|on)|\b(?:file[sd]?|submit(?:s|ted)|approve[sd]|clear(?:s|ed)|reject(?:s|ed)|refuse[sd]|"
    r"drop(?:s|ped)|licen[cs]e[sd]|containing|the (?:active ingredient|drug|therapy,|compound))|\bmedicine,) $"
)
"""What stands directly before a drug."""
DRUG_BEFORE = re.compile(
    r"\b(?:(?:designation|status) (?:to|for)|development of|"
    r"(?:its|the|an?|their) (?:[\w-]+ ){0,3}(?:drug|candidate|compound)) $"
)
"""What stands before one that is no word of English."""
CONTAINED = re.compile(r"-containing (?:medicines|products|drugs)\b")
"""What stands directly behind one, in its own word."""
TARGET_FOLLOWS = re.compile(r"(?: and \w+)? (?:re-?uptake|kinases?|reverse transcriptase)\b")
"""What stands behind that on which a medicine acts."""
BEFORE_STEM = re.compile(r"(?:un|out|over|re|inter|intra|trans|non|bio|multi|hyper|hypo)(?=\w{5})")
"""What stands before a word of English and makes another."""
ENDINGS = ("", "s", "es", "ed", "d", "ing", "er", "ers", "ly", "al", "ally")
NO_NAMES = NOT_SUBSTANCES | COMMON | COMPANIES | PLACES_AND_PEOPLE


def spelt_drugs(units: list[str], field: FieldWords) -> list[Span]:
    """The names in the sentences of an item that are spelt like a substance."""
    spans: list[Span] = []
    for number, unit in enumerate(units):
        for match in WORD.finditer(unit):
            word = re.sub(r"['’]s$|['’]$", "", match[0])
            if word.endswith("-like") or TARGET_FOLLOWS.match(unit, match.end()):
                continue
            contained = CONTAINED.search(match[0] + unit[match.end() : match.end() + 12])
            word = word.removesuffix("-containing") if contained else word
            if "-" in word and not is_substance(word, field):
                word = next((part for part in word.split("-") if is_substance(part, field)), "")
            like_only = word[:1].isupper() and not has_ending(word, field)
            if like_only and (word.isupper() or SPOKEN.match(word)) and TRIAL_FOLLOWS.match(unit, match.end()):
                continue
            before = unit[: match.start()]
            introduced = bool(contained or DRUG_FOLLOWS.search(before))
            introduced = introduced or (DRUG_BEFORE.search(before) is not None and not is_english(word))
            introduced = introduced and may_be_substance(word, field)
            if introduced or is_substance(word, field):
                start = match.start() + match[0].index(word)
                second = SECOND_WORD.match(unit, start + len(word))
                kind = BRAND if like_only else SUBSTANCE
                spans.append((word + (second[0] if second else ""), kind, number, start, None))
    return spans


def is_substance(word: str, field: FieldWords = NO_FIELD) -> bool:
    """Whether a word reads like an international non-proprietary name, or is a substance of the field."""
    low = word.lower()
    return low in field.substances or not (low in field.plain or low in field.makers or not _spelt_as_substance(low))


class Spelling(NamedTuple):
    """Of the words of a text, their forms in small letters and their parts those that read like a substance, and those
    that are English."""

    substances: frozenset[str]
    english: frozenset[str]


def spelling_of(units: Iterable[str], field: FieldWords) -> Spelling:
    """How the words of these sentences are spelt, without the s of whose."""
    words = {form for unit in units for part in PART.findall(unit) for form in (part, part.lower())}
    for word in {POSSESSIVE.sub("", word) for unit in units for word in WORD.findall(unit)}:
        words |= {word, word.lower()}
    return Spelling(substances_among(words, field), frozenset(filter(is_english, words)))


def substances_among(words: Iterable[str], field: FieldWords = NO_FIELD) -> frozenset[str]:
    """Those of the words that read like a substance."""
    return frozenset(word for word in words if is_substance(word, field))


@lru_cache(maxsize=8192)
def _spelt_as_substance(low: str) -> bool:
    if low in SUBSTANCES:
        return True
    if low in NO_NAMES or len(low) < 7 or ILLNESS.search(low) or not low.isalpha():
        return False
    if not (low.isascii() or STEM.match(low)):
        return False  # another language
    least = UNLIKE if STEM.match(low) else LIKE if len(low) > 7 else LIKE + 2
    return likeness(low) > least and not is_english(low)


def may_be_substance(word: str, field: FieldWords = NO_FIELD) -> bool:
    """Whether a word in the place of a drug may be one, though its spelling alone would not tell."""
    plain = word in NO_NAMES or word in field.plain or word in field.makers
    if plain or len(word) < 8 or not (word.islower() and word.isalpha()):
        return False
    return not ILLNESS.search(word) and likeness(word) > 0


def has_ending(word: str, field: FieldWords = NO_FIELD) -> bool:
    """Whether more than a likeness speaks for the word: it is listed, or ends like a substance."""
    return word.lower() in SUBSTANCES or word.lower() in field.substances or bool(STEM.match(word))


def likeness(word: str) -> float:
    """How much a word is spelt like a substance rather than like English: log odds by its letter trigrams."""
    framed = f"^{word}$"
    return sum(TRIGRAMS.get(framed[i : i + 3], 0.0) for i in range(len(framed) - 2))


def is_english(word: str, among: Collection[str] | None = None) -> bool:
    """Whether a word in lower case is one of English: as it stands, inflected, or behind a syllable like re-."""
    plain = ENGLISH if among is None else among
    if word in plain:
        return True
    words = (word, word[stem.end() :]) if (stem := BEFORE_STEM.match(word)) else (word,)
    return any(one.removesuffix(end) in plain for one in words for end in ENDINGS if one.endswith(end) and len(one) > 4)
