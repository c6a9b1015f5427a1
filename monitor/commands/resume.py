"""`therawatch resume`: sending started again."""

import typer

from monitor.commands.shell import call_of, err
from monitor.telling.pause import resume_all


def resume(context: typer.Context) -> None:
    """Start sending again."""
    with call_of(context).service() as service:
        resume_all(service)
    err.print("sending goes on", markup=False)
