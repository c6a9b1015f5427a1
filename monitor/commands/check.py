"""`therawatch check`: one cycle of looking."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from monitor.commands.shell import AsJson, call_of, checked_in_words, show
from monitor.path.heartbeat import DEADLINE, call, note_round
from monitor.path.round import check_all, due
from monitor.service import Service
from monitor.settings import Misconfigured
from monitor.telling.waits import may_be_told_of_trouble, may_match
from monitor.watching.guards import ACCEPTING, LIVE
from monitor.watching.runs import TROUBLE, Checked, Troubled


def check(
    context: typer.Context,
    watches: Annotated[list[str] | None, typer.Argument(help="Names of watches; default: those that are due.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every watch, due or not.")] = False,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many watches at a time.")] = 4,
    accept: Annotated[bool, typer.Option("--accept", help="Believe the named watches, much as has moved.")] = False,
    as_json: AsJson = False,
) -> None:
    """One cycle: what is due is fetched, compared, recorded and matched."""
    failed = 0
    if accept and not watches:
        raise typer.BadParameter("expected the names of the watches that a person has looked at", param_hint="--accept")
    begun, lost = time.monotonic(), False
    with call_of(context).service() as service:
        names = tuple(watches or ())
        try:
            # whether the names are known, and how far the bar has to go
            total = len(due(service, names, everything=everything)) if names or sys.stderr.isatty() else 0
        except KeyError as unknown:
            raise Misconfigured(f"{service.settings.config}: expected names of its watches, found {unknown}") from None
        guard = ACCEPTING if accept else LIVE
        results = check_all(service, names, everything=everything, workers=workers, guard=guard)
        with _progress(total) as advance:
            for checked in results:
                advance()
                failed += checked.outcome in TROUBLE
                lost = lost or isinstance(checked, Troubled)
                if accept:
                    _note_accepted(service, checked)
                show([checked.line()], as_json=as_json, text=checked_in_words)
        _tell(service)
        if not (names or lost):  # a whole round, and a good one
            note_round(service, time.monotonic() - begun)
            if (calling := call(service)) is not None:
                calling.join(DEADLINE)
    raise typer.Exit(1 if failed else 0)


def _note_accepted(service: Service, checked: Checked) -> None:
    from monitor.path.attended import note_look  # noqa: PLC0415 - what a person does, with the audit log
    from monitor.people.audit import at_terminal  # noqa: PLC0415

    note_look(service, checked, "accept", at_terminal())


def _tell(service: Service) -> None:
    """What the round brought, to those who are to know."""
    if may_match(service):
        from monitor.telling.match import match  # noqa: PLC0415 - with the mapper; most rounds bring nothing

        match(service)
    if may_be_told_of_trouble(service):
        from monitor.telling.troubles import tell_of_trouble  # noqa: PLC0415 - the same

        tell_of_trouble(service)


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    """A bar on a terminal, and what moves it on by one; anywhere else nothing is drawn."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console  # noqa: PLC0415 - mostly nobody looks on
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("checking", total=total)
        yield lambda: progress.advance(task)
