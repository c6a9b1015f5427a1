"""Which drugs a text names: those of the pack, codes by their form, substances by spelling, brands by grammar."""

import re
from bisect import bisect_right
from collections.abc import Iterator

from monitor.reading.prose.brands import find_brands
from monitor.reading.prose.drugs import (
    BRAND,
    CODE,
    GUESS,
    KNOWN,
    SUBSTANCE,
    Drug,
    Span,
    drug_of,
    drugs_apart,
    of_families,
    only_guessed,
    overlaps,
    without_overlaps,
)
from monitor.reading.prose.spelling import is_english, spelling_of, spelt_drugs
from monitor.vocabulary.drug_words import COMMON, COMPANIES, INSULINS, NOT_CODE_ENDS, NOT_CODES, PLACES_AND_PEOPLE
from monitor.vocabulary.field_words import NO_FIELD, FieldWords
from monitor.vocabulary.therapies import STUDY_ID, Therapies

CODE_NAME = re.compile(
    rf"(?<![\w/#])(?<![^\s(]-)(?!(?:{NOT_CODES})[- ]?\d)"
    r"(?:[A-Z]{2,5}(?:-\d{1,3}){2}|"  # before the codes of two parts, which are half of it
    r"[A-Z][A-Za-z]{0,5}[-‐‑ ]?\d{3,7}[A-Za-z]{0,2}\d?(?:-[A-Z]{1,3})?|[A-Z]{2,5}[-‐‑]\d{2,6}[A-Za-z]?|"
    r"[A-Z]{2,5}\d{2}|[a-z]{2,3}\d{4}|\d[A-Z]{2}\d{3,4}|"
    r"(?<=['’]s )[A-Z][A-Za-z]{1,2}\d{1,2}|(?<=candidate )[A-Z]{2,3}\d{1,2}|"
    r"[A-Z]{3}-[A-Z][a-z]\d|"
    r"[A-Z]{2,5}-[A-Z]\d{2,5}[A-Z]?|[A-Z]{3,6}-[A-Z0-9]{2,8}-[A-Z][A-Za-z]+|[A-Z]{2,5}-[a-z][A-Z]{2,3}|"
    r"(?:AAV|rAAV|[A-Z]{2,4})-[A-Z][A-Za-z0-9]{2,8}-(?:[A-Z]{2,4}|\d{2,3})|[A-Z]{3} \d{1,2}-\d{4}|"
    r"[A-Z]{2,4}-(?![A-Z]+s\b)(?=\w*[a-z])(?=\w*\d|\w*[A-Z]{2})[A-Za-z][A-Za-z0-9]{3,9}|"
    r"[A-Z]{2,4}-[A-Z]{2,6}\d*[A-Z]?|"
    r"[A-Z]{2,4}\d{2,5}[a-z]\d|m?RNA-\d{3,5})(?:\.\d{2,3}\b)?(?![\w])"
)
CODE_STOP = re.compile(
    rf"^(?:[A-Z]{{2,}}-(?:{NOT_CODE_ENDS})|[A-Z][a-z]+ ?(?:19|20)\d\d|MRI-\w+|"
    r"CAR-T|AAV-\w+|(?:[BKN]RAS?F?|EGFR)[A-Z]\d{2,3}[A-Z]|(?:DPP|MHC)-I[IV]?|"
    r"[A-Z]+[a-z]{2,} (?:19|20)\d\d|Rs \d+(?:\.\d+)?|"
    r"NON-W|NOD-W|NOC-C|G-BA|E-\w+|X-\w+|K-\w+|RNA-\w+|DNA-\w+|OTC-\w+|TRAIL\w+|[A-Z][a-z]* \d+|[A-Z]{4,}-\d{1,2}|"
    r"(?:USD|EUR|GBP|CHF|JPY|CNY|RMB|CAD|AUD|INR|SEK|DKK|NOK|HKD) \d+\w*|"
    r"[A-Z][a-z]+ \d+[a-z]{1,2}|[A-Z]\d{2,4}[A-Z]|[A-Z]{2,6} 20[1-4]\d|"
    r"(?:\w{5,}|[A-Z][a-z]+)-0\d|[A-Z]{4,5} \d+|[IVX]+-[IVX]+)$"
)
"""Of these none is a medicine: bodies, towns, strengths behind a form, mutations (K212R), meetings with their year."""
CODE_BEFORE = re.compile(
    r"(?:\b(?:[Nn]umbers?|[Nn]o|[Nn]os)\.?:? ?|\b[Ff]orm |[( ](?:[Bb]atch(?:es)?|[Ll]ots?):? |"
    r"\b(?:trials?|study|studies) (?:is |was )?(?:called|named|dubbed|known as|designated) (?:the )?[\"“'‘]?)$"
)
"""What stands before the number of a register or batch, or the name of a trial."""
CODE_AFTER = re.compile(
    r"\.[A-Z]{1,2}\b|,? [-+−]\d+(?:\.\d+)?%|"
    r"(?:[ /-][A-Z]{2,8}){0,2} (?:[A-Z]\w+ ){0,2}(?:[Cc]onference|[Ss]ymposi|[Cc]ongress|Meeting)"
)
"""What stands behind the short name of a share or of a meeting."""
SHORT_CODE = re.compile(r"[A-Z]{2,5}\d{1,2}$|[A-Z]{2,}\d?-[A-Z]{2,}\d?$")
ACTS_ON = re.compile(
    r"(?:®|™)?[ -](?:(?:dual|selective|targeted|T-cell) )?(?:degrader|bispecific|inhibitor|(?:ant)?agonist|activator|"
    r"modulator|antibod|blocker|receptor|mutat|mutant|engager|platform|technology|(?:dual-)?masked)",
    re.I,
)
"""A code that may be that on which a medicine acts, and what stands behind it."""
STUDY_NUMBER = re.compile(r"(?:[A-Z]|[A-Z]{2,4}-[A-Z]{2,4}-)\d{3}$")
IS_STUDY = re.compile(r"(?: [\w/-]+){0,5}? (?:clinical |Clinical )?(?:[Tt]rial|[Ss]tudy)\b")
"""The number of a study, and what stands behind it."""
DATELINE = re.compile(r"(?:, [A-Z][\w. ]+)?,? (?:\([^)]*\)|[A-Z][a-z]{2,8}\.? \d{1,2}\b|[-‐‑–—/]{1,2} )")
"""What stands behind a town in capitals at the beginning of a sentence: its country, a wire, the day, a dash."""
NUMBERED = re.compile(r"([A-Z][A-Za-z]*)[-‐‑ ]?\d")
VARIANT = re.compile(r"([A-Z]{2,}\d*)-([A-Z]+)$")
"""What may be a disease of the field with a number; a gene with the disease it causes (HTT-HD)."""
TRIAL_NAME = re.compile(r"(?=(?:[^AEIOU]*[AEIOU]){2})[A-Z]{4,}(?=[-‐‑ ]?\d)|[A-Z]{3,4}-[A-Z]{2,4}$")
TRIAL_AFTER = re.compile(r" (?-i:[A-Z]{4,}|I{2,3})\b|(?:-\d+)?(?: [\w/-]+){0,3}? (?:clinical )?(?:trial|study)\b", re.I)
"""A code that can be spoken, and what stands behind it where it names a trial: TACTI-003 Phase 2 Trial."""
IN_TRIAL = re.compile(r"\b(?:trials?|study|studies) \((?:the )?$", re.I)
"""What stands before the code of a trial: a phase 3 study (ZOE-70)."""
ACID = re.compile(r"\b(?!amino|nucleic|fatty|hyaluronic|lactic|uric|ribonucleic|stomach)\w{4,}ic acid\b", re.I)
SALT = re.compile(
    r"\b(?:(?:sodium|potassium|calcium|magnesium) (?:oxybate|phenylbutyrate|thiosulfate|chloride|gluconate|sulfate)|"
    rf"insulin (?:{INSULINS})|sodium bicarbonate|strontium ranelate|"
    rf"(?:bacteriostatic|sterile) water(?: for injection)?|"
    r"(?!the\b|of\b|and\b)[a-z]{6,} (?:fumarate|oxybate|phenylbutyrate|carbonate|citrate|succinate|malate|acetate))\b",
    re.I,
)
DESCRIBED_AS = re.compile(
    r"(?<![\w-])(?!(?:new|first|its|the|an?|this|that|their|our|experimental|cancer|candidate|other|only|any|each|second|third|next|"
    r"next-generation|more|better|and|of|for|or|to|from|by|on|in|with|against|investigational|FDA-approved|key|that|own|"
    r"mandatory|childhood|live|free|effective|potential|promising|personali[sz]ed|approves?|approved|clears?|FDA|EMA|starts?|"
    r"begins?|tests?|specialty|\d-shot|two-shot) )"
    r"(?:(?:skin|lung|prostate|cervical|breast|bladder|kidney|pancreatic|brain|ovarian|bowel) cancer |"
    r"meningitis [A-Z] |mRNA cancer |(?:mRNA |Covid-19 |flu )?(?!cancer )[\w-]{3,} )(?:vaccines?|jab)\b"
    r"(?! (?:advis|panel|committee|submits|announces|said|says|Co\b|Inc\b|Ltd\b|Limited))|"
    r"\b(?:flu|ebola|covid(?:-19)?|RSV|HIV|HPV|malaria|dengue|mpox|measles|cholera|shingles|norovirus|polio|Lyme) "
    r"(?:shots?|boosters?)\b",
    re.I,
)
"""A vaccine that is called by what it is against."""
BY_LETTER = re.compile(r"\b(?:[Vv]itamin (?:[A-EK]\d{0,2})|Plan B)\b(?![-’]|'\w)")
CLASS = re.compile(
    r"\b(?:(?:prescription|prolonged-release|corticosteroid|birth control|morning-after|weight[- ]loss) )?"
    r"(?:(?<=steroid )injections|statins?|opioids|painkillers|fluoroquinolones|antidepressants|"
    r"antipsychotics|(?<=control )pills|"
    r"(?<=after )pills|(?<=loss )drugs)\b|"
    r"\b(?:contraceptive pills?|ADHD drugs|topical steroids|eye ?drops|polypill|stem[- ]cell (?:therapy|treatment)|"
    r"GLP-1(?: (?:receptor )?agonists|s\b| (?:weight[- ]loss )?(?:drugs|medicines|medications))|"
    r"blood thinners|sleeping pills|morning-after['’]? pill|hormone[- ]replacement therapy|artificial tears|"
    r"(?:short|long)-acting beta-agonists|"
    r"monoclonal antibod(?:ies|y (?:treatments|drugs|therap(?:y|ies)))|covid(?:-19)? antibody drugs|"
    r"turmeric|corticosteroids|"
    r"nicotine (?:replacement|patch(?:es)?|gum|lozenges)|(?-i:HRT|NSAIDs|SSRIs|SERMs|ARBs|DOACs|ESAs|PPIs)|"
    r"(?-i:CAR[-‑]T)(?:[ -]cells?)?(?: (?:immuno)?therap(?:y|ies)| treatments?| products?)?|"
    r"CAR T[ -]cell (?:immuno)?therap(?:y|ies)|direct-acting antivirals|"
    r"(?-i:[A-Z][A-Z0-9]{2,5}(?:-\d)?) (?:inhibitors|blockers)|"
    r"opioid (?:analgesics|pain (?:medications|medicines|relievers|killers))|"
    r"\w{3,20}(?:emia|philia|trophy|pathy|oma|itis)(?: [A-E])? gene therapy(?: candidate)?)\b",
    re.I,
)
"""A class of medicines."""
HYPHENED = re.compile(
    r"\b(?:(?:[a-z]{2,5}-?)?[A-Za-z][a-z]{1,5}-(?:[Cc]el|bren|dxd|vec)|[A-Z][a-z]{2,5}-[A-Z]|[A-Z][a-z]{1,3}[A-Z][a-z]{1,4}-[A-Z]|"
    r"[A-Z]-(?:VEC|D[MX][d\d])|(?:[A-Z][a-z]{2,4}|[A-Z]{3,5}\d?)-DXd|"
    r"(?!anti|non|pan|post|pre|pro|intra|inter|multi|semi|trans|ultra|auto|beta|alpha|gamma|mid|peer|early|late|phase|type)"
    r"[a-z]{3,5}-[A-Z]{3,4})(?![\w-])(?! (?:clinical )?(?:trial|study|studies|programme?)\b)"
)
"""Short names of cells, viruses and antibodies: reni-cel, Orca-T, sac-TMT."""
FORMED = re.compile(
    r"(?<![\w-])(?!\w+-(?:Free|Based|Like|Dose|Only|Type|Use|Day|Term|Line)\b)([A-Z][a-z]{3,9}-[A-Z](?:[a-z]{2,4})?)"
    r"(?=(?:®|™)? (?:[A-Z][a-z]+ ){0,2}"
    r"(?:(?i:syrup|tablets?|capsules?|cream|gel|injection|solution|ointment|drops|suspension)|"
    r"\d+ ?m[gl])\b)"
)
"""A product with a hyphen before its form: "Zolbex-S Syrup"."""
LINE = re.compile(
    r"([A-Z][\w-]{2,}|[A-Z]{2,}[\w -]*\d[\w-]*)(?: \([^()]{3,60}\))?, [A-Z][^,;:()]{1,40}?(?: |, )"
    r"(?:Inc|Ltd|plc|PLC|Corp|AG|SA|NV|AB|A/S|LLC|GmbH|Co|Limited|Pharmaceuticals|Therapeutics)\b\.?,"
    r" (?!(?:said|says|announce\w*|and|the|an?|to|has|of|Inc|Ltd)\b)\S"
)
"""A title that is a line of a table: the medicine, its firm, the illness."""
COPY = re.compile(r"\b[A-Z]\w{3,}(?: (?:biosimilar|copycat|generic))+s?\b(?! (?:drug|medicine)s?\b)")
"""A copy that has no name of its own, by the brand that it copies."""
PLACED = re.compile(
    r"(?:\b(?:INDs?|NDA|BLA|MAA|CTA|(?i:application|submission|rights|clearance|authori[sz]ation)) "
    r"(?:(?i:application) )?(?:for|to) |\b(?i:trial|study|development|dosing|efficacy|safety|programme|program) of |"
    r"\b(?i:evaluating|evaluates|testing|investigating|(?:dosed|treated|treatment) with|candidate,?|called|known as|"
    r"named|dubbed|investigational|experimental|oral|intravenous|subcutaneous|drug,?|treatment|medicine|therapy|vaccine|antibody|compound|"
    r"inhibitor|agonist|engager|degrader) |\b(?i:candidate for) [^,.;()]{3,40}, |['’]s |\d ?mg |"
    r"\b(?:FDA|[Ll]etter|[Cc]learance|[Dd]esignation) for )"
    rf"(?!(?:{NOT_CODES})[-‐‑ ]?\d{{1,2}}\b)"
    r"([A-Z][A-Za-z]{1,3}[-‐‑][a-z]?\d{1,6}[A-Za-z]?|[A-Z]{2,5}\d{3,6}[A-Za-z]?|[A-Z]{5,8}\d[A-Z]?|"
    r"(?!USD|EUR|GBP|CHF|JPY|CNY|RMB|CAD|AUD|INR|SEK|DKK|NOK|HKD|TOP|FTSE|CAC|PHASE)"
    r"[A-Z]{2,5} (?!20[1-4]\d\b)\d{3,6}|"
    r"(?<=vaccine )[A-Z]{3,5}-[A-Z]\d|(?<=mg )(?!BID|TID|QID|QDS|TDS|PRN|USP|BPC?|AND|FOR|ONCE|WITH)[A-Z]{3,4}\b|"
    r"(?!\w+-(?:Based|Free|Like|Only|Led)\b)[A-Z]{2,4}-[A-Z][a-z]{2,4}|"
    r"(?<=[a-z], )[A-Z]{3,4}\d{1,2}(?=,)|[A-Z]{2,4}\d{1,2}(?= (?:Biologics Licen|New Drug|BLA\b|NDA\b|IND\b))|"
    r"[A-Z]{2}[A-Za-z]{2,5}[-‐‑][A-Z]|[A-Z][a-z]{2,4}-[A-Z]-[A-Z][a-z]{2,4}|"
    r"(?<=(?:ND|BL)A for )[A-Z]{3,4}(?= (?i:accepted|filed|submit|granted|approved|under)|[,.;:]|$))"
    r"(?![\w-]|\.\d)(?! (?:inhibitor|antagonist|agonist|antibod|block|vaccin|positive|negative|mutat|variant|infect|"
    r"patient|cells?\b|receptor|expressing|target|ADCs?\b|CAR|bispecific|trial|study|program|disease|gene\b|level|signal))"
)
"""What stands where a medicine stands, by its form a name that somebody made: "IND for MRX-5", "its DCVax-L for"."""
UNSPOKEN = re.compile(r"(?![A-Z]*[AEIOU][A-Z]*[AEIOU])[A-Z]{4}-\d{1,2}$|[A-Z]{2,5} \d{3,6}$")
"""Codes that only their place tells from the name of a trial or an index."""
RADIOACTIVE = re.compile(r"(?<![\w-])\d{2,3}(?:Ac|Cu|F|Ga|I|In|Lu|Pb|Tb|Tc|Y|Zr)-[A-Z][A-Za-z]{2,9}(?:-?\d+)?\b")
"""A name behind the nuclide with which it is labelled: 68Ga-ZolFAP."""
GENE_THERAPY = re.compile(r"\b\w{4,}gene (?:\w+(?:vec|cel|rev))\b", re.I)


def find_drugs(units: list[str], therapies: Therapies | None) -> list[Drug]:
    """All drugs named in the sentences of an item, in reading order; brands only where the grammar tells them."""
    field = therapies.field_words if therapies else NO_FIELD
    coded: list[Span] = []
    for number, unit in enumerate(units):
        coded += [*_codes(unit, number, field), *_patterned(unit, number, field)]
    coded += _of_line(units[0])
    spans = [*(_of_pack(units, therapies) if therapies else ()), *coded, *spelt_drugs(units, field)]
    spelling = spelling_of(units, field)
    named = drugs_apart(spans, units, ())
    drugs = without_overlaps(find_brands(units, named, spelling, field))
    if only_guessed(drugs):
        meant = [drug for drug in drugs if not drug.aside]
        drugs = without_overlaps([*drugs, *(one for one in _described(units) if not overlaps(one, meant))])
    return of_families(drugs)


def _of_line(title: str) -> Iterator[Span]:
    """The medicine with which a title begins that is a line of a table."""
    line = LINE.match(title)
    if line and line[1].lower() not in COMMON | PLACES_AND_PEOPLE | COMPANIES:
        yield line[1], CODE if re.search(r"\d|-|[A-Z]{3}", line[1]) else BRAND, 0, 0, None


def _described(units: list[str]) -> Iterator[Drug]:
    """What is called by the illness it is against, its class or what it copies, where nothing has a name."""
    for number, unit in enumerate(units[:3]):
        for pattern in (DESCRIBED_AS, CLASS, COPY):
            for match in pattern.finditer(unit):
                yield drug_of((match[0], GUESS, number, match.start(), None), units)


def _of_pack(units: list[str], therapies: Therapies) -> list[Span]:
    starts = [0]
    for unit in units:
        starts.append(starts[-1] + len(unit) + 1)
    spans: list[Span] = []
    for mention in therapies.named("\n".join(units)):
        number = bisect_right(starts, mention.start, hi=len(units)) - 1
        spans.append((mention.written, KNOWN, number, mention.start - starts[number], mention.therapy))
    return spans


def _codes(unit: str, number: int, field: FieldWords) -> Iterator[Span]:
    for match in CODE_NAME.finditer(unit):
        code = match[0]
        if TRIAL_NAME.match(code) and TRIAL_AFTER.match(unit, match.end()):
            continue
        if IN_TRIAL.search(unit[: match.start()]) and unit[match.end() : match.end() + 1] == ")":
            continue
        if _is_no_medicine(code, unit, match):
            continue
        if CODE_STOP.match(code) or STUDY_ID.match(code) or code.isalpha() or _of_field(code, field):
            continue
        if code.lower() in PLACES_AND_PEOPLE or (_is_town(code, match) and DATELINE.match(unit, match.end())):
            continue
        yield code, CODE, number, match.start(), None


def _is_no_medicine(code: str, unit: str, match: re.Match[str]) -> bool:
    """Whether what stands around a code says that it is a number, a share, a meeting, a trial or a target."""
    if CODE_BEFORE.search(unit, max(0, match.start() - 40), match.start()) or CODE_AFTER.match(unit, match.end()):
        return True
    if STUDY_NUMBER.match(code) and IS_STUDY.match(unit, match.end()):
        return True
    if code.replace("-", "").isalpha() and any(len(part) > 3 and is_english(part.lower()) for part in code.split("-")):
        return True
    return SHORT_CODE.match(code) is not None and ACTS_ON.match(unit, match.end()) is not None


def _is_town(code: str, match: re.Match[str]) -> bool:
    """Whether a sentence begins with a name without figures."""
    return match.start() == 0 and not any(map(str.isdigit, code))


def _of_field(code: str, field: FieldWords) -> bool:
    """Whether a code is a disease word of the pack with a number, or a gene with the disease behind it."""
    if variant := VARIANT.match(code):
        return variant[1].lower() in PLACES_AND_PEOPLE or variant[2].lower() in field.plain
    numbered = NUMBERED.match(code)
    return numbered is not None and numbered[1].lower() in field.plain


def _patterned(unit: str, number: int, field: FieldWords) -> Iterator[Span]:
    for pattern in (BY_LETTER, HYPHENED, RADIOACTIVE, GENE_THERAPY, ACID, SALT):
        for match in pattern.finditer(unit):
            if match[0].lower() not in PLACES_AND_PEOPLE:
                yield match[0], SUBSTANCE, number, match.start(), None
    for match in FORMED.finditer(unit):
        yield match[1], BRAND, number, match.start(), None
    for match in PLACED.finditer(unit):
        if not (
            (CODE_STOP.match(match[1]) and not UNSPOKEN.match(match[1]))
            or STUDY_ID.match(match[1])
            or match[1].lower() in PLACES_AND_PEOPLE
            or _of_field(match[1], field)
        ):
            yield match[1], CODE, number, match.start(1), None
