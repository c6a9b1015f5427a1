"""`therawatch pack new`: a pack of another disease, to go on with."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor.commands.shell import AsJson, call_of, one_of, say, show
from monitor.path.assemble import assembled
from monitor.path.new_pack import NewPack, look_up
from monitor.settings import Misconfigured
from monitor.vocabulary.pack import Disease, Pack
from monitor.vocabulary.pack_text import history_text, pack_text, slug_of

ACTS = ("new",)


def pack(
    context: typer.Context,
    act: Annotated[str, typer.Argument(help="new: write a pack.")],
    condition: Annotated[str, typer.Argument(help="The disease, as registries call it.")],
    drugs: Annotated[list[str], typer.Argument(help="Drugs to follow, by their substance.")],
    synonym: Annotated[list[str] | None, typer.Option(help="Another name of the disease; the short one first.")] = None,
    to: Annotated[Path | None, typer.Option(help="The file to write; default: the condition with .toml.")] = None,
    mirror: Annotated[str | None, typer.Option(help="Ask here in place of the registers, now and by the pack.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a pack of a disease: numbers of its drugs as the registers give them, history as they propose it. Exit 1
    when a register could not be asked."""
    one_of(act, "ACT", ACTS)
    file = to or Path(f"{slug_of(condition)}.toml")
    beside = file.with_suffix(".events.toml")
    if there := [str(path) for path in (file, beside) if path.exists()]:
        raise Misconfigured(f"--to: expected no file of this name, found {', '.join(there)}")
    names = list(dict.fromkeys(drugs))
    call = call_of(context)
    call.open_log()
    with tempfile.TemporaryDirectory() as folder:
        aside = call.settings.changed(database_url=f"sqlite:///{folder}/lookup.db")
        with assembled(aside, pack=Pack(pack=Disease(name="new", condition=condition))) as service:
            found = look_up(service, condition, names, mirror=mirror)
    beside.write_text(history_text(found.history), encoding="utf-8") if found.history else None
    text = pack_text(
        condition, synonym or (), found.therapies, history=beside.name if found.history else None, mirror=mirror
    )
    file.write_text(text, encoding="utf-8")
    show(_lines(found), as_json=as_json, text=_in_words)
    for trouble in found.troubles:
        say(f"could not be asked: {trouble}")
    say(f"{file}: {len(found.therapies)} drugs, {len(found.history)} rows of history; now `therawatch lint {file}`")
    raise typer.Exit(1 if found.troubles else 0)


def _lines(found: NewPack) -> list[dict[str, Any]]:
    return [
        {
            "therapy": therapy.name,
            "brands": list(therapy.brands),
            "trials": list(therapy.trials),
            "applications": {key: list(numbers) for key, numbers in therapy.applications.items()},
            "history": sum(row["therapy"] == therapy.name for row in found.history),
        }
        for therapy in found.therapies
    ]


def _in_words(row: Mapping[str, Any]) -> str:
    brands = f" ({', '.join(row['brands'])})" if row["brands"] else ""
    numbers = ", ".join(number for many in row["applications"].values() for number in many) or "no application"
    return f"{row['therapy']}{brands}: {len(row['trials'])} trials, {numbers}, {row['history']} rows of history"
