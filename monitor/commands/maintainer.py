"""`therawatch maintainer`: who may sign in to the desk."""

import sys
from typing import Annotated

import typer

from monitor.commands.shell import AsJson, call_of, one_of, say, show
from monitor.people import maintainers as people
from monitor.people.audit import at_terminal
from monitor.settings import Misconfigured
from store.database import reading
from store.states import Role

ACTS = ("add", "list", "remove", "password")


def maintainer(
    context: typer.Context,
    act: Annotated[str, typer.Argument(help=f"{', '.join(ACTS)}.")],
    name: Annotated[str | None, typer.Argument(help="The name to sign in with: a-z, 0-9, dot, dash.")] = None,
    role: Annotated[str, typer.Option(help="For add: maintainer (acts) or viewer (looks).")] = Role.MAINTAINER,
    as_json: AsJson = False,
) -> None:
    """Who may sign in to the desk. A password is asked for at the terminal, or read from stdin; it is never an
    argument."""
    one_of(act, "ACT", ACTS)
    one_of(role, "--role", Role)
    if (name is None) != (act == "list"):
        raise typer.BadParameter(f"expected {'none' if name else 'one'} with {act}", param_hint="NAME")
    with call_of(context).service() as service:
        if act == "add":
            people.add(service, name or "", _password(), role, at_terminal())
        elif act == "password":
            people.new_password(service, name or "", _password(), at_terminal())
        elif act == "remove":
            people.remove(service, name or "", at_terminal())
        else:
            with reading(service.engine) as session:
                rows = [
                    {
                        "maintainer": one.name,
                        "role": str(one.role),
                        "created_at": f"{one.created_at:%Y-%m-%dT%H:%M:%SZ}",
                    }
                    for one in people.maintainers(session)
                ]
            show(
                rows, as_json=as_json, text=lambda row: f"{row['maintainer']}  {row['role']}, since {row['created_at']}"
            )
            return
    say(f"{name}: {DONE[act]}")


DONE = {"add": "may sign in at /review", "password": "has a new password", "remove": "may not sign in any more"}


def _password() -> str:
    """The password as typed twice without echo, or the first line of stdin. Raises Misconfigured."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first: str = typer.prompt("Password", hide_input=True, err=True)
    if typer.prompt("Once more", hide_input=True, err=True) != first:
        raise Misconfigured("password: expected the same twice, found two different ones")
    return first
