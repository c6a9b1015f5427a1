"""Two contents in, differences out. Pure, and certain: whatever truly differs is here, nothing else is."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from monitor.vocabulary.differences import Difference
from sources.noise.settle import block_differences
from sources.records import Content, Record


def canonical(value: Any) -> bytes:
    """The one JSON text of a value: what is hashed, chained and stored."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def fingerprint(content: Content) -> str:
    """SHA-256 of the canonical content; equal fingerprints need no comparing."""
    return hashlib.sha256(canonical(content)).hexdigest()


def compare(
    before: Content, after: Content, *, record: type[Record], paths: Mapping[str, str]
) -> tuple[Difference, ...]:
    """Every field that differs, in the order of its name; tables cell by cell, passages line by line."""
    return tuple(
        difference
        for field in sorted(before.keys() | after.keys())
        if before.get(field) != after.get(field)
        for difference in _unequal(field, before.get(field), after.get(field), record, paths)
    )


def _unequal(
    field: str, before: Any, after: Any, record: type[Record], paths: Mapping[str, str]
) -> Iterator[Difference]:
    if field in record.entries:
        yield from _cells(field, before or {}, after or {}, paths)
    elif field in record.lines:
        for place, old, new in block_differences(before or [], after or []):
            yield Difference("text", place, old, new)
    else:
        yield Difference(field, paths.get(field, field), before, after)


def _cells(
    field: str, before: Mapping[str, Any], after: Mapping[str, Any], paths: Mapping[str, str]
) -> Iterator[Difference]:
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key, {}), after.get(key, {})
        for cell in sorted(old.keys() | new.keys()):
            if old.get(cell) != new.get(cell):
                path = paths.get(f"{field}.{cell}", f"{field}[{{key}}].{cell}").replace("{key}", key)
                yield Difference(f"{field}[{key}].{cell}", path, old.get(cell), new.get(cell))
