"""The labelled texts: real ones beside the checkout, those of the pool and from elsewhere with labels here, our own.

Texts of third parties stay where they are, in `../shared/events`, and those that were gathered besides where
`THERAWATCH_ELSEWHERE` says; labels are joined to them by id and hash. Where both are missing there are our own items
alone. `dev.jsonl` and `sealed.jsonl` are for scoring and never loaded here.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.reading.prose.clean import added_lines
from monitor.vocabulary.event_types import TYPES
from training.plan import WHOLE

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "events"
LABELS = ROOT / "benchmarks" / "labels"
ELSEWHERE = Path(os.environ.get("THERAWATCH_ELSEWHERE", SHARED / "elsewhere.jsonl"))
"""Texts that were gathered besides, a row with id, title, text, published and source_kind each: headlines and leads of
other sources than those of the others. `benchmarks/labels/elsewhere.jsonl` says where each stands in public."""
OWN = ("open.jsonl", "later.jsonl", *(f"hand_{hand}.jsonl" for hand in "abcdef"))
"""Our own items that may be trained on; those by hand are of rare types, page differences, releases, opposites."""

PHRASINGS = ("phrasings_a.jsonl", "phrasings_b.jsonl")
"""Our own titles of each type in many words, and near misses: a fit learns them last, so that more cost little."""

LABELLED = tuple(TYPES)
"""The types in the order of the model's outputs."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and what it announces. `origin` is real, pool, elsewhere or own; `sure` is false where one hesitated."""

    id: str
    title: str
    text: str
    published: str | None
    types: frozenset[str]
    accept: frozenset[str]
    drugs: tuple[str, ...]
    origin: str
    sample: str = ""
    sure: bool = True


def digest(title: str, text: str) -> str:
    """What names a text beside its id, so that labels never meet another one."""
    return hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()[:16]


def labelled(row: Mapping[str, Any], origin: str, text_of: Mapping[str, Any] | None = None) -> Labelled:
    """The item of a row; its text from another row where labels are kept apart."""
    text = text_of or row
    body = str(text.get("text") or "")
    types = frozenset(event["type"] for event in row["expected"])
    return Labelled(
        id=str(row["id"]),
        title=str(text["title"]),
        text="\n".join(added_lines(body)) if row.get("source_kind") == "page_diff" else body,
        published=text.get("published"),
        types=types,
        accept=frozenset(row.get("accept") or ()) - types,
        drugs=tuple(event["drug"] for event in row["expected"] if event.get("drug")),
        origin=origin,
        sample=str(row.get("sample") or row.get("hand") or ""),
        sure=bool(row.get("sure", True)),
    )


DASHES = re.compile("[\u2010-\u2015]")


def same_drug(expected: str | None, found: str | None) -> bool:
    """Loosely the same name: one contains the other; nothing expected means anything goes."""
    one, two = (DASHES.sub("-", name or "").lower() for name in (expected, found))
    return not one or (bool(two) and (one in two or two in one))


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a file of JSON lines."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield json.loads(line)


def corrections(path: Path = LABELS / "corrections.jsonl") -> dict[tuple[str, str], dict[str, Any]]:
    """Labels that two readers have mended, by id and hash of the text."""
    return {(row["id"], row["sha256"]): row for row in rows(path)} if path.exists() else {}


def real_items(shared: Path = SHARED, *, corrected: bool = True) -> list[Labelled]:
    """The labelled real texts, with or without the corrections; nothing where the folder is missing."""
    mended = corrections() if corrected else {}
    return [
        labelled({**row, **mended.get((row["id"], digest(row["title"], row.get("text") or "")), {})}, "real", row)
        for row in (rows(shared / "real.jsonl") if shared.is_dir() else ())
    ]


def pool_items(shared: Path = SHARED, labels: Path = LABELS / "pool.jsonl") -> list[Labelled]:
    """The texts of the pool that have labels here. Raises ValueError where a label belongs to another text."""
    return [labelled(row, "pool", text) for row, text in joined(labels, shared / "pool.jsonl")]


def elsewhere_items(texts: Path = ELSEWHERE, labels: Path = LABELS / "elsewhere.jsonl") -> list[Labelled]:
    """The texts from elsewhere with their labels; a fit learns them last, as phrasings, so that more cost little.
    Nothing where the file is missing. Raises ValueError where a label belongs to another text."""
    return [labelled(row, "elsewhere", text) for row, text in joined(labels, texts)]


def joined(labels: Path, texts: Path) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Labels with the texts that they belong to, as far as those are at hand."""
    if not texts.exists():
        return
    found = {row["id"]: row for row in rows(texts)}
    for row in rows(labels):
        text = found[row["id"]]
        if digest(text["title"], text.get("text") or "") != row["sha256"]:
            raise ValueError(f"{labels}: expected the text of {row['id']} as it was labelled, found another")
        yield row, text


def own_items(folder: Path = ROOT / "benchmarks" / "items") -> list[Labelled]:
    """Our own sentences, without those kept for scoring; differences of records are not read as prose."""
    return _own(folder, OWN)


def phrasing_items(folder: Path = ROOT / "benchmarks" / "items") -> list[Labelled]:
    """Our own titles of each type in many words."""
    return _own(folder, PHRASINGS)


def _own(folder: Path, names: Sequence[str]) -> list[Labelled]:
    found = (row for name in names for row in rows(folder / name))
    return [labelled(row, "own") for row in found if row.get("source_kind") != "registry_diff"]


def learnt_by(seed: int, items: list[Labelled], more: list[Labelled]) -> tuple[list[Labelled], list[Labelled]]:
    """What a fit learns from the start, and what in its second round alone: phrasings, and unless it is one of
    `WHOLE`, the texts from elsewhere, so that more of them cost little."""
    if seed in WHOLE:
        return items + more, phrasing_items()
    return items, phrasing_items() + more
