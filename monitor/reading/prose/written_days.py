"""Days as pages write them in full: `6 October 2025`, `Oct. 6, 2025`, `06.10.2025`, `2025-10-06`. Pure."""

import re
from datetime import date

from monitor.reading.prose.tense import ISO_DAY
from monitor.vocabulary.dates import ANY_MONTH, SHORT_MONTHS

SHORT = "|".join(rf"{month}{'t?' if month == 'Sep' else ''}\b\.?" for month in SHORT_MONTHS if month != "May")
MONTH = rf"(?:{ANY_MONTH}|{SHORT})"
LONG_DAY = re.compile(
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {MONTH},?|{MONTH} \d{{1,2}}(?:st|nd|rd|th)?,?) (?:19|20)\d\d\b"
)
DOTTED = re.compile(r"\b\d{1,2}\. ?\d{1,2}\. ?(?:19|20)\d\d\b")
"""Day, month and year with dots: nowhere is the month first."""
DIGITS = re.compile(r"\d+")


def written_day(text: str) -> str | None:
    """The first day that a text writes in full, as an ISO date."""
    found = [match for form in (ISO_DAY, DOTTED, LONG_DAY) if (match := form.search(text))]
    if not found:
        return None
    match = min(found, key=lambda match: match.start())
    try:
        return _date(match).isoformat()
    except ValueError:
        return None


def _date(match: re.Match[str]) -> date:
    numbers = [int(digits) for digits in DIGITS.findall(match[0])]
    if match.re is ISO_DAY:
        return date(*numbers)
    if match.re is DOTTED:
        return date(*reversed(numbers))
    month = next(n for n, name in enumerate(SHORT_MONTHS, 1) if re.search(rf"\b{name}", match[0]))
    return date(numbers[1], month, numbers[0])
