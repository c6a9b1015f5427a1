"""Dates ahead: what trial registries plan for the trials of the pack's therapies. A plan is told as a plan.   (pure)

Decision dates of regulators are missing: no source gives them in a field of their own.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from monitor.standing.overdue import Trial
from monitor.vocabulary.dates import first_day, in_words, last_day, short
from monitor.vocabulary.event_types import REGISTRY
from notifiers.digest import Ahead
from sources.records import RUNNING, Content, Counted
from store.tables import Subscription

LINES = 3
HORIZON = timedelta(days=365)

PLANS = {
    "start": "The trial {trial} of {name} plans to start {on}.",
    "primary_completion": "The last visit that counts for the main goal of {trial} ({name}) is planned {on}.",
}
"""Fields of a study whose date may lie ahead, each with a field `_type`, and how they are told."""


TOPICS = {"start": "trials", "primary_completion": "results"}
DOORS = frozenset({"start"})
"""What a planned date is about, for who leaves topics out, and which of them opens a door."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One planned date of a trial: the field of its record, and how it is told."""

    trial: Trial
    field: str
    told: Ahead

    def concerns(self, reader: Subscription) -> bool:
        """Whether it is of a drug that a reader follows, and neither its topic nor who tells it is left out."""
        return (
            (not reader.therapies or self.trial.therapy in reader.therapies)
            and TOPICS[self.field] not in reader.muted
            and (not reader.tiers or REGISTRY in reader.tiers)
            and (not reader.only_doors or self.field in DOORS)
        )


def ahead(
    trials: Iterable[Trial],
    today: date,
    *,
    titles: Mapping[str, str],
    names: Mapping[str, str] | None = None,
    reader: Subscription | None = None,
) -> tuple[Ahead, ...]:
    """The next planned dates within a year, soonest first, that concern a reader. `titles` are the names of sources for
    readers, `names` those of therapies, where they are called otherwise than in the pack."""
    found = plans(trials, today, titles=titles, names=names)
    return tuple(plan.told for plan in found if reader is None or plan.concerns(reader))[:LINES]


def plans(
    trials: Iterable[Trial], today: date, *, titles: Mapping[str, str], names: Mapping[str, str] | None = None
) -> list[Plan]:
    """All planned dates within a year, soonest first."""
    found = [plan for trial in trials for plan in _plans(trial, today, titles, names or {})]
    return sorted(found, key=lambda plan: (last_day(plan.told.on), plan.trial.item.key))


def may_plan(content: Content) -> bool:
    """Whether a record can hold a plan on some day: its study runs, and its registry calls a date an estimate."""
    return content.get("status") in RUNNING and any(
        content.get(field) and content.get(f"{field}_type") == Counted.ESTIMATED for field in PLANS
    )


def _plans(trial: Trial, today: date, titles: Mapping[str, str], names: Mapping[str, str]) -> Iterator[Plan]:
    """Only what the registry itself calls an estimate; a date whose last possible day is past is no plan any more."""
    if trial.content.get("status") not in RUNNING:
        return
    for field, sentence in PLANS.items():
        day = trial.content.get(field)
        if not day or trial.content.get(f"{field}_type") != Counted.ESTIMATED:
            continue
        if last_day(day) < today or first_day(day) > today + HORIZON:
            continue
        entry = f", entry of {short(trial.item.updated_on)}" if trial.item.updated_on else ""
        told = Ahead(
            on=day,
            sentence=sentence.format(
                trial=trial.item.key, name=names.get(trial.therapy, trial.therapy), on=in_words(day)
            ),
            how_sure=f"a plan in the register{entry}; it may move",
            source=titles.get(trial.item.source, trial.item.source),
            url=trial.item.url,
        )
        yield Plan(trial, field, told)
