"""Labels of medicines: what the officially agreed text says, section by section, in one version."""

import hashlib
from collections.abc import Mapping
from typing import ClassVar

from sources.records import Official, Record

SECTIONS: Mapping[str, str] = {
    "34066-1": "boxed_warning",
    "43683-2": "recent_major_changes",
    "34067-9": "indications_and_usage",
    "34068-7": "dosage_and_administration",
    "43678-2": "dosage_forms_and_strengths",
    "34070-3": "contraindications",
    "43685-7": "warnings_and_cautions",
    "34071-1": "warnings",
    "42232-9": "precautions",
    "34084-4": "adverse_reactions",
    "34073-7": "drug_interactions",
    "43684-0": "use_in_specific_populations",
    "34088-5": "overdosage",
}
"""LOINC code to name of the sections that are kept in full; of every other only a fingerprint is."""
LONGEST = 200_000  # characters of a section
BREAK = " ¶ "
"""Between the paragraphs of a section: what stands on its two sides is never one sentence."""


class Label(Official):
    """One label by its set id, which stays the same from version to version."""

    columns: ClassVar[frozenset[str]] = frozenset({"sections", "fingerprints"})
    prose: ClassVar[frozenset[str]] = frozenset({"sections"})
    volatile: ClassVar[frozenset[str]] = Record.volatile | {"title"}

    version: str
    effective_on: str
    holder: str | None = None
    sections: dict[str, str] = {}
    fingerprints: dict[str, str] = {}  # of what is not kept in full, by its name


def fingerprint(text: str) -> str:
    """By what a text is known again, whatever its blanks and letter case."""
    return hashlib.sha256(" ".join(text.split()).casefold().encode("utf-8", "replace")).hexdigest()[:16]
