"""Routine changes of studies in words: dates, enrolment, sites, and what else a registry holds of them. Pure."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from monitor.reading.routine.dates_moved import DATES, date_words
from monitor.reading.routine.kinds import (
    GOAL_MOVED_AFTERWARDS,
    WEIGHTS,
    RecordChange,
    Routine,
    ended,
    gained_and_lost,
    in_number,
    listed,
    plain_word,
    shortened,
)  # fmt: skip
from monitor.reading.routine.renamed_places import renamed
from monitor.reading.routine.rewording import bare, reworded
from monitor.reading.routine.slips import Sides, counted, in_all, moves, slip
from monitor.reading.typed.study_acts import status_meaning, stood
from monitor.vocabulary.dates import first_day, last_day
from sources.signs import plain_signs


def _dates(change: RecordChange) -> Iterator[Routine]:
    for field in DATES:
        moved, sort = change.by_field.get(field), change.by_field.get(f"{field}_type")
        if not moved and not sort:
            continue
        now = change.after.get(field)
        this: Sides = (moved.before, moved.after) if moved else (now, now)
        history = [*change.earlier.get(field, ()), this]
        stays = change.after.get(f"{field}_type")
        certainty: Sides = (sort.before, sort.after) if sort else (stays, stays)
        found, whole, count = slip(*this), in_all(history), moves(history)
        yield Routine(
            kind="date_moved",
            field=field,
            words=date_words(field, history, certainty),
            weight=WEIGHTS["date_moved"],
            slip_days=found.days if found else None,
            moves=count,
            slipped_in_all=whole.days if whole and count else None,
        )


SITE = re.compile(r"sites\[(.+)\]")
RECRUITING = " RECRUITING"

CERTAINTY = {"ACTUAL": "the actual number", "ESTIMATED": "planned"}


def _enrolment(change: RecordChange) -> Iterator[Routine]:
    count, sort = change.by_field.get("enrollment"), change.by_field.get("enrollment_type")
    remark = CERTAINTY.get(change.after.get("enrollment_type") or (sort.after if sort else ""), "")
    remark = f", {remark}" if remark else ""
    if count:
        words = f"Enrolment: {in_number(count.before)} before, {in_number(count.after)} now{remark}."
        yield change.made("enrollment", words)
    elif sort:
        number = change.after.get("enrollment")
        yield change.made("enrollment_type", f"Enrolment stays at {in_number(number)}{remark or ', no longer marked'}.")


def _sites(change: RecordChange) -> Iterator[Routine]:
    if count := change.by_field.get("site_count"):
        yield change.made("site_count", f"Sites: {in_number(count.before)} before, {in_number(count.after)} now.")
    if countries := change.by_field.get("site_countries"):
        called = renamed(change).countries
        gained, lost = gained_and_lost(countries)
        gained, lost = [c for c in gained if c not in called.values()], [c for c in lost if c not in called]
        known = {country for sides in change.earlier.get("site_countries", ()) for country in sides[0] or ()}
        sentences = [f"Sites in {listed([c for c in gained if c in known])} again." if known & set(gained) else ""]
        sentences += [f"First site in {country}." for country in gained if country not in known]
        sentences += [f"No site any more in {listed(lost)}."] if lost else []
        if any(sentences):
            yield change.made("site_countries", " ".join(filter(None, sentences)))
    elif removed := change.by_field.get("removed_countries"):
        gained, lost = gained_and_lost(removed)
        sentences = [f"No site any more in {listed(gained)}."] if gained else []
        sentences += [f"No longer listed as left: {listed(lost)}."] if lost else []
        yield change.made("removed_countries", " ".join(sentences))
    if (states := change.by_field.get("site_statuses")) and not count:
        old, new = states.before or {}, states.after or {}
        moved = [f"{plain_word(s)} {old.get(s, 0)} before, {new.get(s, 0)} now" for s in sorted({*old, *new})]
        yield change.made("site_statuses", f"Sites by state: {'; '.join(moved)}.")


LIMITS = {
    "minimum_age": "Youngest age", "maximum_age": "Oldest age", "sex": "Sex",
    "healthy_volunteers": "Healthy volunteers",
}  # fmt: skip
NUMBER, CRITERION = re.compile(r"\d+(?:[.,]\d+)?"), re.compile(r"\s*\*\s+|(?<=[.;:])\s+")
MOST_WINDOWS = 3


def _opened_and_closed(change: RecordChange) -> Iterator[Routine]:
    """Where sites have begun to recruit, or do so no more; in a country without any before it is said there."""
    opened, closed = list[str](), list[str]()
    otherwise = renamed(change)
    for field, difference in change.by_field.items():
        if (place := SITE.fullmatch(field)) and place[1] not in otherwise.touched:
            was, now = (RECRUITING in str(side or "") for side in (difference.before, difference.after))
            (opened if now and not was else closed if was and not now else []).append(place[1])
    told = [f"{word} in {listed(places)}." for word, places in (("Opened", opened), ("Closed", closed)) if places]
    told += otherwise.words()
    if told and "status" not in change.by_field:
        yield change.made("sites", " ".join(told), kind="sites")


def _eligibility(change: RecordChange) -> Iterator[Routine]:
    if difference := change.by_field.get("eligibility"):
        before, after = (plain_signs(str(side or "")) for side in (difference.before, difference.after))
        old, new = Counter(before.split()), Counter(after.split())
        gone, fresh = (old - new).total(), (new - old).total()
        words = f"Who may take part has changed: {counted(gone, 'word')} gone, {counted(fresh, 'word')} new."
        if gone or fresh:
            yield change.made("eligibility", " ".join([words, *_windows(before, after)]))
        else:
            yield change.made("eligibility", "Who may take part is put in another order.", weight=WEIGHTS["title"])
    for field, label in LIMITS.items():
        if limit := change.by_field.get(field):
            sides = (
                plain_word(side) if isinstance(side, str) else str(side or "none")
                for side in (limit.before, limit.after)
            )
            yield change.made(field, "{}: {} before, {} now.".format(label, *sides))


def _windows(before: str, after: str) -> Iterator[str]:
    """The criteria in which a number alone has changed: how long ago, how old, how much."""
    old, new = ({NUMBER.sub("#", line): line for line in CRITERION.split(side)} for side in (before, after))
    for form in [form for form in old if "#" in form and form in new and old[form] != new[form]][:MOST_WINDOWS]:
        yield f"“{shortened(old[form])}” before, “{shortened(new[form])}” now."


OUTCOMES = {
    "primary_outcomes": ("primary outcome", "is", "has"), "secondary_outcomes": ("secondary outcomes", "are", "have"),
}  # fmt: skip


def _outcomes(change: RecordChange) -> Iterator[Routine]:
    for field, (name, be, has) in OUTCOMES.items():
        if not (difference := change.by_field.get(field)):
            continue
        sides = [side or () for side in (difference.before, difference.after)]
        if reworded(*sides):
            yield change.made(field, f"The {name} {be} worded otherwise.", weight=WEIGHTS["title"])
            continue
        afterwards, when = _timing(change)
        old, new = ({bare(_measure(line)) for line in side} for side in sides)
        what, does = (f"The time frame of the {name}", "has") if old == new else (f"The {name}", has)
        weight = GOAL_MOVED_AFTERWARDS if afterwards and field == "primary_outcomes" else None
        yield change.made(field, f"{what} {does} changed{when}.", weight=weight)


def _timing(change: RecordChange) -> tuple[bool, str]:
    """Whether the day is after primary completion, and the words for it.

    The date that held when the change was made counts: an actual one, else the one planned before this change.
    """
    actual = change.after.get("primary_completion_type") == "ACTUAL"
    held = change.after if actual else change.before
    completion = held.get("primary_completion") or change.after.get("primary_completion")
    if not completion:
        return False, ""
    try:
        first, last = first_day(completion), last_day(completion)
    except ValueError:
        return False, ""
    name = f"primary completion ({completion})" if actual else f"the planned primary completion ({completion})"
    if change.on > last:
        return True, f" {counted((change.on - last).days, 'day')} after {name}"
    if change.on < first:
        return False, f" {counted((first - change.on).days, 'day')} before {name}"
    return False, f" at the time of {name}"


HANDED_IN = {
    "RELEASE": "Results were handed in to the registry on {day}; they are not posted yet.",
    "RESET": "The registry gave the results back for corrections on {day}.",
    "UNRELEASE": "The sponsor took the results back on {day}.",
}
"""Steps of results on their way, as the registry names them."""
STEP_FIELDS = {"releaseDate": "RELEASE", "resetDate": "RESET", "unreleaseDate": "UNRELEASE"}


def _results(change: RecordChange) -> Iterator[Routine]:
    """Both fields tell the same steps; where either gained one, this is the sign that results are coming."""
    fields = [field for field in ("results_submissions", "unposted_events") if field in change.by_field]
    if not fields or "results_posted" in change.by_field:
        return
    moved = [change.by_field[field] for field in fields]
    before = {step for difference in moved for step in _steps(difference.before)}
    fresh = sorted({step for difference in moved for step in _steps(difference.after)} - before)
    words = " ".join(HANDED_IN[step].format(day=day) for day, step in fresh)
    yield change.made(fields[0], words or "The steps of results on their way to the registry have changed.")


def _steps(rows: Any) -> Iterator[tuple[str, str]]:
    """Day and step of what either field lists; an unknown step is left to the record's own words."""
    for row in rows or ():
        if row.get("type") in HANDED_IN:
            yield str(row.get("date") or "a day that is not known"), row["type"]
        yield from ((str(row[field]), step) for field, step in STEP_FIELDS.items() if row.get(field))


def _status(change: RecordChange) -> Iterator[Routine]:
    """A status that the registry sets by itself is no event."""
    difference = change.by_field.get("status")
    was, now = stood(change.before, change.after), change.after.get("status")  # the registry's word may be another
    if difference and (not difference.after or not status_meaning(was or difference.before, now or difference.after)):
        known = ", as it was last known." if was and was == now else "; no act of the sponsor."
        words = f"Status: {plain_word(difference.before)} before, {plain_word(difference.after)} now{known}"
        yield change.made("status", words)
    for field, label in (("why_stopped", "Reason for stopping"), ("last_known_status", "Last status known")):
        if not difference and (text := change.by_field.get(field)):
            yield change.made(field, ended(f"{label}: {shortened(text.after)}"))


PLAIN = {"sponsor": "Sponsor", "title": "Title", "phases": "Phase", "collaborators": "Partners"}


def _plain(change: RecordChange) -> Iterator[Routine]:
    for field, label in PLAIN.items():
        if not (difference := change.by_field.get(field)):
            continue
        if field == "collaborators":
            gained, lost = gained_and_lost(difference)
            parts = [f"joined: {listed(gained)}"] * bool(gained) + [f"left: {listed(lost)}"] * bool(lost)
            yield change.made(field, ended(f"{label} {'; '.join(parts)}"))
        else:
            yield change.made(
                field, f"{label} changed from “{shortened(difference.before)}” to “{shortened(difference.after)}”."
            )


def _measure(line: str) -> str:
    """An outcome without its time frame: `Survival [1 year]` is `Survival`."""
    return line.rpartition(" [")[0] or line if line.endswith("]") else line


STUDY_READERS: Sequence[Callable[[RecordChange], Iterator[Routine]]] = (
    _dates, _enrolment, _sites, _opened_and_closed, _eligibility, _outcomes, _results, _status, _plain,
)  # fmt: skip
"""Each tells its own fields."""
