"""Which words in capitals are brands: clues of grammar, each with its weight."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from monitor.reading.prose.around_brands import (
    AFTER_EXCHANGE,
    AILMENT,
    BEFORE_PRODUCT,
    BEFORE_TRIAL,
    BEHIND_FIRM,
    BODY_DOES,
    BRAND_OF,
    CAMEL,
    COMPANY,
    COMPANY_SAYS,
    ENGLISH,
    FIRM_LETTER,
    FORM_AFTER,
    GENE_OR_STUDY,
    IN_BRACKETS,
    IN_TOWN,
    LISTED_FIRM,
    LISTED_SHARE,
    LONG_COMPANY,
    MAKER,
    MARK,
    NAMED_STUDY,
    NEAR_TRIAL,
    OF_A_FIRM,
    OUTLET,
    OWNS,
    PERSON,
    PRODUCT_DOES,
    QUOTED,
    SHORTENED,
    SMALL,
    SOLD_AS,
    STUDIED,
    SUFFIX,
    TICKER,
    TOWN,
    TRIAL_AFTER,
    WORD_BEFORE,
    YEAR,
)
from monitor.reading.prose.drugs import BRAND, GUESS, NEAR, Drug, Span, drugs_apart
from monitor.reading.prose.spelling import PART, POSSESSIVE, SPOKEN, STRANGE, WORD, Spelling, likeness
from monitor.vocabulary.authorised import BRANDS
from monitor.vocabulary.drug_words import (
    BRAND_SECONDS,
    COMMON,
    COMPANIES,
    NOT_SUBSTANCES,
    PLACES_AND_PEOPLE,
)
from monitor.vocabulary.field_words import FieldWords

SECOND = re.compile(rf"(?:{BRAND_SECONDS})\b")


class Known(NamedTuple):
    """What a text has named before one of its sentences is looked at for brands: anything, and what is a substance, a
    code, a therapy of the pack, or perhaps a brand."""

    any: bool
    substance: bool


@dataclass(frozen=True, slots=True)
class Spot:
    """A word that may be a brand, and what surrounds it.

    `initial`: it opens a sentence; `headline`: the sentence capitalises every word.
    """

    word: str
    before: str
    after: str
    sentence: str
    initial: bool
    headline: bool
    in_title: bool
    possessive: bool
    known: Known
    field: FieldWords
    spelling: Spelling


def _brackets_substance(after: str, spelling: Spelling) -> bool:
    return bool(IN_BRACKETS.match(after)) and not spelling.substances.isdisjoint(PART.findall(after[:60]))


def _explained(after: str, spelling: Spelling) -> bool:
    """Whether words in small letters, or a substance, stand in brackets behind."""
    brackets = IN_BRACKETS.match(after)
    return brackets is not None and (brackets[0].strip("®™( ,")[0].islower() or _brackets_substance(after, spelling))


def _is_strange(word: str) -> bool:
    return likeness(word.lower()) > STRANGE


def _follows_maker(spot: Spot) -> bool:
    match = WORD_BEFORE.search(spot.before)
    return match is not None and (match[1].lower() in COMPANIES or match[1].lower() in spot.field.makers)


CLUES: tuple[tuple[int, Callable[[Spot], object]], ...] = (
    (1, lambda s: not (s.headline or s.initial)),
    # the only name there is, and no English word
    (
        1,
        lambda s: (
            s.initial and s.in_title and not s.known.any and len(s.word) > 5 and likeness(s.word.lower()) > STRANGE
        ),
    ),
    (1, lambda s: s.in_title and s.known.substance),  # a strange name in the title is the brand of that substance
    (3, lambda s: MARK.match(s.after) or _brackets_substance(s.after, s.spelling)),
    (3, lambda s: SOLD_AS.search(s.before) and not NAMED_STUDY.search(s.before)),
    (1, lambda s: s.headline and STUDIED.search(s.before)),
    (3, lambda s: BRAND_OF.match(s.after) or BEHIND_FIRM.search(s.before)),
    (1, lambda s: FORM_AFTER.match(s.after)),
    (-4, lambda s: LISTED_SHARE.match(s.after) or OF_A_FIRM.search(s.before) or NAMED_STUDY.search(s.before)),
    (-4, lambda s: s.in_title and not s.after.strip() and re.search(r" [-–|] $", s.before)),  # the paper it stood in
    (-4, lambda s: s.initial and FIRM_LETTER.match(s.after)),
    (-6, lambda s: TOWN.match(s.after) or (IN_TOWN.search(s.before) and s.after[:1] in (",", ")"))),
    (1, lambda s: BEFORE_PRODUCT.search(s.before)),
    (2, lambda s: PRODUCT_DOES.match(s.after)),
    (1, lambda s: s.possessive and OWNS.match(s.after)),
    (-2, lambda s: s.possessive and not OWNS.match(s.after)),
    (-3, lambda s: COMPANY_SAYS.match(s.after) and not PRODUCT_DOES.match(s.after)),
    (-3, lambda s: BODY_DOES.match(s.after)),
    (-3, _follows_maker),  # the second word of a company's name; not behind "Company: "
    (-4, lambda s: AILMENT.match(s.after)),
    (-4, lambda s: SUFFIX.match(s.after) or LISTED_FIRM.match(s.after) or PERSON.search(s.before)),
    (1, lambda s: CAMEL.match(s.word) or SMALL.match(s.word)),  # TransCon: capitals inside a word are made for products
    (
        -2,
        lambda s: s.word.isupper() and s.known.substance and not MARK.match(s.after),
    ),  # beside a substance, a word in capitals is a trial
    (
        -5,
        lambda s: (
            s.word.isupper()
            and not (MARK.match(s.after) or STUDIED.search(s.before) or _explained(s.after, s.spelling))
            and NEAR_TRIAL.search(s.sentence)
        ),
    ),
    (-2, lambda s: s.word.isupper() and len(s.word) >= 5 and BEFORE_TRIAL.search(s.before)),
    (-4, lambda s: (s.word.isupper() or SPOKEN.match(s.word)) and TRIAL_AFTER.match(s.after)),
)
"""Weight and clue. From SURE on a word is a brand, from POSSIBLE on a guess."""
SURE, POSSIBLE, PLAIN = 2, 1, -1.0


def find_brands(units: list[str], named: list[Drug], spelling: Spelling, field: FieldWords) -> list[Drug]:
    """The drugs `named` but for makers, and the brands in the sentences of an item where none of these stands."""
    spans: list[Span] = []
    firm = any(drug.kind != BRAND for drug in named)
    makers = makers_of(units)
    named = [drug for drug in named if drug.kind != BRAND or drug.written.lower() not in makers]
    for number in range(len(units)):
        known = Known(bool(named or spans), firm or any(kind == GUESS for _, kind, *_ in spans))
        found = _brands_of(units, number, known, field, spelling)
        spans += [span for span in found if span[0].lower() not in makers]
    return [*named, *drugs_apart(spans, units, named)]


def makers_of(units: list[str]) -> set[str]:
    """The words in lower case by which the sentences name firms and bodies in full or for short."""
    words = {word for unit in units for match in COMPANY.finditer(unit) for word in match.groups() if word}
    for unit in units:
        words |= {match[1] for match in SHORTENED.finditer(unit)}
        words |= {word for match in LONG_COMPANY.finditer(unit) for word in match[1].split()}
    return {word.lower() for word in words}


def _brands_of(units: list[str], number: int, known: Known, field: FieldWords, spelling: Spelling) -> Iterator[Span]:
    """Those of one sentence."""
    unit = units[number]
    headline = _is_headline(unit, field)
    for match in WORD.finditer(unit):
        word = POSSESSIVE.sub("", match[0])
        parts = word.split("-") if "-" in word else ()
        for part in parts if any(_is_known(part, field) for part in parts) else ():
            if _is_known(part, field) or (_may_be_brand(part, field) and not _is_plain(part, spelling)):
                yield part, BRAND, number, match.start() + match[0].index(part), None
        marked = MARK.match(unit, match.end()) and len(word) > 2 and word.lower() not in COMMON | COMPANIES
        if marked and len(word) == 3 and (word.isupper() or word.istitle()):
            yield word, BRAND, number, match.start(), None
            continue
        small = word[0].islower() and len(word) > 2
        named = (
            small
            and word not in spelling.english
            and word not in COMMON
            and _brackets_substance(unit[match.end() :], spelling)
        )
        if LISTED_SHARE.match(unit, match.end()) and TICKER.match(word):
            continue
        if _is_known(word, field) or (small and (marked or named) and word not in spelling.substances):
            yield word + _second(unit, match.end(), field), BRAND, number, match.start(), None
            continue
        if word in spelling.substances or not _may_be_brand(word, field):
            continue
        before = unit[: match.start()]
        told = MARK.match(unit, match.end()) or (word.lower() not in spelling.english and BEHIND_FIRM.search(before))
        if _is_plain(word, spelling) and not told:
            continue
        bare, behind = QUOTED[0].sub("", before), QUOTED[1].sub("", unit[match.end() :])
        if TICKER.match(word) and ((bare.endswith("(") and behind.startswith(")")) or AFTER_EXCHANGE.search(before)):
            continue  # the short name of a firm, a disease or a body
        spot = _spot(match, word, units, headline=headline, known=known, field=field, spelling=spelling)
        if (score := sum(weight for weight, clue in CLUES if clue(spot))) >= POSSIBLE:
            written = word + _second(unit, match.end(), field)
            yield written, BRAND if score >= SURE else GUESS, number, match.start(), None


def _spot(match: re.Match[str], word: str, units: list[str], **known: Any) -> Spot:
    """A word and what surrounds it in its sentence."""
    unit = match.string
    before = QUOTED[0].sub("", unit[max(0, match.start() - NEAR) : match.start()])
    return Spot(
        word=word,
        before=before,
        after=QUOTED[1].sub("", unit[match.end() :]),
        sentence=unit,
        initial=not before.strip() or before.rstrip().endswith((".", ":", "+", "?", "–")),
        in_title=unit == units[0],
        possessive=match[0].endswith(("'s", "’s")),
        **known,
    )


def _is_plain(word: str, spelling: Spelling) -> bool:
    """Whether a word is one of English, or ends and sounds like one."""
    low = word.lower()
    return low in spelling.english or (ENGLISH.search(word) is not None and likeness(low) < PLAIN)


def _is_headline(unit: str, field: FieldWords) -> bool:
    """Whether the sentence capitalises most of its words; makers and places do not count."""
    words = [word for word in WORD.findall(unit) if len(word) > 3]
    makers, plain = COMPANIES | field.makers, PLACES_AND_PEOPLE | field.plain
    words = [w for w in words if w.lower().removesuffix("'s") not in makers and w.lower() not in plain]
    return len(words) >= 4 and sum(word[0].isupper() for word in words) > 0.7 * len(words)


def _is_known(word: str, field: FieldWords) -> bool:
    """Whether a word with a capital letter is a brand that the lexicon knows."""
    low = word.lower()
    return word[:1].isupper() and low in BRANDS and low not in field.plain and low not in field.makers


def _may_be_brand(word: str, field: FieldWords) -> bool:
    if (
        not word.isalnum()
        or not (word[0].isupper() or SMALL.match(word))
        or len(word) < 4
        or "-" in word
        or GENE_OR_STUDY.match(word)
        or MAKER.search(word)
        or OUTLET.search(word)
        or YEAR.search(word)
    ):
        return False
    stems = {word.lower(), word.lower().removesuffix("s")}
    tables = (COMMON, NOT_SUBSTANCES, PLACES_AND_PEOPLE, COMPANIES, field.plain, field.makers, field.platforms)
    return not any(stems & table for table in tables)


def _second(unit: str, end: int, field: FieldWords) -> str:
    """The second word of a brand with the blank before it, or nothing."""
    second = SECOND.match(unit, end + 1) if unit[end : end + 1] == " " else None
    if second is None or second[0].lower() in PLACES_AND_PEOPLE or second[0].lower() in field.plain:
        return ""
    return f" {second[0]}"
