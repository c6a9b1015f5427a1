"""The kinds of routine changes, what one is, and what its words rest on. Pure.

The kind of a routine change follows from its field. Fields whose change is always told as an event have no words here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from monitor.reading.routine.dates_moved import DATES
from monitor.vocabulary.differences import RECORD, Difference

if TYPE_CHECKING:  # what only lists the kinds reads no record
    from sources.records import Content

KINDS = {
    "date_moved": "Dates moved",
    "enrolment": "Enrolment",
    "sites": "Sites and countries",
    "eligibility": "Who may take part",
    "primary_outcome": "Primary outcome",
    "secondary_outcome": "Secondary outcomes",
    "sponsor": "Sponsor and partners",
    "phase": "Phase",
    "title": "Title",
    "results_submitted": "Results submitted, not yet posted",
    "label": "Label",
    "other": "Anything else",
}
"""The kinds of routine changes, and what readers call them."""

WEIGHTS = {
    "results_submitted": 4, "date_moved": 3, "primary_outcome": 3, "eligibility": 2, "enrolment": 2, "sponsor": 2,
    "phase": 2, "label": 2, "secondary_outcome": 1, "sites": 1, "title": 1, "other": 0,
}  # fmt: skip
"""What is told first among the changes of one record; the larger the earlier."""

GOAL_MOVED_AFTERWARDS = 5
"""Weight of a primary outcome that is changed when the last visit for it was over."""

FIELDS = {
    **{name: "date_moved" for field in DATES for name in (field, f"{field}_type")},
    "enrollment": "enrolment", "enrollment_type": "enrolment",
    "site_count": "sites", "site_countries": "sites", "site_statuses": "sites", "removed_countries": "sites",
    "eligibility": "eligibility", "minimum_age": "eligibility", "maximum_age": "eligibility", "sex": "eligibility",
    "healthy_volunteers": "eligibility", "primary_outcomes": "primary_outcome",
    "secondary_outcomes": "secondary_outcome",
    "sponsor": "sponsor", "collaborators": "sponsor", "phases": "phase", "title": "title",
    "results_submissions": "results_submitted", "unposted_events": "results_submitted",
}  # fmt: skip
"""Field of a record to the kind of its routine change. What is not here, nor in TOLD, is `other`."""

TOLD = frozenset({RECORD, "results_posted", "has_results"})
"""Told as an event or by the kind of the change."""

SHORT = 120
"""Longest value quoted in a sentence."""


@dataclass(frozen=True, slots=True)
class Routine:
    """One routine change. `slip_days` (later is positive) and `slipped_in_all` are of dates alone and None elsewhere;
    `moves` counts the changes of this field so far, this one included, and of a date those that moved it."""

    kind: str
    field: str
    words: str
    weight: int
    slip_days: int | None = None
    moves: int = 1
    slipped_in_all: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The routine change as the change log prints it."""
        return {
            name: getattr(self, name) for name in ("kind", "field", "words", "slip_days", "moves", "slipped_in_all")
        }


Earlier = Mapping[str, Sequence[tuple[Any, Any]]]
"""Field to its earlier values before and after, oldest first."""


@dataclass(frozen=True)
class RecordChange:
    """What the words rest on: the differences by field, the record as it was and is, the day, and what went before."""

    by_field: Mapping[str, Difference]
    before: "Content"
    after: "Content"
    on: date
    earlier: Earlier
    key: str = ""

    def made(self, field: str, words: str, *, kind: str | None = None, weight: int | None = None) -> Routine:
        """A routine change of a field that is no date."""
        kind = kind or kind_of(field)
        return Routine(
            kind=kind,
            field=field,
            words=words,
            weight=WEIGHTS[kind] if weight is None else weight,
            moves=1 + len(self.earlier.get(field, ())),
        )


def kind_of(field: str) -> str:
    """The kind of a routine change by its field; of submissions it depends on their class, `label` or `other`."""
    return FIELDS.get(field, "other")


def gained_and_lost(difference: Difference) -> tuple[list[str], list[str]]:
    """What a list gained and what it lost."""
    old, new = difference.before or [], difference.after or []
    return [value for value in new if value not in old], [value for value in old if value not in new]


def in_number(value: Any) -> str:
    """A count, or that there is none."""
    return "no number" if value is None else str(value)


def plain_word(value: Any) -> str:
    """`NOT_YET_RECRUITING` as `not yet recruiting`."""
    return "none" if value is None else str(value).replace("_", " ").lower()


def listed(values: Sequence[str]) -> str:
    """`Greece, Mexico and Peru`, cut where it grows too long for a sentence."""
    return shortened(f"{', '.join(values[:-1])} and {values[-1]}" if len(values) > 1 else "".join(values))


def ended(words: str) -> str:
    """A sentence with one full stop, whatever it quotes last."""
    return words if words.endswith((".", "…")) else f"{words}."


def shortened(value: Any) -> str:
    """A value of a record as a sentence quotes it."""
    text = "none" if value is None else "; ".join(value) if isinstance(value, list) else str(value)
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"
