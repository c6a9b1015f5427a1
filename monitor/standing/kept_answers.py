"""The answers, made once for a head of the log, a day and a moment, and kept while that head stands."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection

from monitor.standing.contract import NewestLine, StatusLine
from monitor.standing.known_acts import Proofs, acts, head_of
from monitor.standing.status import Rule, known, moving, newest_among, table
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.places import PLACES
from store.columns import Act

Asked = tuple[date, datetime | None]
"""The day whose state is asked for, and the moment by which it was known (None: now)."""

LARGEST = 64
"""Answers kept of one head: those of today, and of some days that somebody looks back to."""


class KeptAnswers:
    """What a process knows of how things stand. Many may ask at once: what is made twice is made alike."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._kept: tuple[int, dict[Any, Any]] = (-1, {})

    def table(self, connection: Connection, asked: Asked, places: Sequence[str] = PLACES) -> list[StatusLine]:
        """The status lines, as `monitor.standing.status.table` makes them."""
        lines: list[StatusLine] = self._made(connection, asked, (table, *places), partial(table, places=places))
        return lines

    def newest(self, connection: Connection, asked: Asked, place: str, rule: Rule) -> NewestLine:
        """The newest drug, as `monitor.standing.status.newest` finds it."""
        make = partial(newest_among, place=place, rule=rule)
        line: NewestLine = self._made(connection, asked, (newest_among, place, rule), make)
        return line

    def _made(self, connection: Connection, asked: Asked, what: Any, make: Any) -> Any:
        head = head_of(connection)
        known_head, kept = self._kept
        if known_head != head or len(kept) > LARGEST:
            kept = {}
            self._kept = (head, kept)
        as_of, known_at = asked
        if (what, asked) not in kept:
            events = self._known(connection, kept, known_at)
            if what[0] is newest_among:
                events = kept.get((moving, asked)) or kept.setdefault((moving, asked), moving(events, as_of))
            kept[what, asked] = make(events, Proofs(connection, known_at), pack=self._pack, as_of=as_of)
        return kept[what, asked]

    @staticmethod
    def _known(connection: Connection, kept: dict[Any, Any], known_at: datetime | None) -> Sequence[Act]:
        if acts not in kept:
            kept[acts] = acts(connection)
        if known_at is not None:
            return known(kept[acts], known_at)
        if known not in kept:
            kept[known] = known(kept[acts])
        events: Sequence[Act] = kept[known]
        return events
