"""The command line: global options, the commands of the folder, and the one place where faults become exit statuses."""

import importlib
import logging
import os
import pkgutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from typing import NoReturn

import typer
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError
from typer.exceptions import TyperException

from monitor import commands
from monitor.commands.shell import Call, err
from monitor.logs import log_to_stderr, veil_the_rest
from monitor.settings import DATABASES, PREFIX, Misconfigured, Settings
from monitor.standing.filters import Unaccepted

app = typer.Typer(
    name="therawatch",
    help="Watches regulators and trial registries, and says when the status of a drug has changed.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

SHARED = "shell"
"""The one module of the commands that is none."""


def command_functions() -> Iterator[Callable[..., None]]:
    """The function of each file of `monitor/commands`, which bears the file's name."""
    for module in pkgutil.iter_modules(commands.__path__):
        if module.name != SHARED:
            yield getattr(importlib.import_module(f"{commands.__name__}.{module.name}"), module.name)


for command in command_functions():
    app.command(command.__name__.replace("_", "-"))(command)

OTHERS = 0o077
"""What other accounts may do with files made here: nothing; a database, a backup, an export hold addresses."""

GLOBAL = ("--config", "--database", "--now")


def _version(asked: bool) -> None:
    if asked:
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
    os.umask(OTHERS)
    settings = Settings.from_environ(config=config, database_url=database, now=now, quiet=quiet or None)
    level = logging.INFO if context.invoked_subcommand == "serve" else logging.WARNING
    log_to_stderr(logging.ERROR if settings.quiet else level, settings.veil, settings.log_format)
    veil_the_rest(logging.ERROR if settings.quiet else logging.WARNING, settings.veil, settings.log_format)
    context.obj = Call(settings)


def main() -> None:
    """Run the command. 0: done; 1: done, but something failed; 2: wrong usage or configuration, nothing was done."""
    try:
        sys.exit(app(args=hoisted(sys.argv[1:]), standalone_mode=False))
    except TyperException as problem:
        _refuse(_wrong_usage(problem))
    except Unaccepted as problem:
        _refuse(f"--{problem.field.replace('_', '-')}: {problem}")
    except Misconfigured as problem:
        _refuse(str(problem))
    except (ArgumentError, OperationalError, DatabaseError, ImportError) as problem:
        if (fault := _database_fault(problem)) is None:
            raise
        _refuse(f"{PREFIX}DATABASE_URL: {fault}")
    except sqlite3.Error as problem:
        _refuse(f"expected SQLite files that can be read and written, found: {problem}")
    except OSError as problem:
        if problem.filename is None:
            raise
        _refuse(f"{problem.filename}: expected a file or folder that can be read and written: {problem.strerror}")


def _database_fault(problem: Exception) -> str | None:
    """What is wrong with the database, in a line; None where the fault is another's."""
    if isinstance(problem, NoSuchModuleError):
        return "expected an address that starts with sqlite:/// or postgresql+psycopg://, found another scheme"
    if isinstance(problem, ArgumentError):
        return f"expected an address such as {DATABASES}, found something else"
    if isinstance(problem, ImportError):
        driver = problem.name in ("psycopg", "psycopg2")
        return 'expected the driver of PostgreSQL: pip install "therawatch[postgres]"' if driver else None
    assert isinstance(problem, DatabaseError), problem
    if type(problem) not in (OperationalError, DatabaseError) and problem.statement is not None:
        return None  # a row that does not fit is a fault of the program; without a statement the address is at fault
    said = str(problem.orig).strip().partition("\n")[0]
    return f"expected a database that can be opened, read and written, found: {said}"


def _wrong_usage(problem: TyperException) -> str:
    """One line: `--level: expected ...` for a value, the parser's own words for the rest."""
    hint = getattr(problem, "param_hint", None)
    if isinstance(problem, typer.BadParameter) and hint:
        return f"{hint}: {problem.message}"
    return str(getattr(problem, "format_message", problem.__str__)()).replace("\n", " ")


def _refuse(problem: str) -> NoReturn:
    err.print(f"therawatch: {problem}", markup=False, highlight=False)
    sys.exit(2)


def hoisted(arguments: list[str]) -> list[str]:
    """Global options may stand anywhere; the parser wants them before the command. Raises Misconfigured."""
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
                raise Misconfigured(f"{argument}: expected a value, found none")
            front += [argument, value]
        else:
            rest.append(argument)
    return front + rest
