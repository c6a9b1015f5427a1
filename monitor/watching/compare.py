"""Two contents in, differences out. Pure, and certain: whatever truly differs is here, nothing else is."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from monitor.vocabulary.differences import Difference
from sources.noise.lines import likeness
from sources.noise.settle import block_differences
from sources.records import Content, Record

BETWEEN = re.compile(r"(?<!\d)[\W_]+|[\W_]+(?!\d)")
"""Blanks and punctuation, but for those between two digits."""

SENTENCE = re.compile(r"\s*¶\s*|(?<=[.;:!?])\s+")
"""Where a sentence ends, or a paragraph (`product_labels.BREAK`)."""
TOLD = 4000
"""Characters that are quoted of a text on either side."""


WORD = re.compile(r"[^\W_]{3,}")
KIND = re.compile(r"^[A-Z_]+: ")
"""What stands before the name of an intervention."""
ALIKE = 0.5


class Mistaken(Exception):
    """A record that is not of what its key stands for."""


def other_matter(before: Content, after: Content) -> str | None:
    """Why a record is of another matter than the one of its key was: neither what it is about, nor who stands behind
    it, nor its title is the same. None where any of them is, as when a drug is renamed or sold."""
    for says in (_about, _who):
        was, now = _words(says(before)), _words(says(after))
        if not was or not now or was & now:
            return None
    titles = [str(content.get("title", "")) for content in (before, after)]
    if all(titles) and likeness(*titles) >= ALIKE:
        return None
    said = [f"{', '.join(_about(each))[:80]} of {', '.join(_who(each))[:60]}" for each in (before, after)]
    return f"expected {said[0]} as before, found {said[1]}"


def _about(content: Content) -> list[str]:
    products = content.get("products", {}).values()
    told = [*content.get("names", ()), *(KIND.sub("", name) for name in content.get("interventions", ()))]
    told += [
        name for product in products for name in (product.get("brand_name"), *product.get("active_ingredients", ()))
    ]
    return [name for name in told if name]


def _who(content: Content) -> list[str]:
    return [content[field] for field in ("sponsor", "holder", "agency") if content.get(field)]


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in WORD.findall(text.casefold())}


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
