"""Which regulators and payers a text means."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from monitor.vocabulary.agencies import AGENCIES, DECIDES_IN, PAYER, REGULATOR
from monitor.vocabulary.countries import ANY, Country, Named, countries_in
from monitor.vocabulary.places import BY_CODE

Reading = tuple[re.Pattern[str], str | None, str | None]
"""A pattern, and the agency and place that are meant where it is met."""


def _readings(role: str, *, words: bool = False) -> list[Reading]:
    chosen = [(a, a.words if words else a.names) for a in AGENCIES if a.role == role]
    flags = re.IGNORECASE if words else 0
    return [(re.compile(pattern, flags), agency.name, agency.place) for agency, pattern in chosen if pattern]


NAMED = _readings(REGULATOR)
BY_PLACE: list[Reading] = [(re.compile(place.words), DECIDES_IN[code], code) for code, place in BY_CODE.items()]
REGULATING = (NAMED, _readings(REGULATOR, words=True), BY_PLACE)
PAYING = (_readings(PAYER), [(pattern, None, place) for pattern, _, place in BY_PLACE])
GRANTING = (NAMED, [(pattern, None, place) for pattern, _, place in BY_PLACE])
"""The readings that are tried one after the other: names, words of proceedings, places. Who gives a medicine
before it is authorised is a company, and a place alone means no regulator."""


OF_APPLICATION = r"(?: \w+){0,3}? (?:applications?|filings?|submissions?|dossiers?|(?-i:s?NDAs?|s?BLAs?|MAAs?|NDSs?))\b"
APPLIED_IN = [
    (re.compile(rf"(?:{pattern.pattern})(?!['’]s|an? (?:compan|firm|maker)){OF_APPLICATION}"), agency, place)
    for pattern, agency, place in BY_PLACE
]
"""The application that bears its place: "the European marketing application"."""


def applied_in(text: str) -> tuple[str | None, str | None]:
    """Agency and place of the application that a text names with its place."""
    return next(((agency, place) for pattern, agency, place in APPLIED_IN if pattern.search(text)), (None, None))


def is_regulator(text: str) -> bool:
    """Whether a text names a regulator."""
    return any(pattern.search(text) for pattern, _, _ in NAMED)


def payers_of(text: str) -> str | None:
    """All who pay or advise payers that a text names, in its order: `CDA and INESSS`; None where it names none."""
    return " and ".join(_payers_named(text)) or None


def _payers_named(text: str) -> list[str]:
    hits = sorted((m.start(), str(name)) for pattern, name, _ in PAYING[0] if (m := pattern.search(text)))
    return [name for _, name in hits]


Verdicts = tuple[tuple[str, bool], ...]
"""Payers in the order of naming, and whether each said yes."""

SPLIT = re.compile(r"[;,.]| (?:but|while|whereas|although|and|yet)\b")
SAYS_NO = re.compile(
    r"\bnot\b|n['’]t\b|\bno\b|\bagainst\b|\brejects?\b|\brejected\b|\bdeclin|\brefus|\bnegative\b|\bden(?:y|ie[sd])\b|"
    r"\bturn(?:s|ed) down\b|\boppos",
    re.IGNORECASE,
)
SAYS_YES = re.compile(
    r"\byes\b|\brecommend|\blist(?:s|ed)?\b|\bfund|\bpa(?:y|ys|id)\b|\bcover|\breimburs|\baccept|\bback(?:s|ed)\b|\bapprov|"
    r"\bpositive\b|\bin favou?r\b|\bsupport|\bendors|\bagree[sd]?\b",
    re.IGNORECASE,
)


def verdicts_of(text: str) -> Verdicts:
    """What each payer says that a text names; nothing unless that is clear of all of them.

    Each clause is judged by its own words; `CADTH and INESSS recommend` is said of both.
    """
    heard: dict[str, bool] = {}
    waiting: list[str] = []  # named in clauses that say neither yes nor no
    for words in SPLIT.split(text):
        said = False if SAYS_NO.search(words) else True if SAYS_YES.search(words) else None
        waiting += _payers_named(words)
        if said is None:
            continue
        if any(heard.setdefault(name, said) != said for name in waiting):
            return ()
        waiting = []
    return () if waiting else tuple(heard.items())


def verdicts_in_words(verdicts: Verdicts) -> str | None:
    """`CDA yes, INESSS no`: how it stands in the log; None for none."""
    return ", ".join(f"{name} {'yes' if said else 'no'}" for name, said in verdicts) or None


def agency_of(*texts: str, paying: bool = False) -> tuple[str | None, str | None]:
    """Agency and place of an act, told by the first of the texts that names one, the nearest first: names before words
    before places.

    Who pays is taken from a name alone; without one a decision on payment still has its place.
    """
    return _first(PAYING if paying else REGULATING, texts)


def _first(tried: Iterable[Sequence[Reading]], texts: Sequence[str]) -> tuple[str | None, str | None]:
    for readings in tried:
        for text in texts:
            hits = [(m.start(), agency, place) for pattern, agency, place in readings if (m := pattern.search(text))]
            if hits:
                return min(hits, key=lambda hit: hit[0])[1:]
    return None, None


class Where(NamedTuple):
    """Where an act was done. `country`: the one that is named and is no place of its own; `beside`: a followed place is
    named in the same words."""

    agency: str | None = None
    place: str | None = None
    country: Country | None = None
    beside: bool = False


def whereabouts(*texts: str, tried: Sequence[Sequence[Reading]] = REGULATING) -> Where:
    """Agency and place of an act, told by the nearest of the texts that names one, the whole being the last: as
    `agency_of`, but where a country is named that is no place of its own, it is meant. What was done in none of the
    followed places has no place."""
    whole = texts[-1]
    if not ANY.search(whole):
        return Where(*_first(tried, texts))
    for text in dict.fromkeys(texts):
        for named in countries_in(text)[:1]:
            if (named.office or text != whole) and (there := _abroad(named, text, tried[0])):
                return there
    found = _first(tried, [_unmistaken(text) for text in texts])
    return Where(*found) if any(found) else next((_there(named) for named in countries_in(whole)), Where())


def _abroad(named: Named, text: str, offices: Sequence[Reading]) -> Where | None:
    """Where an act was done of which a text names a country, or None where it names a followed place before. An
    authority goes before a place; a country of the EU stands for the EU where that is not named."""
    words = _unmistaken(text)
    by_name, by_place = (
        [(m.start(), place) for pattern, _, place in readings if place and (m := pattern.search(words))]
        for readings in (offices, BY_PLACE)
    )
    if any(start < named.start or not named.office for start, _ in by_name):
        return None
    if not named.office and any(start < named.start or place == named.country.place for start, place in by_place):
        return None
    return _there(named, beside=bool(by_name or by_place))


def _there(named: Named, *, beside: bool = False) -> Where:
    """An act in a country, by the authority that is named; or, where it has no place, that decides there."""
    country = named.country
    return Where(named.agency if named.office or not country.place else None, country.place, country, beside)


def _unmistaken(text: str) -> str:
    """A text without the names of authorities elsewhere, in which one of a followed place may stand: `Thai FDA`."""
    for named in countries_in(text):
        if named.office:
            text = text[: named.start] + "-" * (named.end - named.start) + text[named.end :]
    return text


ALSO = re.compile(r"(?:,| and| as well as) (?:the |by |in )*$")


def together(text: str) -> list[tuple[str | None, str | None]]:
    """The regulators of several places that a text names in one breath, in its order: `the FDA and the EMA`."""
    hits = sorted((m.start(), m.end(), agency, place) for p, agency, place in NAMED if place and (m := p.search(text)))
    told: dict[str | None, str | None] = {}
    for (_, end, agency, place), (start, _, other, its) in pairwise(hits):
        if ALSO.fullmatch(text[end:start]) and its != place:
            told |= {place: told.get(place, agency), its: other}
    return [(agency, place) for place, agency in told.items()]
