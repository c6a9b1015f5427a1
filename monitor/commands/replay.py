"""`therawatch replay`: recorded payloads played through the path of a live check."""

from pathlib import Path
from typing import Annotated

import typer

from monitor.commands.shell import AsJson, call_of, checked_in_words, say, show
from monitor.path.replay import replay as play
from monitor.watching.runs import TROUBLE


def replay(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="DIR/<record or set>/<version>.<ext>, version = capture time.")],
    source: Annotated[str | None, typer.Option(help="The adapter; default: told from the folder's name.")] = None,
    as_json: AsJson = False,
) -> None:
    """Play the recorded payloads of one source through the same path as a live check."""
    failed, call = 0, call_of(context)
    call.open_log()
    for checked in play(call.settings, folder, source):
        failed += checked.outcome in TROUBLE
        show([checked.line()], as_json=as_json, text=checked_in_words)
    say("replay profile: guards off, a vanished record counts at once")
    raise typer.Exit(1 if failed else 0)
