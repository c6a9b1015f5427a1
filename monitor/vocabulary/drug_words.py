"""Words that look like names and are none, and what gives a substance away; the tables stand in `drug_words.txt`.

They serve every disease. What one disease needs besides, its pack says: `field_words.FieldWords`.
"""

import re
from importlib.resources import files


def _text(name: str) -> str:
    """A file beside this one without its comments."""
    text = files("monitor.vocabulary").joinpath(name).read_text(encoding="utf-8")
    return re.sub(r"^#.*$", "", text, flags=re.MULTILINE)


def _tables() -> dict[str, list[str]]:
    parts = re.split(r"^\[(\w+)\]$", _text("drug_words.txt"), flags=re.MULTILINE)
    return {name: body.split() for name, body in zip(parts[1::2], parts[2::2], strict=True)}


TABLES = _tables()
"""Table to its words, in the order of the file."""

COMPANIES = frozenset(TABLES["companies"])
"""Makers of medicines, in lower case: the first word of their names. A maker is never the drug."""

PLACES_AND_PEOPLE = frozenset(TABLES["places_and_people"])
"""Places, agencies, diseases named after people, genes, months, abbreviations."""

COMMON = frozenset(TABLES["common"])
"""Ordinary words that open headlines; a capital letter there means nothing."""

SUBSTANCES = frozenset(TABLES["substances"])
"""Substances whose name follows no stem."""

BRANDS = frozenset(TABLES["brands"])
"""Brands, in lower case, by their first word."""

NOT_SUBSTANCES = frozenset(TABLES["not_substances"])
"""Words that end like substances."""

STEMS = "|".join(TABLES["stems"])
NOT_CODES = "|".join(TABLES["not_codes"])
NOT_CODE_ENDS = "|".join(TABLES["not_code_ends"])
BRAND_SECONDS = "|".join(TABLES["brand_seconds"])
SUBSTANCE_SECONDS = "|".join(TABLES["substance_seconds"])
INSULINS = "|".join(TABLES["insulins"])
"""The inside of a group of a regular expression each; `drug_words.txt` says what they hold."""


ENGLISH = frozenset(_text("english.txt").split())
"""Words of English, of places and people, and of illnesses, in lower case; only what reads prose imports them."""
