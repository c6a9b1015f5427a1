"""Moments as feeds write them, brought to UTC. Nothing is invented: without a known zone only the day is kept, and a
text that could mean two days is none."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache

ZONES = {
    **dict.fromkeys(("UT", "UTC", "GMT", "Z", "WET"), 0.0),
    **{"EDT": -4, "EST": -5, "CDT": -5, "CST": -6, "MDT": -6, "MST": -7, "PDT": -7, "PST": -8, "AKDT": -8, "AKST": -9},
    **{"BST": 1, "WEST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3, "TRT": 3},
    **{"SGT": 8, "HKT": 8, "AWST": 8, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13},
    **{"ACST": 9.5, "ACDT": 10.5, "HST": -10, "BRT": -3, "ART": -3},
}
"""Hours from UTC of the zone names met in feeds; with any other name only the day is kept (`ET`, `IST`)."""

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january janv janvier januar jän jänner enero ene gennaio gen januari janeiro",
            "feb february févr fév février fevrier februar febrero febbraio februari fevereiro fev",
            "mar march mars märz maerz mär mrz marzo maart mrt março marco",
            "apr april avr avril abril abr aprile",
            "may mai mayo maggio mag mei maio",
            "jun june juin juni junio giugno giu junho",
            "jul july juil juillet juli julio luglio lug julho",
            "aug august août aout agosto ago augustus agustus",
            "sep sept september septembre septiembre settembre set setembro",
            "oct october octobre oktober okt octubre ottobre ott outubro out",
            "nov november novembre noviembre novembro",
            "dec december déc décembre decembre dezember dez diciembre dic dicembre desember dezembro",
        ),
        start=1,
    )
    for name in names.split()
}
WEEKDAYS = ("mo lu", "tu di ma", "we mi me", "th do je ju gi", "fr ve vi", "sa", "su so do di")
"""Beginnings of the names of days, Monday first, in English, German, French, Spanish and Italian."""

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
CLOCK = re.compile(
    r"(?<![\d:])(\d{1,2})(?::|h)(\d\d)(?::(\d\d)(?:[.,]\d+)?)?(?![\d:])\s*(?:uhr\b)?\s*([ap]\.?\s?m\b\.?)?"
    r"|(?<=T)(\d\d)(\d\d)(\d\d)(?=Z|[+-]|\Z)",
    re.I,
)
ZONE = re.compile(r"\s*(?:(?:UTC|GMT)?([+-])(\d\d):?(\d\d)\b|([A-Z]{1,5})(?![A-Za-z]))")
DATES = (
    r"(?P<y>\d{4})([-/.])(?P<m>\d{1,2})\2(?P<d>\d{1,2})(?!\d)",
    r"\b(?P<y>(?:19|20)\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d)(?!\d)",
    r"(?P<y>\d{4})\.\s*(?P<m>\d{1,2})\.\s*(?P<d>\d{1,2})(?!\d)",
    r"(?P<y>\d{4})\s*[年년]\s*(?P<m>\d{1,2})\s*[月월]\s*(?P<d>\d{1,2})\s*[日일]",
    (
        rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|\.)?[\s-]+(?:de\s+)?(?P<name>{_MONTH})\b\.?,?[\s-]+(?:de[l]?\s+)?"
        r"(?P<y>\d{4}|\d\d)(?![\d:])"
    ),
    (rf"\b(?P<name>{_MONTH})\b\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:])(?:,|\s).{{0,24}}?(?P<y>(?:19|20)\d\d)\b"),
    r"(?<!\d)(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.\s?(?P<y>\d{4})(?!\d)",
    r"(?<!\d)(?P<a>\d{1,2})([/-])(?P<b>\d{1,2})\2(?P<y>\d{4})(?!\d)",
)
"""Days as they are written, in any case; `a` and `b` are day and month in an order that the text must prove."""
WEEK = re.compile(r"\d{4}-W\d\d-\d")
EPOCH = re.compile(r"(1\d{9})(?:\d{3})?")  # seconds or milliseconds
ERAS = {"令和": 2018, "平成": 1988}
ERA = re.compile(r"(令和|平成)\s*(\d{1,2}|元)\s*年")
EARLIEST = 1900  # year; before it there were no such news
LONGEST = 100  # characters; what is longer is prose


def moment(text: str | None) -> str | None:
    """The moment in UTC, ISO 8601; the day alone where no zone, or an unknown one, is given; None if unreadable."""
    text = " ".join((text or "").split())
    if not text or len(text) > LONGEST:
        return None
    try:
        if epoch := EPOCH.fullmatch(text):
            return _utc(datetime.fromtimestamp(int(epoch[1]), UTC))
        if WEEK.fullmatch(text):
            return date.fromisoformat(text).isoformat()
        return _read(ERA.sub(_of_era, text))
    except (ValueError, OverflowError):
        return None


def _read(text: str) -> str | None:
    clock = CLOCK.search(text)
    day = _day(text if clock is None else f"{text[: clock.start()]} \x00 {text[clock.end() :]}")
    if day is None or clock is None:
        return day.isoformat() if day else None
    hour, minute, second = (int(part or 0) for part in (clock.groups()[:3] if clock[1] else clock.groups()[4:7]))
    if half := (clock[4] or "").lower()[:1]:
        hour = hour if hour > 12 else hour % 12 + (12 if half == "p" else 0)
    if (hour, minute, second) == (24, 0, 0):
        day, hour = day + timedelta(days=1), 0
    moment = datetime.combine(day, time(hour, minute, min(second, 59)))
    offset = _offset(text[clock.end() :])
    return day.isoformat() if offset is None else _utc(moment.replace(tzinfo=timezone(offset)))


def _of_era(found: re.Match[str]) -> str:
    return f"{ERAS[found[1]] + (1 if found[2] == '元' else int(found[2]))}年"


def _offset(rest: str) -> timedelta | None:
    """The distance from UTC that stands behind a time; None when there is none, or an unknown name."""
    zone = ZONE.match(rest)
    if zone is None:
        return None
    if zone[1]:
        offset = timedelta(hours=int(zone[2]), minutes=int(zone[3])) * (1 if zone[1] == "+" else -1)
        return offset if abs(offset) < timedelta(hours=24) else None
    hours = ZONES.get(zone[4].upper())
    return None if hours is None else timedelta(hours=hours)


@cache
def _compiled(form: str) -> re.Pattern[str]:
    """A way to write days, made ready when the ones before it have not served: most texts need the first alone."""
    return re.compile(form, re.I)


def _day(text: str) -> date | None:
    """The one day that a text names; None for none, or for several."""
    for form in map(_compiled, DATES):
        days = {day for found in form.finditer(text) if (day := _dated(found.groupdict(), text))}
        if days:
            return days.pop() if len(days) == 1 else None
    return None


def _dated(parts: dict[str, str | None], text: str) -> date | None:
    written = parts["y"] or ""
    year = int(written) + (0 if len(written) == 4 else 2000 if int(written) < 69 else 1900)
    if year < EARLIEST:
        return None
    if parts.get("a"):
        return _proven(year, int(parts["a"] or 0), int(parts["b"] or 0), text)
    name = parts.get("name")
    month = MONTHS[name.lower()] if name else int(parts["m"] or 0)
    return date(year, month, int(parts["d"] or 0))


def _proven(year: int, first: int, other: int, text: str) -> date | None:
    """The day of `04/25/2023`: the order that is possible, or that the name of the day proves."""
    orders = {date(year, m, d) for m, d in ((first, other), (other, first)) if 1 <= m <= 12 and 1 <= d <= 31}
    if len(orders) > 1:
        name = text.strip()[:2].lower()
        orders = {day for day in orders if name in WEEKDAYS[day.weekday()].split()}
    return orders.pop() if len(orders) == 1 else None


def instant(text: str | None) -> datetime | None:
    """The same as an aware moment: midnight UTC where only the day is known."""
    said = datetime.fromisoformat(known) if (known := moment(text)) else None
    return said.replace(tzinfo=UTC) if said is not None and said.tzinfo is None else said


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
