"""What every command shares: the settings of this call, a Service for it, and the two ways to print."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Annotated, Any

import typer
from rich.console import Console

from monitor.path.assemble import assembled, catalog_of
from monitor.reading.routine.kinds import KINDS
from monitor.service import Service
from monitor.settings import Settings
from monitor.vocabulary.pack import read_pack
from monitor.vocabulary.therapies import Therapies

err = Console(stderr=True, soft_wrap=True)

AsJson = Annotated[bool, typer.Option("--json", help="JSON Lines on stdout and nothing else there.")]
Since = Annotated[str | None, typer.Option(help="Only what was detected at or after this moment (ISO 8601).")]
Therapy = Annotated[str | None, typer.Option(help="Only this therapy of the pack.")]
Type = Annotated[str | None, typer.Option("--type", help="Only this type of event.")]
Level = Annotated[str | None, typer.Option(help="This level or higher: info, minor, major, critical.")]
SourceName = Annotated[str | None, typer.Option("--source", help="Only what this source told.")]
RoutineKind = Annotated[
    str | None, typer.Option("--routine", help=f"Only routine changes of this kind: {', '.join(KINDS)}.")
]
State = Annotated[str | None, typer.Option(help="held, released, dismissed, corrected or imported.")]
AsOf = Annotated[str | None, typer.Option(help="What was true on this day (ISO date; default: today).")]
KnownAt = Annotated[str | None, typer.Option(help="What was known at this moment (ISO 8601; default: now).")]


@dataclass(frozen=True)
class Call:
    """The settings of this call."""

    settings: Settings

    @contextmanager
    def service(self, **how: Any) -> Iterator[Service]:
        """A Service for the length of a block."""
        with assembled(self.settings, **how) as service:
            yield service

    @cached_property
    def therapies(self) -> Therapies:
        """The pack's therapies, without a store."""
        return Therapies(read_pack(self.settings.config, catalog_of(self.settings)))


def call_of(context: typer.Context) -> Call:
    """The call that the main callback prepared."""
    call = context.obj
    assert isinstance(call, Call)
    return call


def show(rows: Iterable[Mapping[str, Any]], *, as_json: bool, text: Callable[[Mapping[str, Any]], str]) -> int:
    """Print rows as they come, as JSON Lines or in words; returns how many."""
    count = 0
    for row in rows:
        sys.stdout.write((json.dumps(row, ensure_ascii=False) if as_json else text(row)) + "\n")
        sys.stdout.flush()
        count += 1
    return count


def moment(text: str | None, option: str) -> datetime | None:
    """An ISO moment from the command line, UTC where it names no zone. Wrong input is wrong usage."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"expected a date or moment such as 2025-08-29, found {text!r}", param_hint=option
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def day(text: str | None, option: str, default: date) -> date:
    """An ISO day from the command line. Wrong input is wrong usage."""
    if text is None:
        return default
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"expected a day such as 2025-08-29, found {text!r}", param_hint=option) from None


def one_of(text: str | None, option: str, accepted: Iterable[str]) -> str | None:
    """One of a list of words, or nothing. Wrong input is wrong usage."""
    words = list(accepted)
    if text is not None and text not in words:
        raise typer.BadParameter(f"expected one of {', '.join(words)}, found {text!r}", param_hint=option)
    return text
