"""Medicines that were authorised before, by name, with years to one year or so: `authorised.txt`.

Written from memory of public record. Its names help to find medicines in a text, its years the judge
(`reading/prose.authorised_before.py`); none of it is told to anybody.
"""

from importlib.resources import files

from monitor.vocabulary import drug_words
from monitor.vocabulary.drug_words import COMMON, COMPANIES, ENGLISH, NOT_SUBSTANCES, PLACES_AND_PEOPLE

NEVER = 9999
SHORTEST = 5
"""Shorter names are words of too many other things."""
Years = tuple[int, int]
"""The first year in the United States and in the European Union, `NEVER` where none is known."""


def _rows() -> list[tuple[list[str], Years]]:
    text = files("monitor.vocabulary").joinpath("authorised.txt").read_text(encoding="utf-8")
    found = []
    for line in text.splitlines():
        if not line.startswith("#"):
            names, *years = line.rsplit(" ", 2)
            american, european = (NEVER if year == "-" else int(year) for year in years)
            found.append((names.split("/"), (american, european)))
    return found


def _by_name() -> dict[str, Years]:
    found: dict[str, Years] = {}
    for names, (american, european) in ROWS:
        for name in names:
            known = found.get(name.lower(), (NEVER, NEVER))
            found[name.lower()] = (min(known[0], american), min(known[1], european))
    return found


def _brands() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for names, _ in ROWS:
        brands = {name.lower() for name in names if not name[0].islower()}
        for name in names:
            if name[0].islower():
                found.setdefault(name.lower(), set()).update(brands)
    return {name: frozenset(brands) for name, brands in found.items()}


ROWS = _rows()
BRANDS_OF = _brands()
"""Every substance with its brands, in lower case."""
YEARS = _by_name()
"""Every name, in lower case, with the first years of the rows that have it."""
_PLAIN = ENGLISH | COMMON | COMPANIES | PLACES_AND_PEOPLE | NOT_SUBSTANCES
_SINGLE = {name for names, _ in ROWS for name in names if name.isalpha() and len(name) >= SHORTEST}
SUBSTANCES = drug_words.SUBSTANCES | {name for name in _SINGLE if name.islower()} - _PLAIN
BRANDS = drug_words.BRANDS | {name.lower() for name in _SINGLE if not name.islower()} - _PLAIN
"""Names of one word, in lower case, those of the lexicon among them."""
