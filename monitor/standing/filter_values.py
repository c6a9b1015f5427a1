"""The text of one filter to its value: a reader gives it, or raises ValueError with what was expected and found."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from monitor.reading.routine.kinds import KINDS
from monitor.standing.status import RULES
from monitor.vocabulary.event_types import LEVELS, TIERS, TYPES
from monitor.vocabulary.places import PLACES
from store.states import EventState

STATES: tuple[str, ...] = tuple(EventState)
LONGEST = 200
"""Longest text a filter may hold; of a search, what counts."""


def read(field: str, text: object) -> Any:
    """The value of one filter, whatever asks; blank text asks for nothing, and a value is taken as it is.

    Raises ValueError saying what was expected and what was found.
    """
    if isinstance(text, str):
        text = text.strip() or None
    return READERS[field](text) if isinstance(text, str) else text


def short(value: object) -> str:
    """A value as it was found, quoted, cut where it is long."""
    text = str(value)
    return repr(text if len(text) <= 80 else text[:80] + "…")


def _one_of(words: Iterable[str]) -> Callable[[str], str]:
    accepted = tuple(words)

    def check(text: str) -> str:
        if text not in accepted:
            raise ValueError(f"expected one of {', '.join(accepted)}; found {short(text)}")
        return text

    return check


def _day(text: str) -> date:
    try:
        if len(text) != 10:
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"expected a day such as 2025-08-31; found {short(text)}") from None


def _from(text: str) -> datetime:
    return _moment(text, time.min)


def _until(text: str) -> datetime:
    return _moment(text, time.max)


def _moment(text: str, of_day: time) -> datetime:
    """A moment; a day stands for its first or its last, one without zone is UTC."""
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), of_day, UTC)
        # a plus sign in an address arrives as a blank
        moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            f"expected a moment such as 2025-08-31T12:00:00Z or a day such as 2025-08-31; found {short(text)}"
        ) from None


def _text(text: str) -> str:
    if len(text) > LONGEST or "\x00" in text:
        raise ValueError(f"expected at most {LONGEST} characters of plain text; found {short(text)}")
    return text


def _plain(text: str) -> str | None:
    """What is searched for: plain words, whatever signs stand between them; of a long text the first whole ones."""
    plain = "".join(sign if sign.isprintable() else " " for sign in text[: LONGEST + 1]).strip()
    if len(text) > LONGEST:
        plain = plain.rpartition(" ")[0] or plain
    return plain[:LONGEST].strip() or None


READERS: Mapping[str, Callable[[str], Any]] = {
    "since": _from,
    "therapy": _text,
    "type": _one_of(TYPES),
    "level": _one_of(LEVELS),
    "source": _text,
    "state": _one_of(STATES),
    "place": _one_of(PLACES),
    "tier": lambda text: int(_one_of(map(str, TIERS))(text)),
    "search": _plain,
    "routine": _one_of(KINDS),
    "as_of": _day,
    "known_at": _until,
    "rule": _one_of(RULES),
}
"""Field to the reader of its text. `rule` is of the newest drug alone."""
