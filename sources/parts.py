"""A long answer of JSON taken apart into the objects of its list, without being read.

A registry that answers with a hundred studies has mostly one that moved. Where each begins is found by the key that
opens it: written with its quotes it cannot stand inside a text, whose own quotes are escaped. What does not come apart
cleanly is left to be read as a whole.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any

from sources.base import Page, Part
from sources.payload import MOST_WEIGHT, Json, value_of, weight

SPACE = b" \t\r\n"
COLON = re.compile(rb"\s*:\s*")
LOOK = 4096  # bytes in which the object under a key mostly ends
DECODER = json.JSONDecoder()
MARK = 16  # bytes


@dataclass(frozen=True)
class Apart:
    """The rows of an answer as they stand in its bytes, and what stands around them."""

    page: Page
    around: Mapping[str, Json]
    spans: Sequence[tuple[int, int]]

    def rows(self) -> Iterator[bytes]:
        """The bytes of each row."""
        body = self.page.body
        return (body[start:end] for start, end in self.spans)


def apart(page: Page, *, rows: str, opening: str) -> Apart | None:
    """An answer whose list under `rows` holds objects that begin with the key `opening`; None for any other."""
    body, word = page.body, b'"%s"' % opening.encode()
    starts = list(_openings(body, word))
    if not starts:
        return None
    try:
        _, length = DECODER.raw_decode(body[starts[-1] :].decode())
        last = starts[-1] + len(body[starts[-1] :].decode()[:length].encode())
    except ValueError:
        return None
    ends = [_end(body, start, after) for start, after in pairwise(starts)]
    outside = body[: starts[0]] + body[last:]
    if None in ends or weight(outside) > MOST_WEIGHT:
        return None
    around = value_of(outside, page.url)
    if not isinstance(around, dict) or around.get(rows) != []:
        return None
    return Apart(page, around, list(zip(starts, [*(end or 0 for end in ends), last], strict=True)))


def _openings(body: bytes, word: bytes) -> Iterator[int]:
    """Where objects begin with this key."""
    at = body.find(word)
    while at >= 0:
        start = at - 1
        while start >= 0 and body[start] in SPACE:
            start -= 1
        if start >= 0 and body[start] == ord("{"):
            yield start
        at = body.find(word, at + len(word))


def _end(body: bytes, start: int, after: int) -> int | None:
    """Where a row ends, if nothing but a comma stands between it and the next."""
    end = after - 1
    while end > start and body[end] in SPACE:
        end -= 1
    if body[end] != ord(","):
        return None
    end -= 1
    while end > start and body[end] in SPACE:
        end -= 1
    return end + 1 if body[end] == ord("}") else None


def object_at(row: bytes, key: str) -> Any:
    """The object under a key, wherever it first stands in a row; None where there is none."""
    word = b'"%s"' % key.encode()
    at = row.find(word)
    colon = COLON.match(row, at + len(word)) if at >= 0 else None
    if colon is None:
        return None
    for end in (colon.end() + LOOK, len(row)):
        try:
            return DECODER.raw_decode(row[colon.end() : end].decode("utf-8", "ignore"))[0]
        except ValueError:
            continue
    return None


def mark(row: bytes, *, but: str) -> bytes:
    """What a row is known by again, whatever text stands under the key `but`."""
    word = b'"%s"' % but.encode()
    hashed, begin = hashlib.blake2b(digest_size=MARK), 0
    while (at := row.find(word, begin)) >= 0:
        colon = COLON.match(row, at + len(word))
        opens = colon.end() if colon else at
        closes = row.find(b'"', opens + 1) if row[opens : opens + 1] == b'"' else -1
        end = closes + 1 if colon and closes > 0 else at + len(word)  # only a text is left out
        hashed.update(row[begin : at if colon and closes > 0 else end])
        begin = end
    hashed.update(row[begin:])
    return hashed.digest()


def part(page: Page, row: bytes, names: tuple[str, ...], known_by: bytes) -> Part:
    """A row as a part of its page."""
    return Part(names, known_by, partial(_page, page, row, names[0], known_by))


def _page(page: Page, row: bytes, key: str, known_by: bytes) -> Page:
    digest = hashlib.sha256(row).hexdigest()
    return replace(
        page, url=f"{page.url}#{key}", sha256=digest, load=partial(bytes, row), unchanged=False, of=page, mark=known_by
    )
