"""The day of an act: as its own words state it, or another sentence about it; else that on which it was told."""

import re
from collections.abc import Iterator
from datetime import date

from monitor.reading.prose.acts import Act
from monitor.reading.prose.candidates import PLACES, WAYS_OF, Candidate, Views
from monitor.reading.prose.drugs import SURE
from monitor.reading.prose.tense import DONE, ISO_DAY, RETOLD
from monitor.reading.prose.written_days import DOTTED, SHORT, written_day
from monitor.vocabulary.agencies_meant import NAMED
from monitor.vocabulary.dates import ANY_MONTH, NEWS_AGE, SHORT_MONTHS

DAY = re.compile(
    rf"(?:\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? )?\b({ANY_MONTH}|{SHORT})(?![\w-])"
    r"(?: (\d{1,2})(?:st|nd|rd|th)?\b(?![:\d]))?(?:,? ((?:19|20)\d\d)\b)?"
)
"""A month as texts write it, with its day and year where they stand there."""
FRONT = re.compile(r"(?:[A-Z][\w.'()& -]{1,40}, ?){0,3}")
TELLS = re.compile(r",? ?(?:[(/][^)/]{2,40}[)/] ?)?(?:[-–—|]{1,2}|:) ")
"""What stands before and behind the day of a dateline: the place, and a dash."""
REQUEST = re.compile(r"\brequests? of $")
ABOUT = 0.4
"""From this value of the encoder a sentence is about an act."""

Stated = tuple[int, str]
"""A day that a text states: where, and which."""


def day_of_act(one: Candidate, views: Views, place: str | None) -> tuple[str | None, bool]:
    """The day of an act in a place, and whether it is stated: by its sentence, the title, or another sentence about it;
    else that of a dateline, else that of publication. A title that states the day of publication is heard last."""
    published = views.published.isoformat() if views.published else None
    own, dateline = _days(views.units[one.unit], views.published)
    titled = _days(views.units[0], views.published)[0] if one.unit else []
    act = one.act
    if day := _nearest(own, act):
        return day, True
    earlier = [day for _, day in titled if day != published]
    told = next(iter(earlier), None) or next(_told_beside(one, views, place), None)
    if told or titled:
        return told or titled[0][1], True
    return dateline or published, False


def stated_date(text: str, published: date | None) -> str | None:
    """The first day that a text states and that is news, else that of its dateline, else the day of publication."""
    days, dateline = _days(text, published)
    return days[0][1] if days else dateline or (published.isoformat() if published else None)


def _told_beside(one: Candidate, views: Views, place: str | None) -> Iterator[str]:
    """The days that other sentences state for the same act: of its kind, its medicine and no other place."""
    ways = WAYS_OF[one.type]
    for number, unit in enumerate(views.units):
        if number in (0, one.unit) or not (days := _days(unit, views.published)[0]):
            continue
        acts = [a for a in views.acts if a.unit == number and a.type in ways and a.modality in (DONE, RETOLD)]
        heard = views.values and max(views.values[number][PLACES[name]] for name in ways) >= ABOUT
        told = _nearest(days, acts[0] if acts else None)
        if told and (acts or heard) and of_its_medicine(one, views, number) and _in_its_place(unit, place):
            yield told


def of_its_medicine(one: Candidate, views: Views, number: int) -> bool:
    """Whether a sentence names no other medicine for sure than what an act is about."""
    own = {written.lower() for written, _ in one.subjects} | {therapy for _, therapy in one.subjects if therapy}
    named = [drug for drug in views.drugs if drug.unit == number and drug.kind in SURE and not drug.aside]
    return not own or not named or any(drug.therapy in own or drug.written.lower() in own for drug in named)


def _in_its_place(unit: str, place: str | None) -> bool:
    named = {where for pattern, _, where in NAMED if pattern.search(unit)}
    return not named or place in named


def _nearest(days: list[Stated], act: Act | None) -> str | None:
    """The day that stands in the clause of an act, and there the nearest to it; without an act the only one."""
    if act is None:
        return days[0][1] if len({day for _, day in days}) == 1 else None
    if not days:
        return None
    return min(days, key=lambda day: (not act.left <= day[0] < act.right, abs(day[0] - act.start)))[1]


def _days(text: str, published: date | None) -> tuple[list[Stated], str | None]:
    """The days that a text states and that are news, in its order, and the day of its dateline."""
    days, dateline = [], None
    for match in (*ISO_DAY.finditer(text), *DOTTED.finditer(text), *DAY.finditer(text)):
        if (day := _news(match, published)) is None or REQUEST.search(text[: match.start()]):
            continue
        if FRONT.fullmatch(text, 0, match.start()) and TELLS.match(text, match.end()):
            dateline = day
        else:
            days.append((match.start(), day))
    return sorted(days), dateline


def _news(match: re.Match[str], published: date | None) -> str | None:
    """The day that is written there, if it is one and is news. Without a year it is the last such day."""
    try:
        day = (
            date.fromisoformat(written_day(match[0]) or "") if match.re in (ISO_DAY, DOTTED) else _day(match, published)
        )
    except ValueError:
        return None
    return day.isoformat() if published is None or published - NEWS_AGE <= day <= published else None


def _day(match: re.Match[str], published: date | None) -> date:
    """Raises ValueError where no whole day is written."""
    number = int(match[1] or match[3] or 0)
    month = SHORT_MONTHS.index(match[2][:3]) + 1
    if match[4]:
        return date(int(match[4]), month, number)
    if published is None:
        raise ValueError("expected a year, found none")
    day = date(published.year, month, number)
    return day if day <= published else date(published.year - 1, month, number)
