"""`therawatch label`: what the labels of medicines say."""

from typing import Annotated, Any

import typer

from monitor.commands.shell import AsJson, call_of, one_of, show
from monitor.standing.label_text import said
from sources.product_labels import SECTIONS
from store.database import reading

SHOWN = 300
"""Signs of a text that are shown to a person; --json holds all."""


def label(
    context: typer.Context,
    therapy: Annotated[str | None, typer.Argument(help="One therapy, by any of its names; default: all.")] = None,
    section: Annotated[
        str | None, typer.Option(help=f"Only this section: {', '.join(sorted(SECTIONS.values()))}.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """What the labels say, heading by heading, of which day, and since when."""
    call = call_of(context)
    wanted = call.filters(therapy=therapy).therapy
    only = one_of(section, "--section", sorted(SECTIONS.values()))
    with call.service() as service, reading(service.engine) as session:
        show(said(service, session, wanted, only), as_json=as_json, text=_in_words)


def _in_words(row: Any) -> str:
    """`a drug, US label of 2023-04-25: warnings_and_cautions 5.1 A heading: Serious ...`"""
    title = " ".join(filter(None, (row["section"], row["number"], row["heading"])))
    since = f" (since {row['since']})" if row["since"] else ""
    text = row["text"] if len(row["text"]) <= SHOWN else f"{row['text'][:SHOWN]} ..."
    return f"{row['therapy']}, {row['place']} label of {row['effective_on']}: {title}{since}: {text}"
