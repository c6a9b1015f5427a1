"""`therawatch serve`: the service."""

from typing import Annotated

import typer

from monitor.commands.shell import call_of, err


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    web: Annotated[bool, typer.Option("--web/--no-web", help="Serve the pages.")] = True,
    clock: Annotated[bool, typer.Option("--clock/--no-clock", help="Run the scheduled jobs.")] = True,
) -> None:
    """The service: pages on an address, scheduled checks, alerts."""
    from monitor.web.server import run  # noqa: PLC0415 - FastAPI and uvicorn cost every other command a second

    with call_of(context).service() as service:
        run(service, host=host, port=port, web=web, clock=clock, announce=_announce)


def _announce(text: str) -> None:
    err.print(text, markup=False)
