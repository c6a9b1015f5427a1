"""Numbers of trials in the registries, each in the one spelling by which a trial is known: records write those of other
registries as their sponsors typed them. A number within other words is none: it may be of another trial."""

import re
from collections.abc import Iterable

NCT = re.compile(r"NCT ?(\d{8})")
ISRCTN = re.compile(r"ISRCTN ?(\d{8})")
CTIS = re.compile(r"(20\d\d-5\d{5}-\d\d)(-\d\d)?")
EUDRACT = re.compile(r"((?:19|20)\d\d-\d{6}-\d\d)(?:-[A-Z]{2}|-3RD)?")
CALLED = re.compile(
    r"(?:EUDRA ?CT|EUCTR|EUCT|EU ?CT|EU ?CTR|CTIS|EU)(?: ?(?:NUMBER|NO\.?|NR\.?))?[:# ]*(?=(?:19|20)\d\d-)"
)
"""What stands before a European number: "EudraCT No: 2012-003632-23", "EUCTR2012-003632-23-CZ"."""
DASHES = str.maketrans("‐‑‒–—", "-----")
FIRST = "-00"
"""The end of a number that CTIS gives to a first submission; many leave it out."""


def registered(written: Iterable[str | None]) -> tuple[str, ...]:
    """The numbers of registries among these texts, in one spelling and sorted; other texts are left out."""
    return tuple(sorted({number for text in written if text and (number := spelt(text))}))


def spelt(text: str) -> str | None:
    """A number of a registry in its one spelling; None for a text that is none."""
    bare = " ".join(text.translate(DASHES).upper().split())
    if found := NCT.fullmatch(bare):
        return f"NCT{found[1]}"
    if found := ISRCTN.fullmatch(bare):
        return f"ISRCTN{found[1]}"
    bare = CALLED.sub("", bare, count=1)
    if found := CTIS.fullmatch(bare):
        return found[1] + (found[2] or FIRST)
    found = EUDRACT.fullmatch(bare)
    return found[1] if found else None
