"""Two contents in, differences out. Pure, and certain: whatever truly differs is here, nothing else is."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from monitor.vocabulary.differences import Difference
from sources.noise.settle import block_differences
from sources.records import Content, Record

BETWEEN = re.compile(r"(?<!\d)[\W_]+|[\W_]+(?!\d)")
"""Blanks and punctuation, but for those between two digits."""

SENTENCE = re.compile(r"\s*¶\s*|(?<=[.;:!?])\s+")
"""Where a sentence ends, or a paragraph (`product_labels.BREAK`)."""
TOLD = 4000
"""Characters that are quoted of a text on either side."""


def compare(
    before: Content, after: Content, *, record: type[Record], paths: Mapping[str, str]
) -> tuple[Difference, ...]:
    """Every field that differs, in the order of its name; tables cell by cell, passages line by line.

    A field that has the source's own words beside it is compared and quoted in those, and what only says what other
    fields mean is left out.
    """
    old, new = _own_words(before, record), _own_words(after, record)
    return tuple(
        difference
        for field in sorted(old.keys() | new.keys())
        if old.get(field) != new.get(field)
        for difference in _unequal(field, old.get(field), new.get(field), record, paths)
    )


def _own_words(content: Content, record: type[Record]) -> Content:
    said = {field: content[text] for field, text in record.wordings.items() if text in content}
    beside = record.derived | set(record.wordings.values())
    return {field: said.get(field, value) for field, value in content.items() if field not in beside}


def _unequal(
    field: str, before: Any, after: Any, record: type[Record], paths: Mapping[str, str]
) -> Iterator[Difference]:
    if field in record.entries:
        yield from _cells(field, before or {}, after or {}, record, paths)
    elif field in record.columns:
        yield from _columns(field, before or {}, after or {}, record, paths)
    elif field in record.lines:
        for place, old, new in block_differences(before or [], after or []):
            yield Difference("text", place, old, new)
    elif field not in record.loose or _bare(before) != _bare(after):
        yield Difference(field, paths.get(field, field), before, after)


def _columns(
    field: str, before: Mapping[str, Any], after: Mapping[str, Any], record: type[Record], paths: Mapping[str, str]
) -> Iterator[Difference]:
    """Value by value; where the table of paths has no place for the field, its name is the source's own."""
    place, bare = paths.get(field, "{key}"), _bare if field in record.loose else _as_it_is
    for key in sorted(after.keys() if field in record.growing else before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        if field in record.prose:
            old, new = _sentences(old, new)
        if bare(old) != bare(new) and not (old and field in record.growing):
            yield Difference(f"{field}[{key}]", place.replace("{key}", key), old, new)


def _sentences(before: str | None, after: str | None) -> tuple[str | None, str | None]:
    """The sentences that are gone from a text, and those that are new in it; where both stand is no matter."""
    old, new = ({_bare(s): s for s in SENTENCE.split(text or "")} for text in (before, after))
    gone = " ".join(sentence for bare, sentence in old.items() if bare and bare not in new)
    come = " ".join(sentence for bare, sentence in new.items() if bare and bare not in old)
    return gone[:TOLD] or None, come[:TOLD] or None


def _as_it_is(value: Any) -> Any:
    return value


def _bare(value: Any) -> Any:
    """A text without its letter case and punctuation; figures keep their points and commas."""
    return BETWEEN.sub("", value).casefold() if isinstance(value, str) else value


def _cells(
    field: str, before: Mapping[str, Any], after: Mapping[str, Any], record: type[Record], paths: Mapping[str, str]
) -> Iterator[Difference]:
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key, {}), after.get(key, {})
        for cell in sorted(old.keys() | new.keys()):
            if old.get(cell) != new.get(cell) and f"{field}.{cell}" not in record.derived:
                path = paths.get(f"{field}.{cell}", f"{field}[{{key}}].{cell}").replace("{key}", key)
                yield Difference(f"{field}[{key}].{cell}", path, old.get(cell), new.get(cell))
