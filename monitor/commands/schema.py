"""`therawatch schema`: the JSON Schema of the configuration, or of what webhooks are sent."""

import json
import sys
from typing import Annotated, Any

import typer

from monitor.commands.shell import call_of
from monitor.path.assemble import catalog_of
from monitor.telling.compose.event_schema import event_schema
from monitor.vocabulary.pack import Pack


def schema(
    context: typer.Context,
    event: Annotated[bool, typer.Option("--event", help="That of what webhooks are sent instead.")] = False,
) -> None:
    """JSON Schema of the configuration; each source's options under `$defs`."""
    if event:
        _print(event_schema(call_of(context).settings.base_url))
        return
    described = Pack.model_json_schema()
    options = {
        name: kind.Options.model_json_schema() for name, kind in sorted(catalog_of(call_of(context).settings).items())
    }
    described.setdefault("$defs", {})["options"] = options
    _print(described)


def _print(described: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(described, indent=2) + "\n")
