"""JSON out of an answer, read strictly: what a careless reader would accept is refused, with its place.

Duplicate keys, NaN, endless numbers, absurd nesting, lone surrogates and NUL all raise Unexpected, because each of
them makes two programs read two different things, or breaks only later, in the store.
"""

import json
import math
import re
from array import array
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar, overload

from sources.base import Page, Unexpected

Json = Any
Kind = TypeVar("Kind")
Word = TypeVar("Word")

MAX_DEPTH = 64  # the deepest real answer met has 15 levels
EXCERPT, SMALL = 80, 32 * 1024
MOST_WEIGHT = 60 * 2**20
MOST_ROWS, MOST_TOKENS = 50_000, 4_000_000  # of an answer that is read row by row
PER_TEXT, PER_VALUE, PER_LIST = 110, 36, 150  # bytes of a text or key, of a member, of a list or object
TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.S)
BREAKS_LATER = re.compile("[\0\ud800-\udfff]")
DOUBTFUL = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
WALKED = {True: frozenset({dict, list}), False: frozenset({dict, list, str})}
"""What is looked into, where all texts are known to be plain and where they are not."""
QUOTE, LIST, OBJECT = b'"[{'
OPENING = b"[{"

NAMES = {dict: "an object", list: "a list", str: "a text", int: "a whole number", bool: "true or false"}


def decode(page: Page, *, rows: str | None = None) -> Json:
    """The JSON value of an answer. Raises Unexpected when it is not JSON, JSON of a doubtful sort, or more of it than
    fits in memory. The list under the key `rows` of a large answer is then a `Rows`, read one by one."""
    body = page.body
    if page.unchanged and len(body) <= SMALL:
        return _as_before(body, page.url)
    if (heavy := weight(body)) <= MOST_WEIGHT:
        return value_of(body, page.url)
    if rows is not None and (found := Rows.within(page, rows)) is not None:
        around = body[: found.start] + b"[]" + body[found.end :]
        if weight(around) <= MOST_WEIGHT:
            value = value_of(around, page.url)
            if isinstance(value, dict):
                return value | {rows: found}
    raise Unexpected(f"{page.url}: expected JSON that takes {MOST_WEIGHT >> 20} MB, found {heavy >> 20} MB")


def weight(body: bytes) -> int:
    """About how many bytes the values of a JSON text take in memory, at most."""
    lists = body.count(b"{") + body.count(b"[")
    return len(body) + PER_TEXT * (body.count(b'"') // 2) + PER_VALUE * body.count(b",") + PER_LIST * lists


class Rows(Sequence[Json]):
    """The objects of a list in the middle of a large answer, each decoded when it is asked for."""

    def __init__(self, page: Page, start: int, end: int, spans: "array[int]") -> None:
        self.start, self.end = start, end
        self._page = page
        self._spans = spans

    @classmethod
    def within(cls, page: Page, key: str) -> "Rows | None":
        """The list of objects under a key of the outermost object; None when there is none, or more than objects.

        Raises Unexpected where the answer is longer or deeper than the limits.
        """
        body, name = page.body, json.dumps(key).encode()
        spans = array("Q")
        depth = start = opened = 0
        last = b""
        for number, token in enumerate(TOKEN.finditer(body)):
            if number > MOST_TOKENS or len(spans) > 2 * MOST_ROWS:
                raise Unexpected(f"{page.url}: expected at most {MOST_ROWS} rows and {MOST_TOKENS} texts, found more")
            mark = body[token.start()]
            if mark == QUOTE:
                last = token[0] if depth == 1 else last
            elif mark in OPENING:
                depth += 1
                if depth > MAX_DEPTH:
                    raise Unexpected(f"{page.url}: expected JSON of at most {MAX_DEPTH} levels, found more")
                if depth == 2 and not start and mark == LIST and last == name:
                    start = token.start()
                elif depth == 3 and start:
                    opened = token.start()
            else:
                depth -= 1
                if depth == 2 and start:
                    spans.extend((opened, token.end()))
                elif depth == 1 and start:
                    whole = _only_objects(body, start, token.end(), spans)
                    return cls(page, start, token.end(), spans) if whole else None
        return None

    def __len__(self) -> int:
        return len(self._spans) // 2

    @overload
    def __getitem__(self, index: int) -> Json: ...
    @overload
    def __getitem__(self, index: slice) -> list[Json]: ...
    def __getitem__(self, index: int | slice) -> Json | list[Json]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        if index < 0 or index >= len(self):
            raise IndexError(index)
        body = self._page.body[self._spans[2 * index] : self._spans[2 * index + 1]]
        if weight(body) > MOST_WEIGHT:
            raise Unexpected(f"{self._page.url}: expected a row that takes {MOST_WEIGHT >> 20} MB, found more")
        return value_of(body, self._page.url)


def _only_objects(body: bytes, start: int, end: int, spans: "array[int]") -> bool:
    """Whether nothing but commas and white space stands around and between the rows, and each is an object."""
    edges = [start + 1, *spans, end - 1]
    gaps = [body[edges[i] : edges[i + 1]].strip() for i in range(0, len(edges), 2)]
    objects = all(body[spans[i]] == OBJECT for i in range(0, len(spans), 2))
    return objects and not gaps[0] and not gaps[-1] and all(gap == b"," for gap in gaps[1:-1])


def value_of(body: bytes, url: str) -> Json:
    """The JSON value of these bytes, which are not many. Raises Unexpected as `decode` does."""
    try:
        value = json.loads(body, object_pairs_hook=_no_twins, parse_constant=_no_constant, parse_float=_finite)
    except (ValueError, RecursionError) as problem:
        start = body[:EXCERPT].decode("utf-8", "replace")
        raise Unexpected(f"{url}: expected JSON, found {start!r} ({_short(problem)})") from None
    _inspect([value], url, plain=_plain(body))
    return value


_as_before = lru_cache(maxsize=64)(value_of)
"""For small answers that come again and again, as a next page does. Whoever reads a value leaves it as it is."""


def _plain(body: bytes) -> bool:
    """Whether no text in these bytes can hold a lone surrogate or NUL."""
    try:
        return b"\0" not in body and not DOUBTFUL.search(body) and (body.isascii() or bool(body.decode()))
    except UnicodeDecodeError:
        return False


def need(node: Json, key: str, kind: type[Kind], where: str) -> Kind:
    """A required value of its kind, texts and lists not empty. `where` is the place of `node`, for the error text.

    Raises Unexpected where it is missing, empty or of another kind.
    """
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


def column(lines: Sequence[Json], key: str, where: str) -> list[str]:
    """The text that each of these rows must have under a key. Raises Unexpected at one without."""
    return [need(line, key, str, where) for line in lines]


def told(lines: Sequence[Json], key: str, where: str) -> list[str | None]:
    """The text that each of these rows may have under a key. Raises Unexpected at one with something else there."""
    return [may(line, key, str, where) for line in lines]


def texts(node: Json, key: str, where: str) -> list[str]:
    """A list of texts that may be absent, white space folded. A text by itself is a list of one: some copies of a
    registry's answers unwrap those. Raises Unexpected where something else than a text is in it."""
    alone = node.get(key) if isinstance(node, dict) else None
    parts = [alone] if isinstance(alone, str) and alone else rows(node, key, where)
    for value in parts:
        if not isinstance(value, str):
            raise Unexpected(f"{where}.{key}: expected a list of texts, found {type(value).__name__} in it")
    return [" ".join(value.split()) for value in parts]


def calendar_date(text: str, form: re.Pattern[str], expected: str, where: str) -> str:
    """A date of the calendar as it stands: a day (`2026-05-01`, `20260501`), a month or a year.

    Raises Unexpected at what has another form, and at the 30 February: later steps count with it.
    """
    try:
        if not form.fullmatch(text):
            raise ValueError(text)
        date.fromisoformat(text + "-01-01"[len(text) - 4 :] if "-" in text or len(text) == len("2026") else text)
    except ValueError:
        raise Unexpected(f"{where}: expected {expected}, found {text!r}") from None
    return text


def text_at(*path: str) -> Callable[[Json], str | None]:
    """A look-up of the text at a path of keys, None where there is none: for what must not fail itself."""

    def look(node: Json) -> str | None:
        for key in path:
            node = node.get(key) if isinstance(node, dict) else None
        return node if isinstance(node, str) else None

    return look


def known(value: str, words: Collection[str], where: str) -> str:
    """The word itself, when it is one the adapter knows; an unknown word is never guessed, dropped or defaulted.

    Raises Unexpected for any other word.
    """
    if value not in words:
        raise Unexpected(f"{where}: expected one of {', '.join(sorted(words))}, found {value!r}")
    return value


def mapped(value: str, words: Mapping[str, Word], where: str) -> Word:
    """What a word of the source means by the adapter's table; raises Unexpected at a word that is not in it."""
    return words[known(value, words, where)]


def all_mapped(values: Sequence[str], words: Mapping[str, Word], where: str) -> list[Word]:
    """The same of several words."""
    return [mapped(value, words, where) for value in values]


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


def _inspect(value: Json, url: str, *, plain: bool) -> None:
    """Walk the value level by level (no recursion, so that nesting cannot hurt) and refuse what breaks later; of texts
    that are `plain` nothing does."""
    level: list[Json] = [value]
    for _ in range(MAX_DEPTH):
        below: list[Json] = []
        for node in level:
            inner = (node.values() if plain else (*node, *node.values())) if isinstance(node, dict) else node
            below += [one for one in inner if type(one) in WALKED[plain]]
        for text in () if plain else [one for one in below if type(one) is str]:
            if BREAKS_LATER.search(text):
                raise Unexpected(f"{url}: expected text, found a lone surrogate or NUL in {text[:EXCERPT]!r}")
        level = [one for one in below if type(one) is not str]
        if not level:
            return
    raise Unexpected(f"{url}: expected JSON of at most {MAX_DEPTH} levels, found more")


def _found(node: dict[str, Json], key: str) -> str:
    if key not in node:
        return f"none (there is {', '.join(sorted(node))[:200] or 'nothing'})"
    return repr(node[key])[:EXCERPT]


def _short(problem: BaseException) -> str:
    return str(problem)[:200] or type(problem).__name__
