"""Dates ahead: what trial registries plan for the trials of the pack's therapies. A plan is told as a plan.   (pure)

Decision dates of regulators are missing: no source gives them in a field of their own.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from monitor.standing.overdue import Trial
from monitor.vocabulary.dates import first_day, in_words, last_day, short
from notifiers.digest import Ahead
from sources.records import RUNNING, Counted

LINES = 3
HORIZON = timedelta(days=365)

PLANS = {
    "start": "The trial {trial} of {name} plans to start {on}.",
    "primary_completion": "The last visit that counts for the main goal of {trial} ({name}) is planned {on}.",
}
"""Fields of a study whose date may lie ahead, each with a field `_type`, and how they are told."""


def ahead(
    trials: Iterable[Trial], today: date, *, titles: Mapping[str, str], names: Mapping[str, str] | None = None
) -> tuple[Ahead, ...]:
    """The next planned dates within a year, soonest first. `titles` are the names of sources for readers, `names` those
    of therapies, where they are called otherwise than in the pack."""
    plans = sorted(
        (pair for trial in trials for pair in _plans(trial, today, titles, names or {})), key=lambda pair: pair[0]
    )
    return tuple(plan for _, plan in plans[:LINES])


def _plans(
    trial: Trial, today: date, titles: Mapping[str, str], names: Mapping[str, str]
) -> Iterator[tuple[tuple[date, str], Ahead]]:
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
        plan = Ahead(
            on=day,
            sentence=sentence.format(
                trial=trial.item.key, name=names.get(trial.therapy, trial.therapy), on=in_words(day)
            ),
            how_sure=f"a plan in the register{entry}; it may move",
            source=titles.get(trial.item.source, trial.item.source),
            url=trial.item.url,
        )
        yield (last_day(day), trial.item.key), plan
