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
    return next(iter(written_days(text)), None)


def written_days(text: str) -> list[str]:
    """The days that a text writes in full, as ISO dates, in its order."""
    found = [match for form in (ISO_DAY, DOTTED, LONG_DAY) for match in form.finditer(text)]
    days = (_date(match) for match in sorted(found, key=lambda match: match.start()))
    return [day.isoformat() for day in days if day]


def _date(match: re.Match[str]) -> date | None:
    try:
        return date(*_numbers(match))
    except ValueError:
        return None  # no day of any calendar


def _numbers(match: re.Match[str]) -> tuple[int, int, int]:
    """Year, month and day."""
    numbers = [int(digits) for digits in DIGITS.findall(match[0])]
    if match.re is ISO_DAY:
        return numbers[0], numbers[1], numbers[2]
    if match.re is DOTTED:
        return numbers[2], numbers[1], numbers[0]
    month = next(n for n, name in enumerate(SHORT_MONTHS, 1) if re.search(rf"\b{name}", match[0]))
    return numbers[1], month, numbers[0]
