"""`therawatch schema`: the JSON Schema of the configuration."""

import json
import sys

import typer

from monitor.commands.shell import call_of
from monitor.path.assemble import catalog_of
from monitor.vocabulary.pack import Pack


def schema(context: typer.Context) -> None:
    """JSON Schema of the configuration; each source's options under `$defs`."""
    described = Pack.model_json_schema()
    options = {
        name: kind.Options.model_json_schema() for name, kind in sorted(catalog_of(call_of(context).settings).items())
    }
    described.setdefault("$defs", {})["options"] = options
    sys.stdout.write(json.dumps(described, indent=2) + "\n")
