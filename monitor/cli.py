"""The command line: global options and the commands of the folder, each imported only when it is asked for."""

import ast
import gc
import importlib
import os
import pkgutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException
from typer.main import get_command

from monitor import commands

SHARED = ("shell", "narrowing")
"""The modules of the commands that are none."""
SELDOM = 200_000
"""Objects more than before at which garbage is looked for, of which there is next to none: what a round imports late
is nearly as many, and to look among them at every 700, as Python does, takes a tenth of its time."""


def command_names() -> list[str]:
    """The files of `monitor/commands`, whose names the commands bear."""
    return [module.name for module in pkgutil.iter_modules(commands.__path__) if module.name not in SHARED]


def function_of(name: str) -> Callable[..., None]:
    """The function that is a command."""
    found: Callable[..., None] = getattr(importlib.import_module(f"{commands.__name__}.{name}"), name)
    return found


class Commands(TyperGroup):
    """The commands by name. What one of them needs costs no other anything: it is imported when it is run, and what
    it does is read from its file when they are listed."""

    def __init__(self, **attributes: Any) -> None:
        names = (name.replace("_", "-") for name in command_names())
        super().__init__(**attributes | {"commands": {name: TyperCommand(name) for name in names}})

    def format_help(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]
        """Print the options and the list of the commands."""
        for name, listed in self.commands.items():
            listed.short_help = " ".join(_told_of(name.replace("-", "_")).partition("\n\n")[0].split())
        super().format_help(ctx, formatter)

    def resolve_command(self, ctx: typer.Context, args: list[str]) -> Any:  # type: ignore[override]
        """The command that the arguments name, imported."""
        name, _, rest = super().resolve_command(ctx, args)
        assert name, args
        wanted = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
        wanted.command(name)(function_of(name.replace("-", "_")))
        if not gc.isenabled():  # `monitor.__main__` put it off until what stays is here
            gc.freeze()
            gc.set_threshold(SELDOM)
            gc.enable()
        return name, get_command(wanted), rest

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """Run the command; what it cannot do for a fault of the settings, the pack or the database ends in one line."""
        from monitor.refusals import refusing  # noqa: PLC0415 - --help and --version know nothing of databases

        with refusing():
            return super().invoke(ctx)


def _told_of(name: str) -> str:
    """What the function of a command says of itself, read from its file."""
    tree = ast.parse((Path(commands.__path__[0]) / f"{name}.py").read_text(encoding="utf-8"))
    own = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)
    return ast.get_docstring(own) or ""


app = typer.Typer(
    name="therawatch",
    cls=Commands,
    help="Watches regulators and trial registries, and says when the status of a drug has changed.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: the library that would frame it costs more than the rest of --help
)

OTHERS = 0o077
"""What other accounts may do with files made here: nothing; a database, a backup, an export hold addresses."""

GLOBAL = ("--config", "--database", "--now")


def _version(asked: bool) -> None:
    if asked:
        from importlib import metadata  # noqa: PLC0415 - it brings the libraries of mail, and --help is asked more often

        sys.stdout.write(f"therawatch {metadata.version('therawatch')}\n")
        raise typer.Exit


@app.callback()
def prepare(
    context: typer.Context,
    config: str | None = typer.Option(None, help="The pack: a TOML file (THERAWATCH_CONFIG)."),
    database: str | None = typer.Option(None, help="Database URL (THERAWATCH_DATABASE_URL)."),
    now: str | None = typer.Option(None, help="The moment at which facts are seen, ISO 8601 (THERAWATCH_NOW)."),
    quiet: bool = typer.Option(False, "--quiet", help="No log on stderr (THERAWATCH_QUIET)."),
    version: bool = typer.Option(False, "--version", help="The version.", callback=_version, is_eager=True),
) -> None:
    """Read the settings of this call."""
    from monitor.commands.shell import begin  # noqa: PLC0415 - --help and --version need no settings

    os.umask(OTHERS)
    serving = context.invoked_subcommand == "serve"
    context.obj = begin(serving, config=config, database_url=database, now=now, quiet=quiet or None)


def main() -> None:
    """Run the command. 0: done; 1: done, but something failed; 2: wrong usage or configuration, nothing was done."""
    try:
        sys.exit(app(args=hoisted(sys.argv[1:]), standalone_mode=False))
    except TyperException as problem:
        sys.stderr.write(f"therawatch: {_wrong_usage(problem)}\n")
        sys.exit(2)


def _wrong_usage(problem: TyperException) -> str:
    """One line: `--level: expected ...` for a value, the parser's own words for the rest."""
    hint = getattr(problem, "param_hint", None)
    if isinstance(problem, typer.BadParameter) and hint:
        return f"{hint}: {problem.message}"
    return str(getattr(problem, "format_message", problem.__str__)()).replace("\n", " ")


def hoisted(arguments: list[str]) -> list[str]:
    """Global options may stand anywhere; the parser wants them before the command. Raises BadParameter."""
    front: list[str] = []
    rest: list[str] = []
    queue = iter(arguments)
    for argument in queue:
        if argument == "--":
            rest += [argument, *queue]
        elif argument == "--quiet" or argument.startswith(tuple(f"{option}=" for option in GLOBAL)):
            front.append(argument)
        elif argument in GLOBAL:
            if (value := next(queue, None)) is None:
                raise typer.BadParameter("expected a value, found none", param_hint=argument)
            front += [argument, value]
        else:
            rest.append(argument)
    return front + rest
