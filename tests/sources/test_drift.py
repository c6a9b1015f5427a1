"""What a source's answer may turn into one day: fields renamed, dropped, of another kind, new words.

Over every sample of JSON, each field in each of these ways: what comes out is as it was, or lacks something, or is
refused by name. It never crashes, and no record comes to say another act."""

import copy
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import sources
from sources.base import Page, Unexpected
from sources.records import Record

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
CATALOG = sources.load()
PROSE = {"feed", "page"}
ENVELOPE = {"meta", "metadata", "description"}
NEW_WORD = "SOMETHING NEW"
FREE = {
    "submission_number",
    "international_non_proprietary_name_inn_or_common_name",
    "product_number",
    "generic_name",
    "application_number",
}
"""Fields of names and numbers: another word there is another thing, and no new word for a thing."""
SAME_KIND = 3  # rows of one list that are turned; the others are like them


def texts() -> Iterator[tuple[str, Path]]:
    for name in sorted(CATALOG.keys() - PROSE):
        yield from (
            (name, file) for file in sorted((SAMPLES / name).glob("*")) if file.suffix in (".xml", ".csv", ".txt")
        )


def files() -> Iterator[tuple[str, Path]]:
    for name in sorted(CATALOG.keys() - PROSE):
        for file in sorted((SAMPLES / name).glob("*.json")):
            if not file.name.endswith((".expected.json", ".options.json")):
                yield name, file


def read(name: str, value: Any, options: bytes = b"{}") -> list[Record | Unexpected]:
    """What the adapter makes of an answer, JSON or bytes; a refusal of the whole is a list of that refusal."""
    kind = CATALOG[name]
    source = kind(kind.Options.model_validate_json(options), url="https://example.org" if kind.needs_url else None)
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    page = Page("https://example.org", datetime(2026, 1, 1, tzinfo=UTC), 200, "", "", lambda: body)
    try:
        return list(source.parse(page))
    except Unexpected as problem:
        return [problem]


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value, of the first few rows of a list."""
    rows = value.items() if isinstance(value, dict) else list(enumerate(value))[:SAME_KIND]
    for key, inner in rows:
        if key not in ENVELOPE:
            yield (*at, key)
            if isinstance(inner, dict | list):
                yield from places(inner, (*at, key))


def turned(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    """The answer with the value at the path dropped, renamed, of other kinds, and saying a word that is new."""
    for how in ("dropped", "renamed", "object", "number", "list", "null", "word"):
        fresh = copy.deepcopy(value)
        *way, last = path
        node = fresh
        for step in way:
            node = node[step]
        if how == "dropped":
            if not isinstance(node, dict):
                continue  # a record less is no other shape
            del node[last]
        elif how == "word" and last in FREE:
            continue
        elif how == "renamed":
            if not isinstance(node, dict):
                continue
            node[f"{last}_v2"] = node.pop(last)
        else:
            node[last] = {"object": {"value": 1}, "number": 7.5, "list": [[]], "null": None, "word": NEW_WORD}[how]
        yield how, fresh


def acts(records: list[Record | Unexpected]) -> dict[str, Any]:
    """What each record says it does, by key, with the acts of its parts."""
    found: dict[str, Any] = {}
    for record in records:
        if isinstance(record, Record):
            said = record.model_dump(mode="json")
            parts = [(f, k, r["act"]) for f in record.entries for k, r in said[f].items() if r.get("act")]
            found[record.key] = {*parts, ("act", "", said.get("act")), ("status", "", said.get("status"))}
    return found


@pytest.mark.parametrize(("name", "file"), [pytest.param(n, f, id=f"{n}/{f.name}") for n, f in files()])
def test_a_changed_shape_is_a_named_problem_and_no_act(name: str, file: Path) -> None:
    settings = file.with_name(f"{file.stem}.options.json")
    options = settings.read_bytes() if settings.exists() else b"{}"
    value = json.loads(file.read_bytes())
    before = acts(read(name, value, options))
    for path in places(value):
        for how, fresh in turned(value, path):
            after = read(name, fresh, options)
            problems = [problem for problem in after if isinstance(problem, Unexpected)]
            assert all(str(problem) for problem in problems), (path, how)
            for key, said in acts(after).items():
                gained = said - before.get(key, said)
                told = {act for _, _, act in gained if act and act != "routine"}
                assert not told, f"{name}: {path} {how}: {key} comes to say {told}"


@pytest.mark.parametrize(("name", "file"), [pytest.param(n, f, id=f"{n}/{f.name}") for n, f in texts()])
def test_a_renamed_element_or_heading_is_a_named_problem_and_no_act(name: str, file: Path) -> None:
    body = file.read_bytes()
    before = acts(read(name, body))
    names = (
        set(re.findall(rb"</?([A-Za-z]\w+)", body)) if file.suffix != ".csv" else set(body.splitlines()[1].split(b","))
    )
    for each in sorted(names - {b""}):
        for fresh in (body.replace(each, each + b"_v2"), body.replace(each, b""), body[: body.find(each)]):
            after = read(name, fresh)
            told = {fact for key, said in acts(after).items() for fact in said - before.get(key, said)}
            assert not {act for _, _, act in told if act and act != "routine"}, f"{name}: {each!r}: {told}"
