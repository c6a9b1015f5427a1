"""Studies to claims: what a status means, that a study is registered, that its results are posted. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from monitor.reading.typed.record_change import CERTAIN, Meaning, RecordChange, Rule
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.therapies import Therapies
from sources.records import Content, Counted, Phase, Study, StudyStatus

STATUSES: Mapping[str, Meaning] = {
    StudyStatus.TERMINATED: Meaning("trial_stopped", "negative", "terminated"),
    StudyStatus.SUSPENDED: Meaning("trial_stopped", "negative", "suspended"),
    StudyStatus.WITHDRAWN: Meaning("trial_stopped", "negative", "withdrawn"),
    StudyStatus.AVAILABLE: Meaning("expanded_access", "positive", "access_opened"),
    StudyStatus.NO_LONGER_AVAILABLE: Meaning("expanded_access", "negative", "access_closed"),
    StudyStatus.TEMPORARILY_NOT_AVAILABLE: Meaning("expanded_access", "negative", "access_paused"),
    StudyStatus.APPROVED_FOR_MARKETING: Meaning("expanded_access", "negative", "access_closed"),
    StudyStatus.NOT_YET_RECRUITING: Meaning("trial_status_change", "neutral", "not_yet_recruiting"),
    StudyStatus.RECRUITING: Meaning("trial_status_change", "positive", "started"),
    StudyStatus.ENROLLING_BY_INVITATION: Meaning("trial_status_change", "positive", "started"),
    StudyStatus.ACTIVE_NOT_RECRUITING: Meaning("trial_status_change", "neutral", "recruitment_closed"),
    StudyStatus.COMPLETED: Meaning("trial_status_change", "neutral", "completed"),
}
"""What it means that a study has come to this status (taxonomy rule 20). UNKNOWN and WITHHELD are set by the registry
itself, not by the sponsor, and are no event."""

STANDING = frozenset({"started", "recruitment_closed", "completed"})
"""The steps that a baseline takes from how a study stands, each on the date that the record gives for it or on none."""

SILENT = frozenset(StudyStatus) - STATUSES.keys()
OTHER = Meaning("trial_status_change", "neutral", "status_changed")
"""A status told in words that no registry of ours uses."""

PHASES = {
    Phase.EARLY_PHASE1: "1",
    Phase.PHASE1: "1",
    Phase.PHASE2: "2",
    Phase.PHASE3: "3",
    Phase.PHASE4: "4",
}
NCT = re.compile(r"NCT\d{8}")
TESTED = frozenset({"DRUG", "BIOLOGICAL", "GENETIC", "COMBINATION_PRODUCT"})
"""Types of intervention that may be the drug a study is about."""


def status_meaning(before: str | None, after: str) -> Meaning | None:
    """What a change of status means, or None where it is no event. Statuses are those of StudyStatus."""
    if after in SILENT or before == after:
        return None
    return STATUSES.get(after, OTHER)


def stood(before: Content, after: Content) -> str | None:
    """How a study stood by its sponsor's word: where the registry itself called it unknown, what was known last. That
    is no word on a study of which only now an actual start is given."""
    status = before.get("status")
    begun = _actual(after, "start") and not _actual(before, "start")
    return (before.get("last_known_status") or status) if status in SILENT and not begun else status


def phase_of(content: Content) -> str | None:
    """Our word for a study's phase: `2/3` for a combined one, None where the registry gives none."""
    words = sorted({PHASES[phase] for phase in content.get("phases", ()) if phase in PHASES})
    return "/".join(words) or None


def _registered(change: RecordChange) -> Iterator[Claim]:
    if change.before is None:
        first = change.after.get("first_posted")
        meaning = Meaning("trial_registered", "neutral", "registered")
        yield _claim(change, meaning, on=first, quote=f"status: {_word(change.after)}")


def _status(change: RecordChange) -> Iterator[Claim]:
    before = stood(change.before or {}, change.after)
    meaning = status_meaning(before, change.after["status"])
    first, stopped = change.before is None, meaning is not None and meaning.type == "trial_stopped"
    if meaning is None or (first and not stopped and not (change.stands and meaning.step in STANDING)):
        return  # how a record stands at first sight is no change of status; that it was stopped is worth knowing
    was = f"{_word(change.before)} -> " if change.before and before else ""
    quote = f"status: {was}{_word(change.after)}"
    if reason := change.after.get("why_stopped"):
        quote += f"; why stopped: {reason}"
    if first and not stopped:
        yield replace(_claim(change, meaning, on=_reached(change, meaning), quote=quote), history=True)
    else:
        # what happened lies before: the sponsor who told it said when
        yield replace(_claim(change, meaning, on=_posted(change), quote=quote), at_latest=True)


def _reached(change: RecordChange, meaning: Meaning) -> str | None:
    """When a study seen for the first time came to where it stands, as far as its record says: that it has started says
    its actual start; when its recruitment closed, no field does."""
    if meaning.step == "completed":
        return _actual(change.after, "completion") or _posted(change)
    return _actual(change.after, "start") if meaning.step == "started" else None


def _actual(content: Content, field: str) -> str | None:
    """A date of the record that is no estimate."""
    return content.get(field) if content.get(f"{field}_type") == Counted.ACTUAL else None


def _results(change: RecordChange) -> Iterator[Claim]:
    posted = change.after.get("results_posted")
    if posted and not (change.before or {}).get("results_posted"):
        meaning = Meaning("results_posted", "neutral", "results_posted")
        yield _claim(change, meaning, on=posted, quote=f"results first posted: {posted}")


STUDY_RULES: tuple[Rule, ...] = (_registered, _status, _results)


def _word(content: Content) -> str:
    """The status as the registry writes it."""
    return str(content.get("status_text") or content["status"])


def _posted(change: RecordChange) -> str:
    """When the registry posted the state we see; without its word for it, the day we saw it."""
    assert isinstance(change.record, Study)
    return change.record.last_update_posted or change.on.isoformat()


def _claim(change: RecordChange, meaning: Meaning, *, on: str | None, quote: str) -> Claim:
    content, record = change.after, change.record
    assert isinstance(record, Study)
    trial = number_of((record.key, *record.others), change.therapies) if record.others else record.key
    therapy = change.therapies.of_study(content, trial)
    return Claim(
        type=meaning.type,
        polarity=meaning.polarity,
        quote=quote,
        rule=f"study.{meaning.step}",
        confidence=CERTAIN,
        therapy=therapy,
        drug=therapy or _first_intervention(content),
        trial=trial,
        occurred_on=on,
        phase=phase_of(content),
        step=meaning.step,
        planned_start=content.get("start") if content.get("start_type") == Counted.ESTIMATED else None,
    )


def number_of(numbers: Sequence[str], therapies: Therapies) -> str:
    """The one number by which a trial of several is told: of those that the pack names that of the largest registry,
    else the first; where it names none, the same of all."""
    named = [number for number in numbers if therapies.of_trial(number)] or numbers
    return next(filter(NCT.fullmatch, named), named[0])


def _first_intervention(content: Content) -> str | None:
    for line in content.get("interventions", ()):
        kind, _, name = line.partition(": ")
        if kind in TESTED and "placebo" not in name.lower():
            return str(name)
    return None
