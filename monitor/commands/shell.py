"""What commands share: the settings of a call, a Service for it, options, and the two ways to print."""

import json
import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from sqlalchemy.engine import make_url

from monitor.logs import log_to_stderr, veil_the_rest
from monitor.path.open_answers import Answering, answering
from monitor.settings import Misconfigured, Settings
from monitor.standing.unaccepted import Unaccepted
from monitor.vocabulary.pack import Pack, parsed

if TYPE_CHECKING:
    from monitor.service import Service
    from monitor.standing.filters import Filters
    from monitor.vocabulary.therapies import Therapies

AsJson = Annotated[bool, typer.Option("--json", help="JSON Lines on stdout and nothing else there.")]
Since = Annotated[str | None, typer.Option(help="Only what was detected at or after this moment (ISO 8601).")]
Therapy = Annotated[str | None, typer.Option(help="Only this therapy, by any of its names.")]
Type = Annotated[str | None, typer.Option("--type", help="Only this type of event.")]
SourceName = Annotated[str | None, typer.Option("--source", help="Only what this source told.")]
Place = Annotated[str | None, typer.Option(help="Only this place, such as US.")]
Search = Annotated[str | None, typer.Option(help="Only what holds all of these words.")]
AsOf = Annotated[str | None, typer.Option(help="What was true on this day (ISO date; default: today).")]
KnownAt = Annotated[
    str | None, typer.Option(help="What was known at this moment, or by the end of this day (ISO 8601; default: now).")
]

LARGEST = 2**31 - 1
"""No row has a higher number: beyond it the databases take none."""
SubscriptionId = Annotated[int, typer.Argument(max=LARGEST, help="The number of the subscription.")]


Row = TypeVar("Row", bound=Mapping[str, Any])


@dataclass(frozen=True)
class Call:
    """The settings of this call, and from which level on it says what it does."""

    settings: Settings
    level: int

    def with_settings(self, **given: Any) -> "Call":
        """This call with some settings as the command line gives them. Raises Misconfigured."""
        return Call(self.settings.changed(**given), self.level)

    def open_log(self) -> None:
        """Let what is done from here on say so on stderr."""
        log_to_stderr(self.level, self.settings.veil, self.settings.log_format)

    @contextmanager
    def service(self, **how: Any) -> "Iterator[Service]":
        """A Service for the length of a block."""
        from monitor.path.assemble import assembled  # noqa: PLC0415 - what only reads the log assembles none

        self.open_log()
        with assembled(self.settings, **how) as service:
            yield service

    @contextmanager
    def answering(self) -> Iterator[Answering]:
        """The log for the length of a block, for what only asks how things stand."""
        with answering(self.settings, self.pack) as log:
            yield log

    @cached_property
    def pack(self) -> Pack:
        """The pack as its file says, without a store and its sources. Raises Misconfigured."""
        return parsed(self.settings.config)

    @cached_property
    def therapies(self) -> "Therapies":
        """The pack's therapies, without a store. Raises Misconfigured."""
        from monitor.path.assemble import catalog_of  # noqa: PLC0415 - the libraries of all sources come with it
        from monitor.vocabulary.pack_faults import read_pack  # noqa: PLC0415
        from monitor.vocabulary.therapies import Therapies  # noqa: PLC0415

        return Therapies(read_pack(self.settings.config, catalog_of(self.settings)))

    def filters(self, **texts: str | None) -> "Filters":
        """What a list is narrowed to. It is read before anything is opened, so wrong usage leaves no trace.

        Raises Unaccepted.
        """
        from monitor.standing.filters import filters_from  # noqa: PLC0415 - with the types of events

        for field, text in texts.items():
            if text is not None and not text.strip():  # of a script whose variable is empty
                raise Unaccepted(field, "expected a value, found none")
        return filters_from(self.pack, texts)

    def today(self) -> date:
        """The day at which due times are judged."""
        return self.settings.moment().date()


def begin(serving: bool, **given: Any) -> Call:
    """The call that these options and the environment ask for. Raises Misconfigured."""
    settings = Settings.from_environ(**given)
    level = logging.ERROR if settings.quiet else logging.WARNING
    veil_the_rest(level, settings.veil, settings.log_format)
    return Call(settings, logging.INFO if serving and not settings.quiet else level)


def call_of(context: typer.Context) -> Call:
    """The call that the main callback prepared."""
    call = context.obj
    assert isinstance(call, Call)
    return call


def show(rows: Iterable[Row], *, as_json: bool, text: Callable[[Row], str]) -> int:
    """Print rows as they come, as JSON Lines or in words; returns how many."""
    count = 0
    for row in rows:
        sys.stdout.write((json.dumps(row, ensure_ascii=False) if as_json else text(row)) + "\n")
        sys.stdout.flush()
        count += 1
    return count


def say(text: str) -> None:
    """A line on stderr."""
    sys.stderr.write(text + "\n")


def one_of(text: str | None, option: str, accepted: Iterable[str]) -> str | None:
    """One of a list of words, or nothing. Raises BadParameter."""
    words = list(accepted)
    if text is not None and text not in words:
        raise typer.BadParameter(f"expected one of {', '.join(words)}; found {text!r}", param_hint=option)
    return text


def sqlite_file(settings: Settings) -> Path:
    """The file of the database. Raises Misconfigured for any other than SQLite in a file."""
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        raise Misconfigured(
            f"expected an SQLite database in a file; copy this one with the tools of {url.get_backend_name()}"
        )
    return Path(url.database)


def checked_in_words(row: Any) -> str:
    """`our-trials: changed, 4 pages, 312 records, 2 changes, 1 events, 3100 ms`."""
    words = f"{row['watch']}: {row['outcome']}, {row['pages']} pages, {row['records']} records"
    words += f", {row['changes']} changes, {row['events']} events, {row['ms']} ms"
    return words + (f" ({row['error']})" if row["error"] else "")


def subscription_in_words(row: Any) -> str:
    """`3  email to reader@example.org: weekly at 8:00 Europe/Madrid; level minor and above; active`."""
    from monitor.vocabulary.event_types import TIERS  # noqa: PLC0415 - only what shows subscriptions

    when = "at once" if row["cadence"] == "immediate" else f"{row['cadence']} at {row['hour']}:00 {row['timezone']}"
    only = [", ".join(row[name]) for name in ("therapies", "types", "places") if row[name]]
    parts = [when, *only, "what opens a door" if row["only_doors"] else f"level {row['level']} and above"]
    parts += [f"as said by {', '.join(TIERS[tier] for tier in row['tiers'])}"] if row["tiers"] else []
    if row["about"] != "news":
        parts = ["trouble of this installation"]
    parts += [f"not {', '.join(row['muted'])}"] if row["muted"] else []
    parts += [f"no mail on {', '.join(row['quiet_days'])}"] if row["quiet_days"] else []
    parts += ["technical wording"] if row["wording"] == "technical" else []
    parts += ["how trials went behind a link"] if row["hide_outcomes"] else []
    parts += [_state(row)]
    if owner := row["options"].get("owner"):
        parts.append(f"{owner} hears when it is paused")
    words = f"{row['subscription']}  {row['channel']} to {row['to']}: {'; '.join(parts)}"
    return words + (f"\nsecret, shown this once: {row['secret']}" if "secret" in row else "")


def _state(row: Any) -> str:
    if row["ended_at"]:
        return f"ended {row['ended_at']}"
    if not row["confirmed_at"]:
        return "waits for the reader to confirm by mail"
    if row["paused_at"]:
        end = f"until {row['paused_until']}" if row["paused_until"] else f"since {row['paused_at']}"
        return f"paused {end} ({row['paused_because']})"
    return "active"


def delivery_in_words(row: Any) -> str:
    """`sent  email to subscription 3, attempt 1 (e78edc45...)`."""
    tried = f"attempt {row['attempts']}" if row["attempts"] else "not tried"
    why = f": {row['error']}" if row["error"] else ""
    return f"{row['state']:7}  {row['channel']} of subscription {row['subscription']}, {tried} ({row['delivery']}){why}"


def owed_in_words(row: Any) -> str:
    """`failed   email of subscription 3, 8 attempts, due 2026-03-05T09:00:00Z, EV7Q2M (e78edc45...): status 500`."""
    parts = [f"{row['channel']} of subscription {row['subscription']}", f"{row['attempts']} attempts"]
    parts += [f"due {row['due_at']}", *([" ".join(row["events"])] if row["events"] else [])]
    why = f": {row['error']}" if row["error"] else ""
    return f"{row['state']:7}  {', '.join(parts)} ({row['delivery']}){why}"


def delivery_in_full(row: Any) -> str:
    """The line of a delivery, why it waits, and a line for each attempt."""
    lines = [owed_in_words(row), *([f"  {row['waits']}"] if row["waits"] else [])]
    lines += [f"  {one['at']}  {'accepted' if one['accepted'] else one['said']}" for one in row["log"]]
    return "\n".join(lines)
