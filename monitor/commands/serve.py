"""`therawatch serve`: the service."""

import gc
from typing import Annotated

import typer

from monitor.commands.shell import call_of, say


def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on (THERAWATCH_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (THERAWATCH_PORT).")] = None,
    web: Annotated[bool, typer.Option("--web/--no-web", help="Serve the pages.")] = True,
    clock: Annotated[bool, typer.Option("--clock/--no-clock", help="Run the scheduled jobs.")] = True,
) -> None:
    """The service: pages on an address, scheduled checks, alerts."""
    from monitor.web.server import run  # noqa: PLC0415 - FastAPI and uvicorn cost every other command a second

    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    call = call_of(context).with_settings(**given)
    with call.service() as service:
        gc.freeze()  # what stands now stands to the end: collecting garbage among it finds nothing
        gc.set_threshold(10_000)  # and what is made afterwards hardly ever goes in circles; Python does at every 700
        run(service, web=web, clock=clock, announce=_announce)


def _announce(text: str) -> None:
    say(text)
