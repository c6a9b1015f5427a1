"""`therawatch migrate`: the schema of the database, brought up to date."""

import typer

from monitor.commands.shell import call_of, say
from monitor.settings import Misconfigured
from store.engine import open_engine
from store.revision import SchemaMismatch, head
from store.schema import upgrade


def migrate(context: typer.Context) -> None:
    """Upgrade the schema of the database to this version's."""
    settings = call_of(context).settings
    engine = open_engine(settings.database_url)
    try:
        upgrade(engine)
    except SchemaMismatch as problem:
        raise Misconfigured(f"THERAWATCH_DATABASE_URL: {problem}") from None
    finally:
        engine.dispose()
    say(f"schema {head()}")
