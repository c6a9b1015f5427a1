"""Bring the dated history of a pack into the store: acts that are known, but too old to be news."""

import re
from base64 import b32encode
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from sqlmodel import Session, col, select

from monitor.events.intents import NewEvent, Proof
from monitor.events.record import record_all
from monitor.settings import Misconfigured
from monitor.vocabulary.dates import last_day
from monitor.vocabulary.event_types import TYPES
from monitor.vocabulary.pack import Pack, read_toml, unreadable_texts
from monitor.vocabulary.places import PLACES
from store.states import EventState
from store.tables import Event

PRECISIONS = {4: "year", 7: "month", 10: "day"}
DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


def _date(text: str) -> str:
    if not DATE.fullmatch(text):
        raise ValueError("expected YYYY, YYYY-MM or YYYY-MM-DD")
    try:
        last_day(text)
    except ValueError:
        raise ValueError("expected a day that exists") from None
    return text


def _type(text: str) -> str:
    if text not in TYPES:
        raise ValueError(f"expected one of {', '.join(TYPES)}")
    return text


def _place(text: str) -> str:
    if text not in PLACES:
        raise ValueError(f"expected one of {', '.join(PLACES)}")
    return text


Dated = Annotated[str, AfterValidator(_date)]
Mark = Literal["C", "C1", "M", "X"]


class Row(BaseModel):
    """One dated event of a history file. A key that is absent is not known or does not apply."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    therapy: str
    type: Annotated[str, AfterValidator(_type)]
    place: Annotated[str, AfterValidator(_place)] | None = None
    agency: str | None = None
    trial: str | None = None
    polarity: Literal["positive", "negative", "mixed", "neutral"]
    date: Dated
    precision: Literal["day", "month", "year"]
    kind: (
        Literal["regular", "accelerated", "conditional", "exceptional_circumstances", "noc_c", "not_stated"] | None
    ) = None
    subtype: str | None = None
    phase: Literal["1", "1/2", "2", "2/3", "3", "4"] | None = None
    thread: str = Field(pattern=r"^[a-z]+/\S+$")
    step: str = Field(pattern=r"^[a-z_]+$")
    alert: bool = True
    marketed_from: Dated | None = None
    planned_start: Dated | None = None
    source_tier: int = Field(ge=1, le=4)
    source: str
    url: str | None = Field(default=None, pattern=r"^https?://\S+$")
    mark_event: Mark
    mark_date: Mark
    note: str | None = None

    @model_validator(mode="after")
    def _fits(self) -> "Row":
        if PRECISIONS[len(self.date)] != self.precision:
            raise ValueError(f"expected precision {PRECISIONS[len(self.date)]!r} for the date {self.date}")
        return self


def read_history(path: Path, pack: Pack) -> tuple[Row, ...]:
    """The rows of a history file, in its order.

    Raises Misconfigured with the file, the row (counted from 1, with its therapy, type and date) and the key.
    """
    raw = read_toml(path, "history")
    if unreadable := list(unreadable_texts(raw)):
        raise Misconfigured("\n".join(f"{path}: {fault}" for fault in unreadable))
    entries = raw.get("events")
    if not isinstance(entries, list) or len(raw) > 1:
        keys = ", ".join(sorted(raw)) or "nothing"
        raise Misconfigured(f"{path}: expected [[events]] and nothing else, found {keys}")
    read = [_row(entry, f"{path}: {_where(n, entry)}", pack) for n, entry in enumerate(entries, start=1)]
    if faults := [fault for row in read if isinstance(row, list) for fault in row]:
        raise Misconfigured("\n".join(faults))
    return tuple(row for row in read if isinstance(row, Row))


def _row(entry: Any, where: str, pack: Pack) -> Row | list[str]:
    try:
        row = Row.model_validate(entry)
    except ValidationError as problem:
        return [where + _told(error) for error in problem.errors()]
    if pack.therapy(row.therapy) is None:
        return [f"{where}.therapy: expected a therapy of this pack, found {row.therapy!r}"]
    return row


def import_history(session: Session, pack: Pack, path: Path, now: datetime) -> int:
    """Add the rows of a history file that the store does not hold yet; returns how many were new.

    They are born matched and `imported`, so nothing of them is ever sent. What is stored is never altered: a row
    that has gone from the file stays, and of a known row only the note and the source may differ in the file, in
    vain. Raises Misconfigured.
    """
    wanted = dict(_identified(read_history(path, pack)))
    stored = set(session.exec(select(Event.id).where(col(Event.id).in_(wanted))).all())
    missing = [intent_of_row(row, identity, now) for identity, row in wanted.items() if identity not in stored]
    record_all(session, missing, pack)
    return len(missing)


def intent_of_row(row: Row, identity: str, now: datetime) -> NewEvent:
    """The event a row stands for, known from `now` on. Compiled by hand: its evidence has no quote and no capture."""
    proof = Proof(
        source=row.source, tier=row.source_tier, url=row.url, told_type=row.type, told_on=row.date, told_kind=row.kind
    )
    return NewEvent(
        **row.model_dump(exclude={"date", "precision", "source_tier", "source", "url"}),
        id=identity,
        occurred_on=row.date,
        at=now,
        state=EventState.IMPORTED,
        proofs=(proof,),
    )


def _identified(rows: tuple[Row, ...]) -> Iterator[tuple[str, Row]]:
    """Each row with an id that stays the same as long as what it says does.

    Rows alike in everything but the note exist (three generics of one day): they are told apart by their order.
    """
    met: Counter[str] = Counter()
    for row in rows:
        parts = (row.therapy, row.type, row.place, row.trial, row.date, row.thread, row.step)
        key = "\x1f".join(part or "" for part in parts)
        met[key] += 1
        digest = sha256(f"{key}\x1f{met[key]}".encode()).digest()
        yield "EV" + b32encode(digest).decode()[:10], row


def _where(number: int, entry: Any) -> str:
    named = [str(entry[k]) for k in ("therapy", "type", "date") if k in entry] if isinstance(entry, dict) else []
    return f"events.{number}" + (f" ({' '.join(named)})" if named else "")


def _told(error: Any) -> str:
    where = "".join(f".{part}" for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{where}: unknown key; expected one of {', '.join(Row.model_fields)}"
    if error["type"] == "missing":
        return f"{where}: expected a value, found none"
    return f"{where}: {error['msg']}, found {error['input']!r}" if where else f": {error['msg']}"
