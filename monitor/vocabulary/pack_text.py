"""A pack and its history as TOML texts, for a person to go on with."""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any

from monitor.vocabulary.pack import Therapy

PROPOSED = "Proposed:"
"""Begins the note of a row of history that no person has looked over yet."""
NUMBERED = ("fda", "ema")
EVERY = {"clinicaltrials": "12h", "federalregister": "12h", "ema": "12h"}
SHORT = 5  # signs; a shorter synonym in capitals stands for much else in a journal that prints everything
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
WIDTH = 120


def slug_of(condition: str) -> str:
    """The name of a pack: `a-disease`."""
    return re.sub(r"[^a-z0-9]+", "-", re.sub("['’]", "", condition.lower())).strip("-") or "pack"


def pack_text(
    condition: str, synonyms: Sequence[str], therapies: Sequence[Therapy], *, history: str | None, mirror: str | None
) -> str:
    """The pack: the disease, its therapies, and a watch for each source that has something to watch."""
    disease = {
        "name": slug_of(condition),
        "condition": condition,
        "synonyms": list(synonyms),
        "version": "1",
        "history": history,
    }
    parts = [
        "# Made by `therawatch pack new` of what the registers gave. `therawatch lint` says what is missing.\n",
        "\n[pack]\n" + _keys(disease),
        *("\n[[therapies]]\n" + _keys(_shown(therapy)) for therapy in therapies),
        *("\n[[watches]]\n" + _keys(plan) for plan in watches(condition, synonyms, therapies, mirror=mirror)),
    ]
    return "".join(parts)


def history_text(rows: Iterable[Mapping[str, Any]]) -> str:
    """The history: rows that registers propose."""
    head = (
        f'# Dated history as the registers tell it. A note that begins with "{PROPOSED}" is looked over by nobody:\n'
        "# correct the row, set the marks (C, C1, M, X), and take the word away.\n"
    )
    return head + "".join("\n[[events]]\n" + _keys(row) for row in rows)


def watches(
    condition: str, synonyms: Sequence[str], therapies: Sequence[Therapy], *, mirror: str | None
) -> list[dict[str, Any]]:
    """A watch for each source that these drugs have something in; agencies' news only where the world is asked."""
    drugs = [name for therapy in therapies for name in (therapy.name, *therapy.brands)]
    words = [condition, *(name for name in synonyms if len(name) > SHORT or not name.isupper()), *drugs]
    fda, ema = ([n for therapy in therapies for n in therapy.applications.get(key, ())] for key in NUMBERED)
    ids = [trial for therapy in therapies for trial in therapy.trials]
    most = {} if mirror else {"at_least": 2000}
    wishes: list[tuple[str, str, dict[str, Any]]] = [
        ("trials", "clinicaltrials", {"condition": condition, "ids": ids}),
        ("federal-register", "federalregister", {"terms": words}),
        ("fda-applications", "drugsfda", {"applications": fda}),
        ("us-labels", "dailymed", {"applications": fda}),
        ("fda-refusals", "fda_crl", {"names": [condition, *drugs]}),
        ("fda-shortages", "fda_shortages", {"names": drugs}),
        ("fda-recalls", "fda_enforcement", {"names": drugs}),
        ("ema-medicines", "ema", {"numbers": ema, "names": [therapy.name for therapy in therapies], **most}),
        ("eu-orphan-designations", "ema_orphans", {"uses": [condition], **most}),
        ("eu-shortages", "ema_shortages", {"names": drugs}),
        ("eu-trials", "ctis", {"condition": condition}),
        ("uk-trials", "isrctn", {"condition": condition}),
    ]  # fmt: skip
    plans = [
        {"name": name, "source": source, "every": EVERY.get(source, "1d"), "base_url": mirror, "options": options}
        for name, source, options in wishes
        if options.get("applications", True)
    ]
    if mirror:
        return plans
    feeds = tomllib.loads(files("monitor.vocabulary").joinpath("agency_feeds.toml").read_text(encoding="utf-8"))
    return [*plans, *feeds["watches"]]


def _shown(therapy: Therapy) -> dict[str, Any]:
    """What a pack says of a therapy: everything that is not as it would be anyway."""
    return therapy.model_dump(mode="json", exclude_defaults=True)


def _keys(table: Mapping[str, Any]) -> str:
    return "".join(f"{_key(key)} = {_value(value)}\n" for key, value in table.items() if value is not None)


def _value(value: Any) -> str:
    """A value in TOML, whose strings are those of JSON; a long list goes on in further lines."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list | tuple):
        items = [_value(inner) for inner in value]
        line = f"[{', '.join(items)}]"
        return line if len(line) < WIDTH else "[\n" + "".join(f"  {item},\n" for item in items) + "]"
    return json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    return name if BARE_KEY.fullmatch(name) else json.dumps(name, ensure_ascii=False)
