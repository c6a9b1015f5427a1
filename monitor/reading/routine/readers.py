"""Routine changes in words: what a reader may ask for, and no event by the taxonomy. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from monitor.reading.routine.kinds import FIELDS, TOLD, WEIGHTS, Earlier, RecordChange, Routine, listed
from monitor.reading.routine.slips import counted
from monitor.reading.routine.studies import STUDY_READERS
from monitor.reading.typed.application_acts import SUBMISSIONS
from monitor.vocabulary.differences import Difference
from sources.records import Content

REGISTERED = re.compile(r"(submissions|products)\[(.+)\]\.(\w+)")
"""A cell of an application's tables."""

SITES = re.compile(r"sites\[.+\]")
"""The sites of a study in one city."""

DECIDED = {"AP": "approved", "TA": "tentatively approved"}
"""What the FDA calls the status of a submission."""

NAMED = frozenset({"status", "why_stopped", "last_known_status"})
"""Fields of kind `other` that have a reader of their own."""


def routine(
    differences: Sequence[Difference],
    *,
    before: Content,
    after: Content,
    on: date,
    earlier: Earlier | None = None,
    key: str = "",
) -> list[Routine]:
    """The routine changes among these differences, the weightiest first.

    `on` is the day on which they were noticed, `key` the item's. Without the contents before and after, what needs
    them (whether a date is actual, what an outcome's timing is) is left unsaid.
    """
    change = RecordChange({d.field: d for d in differences}, before, after, on, earlier or {}, key)
    routines = [routine for reader in READERS for routine in reader(change)]
    return sorted([*routines, *_rest(differences)], key=lambda routine: -routine.weight)


def _applications(change: RecordChange) -> Iterator[Routine]:
    """Supplements of an application; decisions that are events are left out."""
    rows = {(match[1], match[2]) for field in change.by_field if (match := REGISTERED.fullmatch(field))}
    for table, key in sorted(rows):
        cells = [cell for cell in change.by_field if cell.startswith(f"{table}[{key}].")]
        row = change.after.get(table, {}).get(key, {})
        sort = str(row.get("class_code") or "")
        status = change.by_field.get(f"{table}[{key}].status")
        if table == "submissions" and status and _decided(key, row):
            continue
        name = f"{'Submission' if table == 'submissions' else 'Product'} {key}{f' ({sort})' if sort else ''}"
        if status and status.after:
            words = f"{name}: {DECIDED.get(status.after, status.after)} {row.get('status_date', '')}".rstrip() + "."
        else:
            words = f"{name}: {listed([cell.rsplit('.', 1)[-1].replace('_', ' ') for cell in cells])} changed."
        yield change.made((status.field if status else cells[0]), words, kind="label" if "LABEL" in sort else "other")


def _decided(key: str, row: Mapping[str, Any]) -> bool:
    """Whether a submission's status is an event. Snapshots stored before December 2026 do not say their acts: there
    it is that of an original application and of a supplement for a new use."""
    return row.get("act") in SUBMISSIONS or key.startswith("ORIG") or "EFFICACY" in str(row.get("class_code"))


def _rest(differences: Sequence[Difference]) -> Iterator[Routine]:
    left = Counter(difference.field for difference in differences)
    for field, count in left.items():
        if field in FIELDS or field in TOLD or field in NAMED or REGISTERED.fullmatch(field) or SITES.fullmatch(field):
            continue
        places = f" in {counted(count, 'place')}" if count > 1 else ""
        words = f"{field.replace('_', ' ').capitalize()} changed{places}."
        yield Routine("other", field, words, WEIGHTS["other"])


READERS = (*STUDY_READERS, _applications)
