"""Words that look like names and are none, and endings that give substances away; the tables stand in `words.txt`."""

import re
from importlib.resources import files


def _tables() -> dict[str, str]:
    text = files("monitor.vocabulary").joinpath("drug_words.txt").read_text(encoding="utf-8")
    parts = re.split(r"^\[(\w+)\]$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


_TABLES = _tables()

COMPANIES = frozenset(_TABLES["companies"].split())
"""Makers of medicines, in lower case: the first word of their names. A maker is never the drug."""

PLACES_AND_PEOPLE = frozenset(_TABLES["places_and_people"].split())
"""Places, agencies, diseases named after people, months, abbreviations."""

COMMON = frozenset(_TABLES["common"].split())
"""Ordinary words that open headlines; a capital letter there means nothing."""

SUBSTANCES = frozenset(_TABLES["substances"].split())
"""Substances whose name follows no stem."""

NOT_SUBSTANCES = frozenset(_TABLES["not_substances"].split())
"""Words that end like substances."""

STEMS = "".join(_TABLES["stems"].split())
"""Endings of international non-proprietary names, as one alternation."""
