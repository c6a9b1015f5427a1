"""What the fields of a register say, in words. A quote of a register is the name of a field and its value as it stands:

    status: RECRUITING -> TERMINATED; why stopped: Lack of risk-benefit data
    NDA123456 ORIG-1 : AP 20230425

A reader who did not ask for technical words gets the name and the value in words; the quote itself is kept as it is.
"""

import re
from collections.abc import Iterator

from monitor.vocabulary.dates import short

NAMES = {
    "status": "status", "why stopped": "why stopped", "verified_on": "last verified", "start": "start",
    "completion": "completion", "primary_completion": "primary completion", "results_posted": "results posted",
    "results first posted": "results first posted", "marketing status": "marketing status", "indication": "indication",
    "dosage_and_administration": "dosage and administration", "indications_and_usage": "indications and usage",
    "precautions": "precautions", "warnings": "warnings", "warnings_and_cautions": "warnings and precautions",
    "contraindications": "contraindications", "boxed_warning": "boxed warning",
    "recruitment": "recruitment", "results submitted": "results submitted",
}  # fmt: skip
"""Fields that are quoted, and how they are called."""

VALUES = {
    "ACTIVE_NOT_RECRUITING": "active, not recruiting",
    "ENROLLING_BY_INVITATION": "enrolling by invitation",
    "APPROVED_FOR_MARKETING": "approved for marketing",
    "NO_LONGER_AVAILABLE": "no longer available",
}
HOW = {"ESTIMATED": "expected", "ACTUAL": "actual"}
FDA = {"AP": "approved", "TA": "tentatively approved", "WD": "withdrawn", "CR": "complete response"}
KINDS = {"ORIG": "original application", "SUPPL": "supplement"}

PART = re.compile(r"; (?=[a-z][a-z_ ]{1,30}: )")
FIELD = re.compile(r"(?P<name>[a-z][a-z_ ]{1,30}): (?P<value>.+)", re.S)
OF_RECORD = re.compile(r"(?P<record>[A-Z]{2,}[A-Z0-9/.-]*\d[A-Z0-9/.-]*) (?P<rest>[a-z].*)", re.S)
SUBMISSION = re.compile(
    r"(?P<record>[A-Z]{3,4}\d+) (?P<kind>ORIG|SUPPL)-(?P<number>\d+)(?: [A-Z]*)?: (?P<code>[A-Z]{2}) ?"
    r"(?P<day>\d{8}|\d{4}-\d{2}-\d{2})?"
)
DAY = re.compile(r"\d{4}(?:-\d{2}){0,2}")
ENUMERATED = re.compile(r"[A-Z]+(?:_[A-Z]+)*")


def field_in_words(quote: str) -> str | None:
    """The quote of a register's fields in words; None for any other quote."""
    if found := SUBMISSION.fullmatch(quote):
        return _submission(found)
    record = OF_RECORD.fullmatch(quote)
    parts = [FIELD.fullmatch(part) for part in PART.split(record["rest"] if record else quote)]
    if not all(part and _is_known(part["name"]) for part in parts):
        return None
    said = ", ".join(_fields([(part["name"], part["value"]) for part in parts if part]))
    return f"{record['record']}: {said}" if record else said


def _submission(found: re.Match[str]) -> str | None:
    if found["code"] not in FDA:
        return None
    day = (found["day"] or "").replace("-", "")
    on = f", {_day(f'{day[:4]}-{day[4:6]}-{day[6:]}')}" if day else ""
    return f"{found['record']}, {KINDS[found['kind']]} {found['number']}: {FDA[found['code']]}{on}"


def _is_known(name: str) -> bool:
    return name in NAMES or name.removesuffix("_type") in NAMES


def _fields(pairs: list[tuple[str, str]]) -> Iterator[str]:
    given = dict(pairs)
    for name, value in pairs:
        if name not in NAMES:
            continue  # how sure a date is stands beside it
        how = HOW.get(given.get(f"{name}_type", ""))
        before, arrow, after = value.partition(" -> ")
        label = NAMES[name]
        if arrow:
            yield f"{label} changed from “{value_in_words(before)}” to “{value_in_words(after)}”"
        else:
            yield f"{label} “{value_in_words(value)}”" + (f" ({how})" if how else "")


def value_in_words(value: str) -> str:
    """A value in words: a day, a word of a list, or the register's own words."""
    if DAY.fullmatch(value):
        return _day(value)
    if ENUMERATED.fullmatch(value) and len(value) > 3:
        return VALUES.get(value) or value.replace("_", " ").lower()
    return value.strip()


def _day(text: str) -> str:
    try:
        return short(text)
    except ValueError:  # a register may write any number there
        return text
