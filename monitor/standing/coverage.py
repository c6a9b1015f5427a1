"""Whether what is said has been looked at lately: which watches speak for a statement, and since when they are silent.

A statement without a watch that answered in time is shown, and marked: blind is not quiet, and neither is "no drug".
An answer whose own date stands still is none of today: what rests on it says of which day it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, cast

from sqlalchemy import Connection, select

from monitor.standing.contract import Covered, NewestLine, StatusLine
from monitor.vocabulary.agencies import place_of
from monitor.vocabulary.dates import SHORT_MONTHS, short
from monitor.watching.freshness import Vouching, age_of, in_time
from sources.base import TRIALS
from store.columns import WATCH, Looking


class Looked(StrEnum):
    """Whether somebody looks where a statement would change."""

    WATCHED = "watched"
    LATE = "late"  # there is a watch; its last good answer is too old
    FROZEN = "frozen"  # it answers, and its source's own date stands still
    NOT_YET = "not_looked_yet"
    NOT_WATCHED = "not_watched"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whether a statement is looked after; `since`: the last good answer of the watch that is late; `data_of`: the last
    day of which the data of a frozen source are; `by`: the watches whose word that is."""

    looked: Looked
    since: datetime | None = None
    data_of: date | None = None
    by: tuple[str, ...] = ()

    @property
    def doubt(self) -> str | None:
        """Why the statement cannot be vouched for, in words; None when it can."""
        if self.since:
            moment = self.since if self.since.tzinfo else self.since.replace(tzinfo=UTC)
            moment = moment.astimezone(UTC)
            month = SHORT_MONTHS[moment.month - 1]
            return f"not checked since {moment.day} {month} {moment.year}, {moment:%H:%M} UTC"
        if self.data_of:
            return f"as of {short(self.data_of.isoformat())}, the source's data stand still"
        return {Looked.NOT_YET: "not checked yet", Looked.NOT_WATCHED: "not watched"}.get(self.looked)


@dataclass(frozen=True)
class Lookout:
    """The active watches at a moment, and what they speak for."""

    watches: Sequence[Looking]
    sources: Mapping[str, Vouching]
    now: datetime

    @cached_property
    def still(self) -> Mapping[int, date]:
        """The day of the data of each watch (by its id in memory) whose source stands still."""
        ages = {id(watch): age_of(watch, self.sources.get(watch.source), self.now) for watch in self.watches}
        return {key: age.still_of for key, age in ages.items() if age.still_of}

    @cached_property
    def _named(self) -> frozenset[str]:
        """The therapies that a watch names: about all others it is known alike."""
        return frozenset(therapy for watch in self.watches for therapy in watch.therapies)

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

    def _of(self, therapy: str | None, place: str | None) -> Coverage:
        wanted = place or TRIALS
        ranks = {
            id(watch): (not holds, not watch.therapies)
            for watch in self.watches
            if not watch.therapies or therapy in watch.therapies
            if (holds := wanted in self._places(watch)) or wanted == _agency_place(watch.options)
        }
        if not ranks:
            return Coverage(Looked.NOT_WATCHED)
        best = min(ranks.values())
        closest = [watch for watch in self.watches if ranks.get(id(watch)) == best]
        by = tuple(watch.name for watch in closest)
        late = [watch for watch in closest if not in_time(watch, self.now)]
        if not late:
            return replace(self._by_their_own_date(closest), by=by)
        last = [watch.last_success_at for watch in late if watch.last_success_at]
        return Coverage(Looked.LATE, min(last), by=by) if last else Coverage(Looked.NOT_YET, by=by)

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
            _vouch(covered[-1]["pipeline"], self.of(line["therapy"], None))
            for place, cell in cells.items():
                _vouch(cell, self.of(line["therapy"], place))
        return covered

    def over_newest(self, line: NewestLine) -> NewestLine:
        """The answer, saying whether somebody looks there; the one given stays as it is."""
        covered = line.copy()
        _vouch(covered, self.of(line["therapy"], line["place"]))
        return covered

    def _places(self, watch: Looking) -> tuple[str, ...]:
        return self.sources[watch.source].places if watch.source in self.sources else ()


def _vouch(statement: Covered, coverage: Coverage) -> None:
    statement["looked"] = coverage.looked
    statement["data_of"] = coverage.data_of.isoformat() if coverage.data_of else None
    statement["watched_by"] = list(coverage.by)


def doubt_in_words(statement: Covered) -> str | None:
    """Why a statement cannot be vouched for today, in few words; None when it can."""
    if day := statement["data_of"]:
        return f"data of {short(day)}, the source stands still"
    return FEW_WORDS.get(statement["looked"])


FEW_WORDS: Mapping[str | None, str] = {
    Looked.LATE: "not checked in time", Looked.NOT_YET: "not looked at yet", Looked.NOT_WATCHED: "not watched",
}  # fmt: skip


def lookout(connection: Connection, sources: Mapping[str, Vouching], now: datetime) -> Lookout:
    """The active watches as they are now."""
    rows = connection.execute(select(WATCH).where(WATCH.c.active).order_by(WATCH.c.id)).all()
    return Lookout(cast(Sequence[Looking], rows), sources, now)


def _agency_place(options: Mapping[str, Any]) -> str | None:
    return place_of(str(options.get("agency")))
