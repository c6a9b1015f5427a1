"""What stands before, behind and between the names of drugs, and says whose they are: patterns alone."""

import re

from monitor.reading.prose.drugs import BRAND, CODE, KNOWN, LOOSE, SUBSTANCE

DOSE = r"\d[\d.,]* ?(?:mg|mcg|µg|g|ml|IU|%)(?:/\w+)?"
SALTS = (
    "hydrochloride|hydrobromide|sodium|potassium|calcium|acetate|citrate|tartrate|mesylate|maleate|phosphate|"
    "sulfate|sulphate|succinate|besylate|tosylate"
)
FORM = (
    r"(?:auto-?injector|pen|inj\.?|injection|tablets?|capsules?|nasal spray|cream|foam|solution|suspension|gel|"
    r"ointment|syrup|powder)"
)
OTHER_NAME = re.compile(
    rf"(?:\.\d)?(?:®|™|\(TM\)|\(R\))?(?: (?:{SALTS}))?(?i: {DOSE}(?:(?:,| and|,? or| ?/) ?{DOSE})*)?"
    rf"(?i: (?:[a-z-]+ ){{0,3}}?{FORM}(?: for [a-z]+)?(?: {DOSE})?)?"
    r"[\"”]?,? ?(?:\(|\[|(?:,| [-–—]) ?(?:also |formerly |previously )?(?:known|called|sold|marketed|branded) as |"
    r"(?:known|sold|marketed) as |(?:product |drug |medicine |,)called |, to be called |,? (?:formerly|previously) |"
    r",?[\"”]? also called |, brand name |\(brand name )[\"“]?(?:[^()]{0,18}|[^()]{0,16}\([A-Z]{1,4}\) )"
)
"""What stands between two names of one drug."""
OWNED = re.compile(r"(?:['’]s|s['’]) (?:\w+ ){0,2}$")
"""What stands before the drug of a maker."""
TRIAL = re.compile(r"(?:-\d+)?(?: [\w/-]+){0,3}? (?:clinical )?(?:trial|study|program(?:me)?)\b")
"""What stands behind a name that is perhaps a trial's."""
CALLED = re.compile(
    r"\b(?:called|named|known as|dubbed|branded|marketed as|sold as|will be|candidate|,) [\"'“]?$", re.I
)
"""What stands before the name of what was only described so far."""
WITH_OTHERS = re.compile(
    r"(?:(?:,| and| with| plus|/| ?\+) ?(?:and )?[a-z]{5,}){2,3}[®™]? \(|"
    rf"(?: with |/| ?\+ ?| and {DOSE} )[a-z]{{5,}}(?: (?:{SALTS}))?(?: (?:{FORM}))?(?: \(| - branded as )"
)
"""What stands between the first substance of several and the brand of all."""
COPY_OF = re.compile(r" (?:biosimilar|copy biological)(?: candidate| medicine| product)?,? \(?|'s? product, ")
"""What stands between a substance and the name of its copy."""
A_COPY = re.compile(r",? (?:an? |as )(?:\w+ )?biosimilar(?: candidate)? (?:of |to )?|, an? ")
"""What stands between the name of a product and the substance that it copies or is."""
ADJACENT = re.compile(r"(?:®|™|\(R\))?(?: brand(?: of)?)? ")
"""What stands between a brand and the substance it is told by, or the other way round."""
FORM_OF = re.compile(
    r" (?:[a-z]+ )?(?:solution|formulation|injection|candidate|suspension|cream|gel|spray|product|conjugate) "
    r"(?:called )?"
)
"""What stands between a substance and the code under which one of its forms is developed."""
ANY = (KNOWN, CODE, *LOOSE, SUBSTANCE)
BESIDE: tuple[tuple[tuple[str, ...], tuple[str, ...], re.Pattern[str]], ...] = (
    (ANY, ANY, OTHER_NAME),
    ((SUBSTANCE,), (KNOWN, *LOOSE), WITH_OTHERS),
    ((SUBSTANCE,), (CODE,), FORM_OF),
    ((SUBSTANCE,), (CODE, KNOWN, *LOOSE), COPY_OF),
    ((CODE, *LOOSE), (SUBSTANCE,), A_COPY),
    ((SUBSTANCE,), (BRAND,), ADJACENT),
    ((BRAND,), (SUBSTANCE,), ADJACENT),
    ((CODE, BRAND), (SUBSTANCE,), re.compile(" or ")),
)
"""The kinds of two names of one drug, the left and the right, and what stands between them."""
A_DRUG = re.compile(
    r"\b(?:drug|pill|medicine|medication|therapy|treatment|vaccine|shot|jab|injection|antibody|inhibitor|agonist|combo|"
    r"antagonist|blocker|candidate|ADC|biosimilar|conjugate|engager|degrader|bispecific|"
    r"tablets?|capsules?|agent|spray) (?:\w+ )?[\"'“]?$",
    re.I,
)
"""What stands before the name of a drug, and says that it is one."""
OF = re.compile(r"\b(?:of|for|to|on|with|evaluating|drops?|approves?|evaluates?|develop|acquires?) (?:[a-z]+ )?$")
"""What stands before the drug that a title is about."""
JOINED = re.compile(r",? and (?:\w+(?: \w+)?'s )?")
"""What stands between two drugs of one act."""
COMMA = re.compile(r"[®™]?, (?:\w+(?: \w+)?['’]s )?")
"""What stands between those of several that come before."""
BEHIND = re.compile(r"[®™]?(?: ?[(\[]|/| (?:and|or|plus|with) )")
"""What stands between an aside and the name that shares its role."""
