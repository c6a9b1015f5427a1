"""Whether what is said has been looked at lately: which watches speak for a statement, and since when they are silent.

A statement without a watch that answered in time is shown, and marked: blind is not quiet, and neither is "no drug".
An answer whose own date stands still is none of today: what rests on it says of which day it is. What rests on a record
that was asked for by number and is not there, or on a list that shows much less than it did, says that.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import chain
from typing import Any, cast

from sqlalchemy import Connection, select

from monitor.standing.contract import Covered, NewestLine, StatusLine
from monitor.vocabulary.agencies import place_of
from monitor.vocabulary.dates import SHORT_MONTHS, short
from monitor.vocabulary.pack import Therapy
from monitor.watching.freshness import Vouching, age_of, in_time
from sources import TRIALS
from store.columns import ATTESTATION, WATCH, WEIGHING, Looking
from store.states import Health

BY_HAND = timedelta(days=30)
"""So long the look of a person stands for that of a watch."""


class Looked(StrEnum):
    """Whether somebody looks where a statement would change."""

    WATCHED = "watched"
    LATE = "late"  # there is a watch; its last good answer is too old
    RECORD_MISSING = "record_missing"  # it answers, and the record that this rests on is not there
    SHRANK = "shrank"  # its list shows much less than it did, and is not believed
    FROZEN = "frozen"  # it answers, and its source's own date stands still
    NOT_YET = "not_looked_yet"
    NOT_WATCHED = "not_watched"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whether a statement is looked after; `since`: the last good answer of the watch that is late; `data_of`: the last
    day of which the data of a frozen source are; `missing`: the records that are not there; `by`: the watches whose
    word that is; `by_hand`: when a person looked instead and found that it is still so."""

    looked: Looked
    since: datetime | None = None
    data_of: date | None = None
    missing: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    by_hand: datetime | None = None

    def of_state(self, state: str | None) -> "Coverage":
        """The same of a statement that says this: that no record is shown is no doubt where none is known of."""
        if self.looked == Looked.RECORD_MISSING and state == "none":
            return replace(self, looked=Looked.WATCHED, missing=())
        return self

    @property
    def doubt(self) -> str | None:
        """Why the statement cannot be vouched for, in words; None when it can."""
        why = self._why
        return f"{why}; a person looked on {short(self.by_hand.date().isoformat())}: still so" if self.by_hand else why

    @property
    def _why(self) -> str | None:
        if self.looked == Looked.RECORD_MISSING:
            return f"the source does not show {', '.join(self.missing)}"
        if self.looked == Looked.SHRANK:
            last = f"; the last whole answer was of {_moment(self.since)}" if self.since else ""
            return f"the source shows much less than it did{last}"
        if self.since:
            return f"not checked since {_moment(self.since)}"
        if self.data_of:
            return f"as of {short(self.data_of.isoformat())}, the source's data stand still"
        return {Looked.NOT_YET: "not checked yet", Looked.NOT_WATCHED: "not watched"}.get(self.looked)


def _moment(when: datetime) -> str:
    when = (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    return f"{when.day} {SHORT_MONTHS[when.month - 1]} {when.year}, {when:%H:%M} UTC"


def owners(therapies: Iterable[Therapy]) -> dict[str, str]:
    """Number of a trial or application, in one spelling, to the therapy of the pack that it belongs to."""
    numbered = ((each, (*each.trials, *chain.from_iterable(each.applications.values()))) for each in therapies)
    return {_spelt(number): therapy.name for therapy, numbers in numbered for number in numbers}


def _spelt(number: str) -> str:
    return number.upper().replace(" ", "").removeprefix("EMEA/")


@dataclass(frozen=True)
class Lookout:
    """The active watches at a moment, and what they speak for."""

    watches: Sequence[Looking]
    sources: Mapping[str, Vouching]
    now: datetime
    owners: Mapping[str, str] = field(default_factory=dict)
    attested: Mapping[tuple[str, str, str], datetime] = field(default_factory=dict)
    """When a person last found a statement still true: by therapy, place (empty: in trials) and what it says."""

    @cached_property
    def lacking(self) -> Mapping[int, Mapping[str, tuple[str, ...]]]:
        """Of each watch (by its id in memory) that asked for records in vain, which ones, by therapy: whose number it
        is, or else all whom the watch names."""
        found: dict[int, dict[str, tuple[str, ...]]] = {}
        for watch in self.watches:
            for number in watch.missing or ():
                owner = self.owners.get(_spelt(number))
                for therapy in (owner,) if owner else watch.therapies or ():
                    of = found.setdefault(id(watch), {})
                    of[therapy] = (*of.get(therapy, ()), number)
        return found

    @cached_property
    def still(self) -> Mapping[int, date]:
        """The day of the data of each watch (by its id in memory) whose source stands still."""
        ages = {id(watch): age_of(watch, self.sources.get(watch.source), self.now) for watch in self.watches}
        return {key: age.still_of for key, age in ages.items() if age.still_of}

    @cached_property
    def _named(self) -> frozenset[str]:
        """The therapies that a watch names: about all others it is known alike."""
        named = {therapy for watch in self.watches for therapy in watch.therapies or ()}
        return frozenset(named.union(*self.lacking.values()))

    @cached_property
    def _found(self) -> dict[tuple[str | None, str | None], Coverage]:
        return {}

    def of(self, therapy: str | None, place: str | None) -> Coverage:
        """How well a statement about a therapy in a place (None: in trials) is looked after.

        Of the watches that could, the closest count: those whose source holds the records of the place before those of
        its agencies' news, those that name the therapy before general ones.
        """
        asked = (therapy if therapy in self._named else None, place)
        if asked not in self._found:
            self._found[asked] = self._of(*asked)
        return self._found[asked]

    def saying(self, therapy: str | None, place: str | None, state: str | None) -> Coverage:
        """The same of a statement that says this; a person's look counts while a watch's does not."""
        found = self.of(therapy, place).of_state(state)
        by_hand = self.attested.get((therapy or "", place or "", state or ""))
        return replace(found, by_hand=by_hand) if by_hand and found.looked != Looked.WATCHED else found

    def _of(self, therapy: str | None, place: str | None) -> Coverage:
        ranked = [
            ((not holds, not watch.therapies), watch)
            for holds, watch in self._looking_at.get(place or TRIALS, ())
            if not watch.therapies or therapy in watch.therapies
        ]
        if not ranked:
            return Coverage(Looked.NOT_WATCHED)
        best = min(rank for rank, _ in ranked)
        closest = [watch for rank, watch in ranked if rank == best]
        by = tuple(watch.name for watch in closest)
        late = [watch for watch in closest if not in_time(watch, self.now)]
        if not late:
            return replace(self._by_what_they_lack(closest, therapy) or self._by_their_own_date(closest), by=by)
        last = [watch.last_success_at for watch in late if watch.last_success_at]
        return Coverage(Looked.LATE, min(last), by=by) if last else Coverage(Looked.NOT_YET, by=by)

    def _by_what_they_lack(self, watches: Iterable[Looking], therapy: str | None) -> Coverage | None:
        """That a record is missing which was asked for, or that a list shows much less than it did."""
        gone = [number for watch in watches for number in self.lacking.get(id(watch), {}).get(therapy or "", ())]
        if gone:
            return Coverage(Looked.RECORD_MISSING, missing=tuple(gone))
        shrunk = [watch.last_success_at for watch in watches if watch.health == Health.SHRANK]
        return Coverage(Looked.SHRANK, min(filter(None, shrunk), default=None)) if shrunk else None

    def _by_their_own_date(self, watches: Iterable[Looking]) -> Coverage:
        """What watches vouch for that answer in time: no more than the source that stands still longest."""
        days = [day for watch in watches if (day := self.still.get(id(watch)))]
        return Coverage(Looked.FROZEN, data_of=min(days)) if days else Coverage(Looked.WATCHED)

    def over_status(self, lines: Iterable[StatusLine]) -> list[StatusLine]:
        """The lines, each cell saying whether somebody looks there; those given stay as they are."""
        covered = []
        for line in lines:
            cells = {place: cell.copy() for place, cell in line["places"].items()}
            covered.append(StatusLine({**line, "places": cells, "pipeline": line["pipeline"].copy()}))
            pipeline = covered[-1]["pipeline"]
            _vouch(pipeline, self.saying(line["therapy"], None, pipeline["state"]))
            for place, cell in cells.items():
                _vouch(cell, self.saying(line["therapy"], place, cell["state"]))
        return covered

    def over_newest(self, line: NewestLine) -> NewestLine:
        """The answer, saying whether somebody looks there; the one given stays as it is."""
        covered = line.copy()
        _vouch(covered, self.of(line["therapy"], line["place"]))
        return covered

    @cached_property
    def _looking_at(self) -> Mapping[str, Sequence[tuple[bool, Looking]]]:
        """The watches of each place, and whether their source holds its records."""
        found: dict[str, list[tuple[bool, Looking]]] = {}
        for watch in self.watches:
            held = self.sources[watch.source].places if watch.source in self.sources else ()
            for place in dict.fromkeys((*held, _agency_place(watch.options))):
                if place:
                    found.setdefault(place, []).append((place in held, watch))
        return found


def _vouch(statement: Covered, coverage: Coverage) -> None:
    statement["looked"] = coverage.looked
    statement["data_of"] = coverage.data_of.isoformat() if coverage.data_of else None
    statement["missing"] = list(coverage.missing)
    statement["watched_by"] = list(coverage.by)
    statement["by_hand"] = coverage.by_hand.date().isoformat() if coverage.by_hand else None


def doubt_in_words(statement: Covered) -> str | None:
    """Why a statement cannot be vouched for today, in few words; None when it can."""
    day, by_hand = statement["data_of"], statement["by_hand"]
    why = f"data of {short(day)}, the source stands still" if day else FEW_WORDS.get(statement["looked"])
    return f"{why}; a person looked on {short(by_hand)}: still so" if why and by_hand else why


FEW_WORDS: Mapping[str | None, str] = {
    Looked.LATE: "not checked in time",
    Looked.RECORD_MISSING: "the source does not show its record",
    Looked.SHRANK: "the source shows much less than it did",
    Looked.NOT_YET: "not looked at yet",
    Looked.NOT_WATCHED: "not watched",
}


def lookout(
    connection: Connection, sources: Mapping[str, Vouching], now: datetime, therapies: Iterable[Therapy]
) -> Lookout:
    """The active watches as they are now, whose the records are that they ask for, and where people looked instead."""
    rows = connection.execute(select(*WEIGHING).where(WATCH.c.active).order_by(WATCH.c.id)).all()
    held = connection.execute(select(ATTESTATION).where(ATTESTATION.c.at > now - BY_HAND, ATTESTATION.c.at <= now))
    attested = {(row.therapy, row.place, row.said): row.at for row in held}
    return Lookout(cast(Sequence[Looking], rows), sources, now, owners(therapies), attested)


def _agency_place(options: Mapping[str, Any] | None) -> str | None:
    return place_of(str(options.get("agency"))) if options else None
