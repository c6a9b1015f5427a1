"""The bundled pack of another disease against the table of public facts that was written down before it: the status of
its drugs on four days, per place and in trials, and which was the newest."""

import json
import tomllib
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from monitor.events.history import intent_of_row, read_history
from monitor.events.record import event_of, evidence_of
from monitor.settings import BUNDLED_PACK
from monitor.standing.status import newest, table
from monitor.vocabulary.pack import Pack
from store.tables import Event, Evidence

PACK = BUNDLED_PACK.with_name("sma.toml")
FACTS = Path(__file__).resolve().parents[2] / "packs" / "sma-status.jsonl"
ROWS = [json.loads(line) for line in FACTS.read_text(encoding="utf-8").splitlines()]
BY_MEMORY = FACTS.with_name("sma-by-memory.jsonl")
"""Which drug was approved where on three days, by someone who had seen neither the pack nor the table of facts."""
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@cache
def history() -> tuple[Pack, tuple[Event, ...], dict[str, list[Evidence]]]:
    pack = Pack.model_validate(tomllib.loads(PACK.read_text(encoding="utf-8")))
    rows = read_history(PACK.with_name("sma.events.toml"), pack)
    intents = [intent_of_row(row, f"EV{n:03}", NOW) for n, row in enumerate(rows, start=1)]
    events = tuple(event_of(intent, n, pack) for n, intent in enumerate(intents, start=1))
    return pack, events, {one.id: evidence_of(intent, one.id) for one, intent in zip(events, intents, strict=True)}


@cache
def lines(as_of: str) -> dict[str, dict[str, Any]]:
    pack, events, evidence = history()
    table_ = table(events, evidence, pack=pack, as_of=date.fromisoformat(as_of))
    return {line["therapy"]: dict(line) for line in table_}


def test_the_table_has_four_days_and_every_drug_of_the_pack() -> None:
    pack, _, _ = history()
    assert len({row["as_of"] for row in ROWS}) == 4
    assert {row["therapy"] for row in ROWS if "therapy" in row} == {therapy.name for therapy in pack.therapies}


@pytest.mark.parametrize("as_of", sorted({row["as_of"] for row in ROWS}))
def test_status_and_newest_are_those_of_the_public_facts(as_of: str) -> None:
    _, events, evidence = history()
    wrong = []
    for row in (row for row in ROWS if row["as_of"] == as_of):
        if "authorisation" in row:
            cell = lines(as_of)[row["therapy"]]["places"][row["place"]]
            found = {"authorisation": cell["state"], "kind": cell["kind"], "since": cell["since"]}
        elif "state" in row:
            line = lines(as_of)[row["therapy"]]["pipeline"]
            found = {name: line[name] for name in ("state", "since", *(n for n in ("phase", "trial") if row[n]))}
        else:
            day = date.fromisoformat(as_of)
            answer = newest(events, evidence, place=row["place"], as_of=day, rule=row["rule"])
            found = {"newest": answer["therapy"], "since": answer["since"]}
        if found != {name: row[name] for name in found}:
            wrong.append((row, found))
    assert wrong == []


def test_who_has_not_seen_the_pack_remembers_the_same() -> None:
    """Where both speak they agree, and the days as far as both name them; the pack is silent where nothing is known."""
    other, agreed = [json.loads(line) for line in BY_MEMORY.read_text(encoding="utf-8").splitlines()], 0
    for row in other:
        cell = lines(row["as_of"])[row["therapy"]]["places"].get(row["place"])
        if cell is None or (cell["since"] is None and row["approved"]):
            assert row["place"] == "GB", (
                row
            )  # approved for the EU when that was one market; no act of its own was found
            continue
        known, said = cell["since"] or "", row.get("since", "")
        shared = min(len(known), len(said))
        assert (cell["state"] == "approved", known[:shared]) == (row["approved"], said[:shared]), (row, cell)
        agreed += 1
    assert (agreed, len(other)) == (84, 105)
