"""Moments as feeds write them, brought to UTC. Nothing is invented: without a known zone only the day is kept."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate

ZONES = {
    **dict.fromkeys(("UT", "UTC", "GMT", "Z", "WET"), 0),
    **{"EDT": -4, "EST": -5, "CDT": -5, "CST": -6, "MDT": -6, "MST": -7, "PDT": -7, "PST": -8},
    **{"BST": 1, "CET": 1, "CEST": 2, "JST": 9, "KST": 9},
}
"""Hours from UTC of the zone names met in feeds; with any other name only the day is kept."""
DAYS = ("%d %b %Y", "%d %B %Y", "%a, %d %b %Y", "%A, %d %B %Y", "%B %d, %Y", "%b %d, %Y")
ZONE = re.compile(r"(?:([A-Za-z]+)|([+-])(\d\d):?(\d\d))\s*(?:\([^)]*\))?\s*$")


def moment(text: str | None) -> str | None:
    """The moment in UTC, ISO 8601; the day alone where no zone, or an unknown one, is given; None if unreadable."""
    if not text or not (text := " ".join(text.split())):
        return None
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return date.fromisoformat(text).isoformat()
        found = datetime.fromisoformat(text)
    except ValueError:
        return _mail_moment(text)
    if found.tzinfo is None:
        return found.date().isoformat()
    return _utc(found)


def _mail_moment(text: str) -> str | None:
    """`Tue, 25 Apr 2023 14:35:00 EDT`, as RSS writes it."""
    try:
        fields = parsedate(text)
        if fields is None:
            return _written_day(text)
        found = datetime(*fields[:6])
    except (ValueError, TypeError, IndexError):
        return None
    zone = ZONE.search(text)
    if zone and zone[1] and zone[1].upper() in ZONES:
        offset = timedelta(hours=ZONES[zone[1].upper()])
    elif zone and zone[2] and re.search(r":\d\d\s*[+-]\d\d:?\d\d", text):
        offset = timedelta(hours=int(zone[3]), minutes=int(zone[4])) * (1 if zone[2] == "+" else -1)
    else:
        return found.date().isoformat()
    if abs(offset) >= timedelta(hours=24):
        return found.date().isoformat()
    return _utc(found.replace(tzinfo=timezone(offset)))


def _written_day(text: str) -> str | None:
    for form in DAYS:
        try:
            return datetime.strptime(text, form).date().isoformat()
        except ValueError:
            continue
    return None


def _utc(found: datetime) -> str | None:
    try:
        return found.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except OverflowError:
        return None
