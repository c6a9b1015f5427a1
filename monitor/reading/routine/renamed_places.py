"""Places of sites that a registry lists under another name than before. Registries correct their gazetteers for all
studies at once, without a word of the sponsors: no site has opened or closed. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from monitor.reading.routine.kinds import RecordChange, listed

Places = Mapping[str, Mapping[str, Counter[str]]]
"""Country to city to how many sites there are in which state."""
STATED = re.compile(r"(\d+) ?(\w*)")


@dataclass(frozen=True)
class Renamed:
    """Countries by their earlier name, and groups of places: those that are gone, and those that took their sites."""

    countries: Mapping[str, str]
    places: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]

    @property
    def touched(self) -> frozenset[str]:
        """The places whose sites have neither opened nor closed."""
        return frozenset(place for gone, took in self.places for place in (*gone, *took))

    def words(self) -> Iterator[str]:
        """Each group in a sentence."""
        for gone, took in self.places:
            yield f"Sites in {listed(gone)} are now listed in {listed(took)}."


def renamed(change: RecordChange) -> Renamed:
    """What is called otherwise: a country whose cities are those of one that is gone, with the same sites; a city whose
    sites others of its country took over."""
    countries = tuple({*change.before.get("site_countries", ()), *change.after.get("site_countries", ())})
    before, after = (_by_country(side.get("sites", {}), countries) for side in (change.before, change.after))
    lost, gained = before.keys() - after.keys(), after.keys() - before.keys()
    called = {old: new for old in sorted(lost) for new in sorted(gained) if before[old] == after[new]}
    places = [
        (tuple(_place(city, old) for city in before[old]), tuple(_place(city, new) for city in after[new]))
        for old, new in called.items()
    ]
    return Renamed(called, (*places, *_cities(before, after)))


def _cities(before: Places, after: Places) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    for country in sorted(before.keys() & after.keys()):
        was, now = before[country], after[country]
        gone = [city for city in was if city not in now]
        took = [city for city in now if now[city] != was.get(city)]
        less = any(was[city] - now[city] for city in was if city in now)
        if gone and not less and _sum(was.values()) == _sum(now.values()):
            yield tuple(_place(city, country) for city in gone), tuple(_place(city, country) for city in took)


def _sum(counts: Iterable[Counter[str]]) -> Counter[str]:
    return sum(counts, Counter())


def _by_country(sites: Mapping[str, str], countries: tuple[str, ...]) -> Places:
    found: dict[str, dict[str, Counter[str]]] = {}
    for place, said in sites.items():
        country = max((name for name in countries if f", {place}".endswith(f", {name}")), key=len, default=None)
        country = place.rpartition(", ")[2] if country is None else country
        city = place.removesuffix(country).removesuffix(", ")
        found.setdefault(country, {})[city] = Counter({word: int(number) for number, word in STATED.findall(said)})
    return found


def _place(city: str, country: str) -> str:
    return f"{city}, {country}" if city else country
