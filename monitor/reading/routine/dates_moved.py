"""The dates of a study, moved, made precise or made actual, in words. Pure.

A registry keeps a date and whether it is actual in two fields; a reader wants one sentence.
"""

from collections.abc import Mapping, Sequence

from monitor.reading.routine.slips import Sides, Slip, counted, in_all, moves, ordinal, slip

DATES = {"start": "Start", "primary_completion": "Primary completion", "completion": "Completion"}
"""Fields of a study that hold a date, and what readers call them."""

BECAME: Mapping[Sides, str] = {
    ("ESTIMATED", "ACTUAL"): "{label} became actual: {date}.",
    (None, "ACTUAL"): "{label} is now marked as actual: {date}.",
    ("ACTUAL", "ESTIMATED"): "{label} is no longer actual but an estimate again: {date}.",
    (None, "ESTIMATED"): "{label} is now marked as an estimate: {date}.",
}
"""Certainty of a date before and after, where the date stays."""

REMARKS: Mapping[Sides, str] = {
    ("ESTIMATED", "ACTUAL"): "and is now actual",
    ("ACTUAL", "ACTUAL"): "though it was actual before",
    ("ACTUAL", "ESTIMATED"): "and is an estimate again",
}
"""Certainty of a date before and after, where the date moves."""


def date_words(field: str, history: Sequence[Sides], certainty: Sides) -> str:
    """One sentence about the last change of a date's `history`; `certainty` (ESTIMATED, ACTUAL) before and after."""
    label = DATES[field]
    before, after = history[-1]
    if before == after:
        template = BECAME.get(certainty, "{label} is no longer marked as actual or estimated: {date}.")
        return template.format(label=label, date=after or "no date")
    if after is None:
        return f"{label} has no date any more; it was {before}."
    if before is None:
        return f"{label} is given for the first time: {after}." if len(history) == 1 else f"{label} is given: {after}."
    remark = f", {REMARKS[certainty]}" if certainty in REMARKS else ""
    moved = slip(before, after)
    if moved is None:
        return f"{label} changed from {before} to {after}{remark}."
    if not moved.days:
        finer = "more" if len(after) > len(before) else "less"
        return f"{label} is told {finer} precisely, {after} instead of {before}{remark}."
    way = f"by {moved.words}" if moved.days > 0 else f"{moved.words} earlier"
    return f"{label} moved {way}, from {before} to {after}{remark}{_so_far(history)}."


def _so_far(history: Sequence[Sides]) -> str:
    count, whole = moves(history), in_all(history)
    return f" ({ordinal(count)} move, {_whole(whole)} in all)" if count > 1 and whole else ""


def _whole(whole: Slip) -> str:
    if not whole.days:
        return counted(0, "day")
    return whole.words if whole.days > 0 else f"{whole.words} earlier"
