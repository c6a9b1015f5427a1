"""What may have happened by one text: each type that a reader holds possible, with the sentence that says so.

    rules: acts in their clauses ──┐
                                   ├──► candidates ──► features (`features.py`) ──► the judge (`judge.py`)
    encoder: a value by sentence ──┘

Nothing is decided here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from monitor.reading.prose.acts import Act
from monitor.reading.prose.drugs import Drug
from monitor.reading.prose.priorities import tone
from monitor.reading.prose.subjects import Candidate as Named
from monitor.reading.prose.subjects import Subject, subjects_of
from monitor.reading.prose.subjects import candidates_of as medicines_of
from monitor.vocabulary.event_types import TYPES

POSSIBLE = 0.03
"""From this value of the encoder a type is looked at."""
OWN = 0.15
"""So much more than the title must a sentence say before it is the one that was read: values leak from the title."""
UNNAMED = frozenset({"adcomm_scheduled"})
"""Types whose product may be unnamed."""
KIN = frozenset({"approval", "accelerated_approval", "label_expansion", "full_approval_conversion"})
"""Types of one yes: which of them it is shows in what was authorised before, which the events know."""
PLACES = {name: number for number, name in enumerate(TYPES)}
WAYS = frozenset({"adcomm_outcome", "chmp_opinion", "reimbursement", "expanded_access", "shortage"})
AGAINST = re.compile(
    r"\b(?:against|reject\w*|declin\w+|refus\w+|turn(?:s|ed)? down|vot\w+ (?:it )?down|negative|unfavou?rable|"
    r"not (?:be )?(?:recommend\w*|cover\w*|support\w*|back\w*)|won't|no to|ends?|clos\w+|in short supply|shortages?)\b",
    re.I,
)
"""Types whose acts go either way, and words by which they go against the patient."""
READ = tuple(name for name, spec in TYPES.items() if not spec.waiting and spec.family != "answer")
"""The types that a text can announce."""


@dataclass(frozen=True)
class Views:
    """What both readers make of a text. `acts` in whatever way they are meant, `done` those that stand as done;
    `values` of the encoder by sentence and type, or None where it was not asked."""

    units: Sequence[str]
    acts: Sequence[Act]
    done: Sequence[Act]
    drugs: list[Drug]
    values: Sequence[Sequence[float]] | None
    published: date | None = None
    genres: tuple[str, ...] = ()
    kind: str = "news"

    @cached_property
    def highest(self) -> list[float]:
        """The highest value of each type."""
        return [max(column) for column in zip(*self.values, strict=True)] if self.values else [0.0] * len(PLACES)

    def column(self, type_: str) -> list[float]:
        """The values of a type by sentence."""
        return [row[PLACES[type_]] for row in self.values] if self.values else [0.0] * len(self.units)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing that may have happened. `act` where the rules read it as done; `subjects` the medicines that a claim
    would name, `named` all that it may be about, the most probable first."""

    type: str
    polarity: str
    unit: int
    act: Act | None
    subjects: tuple[Subject, ...]
    named: tuple[Named, ...]


def candidates_of(views: Views) -> list[Candidate]:
    """Every type that the encoder holds possible or the rules read as done, in the order of the sentences."""
    found = [of_act(act, views) for act in views.done]
    told = {candidate.type for candidate in found}
    found += [_of_value(t, views) for t in READ if t not in told and views.highest[PLACES[t]] >= POSSIBLE]
    return sorted(found, key=lambda one: (one.unit, one.type))


def of_act(act: Act, views: Views) -> Candidate:
    """What the rules read as done."""
    return _possible(act.type, act.polarity, act.unit, act, views)


def _of_value(type_: str, views: Views) -> Candidate:
    unit = sentence_of(type_, views)
    return _possible(type_, polarity_of(type_, views.units[unit]), unit, None, views)


def _possible(type_: str, polarity: str, unit: int, act: Act | None, views: Views) -> Candidate:
    span = (act.start, act.end) if act else None
    named = medicines_of(views.units, views.drugs, unit, span)
    several = type_ not in UNNAMED
    written = subjects_of(unit, list(views.units), views.drugs, several=several) if views.drugs else []
    return Candidate(type_, polarity, unit, act, tuple(written), tuple(named))


def sentence_of(type_: str, views: Views) -> int:
    """The sentence that the encoder read: the title, unless one below says clearly more."""
    column = views.column(type_)
    below = max(range(1, len(column)), key=column.__getitem__, default=0)
    own = column[below] > column[0] + OWN or (views.kind == "page_diff" and views.units[below])
    return below if own else 0


def polarity_of(type_: str, sentence: str) -> str:
    """Which way an act points that the rules did not read: by its type, else by the tone of its sentence."""
    if AGAINST.search(sentence) and type_ in WAYS:
        return "negative"
    return TYPES[type_].polarity or tone(sentence)
