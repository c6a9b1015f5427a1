"""What may be asked of the lists of changes and events: read once, for commands, pages, interface, feeds and export."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from monitor.standing.filter_values import STATES, read, short
from monitor.standing.unaccepted import Unaccepted
from monitor.vocabulary.pack import Pack


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; None asks for nothing.

    `since` is about detection. `as_of` is about the day of the act: one known to its month or year counts from the
    first day of it, one without a date from its detection. `known_at` leaves out what came later. `level` means this
    one or a higher, `tier` that of the best teller, `source` the name of a source or a watch among the tellers,
    `routine` a kind of routine change, `search` words that all have to be there. `among` are the
    states that may be seen at all.
    """

    since: datetime | None = None
    therapy: str | None = None
    type: str | None = None
    level: str | None = None
    source: str | None = None
    state: str | None = None
    place: str | None = None
    tier: int | None = None
    routine: str | None = None
    search: str | None = None
    as_of: date | None = None
    known_at: datetime | None = None
    among: tuple[str, ...] = STATES


def filters_from(pack: Pack, values: Mapping[str, object], *, among: tuple[str, ...] = STATES) -> Filters:
    """Filters from the texts asked, keyed by field; therapies by any of their names. Raises Unaccepted."""
    asked: dict[str, Any] = {}
    for field, text in values.items():
        try:
            asked[field] = read(field, text)
        except ValueError as problem:
            raise Unaccepted(field, str(problem)) from None
    if (state := asked.get("state")) and state not in among:
        raise Unaccepted("state", f"expected one of {', '.join(among)}; found {state!r}")
    if name := asked.get("therapy"):
        asked["therapy"] = therapy_named(pack, name)
    return Filters(**asked, among=among)


def therapy_named(pack: Pack, name: str) -> str:
    """The pack's name of a therapy asked for by any of its names. Raises Unaccepted."""
    if known := pack.named(name):
        return known.name
    accepted = ", ".join(therapy.name for therapy in pack.therapies)
    raise Unaccepted("therapy", f"expected a name of a therapy of this pack ({accepted}); found {short(name)}")
