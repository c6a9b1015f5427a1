"""The fixed list of what can happen, and the steps of its ladders.

What is particular to a type or a step stands in `event_types.toml`, one record each, with the meaning of its keys at
its head; here are the shapes of the records and the functions that read them. Types, levels and polarities follow the
event taxonomy of the project.
"""

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

LEVELS = ("info", "minor", "major", "critical")
"""From least to most."""

FILE = Path(__file__).with_suffix(".toml")
POLARITIES = ("positive", "negative", "mixed", "neutral")
Polarity = Literal["positive", "negative", "mixed", "neutral"]
Topic = Literal[
    "approvals", "reviews", "trials", "results", "stops", "safety", "supply", "payment", "delays", "papers", "other"
]  # fmt: skip
Part = Literal["headline", "sentence", "meaning"]
PARTS: tuple[Part, ...] = ("headline", "sentence", "meaning")


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Record):
    """What is said where it differs from the record around it; text with blanks (`monitor.vocabulary.wording`)."""

    headline: str | None = None
    sentence: str | None = None
    meaning: str | None = None


class StateChange(_Record):
    """What becomes of `approval.state`, for machines."""

    before: str
    after: str


class _Worded(_Record):
    """A record with words of its own for each polarity."""

    name: str
    positive: Words = Words()
    negative: Words = Words()
    mixed: Words = Words()
    neutral: Words = Words()


class EventType(_Worded):
    """One kind of event: how much it matters, which way it points, where it belongs, how it is told."""

    level: Literal["info", "minor", "major", "critical"]
    polarity: Polarity | None = None  # None: told by each act (vote, opinion, decision)
    family: str
    scope: Literal["place", "trial", "therapy"]
    step: str
    matter: str = "authorisation"
    window_days: int = Field(60, alias="window", gt=0)
    apart: tuple[Literal["step", "polarity"], ...] = ()
    instead_of: tuple[str, ...] = ()
    """What the same words do not tell beside it (taxonomy rules 19 and 26)."""
    official: bool = False
    waiting: bool = False
    new_drug: bool = False
    generic: bool = False
    one_wording: bool = False
    topic: Topic = "other"
    door: tuple[Polarity, ...] = ()
    outcome: bool = False
    fields: tuple[str, ...] = ()
    label: str  # for readers: "approval formally ended"
    headline: str
    sentence: str
    meaning: str
    before: str | None = None
    after: str | None = None
    approval_state: StateChange | None = None

    @property
    def window(self) -> timedelta:
        """How far apart two tellings of one act may date it."""
        return timedelta(days=self.window_days)

    @model_validator(mode="after")
    def _both_ways(self) -> "EventType":
        """An act that can go either way has words for each."""
        wordless = [
            f"{polarity}.{part}"
            for polarity in ("positive", "negative")
            for part in ("headline", "sentence")
            if self.polarity is None and not self.one_wording and getattr(getattr(self, polarity), part) is None
        ]
        if wordless:
            raise ValueError(f"expected words for each polarity, or one_wording, found no {', '.join(wordless)}")
        return self


class Step(_Worded):
    """One rung of a ladder: its name there, words where it says more than its type, and what it does to the status."""

    label: str
    headline: str | None = None
    sentence: str | None = None
    meaning: str | None = None
    completes: str | None = None
    aside: bool = False
    approval_state: str | None = None
    market_state: str | None = None
    trial_state: str | None = None


def read_types(path: Path) -> tuple[dict[str, EventType], dict[str, Step]]:
    """The records of a file of types and steps, in its order.

    Raises ValueError naming the record and the key, what was expected and what was found.
    """
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    if set(raw) != {"types", "steps"}:
        raise ValueError(f"{path}: expected types and steps, found {', '.join(raw)}")
    types = {name: EventType.model_validate(_named(name, row)) for name, row in raw["types"].items()}
    steps = {name: Step.model_validate(_named(name, row)) for name, row in raw["steps"].items()}
    faults = [*_unknown_steps(types, steps), *_unknown_types(types), *_divided_families(types)]
    if faults:
        raise ValueError("\n".join(f"{path}: {fault}" for fault in faults))
    return types, steps


def _named(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, **row}


def _unknown_steps(types: Mapping[str, EventType], steps: Mapping[str, Step]) -> list[str]:
    named = [(f"types.{t.name}.step", t.step) for t in types.values()]
    named += [(f"steps.{s.name}.completes", s.completes) for s in steps.values() if s.completes]
    return [f"{where}: expected a step of this file, found {step!r}" for where, step in named if step not in steps]


def _unknown_types(types: Mapping[str, EventType]) -> list[str]:
    return [
        f"types.{t.name}.instead_of: expected types of this file, found {other!r}"
        for t in types.values()
        for other in t.instead_of
        if other not in types
    ]


def _divided_families(types: Mapping[str, EventType]) -> list[str]:
    """Types of one family may be one act, so they share what says which acts are one."""
    shared: dict[str, tuple[Any, ...]] = {}
    return [
        f"types.{t.name}: expected matter, window and apart as in the others of the family {t.family}, found {own}"
        for t in types.values()
        if shared.setdefault(t.family, own := (t.matter, t.window_days, t.apart)) != own
    ]


TYPES, STEPS = read_types(FILE)


ALERTING = "major"
"""From this level of its type on, an event is worth an alert of its own; what lies below waits for a digest."""

COMPLETES = {name: step.completes for name, step in STEPS.items() if step.completes}
"""Steps that end what an earlier step of the thread began, and that earlier step, which was the news."""

ASIDE = frozenset(name for name, step in STEPS.items() if step.aside)
"""Steps that touch nothing a reader may use: of the ladder alone."""


MOVING = frozenset(name for name, step in STEPS.items() if step.approval_state or step.market_state) | {
    "converted", "form_added",
}  # fmt: skip
"""Steps that move where a drug stands: authorisation, market, pathway, a new form."""

ASKED = frozenset({"applied", "application_accepted", "form_added"})
"""Of these, the steps that neither give nor take a drug: a wrong one does no harm before somebody better tells it."""


ENDING = frozenset(
    name for name, step in STEPS.items() if step.trial_state in ("stalled", "terminated", "completed")
) | {"result", "programme_ended"}
"""Steps that say what became of a trial or a programme; that one began or recruits does no harm if it is wrong."""

NEEDS_MORE_THAN_PRESS = (MOVING - ASKED) | ENDING
"""Steps that press or community alone tell to a maintainer only."""

REGULATOR, REGISTRY = 1, 2
TIERS = {REGULATOR: "regulator", REGISTRY: "registry or legal filing", 3: "company statement", 4: "press or community"}
"""How near to an act its tellers are, the nearest first."""


def stated_from(type_: str, step: str | None) -> int:
    """The worst tier whose word on an act counts as stated: an authority's where it gives or takes a drug, else also
    that of a registry or a legal filing. A filing tells of an approval as the company does."""
    decides = TYPES[type_].official and (step or TYPES[type_].step) in MOVING - ASKED
    return REGULATOR if decides else REGISTRY


def alerts(type_: str, step: str | None) -> bool:
    """Whether an event of this type and step is worth an alert of its own where its thread holds no other.

    A step of COMPLETES counts as completing: whether there was something to complete, the thread says.
    """
    return at_least(TYPES[type_].level, ALERTING) and step not in COMPLETES and step not in ASIDE


@lru_cache(maxsize=4096)
def thread_of(
    type_: str,
    *,
    therapy: str | None,
    place: str | None,
    trial: str | None,
    drug: str | None = None,
    step: str | None = None,
) -> str:
    """The matter an event belongs to: `us/velorastat/authorisation`, `trial/nct09000003`, `deal/tarapuran`."""
    spec = TYPES[type_]
    who = slug(therapy or drug or "unnamed")
    if spec.scope == "trial" or (spec.family in ("clearance", "programme") and trial):
        return f"trial/{slug(trial) if trial else who}"
    if spec.scope == "place":
        matter = "supplement" if step in ASIDE else spec.matter
        return f"{(place or 'nowhere').lower()}/{who}/{matter}"
    if spec.family == "access" and place:
        return f"{place.lower()}/{who}/access"
    return f"{spec.family}/{who}"


def slug(name: str) -> str:
    """Lower case, with blanks as dashes: the form names take in threads and addresses."""
    return "-".join(name.lower().split())


def at_least(level: str, lowest: str) -> bool:
    """Whether a level matters at least as much as another."""
    return LEVELS.index(level) >= LEVELS.index(lowest)
