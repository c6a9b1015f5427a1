"""The lines that are printed have every key of the contract's table of commands."""

import re
from pathlib import Path
from typing import get_type_hints

import pytest

from monitor.standing.contract import (
    ChangeLine,
    EventLine,
    EvidenceLine,
    NewestLine,
    PipelineLine,
    PlaceLine,
    StatusLine,
)

ROWS = {"changes": ChangeLine, "events": EventLine, "status": StatusLine, "newest": NewestLine}
OUTER = re.compile(r"[{,]\s*\"(\w+)\"")


def keys(text: str) -> set[str]:
    """The keys of an object as the contract writes it, those of inner objects left out."""
    found, depth, flat = set(), 0, ""
    for sign in text:
        depth += (sign in "{[") - (sign in "}]")
        if depth <= 1 or (depth == 2 and sign in "{["):
            flat += sign
    found.update(OUTER.findall(re.sub(r":\s*[\[{]", ":", flat)))
    return found


@pytest.mark.parametrize("command", ROWS)
def test_a_line_has_the_keys_of_the_contract(shared: Path, command: str) -> None:
    contract = (shared / "contract.md").read_text(encoding="utf-8")
    row = next(line for line in contract.splitlines() if line.startswith(f"| `therawatch {command} ["))
    promised = keys(re.findall(r"`({.*})`", row)[-1])

    assert len(promised) > 3
    assert promised <= set(get_type_hints(ROWS[command]))


def test_cells_and_evidence_have_the_keys_of_the_contract(shared: Path) -> None:
    contract = (shared / "contract.md").read_text(encoding="utf-8")
    for kind, words in (
        (PlaceLine, r"`places` in a status line holds `({[^`]*})`"),
        (PipelineLine, r"`pipeline` holds `({[^`]*})`"),
        (EvidenceLine, r"Evidence is `({[^`]*})`"),
    ):
        promised = re.search(words, contract)
        assert promised, words
        assert set(re.findall(r"\"(\w+)\"", promised[1])) <= set(get_type_hints(kind))
