"""`therawatch classify`: which events a text announces."""

import json
import sys
from typing import Annotated

import typer

from monitor.commands.shell import call_of, show
from monitor.settings import Misconfigured


def classify(
    context: typer.Context,
    explain: Annotated[
        bool, typer.Option("--explain", help="What each reader says, and the words that count.")
    ] = False,
) -> None:
    """Reads items as JSON Lines on stdin and says which events they announce. No store, no network."""
    from monitor.reading.prose.classified import classify_line  # noqa: PLC0415 - its rules cost half a second

    call = call_of(context)
    for number, line in enumerate(sys.stdin, start=1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
            readings = classify_line(item, call.therapies, explained=explain)
        except (ValueError, KeyError, TypeError) as problem:
            raise Misconfigured(
                f"standard input, line {number}: expected id, source_kind, title, text and published: {problem}"
            ) from None
        show([readings], as_json=True, text=str)
