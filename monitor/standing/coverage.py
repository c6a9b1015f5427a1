"""Whether what is said has been looked at lately: which watches speak for a statement, and since when they are silent.

A statement without a watch that answered in time is shown, and marked: blind is not quiet, and neither is "no drug".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from monitor.service import Service
from monitor.standing.contract import NewestLine, StatusLine
from monitor.vocabulary.agencies import place_of
from monitor.vocabulary.dates import SHORT_MONTHS
from monitor.watching.freshness import in_time
from sources.base import TRIALS, Source
from store.tables import Watch


class Looked(StrEnum):
    """Whether somebody looks where a statement would change."""

    WATCHED = "watched"
    LATE = "late"  # there is a watch; its last good answer is too old
    NOT_YET = "not_looked_yet"
    NOT_WATCHED = "not_watched"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whether a statement is looked after; `since`: the last good answer of the watch that is late."""

    looked: Looked
    since: datetime | None = None

    @property
    def doubt(self) -> str | None:
        """Why the statement cannot be vouched for, in words; None when it can."""
        if self.since:
            moment = self.since if self.since.tzinfo else self.since.replace(tzinfo=UTC)
            moment = moment.astimezone(UTC)
            month = SHORT_MONTHS[moment.month - 1]
            return f"not checked since {moment.day} {month} {moment.year}, {moment:%H:%M} UTC"
        return {Looked.NOT_YET: "not checked yet", Looked.NOT_WATCHED: "not watched"}.get(self.looked)


@dataclass(frozen=True)
class Lookout:
    """The active watches at a moment, and what they speak for."""

    watches: Sequence[Watch]
    sources: Mapping[str, type[Source]]
    now: datetime

    def of(self, therapy: str | None, place: str | None) -> Coverage:
        """How well a statement about a therapy in a place (None: in trials) is looked after.

        Of the watches that could, the closest count: those whose source holds the records of the place before those of
        its agencies' news, those that name the therapy before general ones.
        """
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
        late = [watch for watch in self.watches if ranks.get(id(watch)) == best and not in_time(watch, self.now)]
        if not late:
            return Coverage(Looked.WATCHED)
        last = [watch.last_success_at for watch in late if watch.last_success_at]
        return Coverage(Looked.LATE, min(last)) if last else Coverage(Looked.NOT_YET)

    def over_status(self, lines: Iterable[StatusLine]) -> list[StatusLine]:
        """The lines, each cell saying whether somebody looks there."""
        covered = list(lines)
        for line in covered:
            line["pipeline"]["looked"] = self.of(line["therapy"], None).looked
            for place, cell in line["places"].items():
                cell["looked"] = self.of(line["therapy"], place).looked
        return covered

    def over_newest(self, line: NewestLine) -> NewestLine:
        """The answer, saying whether somebody looks there."""
        line["looked"] = self.of(line["therapy"], line["place"]).looked
        return line

    def _places(self, watch: Watch) -> tuple[str, ...]:
        return self.sources[watch.source].places if watch.source in self.sources else ()


def lookout(service: Service, session: Session) -> Lookout:
    """The active watches as they are now."""
    watches = session.exec(select(Watch).where(col(Watch.active)).order_by(col(Watch.id))).all()
    return Lookout(watches, service.sources, service.now())


def _agency_place(options: Mapping[str, Any]) -> str | None:
    return place_of(str(options.get("agency")))
