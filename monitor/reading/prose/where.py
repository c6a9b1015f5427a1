"""Where else one text tells an act, and how far it is believed that it was done where it seems to say."""

import re
from collections.abc import Iterator
from dataclasses import replace

from monitor.reading.prose.act_day import day_of_act, of_its_medicine
from monitor.reading.prose.candidates import Candidate, Views
from monitor.reading.prose.clean import ItemText
from monitor.reading.prose.steps import COMPANY_ACTS
from monitor.reading.prose.tense import DONE
from monitor.vocabulary.agencies import ALWAYS_BY
from monitor.vocabulary.agencies_meant import NAMED, Where, together
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.event_types import TYPES

PARTLY = frozenset({"authorisation", "forms", "conversion", "market", "revocation"})
"""Families of acts that say what may be had in the whole of a place."""


def doubt_of(type_: str, where: Where) -> str | None:
    """Why a person must look before it is believed that an act was done where its text seems to say."""
    if where.country is None:
        return None
    if where.country.place is None:
        return f"{where.country.name} is named, and a followed place beside it" if where.beside else None
    only = f"of the {where.country.place} only {where.country.name} is named"
    return only if TYPES[type_].family in PARTLY else None


ALSO = re.compile(
    r"\b(?:in addition|also|separately|likewise|meanwhile|simultaneously|in parallel|at the same time|same day|as well|"
    r"today|this week|both)\b",
    re.I,
)
"""Words by which a sentence adds news to news."""


def with_others(base: Claim, one: Candidate, where: Where, views: Views, text: ItemText) -> list[Claim]:
    """A claim with those of the same act by the regulators of other places, as told: the first speaks for all."""
    found = [(one, where), *also_by(one, where, views)]
    if len(found) < 2:
        return [base]
    found.sort(key=lambda pair: (pair[0].unit, pair[0].act.start if pair[0].act else 0))
    places = [str(there.place) for _, there in found]
    claims = []
    for number, (each, there) in enumerate(found):
        day, stated = day_of_act(each, views, there.place)
        beside = tuple(place for place in places if place != there.place)
        claim = replace(base, agency=there.agency, place=there.place, quote=text.quote(each.unit), occurred_on=day)
        claims.append(replace(claim, announced=day is not None and not stated, beside=beside, first=number == 0))
    return claims


def also_by(one: Candidate, where: Where, views: Views) -> Iterator[tuple[Candidate, Where]]:
    """The same act by the regulators of other places that the text tells of: named in one breath with the first, or in
    a clause of their own, as news."""
    by_one = TYPES[one.type].scope != "place" or one.type in ALWAYS_BY or one.type in COMPANY_ACTS
    if by_one or where.place is None or where.country:
        return
    seen = {where.place}
    act, unit = one.act, views.units[one.unit]
    breath = together(unit[act.left : act.right] if act else unit)
    for agency, place in breath if (where.agency, where.place) in breath else ():
        if place and place not in seen:
            seen.add(place)
            yield one, Where(agency, place)
    for other in views.acts:
        if (other.type, other.polarity, other.modality) != (one.type, one.polarity, DONE) or other.weak:
            continue
        agency, place = _regulator(views.units[other.unit][other.left : other.right])
        news = other.unit == 0 or ALSO.search(views.units[other.unit]) or _regulator_in(views.units[0], place)
        if place and place not in seen and news and of_its_medicine(one, views, other.unit):
            seen.add(place)
            yield replace(one, act=other, unit=other.unit), Where(agency, place)


def _regulator(words: str) -> tuple[str | None, str | None]:
    """The first regulator of a followed place that words name."""
    hits = [(m.start(), agency, place) for p, agency, place in NAMED if place and (m := p.search(words))]
    return min(hits, key=lambda hit: hit[0])[1:] if hits else (None, None)


def _regulator_in(words: str, place: str | None) -> bool:
    return any(where == place and pattern.search(words) for pattern, _, where in NAMED)
