"""Routine changes of studies in words: dates, enrolment, sites, and what else a registry holds of them. Pure."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from monitor.reading.routine.dates_moved import DATES, date_words
from monitor.reading.routine.kinds import (
    GOAL_MOVED_AFTERWARDS,
    WEIGHTS,
    Routine,
    Seen,
    ended,
    gained_and_lost,
    in_number,
    listed,
    plain_word,
    shortened,
)  # fmt: skip
from monitor.reading.routine.slips import Sides, counted, in_all, moves, slip
from monitor.reading.typed.study_acts import status_meaning
from monitor.vocabulary.dates import first_day, last_day


def _dates(seen: Seen) -> Iterator[Routine]:
    for field in DATES:
        moved, sort = seen.told.get(field), seen.told.get(f"{field}_type")
        if not moved and not sort:
            continue
        now = seen.after.get(field)
        this: Sides = (moved.before, moved.after) if moved else (now, now)
        history = [*seen.earlier.get(field, ()), this]
        stays = seen.after.get(f"{field}_type")
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


CERTAINTY = {"ACTUAL": "the actual number", "ESTIMATED": "planned"}


def _enrolment(seen: Seen) -> Iterator[Routine]:
    count, sort = seen.told.get("enrollment"), seen.told.get("enrollment_type")
    remark = CERTAINTY.get(seen.after.get("enrollment_type") or (sort.after if sort else ""), "")
    remark = f", {remark}" if remark else ""
    if count:
        words = f"Enrolment: {in_number(count.before)} before, {in_number(count.after)} now{remark}."
        yield seen.made("enrollment", words)
    elif sort:
        number = seen.after.get("enrollment")
        yield seen.made("enrollment_type", f"Enrolment stays at {in_number(number)}{remark or ', no longer marked'}.")


def _sites(seen: Seen) -> Iterator[Routine]:
    if count := seen.told.get("site_count"):
        yield seen.made("site_count", f"Sites: {in_number(count.before)} before, {in_number(count.after)} now.")
    if countries := seen.told.get("site_countries"):
        gained, lost = gained_and_lost(countries)
        known = {country for sides in seen.earlier.get("site_countries", ()) for country in sides[0] or ()}
        told = [f"Sites in {listed([c for c in gained if c in known])} again." if known & set(gained) else ""]
        told += [f"First site in {country}." for country in gained if country not in known]
        told += [f"No site any more in {listed(lost)}."] if lost else []
        yield seen.made("site_countries", " ".join(filter(None, told)))
    elif removed := seen.told.get("removed_countries"):
        gained, lost = gained_and_lost(removed)
        told = [f"No site any more in {listed(gained)}."] if gained else []
        told += [f"No longer listed as left: {listed(lost)}."] if lost else []
        yield seen.made("removed_countries", " ".join(told))
    if (states := seen.told.get("site_statuses")) and not count:
        old, new = states.before or {}, states.after or {}
        moved = [f"{plain_word(s)} {old.get(s, 0)} before, {new.get(s, 0)} now" for s in sorted({*old, *new})]
        yield seen.made("site_statuses", f"Sites by state: {'; '.join(moved)}.")


def _eligibility(seen: Seen) -> Iterator[Routine]:
    if one := seen.told.get("eligibility"):
        old, new = Counter(str(one.before or "").split()), Counter(str(one.after or "").split())
        gone, fresh = (old - new).total(), (new - old).total()
        words = f"Who may take part has changed: {counted(gone, 'word')} gone, {counted(fresh, 'word')} new."
        yield seen.made("eligibility", words)


def _outcomes(seen: Seen) -> Iterator[Routine]:
    if not (one := seen.told.get("primary_outcomes")):
        return
    afterwards, when = _timing(seen)
    old, new = ({_measure(line) for line in side or ()} for side in (one.before, one.after))
    what = "The time frame of the primary outcome" if old == new else "The primary outcome"
    weight = GOAL_MOVED_AFTERWARDS if afterwards else None
    yield seen.made("primary_outcomes", f"{what} has changed{when}.", weight=weight)


def _timing(seen: Seen) -> tuple[bool, str]:
    """Whether the day is after primary completion, and the words for it.

    The date that held when the change was made counts: an actual one, else the one planned before this change.
    """
    actual = seen.after.get("primary_completion_type") == "ACTUAL"
    held = seen.after if actual else seen.before
    told = held.get("primary_completion") or seen.after.get("primary_completion")
    if not told:
        return False, ""
    try:
        first, last = first_day(told), last_day(told)
    except ValueError:
        return False, ""
    name = f"primary completion ({told})" if actual else f"the planned primary completion ({told})"
    if seen.on > last:
        return True, f" {counted((seen.on - last).days, 'day')} after {name}"
    if seen.on < first:
        return False, f" {counted((first - seen.on).days, 'day')} before {name}"
    return False, f" at the time of {name}"


HANDED_IN = {
    "RELEASE": "Results were handed in to the registry on {day}; they are not posted yet.",
    "RESET": "The registry gave the results back for corrections on {day}.",
    "UNRELEASE": "The sponsor took the results back on {day}.",
}
"""Steps of results on their way, as the registry names them."""
STEP_FIELDS = {"releaseDate": "RELEASE", "resetDate": "RESET", "unreleaseDate": "UNRELEASE"}


def _results(seen: Seen) -> Iterator[Routine]:
    """Both fields tell the same steps; where either gained one, this is the sign that results are coming."""
    fields = [field for field in ("results_submissions", "unposted_events") if field in seen.told]
    if not fields or "results_posted" in seen.told:
        return
    told = [seen.told[field] for field in fields]
    before = {step for one in told for step in _steps(one.before)}
    fresh = sorted({step for one in told for step in _steps(one.after)} - before)
    words = " ".join(HANDED_IN[step].format(day=day) for day, step in fresh)
    yield seen.made(fields[0], words or "The steps of results on their way to the registry have changed.")


def _steps(rows: Any) -> Iterator[tuple[str, str]]:
    """Day and step of what either field lists; an unknown step is left to the record's own words."""
    for row in rows or ():
        if row.get("type") in HANDED_IN:
            yield str(row.get("date") or "a day that is not known"), row["type"]
        yield from ((str(row[field]), step) for field, step in STEP_FIELDS.items() if row.get(field))


def _status(seen: Seen) -> Iterator[Routine]:
    """A status that the registry sets by itself is no event."""
    one = seen.told.get("status")
    was, now = (side.get("status") for side in (seen.before, seen.after))  # the registry's word may be another
    if one and (not one.after or not status_meaning(was or one.before, now or one.after)):
        yield seen.made(
            "status", f"Status: {plain_word(one.before)} before, {plain_word(one.after)} now; no act of the sponsor."
        )
    for field, label in (("why_stopped", "Reason for stopping"), ("last_known_status", "Last status known")):
        if not one and (change := seen.told.get(field)):
            yield seen.made(field, ended(f"{label}: {shortened(change.after)}"))


PLAIN = {"sponsor": "Sponsor", "title": "Title", "phases": "Phase", "collaborators": "Partners"}


def _plain(seen: Seen) -> Iterator[Routine]:
    for field, label in PLAIN.items():
        if not (one := seen.told.get(field)):
            continue
        if field == "collaborators":
            gained, lost = gained_and_lost(one)
            told = [f"joined: {listed(gained)}"] * bool(gained) + [f"left: {listed(lost)}"] * bool(lost)
            yield seen.made(field, ended(f"{label} {'; '.join(told)}"))
        else:
            yield seen.made(field, f"{label} changed from “{shortened(one.before)}” to “{shortened(one.after)}”.")


def _measure(line: str) -> str:
    """An outcome without its time frame: `Survival [1 year]` is `Survival`."""
    return line.rpartition(" [")[0] or line if line.endswith("]") else line


STUDY_READERS: Sequence[Callable[[Seen], Iterator[Routine]]] = (
    _dates, _enrolment, _sites, _eligibility, _outcomes, _results, _status, _plain,
)  # fmt: skip
"""Each tells its own fields."""
