"""What stands before, behind and between the names of drugs, and says whose they are: patterns alone."""

import re

DOSE = r"\d[\d.,]* ?(?:mg|mcg|µg|g|ml|IU|%)(?:/\w+)?"
OTHER_NAME = re.compile(
    rf"(?:®|™|\(TM\)|\(R\))?(?i: {DOSE}(?:(?:,| and|,? or| ?/) ?{DOSE})*)?"
    r"(?i: (?:[\w-]+[- ]coated |oral |ophthalmic |topical )?(?:auto-?injector|pen|injection|tablets?|capsules?|"
    rf"nasal spray|cream|foam|solution|suspension|gel|ointment)(?: {DOSE})?)?"
    r",? ?(?:\(|\[|, ?(?:also |formerly |previously )?(?:known|called|sold|marketed) as |"
    r"(?:known|sold|marketed) as |(?:product |drug |medicine |,)called |, to be called |, (?:formerly|previously) |"
    r", brand name )(?:[^()]{0,12}|[^()]{0,16}\([A-Z]{1,4}\) )"
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
A_DRUG = re.compile(
    r"\b(?:drug|pill|medicine|medication|therapy|treatment|vaccine|shot|jab|injection|antibody|inhibitor|agonist|combo|"
    r"antagonist|blocker|candidate|ADC|biosimilar|conjugate|tablets?|capsules?|agent|spray) (?:\w+ )?[\"'“]?$",
    re.I,
)
"""What stands before the name of a drug, and says that it is one."""
OF = re.compile(r"\b(?:of|for|to|on|with|evaluating|drops?|approves?|evaluates?|develop|acquires?) (?:[a-z]+ )?$")
"""What stands before the drug that a title is about."""
JOINED = re.compile(r",? and (?:\w+(?: \w+)?'s )?")
"""What stands between two drugs of one act."""
BEHIND = re.compile(r"[®™]?(?: ?[(\[]|/| (?:and|or|plus|with) )")
"""What stands between an aside and the name that shares its role."""
