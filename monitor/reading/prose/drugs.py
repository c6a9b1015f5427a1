"""A drug as it stands in an item: how it is written, what kind of name that is, and whether it is only an aside."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

KNOWN, CODE, SUBSTANCE, BRAND, GUESS = "known", "code", "substance", "brand", "guess"
"""Kinds of name, from the surest to a capital letter without other explanation."""
SURE = (KNOWN, CODE, SUBSTANCE)
"""Kinds that rest on the name itself."""
LOOSE = (BRAND, GUESS)
"""Kinds that rest on grammar."""

ROLE_OUT = re.compile(
    r"\b(?:without|than|versus|vs\.?|outperform(?:s|ed|ing)?|bests|bested|tops|topped|trumps|toppl(?:es|ed|ing)|"
    r"tak(?:es?|ing) on|aim at|sights on|displaces?|challenges?|copycats? of|challenger to|"
    r"(?:similar|related|similarly) to|"
    r"(?:in )?combination with|(?:combo|tandem|paired|combined) with|"
    r"in pursuit of|chasing|rivall?ing|(?:wins?|won|superior\w*|tested|compared|endpoints?|goals?) against|over|like|"
    r"unlike|such as|rivals? (?:of|to|for)|(?:alternatives?|competitors?|successor|answer|challenge) to|"
    r"inferior to|beats?|to beat|beating|"
    r"failed to beat|superior to|added to|on top of|plus|background|"
    r"alongside|beside|replac\w+|from the makers? of|maker of|developer of|inferior to|combined with|"
    r"together with|compared with|exceed(?:s|ed|ing)|surpass(?:es|ed|ing)|"
    r"spares?|compet(?:es?|ing) (?:with|against)|"
    r"(?:undeclared|hidden)(?: (?:active|pharmaceutical|drugs?|ingredients?))*|"
    r"(?:tainted|laced|adulterated|contaminated|spiked) with|(?:presence|traces?) of|"
    r"works? like|instead of|heir to|version of)\s+"
    r"(?:the |an? )?(?:(?:[\w.&-]+ ){0,2}[\w.&-]+['’]s? )?"
    r"(?:the |an? )?(?:(?:mega-?)?blockbuster |standard |older |rival |current |market-leading |low-dose |"
    r"(?:(?:most )?commonly prescribed |widely used )(?:drug |medication |medicine |treatment )?|industry standard, )?"
    r"(?:(?:radiation|radiotherapy|chemotherapy|surgery|standard (?:care|therapy)) (?:and|plus) )?"
    r"(?:(?:[\w-]+ )?(?:therapy|inhibitor|antibody|chemotherapy|hormone|blocker) )?$",
    re.I,
)
"""What stands before a drug that is not the one the item is about."""
ROLE_OUT_AFTER = re.compile(
    r"(?:'s)? (?:rival|competitor|challenger|(?:older |younger |big |little )?(?:sister|brother|cousin|"
    r"sibling|predecessor|successor))\b(?! (?:trial|study))|"
    r"[-‐‑](?:ineligible|eligible|refractory|resistant|na[iï]ve|pre-?treated|experienced|intolerant|unresponsive|"
    r"sensitive|induced|(?:based|containing) (?:(?:chemo|immuno)?therap(?:y|ies)|treatments?)|"
    r"unsuitable|unfit|failed)\b"
)
"""What stands behind such a drug, or behind one that patients had before."""
COPIED = re.compile(
    r"\b(?:(?:cop(?:y|ies)|biosimilars?|generics?|versions?|look-?alikes?)"
    r"(?: (?:candidates?|medicines?|products?|versions?))?,? (?:of|to|for|(?:that )?referenc(?:es|ing))|"
    r"(?:interchangeable|biosimilar|equivalent) (?:with|to)|reference (?:product|medicine|drug)s?(?: is| was|,|:)?)"
    r" (?:the |its )?(?:reference (?:product|medicine|drug),? |originator,? )?"
    r"(?:(?:[\w.]+ (?:& |and )?){0,3}\S+['’]s )?"
    r"(?:(?:[\w-]+ )?(?:[\w-]+ )?(?:drug|medicine|treatment|therapy|inhaler|injection|pill|antibody),? )?$",
    re.I,
)
"""What stands before the brand that a biosimilar or generic copies."""


COPIED_AFTER = re.compile(
    r"(?:'s)?(?: \([^()]*\))? (?:(?:biosimilar )?cop(?:y|ies)|copycats?|biosimilars?|bioequivalents?|generics?|"
    r"look-?alikes?)\b"
)
"""What stands behind it."""


FAMILIES = frozenset(
    {"insulin", "insulins", "statins", "opioids", "antidepressants", "marijuana", "cannabis", "heparin"}
)
"""What is one medicine among others of that name: "a study of oral insulin (ORMD-0801)"."""
NEAR = 200
"""So many letters around a name say what part it has."""


@dataclass(frozen=True, slots=True)
class Drug:
    """A drug named in an item. `unit` is the sentence it stands in (0: the title), `start` its place there.

    `aside`: compared with, copied or added to; not what the item is about.
    """

    written: str
    kind: str
    unit: int
    start: int
    therapy: str | None = None
    aside: bool = False
    end: int = field(init=False, repr=False, compare=False)  # of its sentence, where the name ends

    def __post_init__(self) -> None:
        object.__setattr__(self, "end", self.start + len(self.written))


Span = tuple[str, str, int, int, str | None]
"""A drug before it is looked at in its sentence: as written, kind, unit, start, therapy."""


def drug_of(span: Span, units: list[str]) -> Drug:
    """The drug that stands there, with its role in its sentence."""
    written, kind, unit, start, therapy = span
    text = units[unit]
    before, after = text[max(0, start - NEAR) : start], text[start + len(written) :][:NEAR]
    aside = ROLE_OUT.search(before) or ROLE_OUT_AFTER.match(after)
    brand = kind in LOOSE or (kind == KNOWN and written[:1].isupper() and not written[-1:].isdigit())
    copied = brand and (COPIED.search(before) or COPIED_AFTER.match(after))
    return Drug(written, kind, unit, start, therapy, bool(aside or copied))


def overlaps(drug: Drug, others: Iterable[Drug]) -> bool:
    """Whether a name shares letters with one of the others."""
    return any(drug.unit == other.unit and other.start < drug.end and drug.start < other.end for other in others)


def drugs_apart(spans: Iterable[Span], units: list[str], others: Sequence[Drug]) -> list[Drug]:
    """The drugs that stand there, without those that share letters with one of the others."""
    return [drug for span in spans if not overlaps(drug := drug_of(span, units), others)]


def without_overlaps(drugs: list[Drug]) -> list[Drug]:
    """The drugs in reading order, the longest of those that begin at one place; none inside another."""
    kept: list[Drug] = []
    for drug in sorted(drugs, key=lambda d: (d.unit, d.start, -len(d.written))):
        if not any(k.unit == drug.unit and k.start <= drug.start < k.end for k in kept):
            kept.append(drug)
    return kept


def only_guessed(drugs: Iterable[Drug]) -> bool:
    """Whether none has more than a capital letter and more than a place aside."""
    return all(drug.kind == GUESS or drug.aside for drug in drugs)


def of_families(drugs: list[Drug]) -> list[Drug]:
    """The drugs, where the name of a family stands aside as soon as one has a name of its own."""
    families = [drug for drug in drugs if drug.kind != KNOWN and drug.written.lower() in FAMILIES]
    if all(drug.aside or drug.kind == GUESS or drug in families for drug in drugs):
        return drugs
    return [replace(drug, aside=True) if drug in families else drug for drug in drugs]
