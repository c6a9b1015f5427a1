"""The answers, made for a day and a moment, and kept while what they rest on stands: when the log moves, what moved is
read, and the answers about the therapies that it tells of are made anew."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from threading import Lock

from sqlalchemy import Connection

from monitor.standing.contract import NewestLine, StatusLine
from monitor.standing.courses import Course
from monitor.standing.known_acts import Acts, Proofs, head_of
from monitor.standing.status import Rule, line_of, newest_among
from monitor.standing.timeline import past
from monitor.vocabulary.pack import Pack, Therapy
from monitor.vocabulary.places import PLACES

Asked = tuple[date, datetime | None]
"""The day whose state is asked for, and the moment by which it was known (None: now)."""

DAYS = 16
"""Days of which answers are kept: today, and some that somebody looks back to."""


class KeptAnswers:
    """What a process knows of how things stand. Many may ask at once, and one of them makes what is missing."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._lock = Lock()
        self._acts: Acts | None = None
        self._days: dict[Asked, _Day] = {}

    def table(self, connection: Connection, asked: Asked, places: Sequence[str] = PLACES) -> list[StatusLine]:
        """The status lines, as `monitor.standing.status.table` makes them."""
        with self._lock:
            day = self._day(connection, asked)
            return day.lines(connection, day.shown(tuple(places)), tuple(places))

    def shown(self, connection: Connection, asked: Asked, places: Sequence[str] = PLACES) -> list[Therapy]:
        """The therapies that have a line in the table."""
        with self._lock:
            return self._day(connection, asked).shown(tuple(places))

    def lines(self, connection: Connection, asked: Asked, therapies: Sequence[Therapy]) -> list[StatusLine]:
        """The lines of these therapies."""
        with self._lock:
            return self._day(connection, asked).lines(connection, therapies, PLACES)

    def approved(self, connection: Connection, asked: Asked, place: str) -> list[tuple[Therapy, str | None]]:
        """The therapies that are approved in a place, in the order of the pack, and since when."""
        with self._lock:
            return self._day(connection, asked).approved(place)

    def newest(self, connection: Connection, asked: Asked, place: str, rule: Rule) -> NewestLine:
        """The newest drug, as `monitor.standing.status.newest` finds it."""
        with self._lock:
            return self._day(connection, asked).newest(connection, place, rule)

    def _day(self, connection: Connection, asked: Asked) -> "_Day":
        """What is kept of a day; of a log that has moved, as far as it still stands.

        Who has begun to read before somebody else saw the log move gets the newer acts, and what is made of them with
        her older evidence is not kept.
        """
        head, known = head_of(connection), self._acts
        if known is None:
            known = self._acts = Acts(connection, head, [therapy.name for therapy in self._pack.therapies])
        elif head > known.head:
            moved = known.advance(connection, head)
            for day in self._days.values():
                day.forget(moved)
        elif head < known.head:
            return _Day(known, asked, self._pack)
        day = self._days.pop(asked) if asked in self._days else _Day(known, asked, self._pack)
        self._days[asked] = day  # the last asked for stands last
        if len(self._days) > DAYS:
            del self._days[next(iter(self._days))]
        return day


class _Day:
    """How things stood on a day, therapy by therapy."""

    def __init__(self, acts: Acts, asked: Asked, pack: Pack) -> None:
        self._acts, self._pack = acts, pack
        self._as_of, self._known_at = asked
        self._courses: dict[str | None, Course] = {}
        self._lines: dict[tuple[str, tuple[str, ...]], StatusLine] = {}
        self._newest: dict[tuple[str, Rule], NewestLine] = {}

    def forget(self, therapies: set[str | None]) -> None:
        """Make the answers about these anew."""
        if therapies:
            self._newest.clear()
        for therapy in therapies:
            self._courses.pop(therapy, None)
        for key in [key for key in self._lines if key[0] in therapies]:
            del self._lines[key]

    def lines(self, connection: Connection, therapies: Sequence[Therapy], places: tuple[str, ...]) -> list[StatusLine]:
        missing = [therapy for therapy in therapies if (therapy.name, places) not in self._lines]
        proofs = Proofs(connection, self._known_at)
        proofs.ask([id for therapy in missing for id in self.course(therapy.name).deciding(places, self._as_of)])
        for one in missing:
            line = line_of(one, self.course(one.name), proofs, as_of=self._as_of, places=places)
            self._lines[one.name, places] = line
        return [self._lines[therapy.name, places] for therapy in therapies]

    def shown(self, places: tuple[str, ...]) -> list[Therapy]:
        stands = partial(Course.stands, places=places, as_of=self._as_of)
        return [one for one in self._pack.therapies if one.followed or stands(self.course(one.name))]

    def approved(self, place: str) -> list[tuple[Therapy, str | None]]:
        standings = [(one, self.course(one.name).standing(place)) for one in self._pack.therapies]
        return [
            (one, now.since.occurred_on if now.since else None) for one, now in standings if now.state == "approved"
        ]

    def newest(self, connection: Connection, place: str, rule: Rule) -> NewestLine:
        if (place, rule) not in self._newest:
            every = [self.course(therapy) for therapy in self._acts]
            self._newest[place, rule] = newest_among(
                every, Proofs(connection, self._known_at), place=place, as_of=self._as_of, rule=rule, pack=self._pack
            )
        return self._newest[place, rule]

    def course(self, therapy: str | None) -> Course:
        """What became of one therapy by the day."""
        if therapy not in self._courses:
            own = past(self._acts.of(therapy, self._known_at), self._as_of)
            self._courses[therapy] = Course(therapy, own)
        return self._courses[therapy]
