"""Which drug a text names: codes by form, substances by spelling, brands by grammar."""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from monitor.vocabulary.drug_words import COMMON, COMPANIES, NOT_SUBSTANCES, PLACES_AND_PEOPLE, STEMS, SUBSTANCES
from monitor.vocabulary.therapies import STUDY_ID, Therapies

KNOWN, CODE, SUBSTANCE, BRAND, GUESS = "known", "code", "substance", "brand", "guess"
"""Kinds of name, from the surest to a capital letter without other explanation."""

CODE_NAME = re.compile(
    r"(?<![\w/-])(?!(?:NCT|COVID|SOD|HER|GLP|PD|PDL|IL|CD|CYP|TNF|APOE?|H\dN|FTO|Q|FY|HIV|HPV|SARS|CFTR|KRAS|EGFR|"
    r"BRCA|TDP|C9|BMI|NSCLC|"
    r"ISO|ICD|MRC|EU|EMA|FDA|NDA|BLA|ANDA|IND|SBLA|SNDA|USP|CAR|COX|JAK|BTK|PSMA|FGFR|MMR|DRG|AAN|CHMP|R|S|T|ORIG|"
    r"SUPPL|PPAR|VEGF|B|"
    r"ALS|CASE|ACE|OPA|PIK|Form|Type|Phase|Class|Part|Grade|Stage|Week|Day|Month|Year|Arm|Cohort|Group)[- ]?\d)"
    r"(?:[A-Z][A-Za-z]{0,5}[-‐‑ ]?\d{3,7}[A-Za-z]{0,2}\d?(?:-[A-Z]{1,3})?|[A-Z]{2,5}[-‐‑]\d{2,6}[A-Za-z]?|"
    r"[A-Z]{3,5}\d{2}|"
    r"[A-Z]{3}-[A-Z][a-z]\d|"
    r"[A-Z]{2,5}-[A-Z]\d{2,5}|[A-Z]{3,6}-[A-Z0-9]{2,6}-[A-Z][A-Za-z]+|[A-Z]{2,4}-[A-Z]{2,6}\d*[A-Z]?|"
    r"[A-Z]{2,4}\d{2,5}[a-z]\d|m?RNA-\d{3,5})(?![\w])"
)
CODE_STOP = re.compile(
    r"^(?:[A-Z]{2,}-(?:ALS|FTD|AD|TTR|CM|PN|HD|SMA|HF|CNS|US|UK|EU|HQ|SPA|COV)|[A-Z][a-z]+ (?:19|20)\d\d|MRI-\w+|"
    r"CAR-T|AAV-\w+|"
    r"NON-W|NOD-W|NOC-C|G-BA|E-\w+|X-\w+|K-\w+|RNA-\w+|DNA-\w+|OTC-\w+|TRAIL\w+|[A-Z][a-z]* \d+|[A-Z]{4,}-\d{1,2}|"
    r"\w+-0\d|[A-Z]{4,5} \d+)$"
)
ACID = re.compile(r"\b(?!amino|nucleic|fatty|hyaluronic|lactic|uric|ribonucleic|stomach)\w{4,}ic acid\b", re.I)
SALT = re.compile(
    r"\b(?:(?:sodium|potassium|calcium|magnesium) (?:oxybate|phenylbutyrate|thiosulfate|chloride|gluconate|sulfate)|"
    r"insulin (?:icodec|glargine|aspart|lispro|degludec|efsitora|detemir)|"
    r"(?!the\b|of\b|and\b)[a-z]{6,} (?:fumarate|oxybate|phenylbutyrate|carbonate|citrate|succinate|malate))\b",
    re.I,
)
HYPHENED_CELLS = re.compile(r"\b(?:[a-z]{2,5}-?)?[a-z]{2,6}-cel\b")
GENE_THERAPY = re.compile(r"\b\w{4,}gene (?:\w+(?:vec|cel|rev))\b", re.I)
STEM = re.compile(rf"^(?:\w{{2,}})(?:{''.join(STEMS.split())})$", re.I)
ILLNESS = re.compile(
    r"(?:oma|omas|itis|osis|[ae]?emia|pathy|trophy|algia|plegia|philia|uria|axia|epsy|lepsy|ulent|ness|ment|tion|"
    r"ally|able|ated|ing|chloride|fiber|fibre)$"
)
TRIGRAMS: dict[str, float] = json.loads(
    files("monitor.reading.prose").joinpath("trigrams.json").read_text(encoding="utf-8")
)
LIKE, UNLIKE, STRANGE = 4.5, -8.0, -2.5
"""Log odds from which a spelling alone is a substance, and below which not even a known ending makes it one."""
WORD = re.compile(r"[^\W\d_][\w’'-]*")
SECOND = re.compile(
    r"(?:ORS|[A-Z]{2,4}|\d{2,3}|Hytrulo|Rapidvial|Quick|Forte|Depot|Sprinkle|Oral Suspension|Respimat|XR|ER|SC|IV)\b"
)

SECOND_WORD = re.compile(
    r" (?:vedotin|mafodotin|deruxtecan|govitecan|tesirine|ozogamicin|emtansine|soravtansine|alfa|beta|pegol|"
    r"tocilizumab|sodium|acetate)\b"
)

SUFFIX = re.compile(
    r"^(?:'s)?\s+(?:Inc|Ltd|Pharma\w*|Therapeutics|Biosciences?|Biotech\w*|Genomics|Genetics|Medic\w+|Sciences|"
    r"Holdings|Corp\w*|"
    r"plc|AG|SA|NV|Group|Labs|Laborator\w+|Bio\b|Oncology|Neuro\w*|Health\b|University|Institute|College|Hospital|"
    r"Foundation|Association)"
)
COMPANY_SAYS = re.compile(
    r"^(?:,? ?and \w+)?\s+(?:said|says|told|will|plans?|expects?|announce[sd]?|reports?|reported|submit\w*|"
    r"file[sd]?|files|complete[sd]?|"
    r"withdr[ae]ws?|pulls?|pulled|drops?|dropped|ends?|ended|gives? up|buys?|bought|acquire[sd]?|licen[sc]es|"
    r"sells?|sold|learns?|treats?|"
    r"doses?|halts?|stops?|stopped|scraps?|shelves|shelved|abandons?|hands?|seeks?|sees|asks?|recalls?|takes?|"
    r"took|walks?|obtains?|"
    r"can|may resume|decides?|decided|begins?|starts?|started|launch\w*|lost|exercised|suspends?|pauses?|"
    r"discontinue[sd]?|hears?|notified|"
    r"has (?:been told|begun|started|stopped|decided|submitted|filed|completed|recruited|enrolled|withdrawn|randomi)|"
    r"closes?|enrol\w*|comments|responds|returns?|resubmit\w*|licensed|presents?|did not say|holds|won|wins|"
    r"issued|issues)\b"
)
PRODUCT_DOES = re.compile(
    r"^(?: \([^)]*\))?(?:, (?:from|by|made by|the|an?) [^,]{2,40})?,?\s+(?:first |now |also )?"
    r"(?:must(?: not)? be|to (?:leave|exit|vanish|disappear|go)|upgraded|clears|earns|nabs|bags|lands|snags|"
    r"scores|flunks|falters|"
    r"fizzles|bombs|tops|trumps|tanks)\b|"
    r"^(?: \([^)]*\))?(?:, (?:from|by|made by|the|an?) [^,]{2,40})?,?\s+(?:first |now |also )?"
    r"(?:(?:is|was|were|are|has been|have been|may be|may now be|can now be|will be|to be|"
    r"becomes?|became|now|also|no longer)\b"
    r"|approved|cleared|authori[sz]ed|licensed|recommended|rejected|refused|wins?|won|gets?|got|gains?|gained|"
    r"earns?|loses?|lost|moves?|"
    r"joins?|secures?|receives?|received|slows?|misse[sd]|missed|fails?|failed|meets?|met|beats?|falls?|fell|"
    r"hits?|reache[sd]|reaches|"
    r"succeeds?|delivers?|disappoints?|flops?|stumbles?|passes|picks? up|enters?|carries|removed|recalled|named|"
    r"turned|reduces?|reduced|"
    r"improves?|improved|shows?|showed|lands?|leaves?|scores?|backed|advances?|returns?|helps?|pulled|withdrawn|"
    r"allowed|in (?:short|Phase)|(?:batches|file|filing|label|licen[cs]e|shortage|recall|approval|tablets|"
    r"capsules|injection|lots)\b)"
)
BEFORE_PRODUCT = re.compile(
    r"(?:approv\w+|clear\w*|licen\w+|authori[sz]\w+|reject\w*|refus\w+|declin\w+|back(?:s|ed|ing)|endors\w+|for|"
    r"of|to|on|recommend\w*|drops?|"
    r"pull\w*|recall\w*|remov\w+|called|brand|as|sells?|give up|copy of|with|against|warning|withdr\w+|offer\w*|"
    r"lists?|cover\w*|"
    r"expands?|widen\w*|discontinu\w+|spurn\w*|turn\w* down|denied|denies|scraps|halts|stops|launch\w*|adds?|"
    r"through|treatment|therapy|"
    r"drug|pill|shot|antibody|medicine|injection|vaccine|tablet|inhaler|generic|biosimilar|revok\w+|suspend\w*|"
    r"and|or|whether|'s|’s|s['’])\s+$",
    re.I,
)
DRUG_FOLLOWS = re.compile(
    r"(?:[A-Z]\w+(?:'s|s')|\b(?:stud(?:y|ies)|trials?|application|filing|rights|approval|recall|licen[cs]e|NDA|"
    r"BLA|dosing|doses|developer|maker) "
    r"(?:of|for|to|on)|\b(?:file[sd]?|submit(?:s|ted)|approve[sd]|clear(?:s|ed)|reject(?:s|ed)|refuse[sd]|"
    r"drop(?:s|ped)|licen[cs]e[sd])) $"
)
"""What stands directly before a drug."""
ROLE_OUT = re.compile(
    r"(?:without|than|versus|vs\.?|(?:wins?|won|superior\w*|tested|compared|endpoints?|goals?) against|over|like|"
    r"unlike|such as|rival of|inferior to|beats?|to beat|beating|"
    r"failed to beat|superior to|added to|on top of|plus|background|"
    r"alongside|beside|replac\w+|from the makers? of|maker of|developer of|inferior to|combined with|"
    r"together with|compared with|spares?)\s+(?:the |an? )?$",
    re.I,
)
"""What stands before a drug that is not the one the item is about."""

GENE_OR_STUDY = re.compile(rf"[A-Z]{{2,6}}\d$|{STUDY_ID.pattern}")
COPIED = re.compile(
    r"\b(?:cop(?:y|ies)|biosimilars?|generics?|versions?|look-?alikes?) (?:of|to|for) (?:\S+'s )?$", re.I
)
"""What stands before the brand that a biosimilar or generic copies."""

NEAR_TRIAL = re.compile(
    r"\b(?:trial|study|studies|phase|arm|regimen|extension|endpoint|goal|platform|randomi[sz]ed|patients|dosed|"
    r"enrol)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Drug:
    """A drug named in an item. `unit` is the sentence it stands in (0: the title)."""

    written: str
    kind: str
    unit: int
    start: int
    therapy: str | None = None
    aside: bool = False


@lru_cache(maxsize=8192)
def is_substance(word: str) -> bool:
    """Whether a word reads like an international non-proprietary name."""
    low = word.lower()
    if low in SUBSTANCES:
        return True
    plain = low in NOT_SUBSTANCES or low in COMMON or low in COMPANIES or low in PLACES_AND_PEOPLE
    if plain or len(low) < 7 or ILLNESS.search(low) or not low.isalpha():
        return False
    return likeness(low) > (UNLIKE if STEM.match(low) else LIKE if len(low) > 7 else LIKE + 2)


def may_be_substance(word: str) -> bool:
    """Whether a word in the place of a drug may be one, though its spelling alone would not tell."""
    plain = word in NOT_SUBSTANCES or word in COMMON or word in COMPANIES or word in PLACES_AND_PEOPLE
    return (
        word.islower()
        and word.isalpha()
        and len(word) > 7
        and not plain
        and not ILLNESS.search(word)
        and likeness(word) > 0
    )


def likeness(word: str) -> float:
    """How much a word is spelt like a substance rather than like English: log odds by its letter trigrams."""
    framed = f"^{word}$"
    return sum(TRIGRAMS.get(framed[i : i + 3], 0.0) for i in range(len(framed) - 2))


def find_drugs(units: list[str], therapies: Therapies | None) -> list[Drug]:
    """All drugs named in the sentences of an item, in reading order; brands only where the grammar tells them."""
    whole = "\n".join(units)
    found: list[Drug] = []
    offsets = [0]
    for unit in units:
        offsets.append(offsets[-1] + len(unit) + 1)
    for mention in therapies.mentioned(whole) if therapies else ():
        number = max(i for i, offset in enumerate(offsets[:-1]) if offset <= mention.start)
        if therapies and not _is_acronym(mention.written, mention.therapy, therapies):
            found.append(_drug(mention.written, KNOWN, units, number, mention.start - offsets[number], mention.therapy))
    for number, unit in enumerate(units):
        found += _plain(unit, number, units)
    covered = [(d.unit, d.start, d.start + len(d.written)) for d in found]
    for number, unit in enumerate(units):
        found += [d for d in _brands(unit, number, units, found) if not _overlaps(d, covered)]
    return _once(sorted(found, key=lambda d: (d.unit, d.start, -len(d.written))))


def _is_acronym(written: str, therapy: str, therapies: Therapies) -> bool:
    return written in therapies.acronyms_of(therapy)


def _drug(written: str, kind: str, units: list[str], unit: int, start: int, therapy: str | None = None) -> Drug:
    text = units[unit]
    aside = ROLE_OUT.search(text[:start]) or re.match(
        r"(?:'s)? (?:rival|competitor|challenger|(?:older |younger |big |little )?(?:sister|brother|cousin|"
        r"sibling|predecessor|successor))\b(?! (?:trial|study))",
        text[start + len(written) :],
    )
    if kind in (BRAND, GUESS) and COPIED.search(text[:start]):
        aside = aside or COPIED.search(text[:start])
    return Drug(written, kind, unit, start, therapy, bool(aside))


def _plain(unit: str, number: int, units: list[str]) -> list[Drug]:
    found = []
    for match in CODE_NAME.finditer(unit):
        if not CODE_STOP.match(match[0]) and not STUDY_ID.match(match[0]) and not match[0].isalpha():
            found.append(_drug(match[0], CODE, units, number, match.start()))
    for pattern in (HYPHENED_CELLS, GENE_THERAPY, ACID, SALT):
        found += [_drug(m[0], SUBSTANCE, units, number, m.start()) for m in pattern.finditer(unit)]
    for match in WORD.finditer(unit):
        word = re.sub(r"['’]s$|['’]$", "", match[0])
        if "-" in word and not is_substance(word):
            word = next((part for part in word.split("-") if is_substance(part)), "")
        introduced = DRUG_FOLLOWS.search(unit[: match.start()]) and may_be_substance(word)
        spelt_only = word[:1].isupper() and word.lower() not in SUBSTANCES and not STEM.match(word)
        if spelt_only and word.isupper() and re.match(r" (?:trial|study|program)", unit[match.end() :]):
            continue
        if introduced or is_substance(word):
            second = SECOND_WORD.match(unit, match.start() + len(word))
            kind = BRAND if spelt_only else SUBSTANCE
            found.append(_drug(word + (second[0] if second else ""), kind, units, number, match.start()))
    return found


def _brands(unit: str, number: int, units: list[str], known: list[Drug]) -> list[Drug]:
    capitals = [m for m in WORD.finditer(unit) if len(m[0]) > 3]
    capitals = [
        m
        for m in capitals
        if m[0].lower().removesuffix("'s") not in COMPANIES and m[0].lower() not in PLACES_AND_PEOPLE
    ]
    headline = len(capitals) >= 4 and sum(m[0][0].isupper() for m in capitals) > 0.7 * len(capitals)
    found = []
    for match in WORD.finditer(unit):
        word = re.sub(r"['’]s?$", "", match[0])
        score = _brand_score(unit, match, word, headline, known, units[0]) if _may_be_brand(word) else 0
        if score >= 1:
            second = SECOND.match(unit, match.end() + 1) if unit[match.end() : match.end() + 1] == " " else None
            written = f"{word} {second[0]}" if second and second[0].lower() not in PLACES_AND_PEOPLE else word
            found.append(_drug(written, BRAND if score >= 2 else GUESS, units, number, match.start()))
    return found


def _may_be_brand(word: str) -> bool:
    low = word.lower()
    stems = {low, low.removesuffix("s"), low.split("-")[0]}
    plain = stems & COMMON or stems & PLACES_AND_PEOPLE or stems & COMPANIES
    name = word[0].isupper() and len(word) >= 4 and "-" not in word and not GENE_OR_STUDY.match(word)
    return name and not plain and not is_substance(word)


def _brand_score(unit: str, match: re.Match[str], word: str, headline: bool, known: list[Drug], title: str) -> int:
    before, after = unit[: match.start()], unit[match.end() :]
    initial = not before.strip() or before.rstrip().endswith((".", ":", "+", "?", "–"))
    score = 0 if headline or initial else 1
    if initial and unit == title and not known and len(word) > 5 and likeness(word.lower()) > STRANGE:
        score += 1  # the only name there is, and no English word
    if unit == title and any(drug.kind != BRAND for drug in known):
        score += 1  # the text names the substance: a strange name in the title is its brand
    bracket = re.match(r"\s*(?:®|™)?\s*[(,]\s*(?:[a-z][\w -]{4,})", after)
    if re.match(r"®|™", after) or (bracket and any(is_substance(w) for w in re.findall(r"\w+", after[:60]))):
        score += 3
    if re.search(r"\w{4,}[\w ]*\($", before) or re.search(
        r"(?:sold as|called|brand name|marketed as|known as|to be sold as) $", before
    ):
        score += 3
    if BEFORE_PRODUCT.search(before):
        score += 1
    if PRODUCT_DOES.match(after):
        score += 2
    if match[0].endswith(("'s", "’s")):
        score += (
            1
            if re.match(
                r"\s+(?:risks|benefits|label|licen[cs]e|approval|use|early|accelerated|conditional|authori|"
                r"clearance|review|EU|US)",
                after,
            )
            else -2
        )
    if COMPANY_SAYS.match(after) and not PRODUCT_DOES.match(after):
        score -= 3
    if (named := re.search(r"(?:^| )([\w-]+(?:'s)?) $", before)) and named[1].lower() in COMPANIES:
        score -= 3  # the second word of a company's name; not behind "Company: "
    if SUFFIX.match(after) or re.search(r"\b(?:Dr|Mr|Ms|Prof|Mount|Saint|Judge|Professor) $", before):
        score -= 4
    if re.match(r"[A-Z][a-z]+[A-Z]", word):
        score += 1  # NurOwn, TransCon: capitals inside a word are made for products
    if word.isupper() and any(drug.kind != BRAND for drug in known):
        score -= 2  # beside a substance or a code, a word in capitals is a trial
    if word.isupper() and not bracket and NEAR_TRIAL.search(unit):
        score -= 5
    if word.isupper() and len(word) >= 5 and re.search(r"\b(?:in|from|the|of|study|trial)\s$", before):
        score -= 2
    if re.match(r"[\w -]{0,12}\b(?:trial|study|studies|trials)\b", after) and word.isupper():
        score -= 4
    return score


def _overlaps(drug: Drug, covered: list[tuple[int, int, int]]) -> bool:
    end = drug.start + len(drug.written)
    return any(u == drug.unit and s < end and drug.start < e for u, s, e in covered)


def _once(drugs: list[Drug]) -> list[Drug]:
    kept: list[Drug] = []
    for drug in drugs:
        inside = any(k.unit == drug.unit and k.start <= drug.start < k.start + len(k.written) for k in kept)
        if not inside:
            kept.append(drug)
    return kept
