"""JSON out of an answer, read strictly: what a careless reader would accept is refused, with its place.

Duplicate keys, NaN, endless numbers, absurd nesting, lone surrogates and NUL all raise Unexpected, because each of
them makes two programs read two different things, or breaks only later, in the store.
"""

import json
import math
from collections.abc import Collection
from typing import Any, TypeVar

from sources.base import Page, Unexpected

Json = Any
Kind = TypeVar("Kind")

MAX_DEPTH = 64  # the deepest real answer met has 15 levels
EXCERPT = 80

NAMES = {dict: "an object", list: "a list", str: "a text", int: "a whole number", bool: "true or false"}


def decode(page: Page) -> Json:
    """The JSON value of an answer. Raises Unexpected when it is not JSON, or JSON of a doubtful sort."""
    try:
        value = json.loads(page.body, object_pairs_hook=_no_twins, parse_constant=_no_constant, parse_float=_finite)
    except (ValueError, RecursionError) as problem:
        start = page.body[:EXCERPT].decode("utf-8", "replace")
        raise Unexpected(f"{page.url}: expected JSON, found {start!r} ({_short(problem)})") from None
    _inspect(value, page.url)
    return value


def need(node: Json, key: str, kind: type[Kind], where: str) -> Kind:
    """A required value of its kind, texts and lists not empty. `where` is the place of `node`, for the error text."""
    value = may(node, key, kind, where)
    if value is None or value == "":
        raise Unexpected(f"{where}.{key}: expected {NAMES[kind]}, found {_found(node, key)}")
    return value


def may(node: Json, key: str, kind: type[Kind], where: str) -> Kind | None:
    """A value that may be absent; null and empty, of whatever kind, are the same. White space is folded.

    Raises Unexpected when something of another kind stands there.
    """
    if not isinstance(node, dict):
        raise Unexpected(f"{where}: expected an object, found {type(node).__name__}")
    value = node.get(key)
    if value is None or value in ("", [], {}):
        return None
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise Unexpected(f"{where}.{key}: expected {NAMES[kind]}, found {_found(node, key)}")
    return " ".join(value.split()) if isinstance(value, str) else value  # type: ignore[return-value]


def part(node: Json, key: str, where: str) -> dict[str, Json]:
    """A module that may be absent: then an empty object."""
    return may(node, key, dict, where) or {}


def rows(node: Json, key: str, where: str) -> list[Json]:
    """A list that may be absent: then an empty one."""
    return may(node, key, list, where) or []


def texts(node: Json, key: str, where: str) -> list[str]:
    """A list of texts that may be absent, white space folded. A text by itself is a list of one: some copies of a
    registry's answers unwrap those."""
    alone = node.get(key) if isinstance(node, dict) else None
    found = [alone] if isinstance(alone, str) and alone else rows(node, key, where)
    for value in found:
        if not isinstance(value, str):
            raise Unexpected(f"{where}.{key}: expected a list of texts, found {type(value).__name__} in it")
    return [" ".join(value.split()) for value in found]


def known(value: str, words: Collection[str], where: str) -> str:
    """The word itself, when it is one the adapter knows; an unknown word is never guessed, dropped or defaulted."""
    if value not in words:
        raise Unexpected(f"{where}: expected one of {', '.join(sorted(words))}, found {value!r}")
    return value


def _no_twins(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(n for n in names if names.count(n) > 1)!r} stands twice in one object")
    return made


def _no_constant(word: str) -> Json:
    raise ValueError(f"{word} is no JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the number {text[:20]} is too large")
    return value


def _inspect(value: Json, url: str) -> None:
    """Walk the value level by level (no recursion, so that nesting cannot hurt) and refuse what breaks later."""
    level: list[Json] = [value]
    for _ in range(MAX_DEPTH):
        below: list[Json] = []
        for node in level:
            if isinstance(node, dict):
                below.extend(node.keys())
                below.extend(node.values())
            elif isinstance(node, list):
                below.extend(node)
            elif isinstance(node, str) and ("\0" in node or not (node.isascii() or _encodes(node))):
                raise Unexpected(f"{url}: expected text, found a lone surrogate or NUL in {node[:EXCERPT]!r}")
        if not below:
            return
        level = below
    raise Unexpected(f"{url}: expected JSON of at most {MAX_DEPTH} levels, found more")


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _found(node: dict[str, Json], key: str) -> str:
    if key not in node:
        return f"none (there is {', '.join(sorted(node))[:200] or 'nothing'})"
    return repr(node[key])[:EXCERPT]


def _short(problem: BaseException) -> str:
    return str(problem)[:200] or type(problem).__name__
