"""The kept copy behind a quote: the words around it, as text, with the place of the quote between them."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import unescape

from sqlmodel import Session, col, select

from monitor.watching.captures import whole_body
from sources.encodings import decoded
from sources.markup import INVISIBLE
from store.tables import Capture, Evidence

MOST_PAGES = 6
LARGEST = 2_000_000
"""Bytes of a body that is searched for the quote; a larger one can only be had whole."""
AROUND, LONGEST_QUOTE = 700, 2000
"""Characters shown on either side of the quote, and of it."""
WITHIN_A_LINE = re.compile(r"</?(?:a|abbr|b|cite|em|font|i|mark|q|s|small|span|strong|sub|sup|time|u)\b[^<>]*>", re.I)
BLANK_LINES = re.compile(r"[^\S\n]*\n\s*")
PARTS = re.compile(r";\s|:\s")
SHORTEST_PART = 4


@dataclass(frozen=True)
class Kept:
    """An excerpt of a kept copy: what stands before the quote, the quote, and what follows. Without the quote in it the
    beginning of the copy is `before`, and `missing` says why."""

    url: str
    fetched_at: datetime
    before: str
    quote: str
    after: str
    missing: str | None = None


def kept_pages(session: Session, proofs: Sequence[Evidence], items: Mapping[int, str]) -> dict[int | None, Kept]:
    """Evidence to the copy it points at, of the first few that have one. `items` are the keys of the records that the
    changes are about: a copy may hold many."""
    pointing = [proof for proof in proofs if proof.capture_sha256][:MOST_PAGES]
    found = select(Capture).where(col(Capture.sha256).in_({proof.capture_sha256 for proof in pointing}))
    captures = {capture.sha256: capture for capture in session.exec(found.order_by(col(Capture.id).desc()))}
    kept = {}
    for proof in pointing:
        key = items.get(proof.change_id or 0)
        if page := _kept(session, captures.get(proof.capture_sha256 or ""), proof.quote, key):
            kept[proof.id] = page
    return kept


def _kept(session: Session, capture: Capture | None, quote: str | None, key: str | None) -> Kept | None:
    body = whole_body(session, capture.sha256) if capture else None
    if capture is None or body is None:
        return None
    if len(body) > LARGEST:
        return Kept(capture.url, capture.fetched_at, "", "", "", "The copy is too long to be shown here.")
    text = text_of(body, capture.content_type)
    place = place_of(quote, text, key) if quote else None
    if place is None:
        why = "These words do not stand in the copy one after the other: they were put together from fields of it."
        return Kept(capture.url, capture.fetched_at, _beginning(text, 2 * AROUND), "", "", why if quote else None)
    start, end = place
    before, after = text[:start][-AROUND - 1 :], _beginning(text[end:], AROUND)
    if start > AROUND:
        before = "… " + before.partition(" ")[2]
    return Kept(capture.url, capture.fetched_at, before, text[start:end], after)


def _beginning(text: str, length: int) -> str:
    return text if len(text) <= length else text[:length].rpartition(" ")[0] + " …"


def text_of(body: bytes, content_type: str) -> str:
    """The words of a page as text, line by line; data as they stand."""
    text = decoded(body, content_type).text
    if "json" in content_type or text[:1] in ("{", "["):
        try:
            return json.dumps(json.loads(text), ensure_ascii=False, indent=1)
        except ValueError:
            return text
    if "<" not in text:
        return text
    return BLANK_LINES.sub("\n", unescape(INVISIBLE.sub("\n", WITHIN_A_LINE.sub("", text)))).strip()


def place_of(quote: str, text: str, key: str | None = None) -> tuple[int, int] | None:
    """Where a quote stands in a text, whatever white space; of one put together from fields, its longest part, where
    the record of this key is told of."""
    if (match := _search(quote, text)) is not None:
        return match
    start = max(0, text.find(key)) if key else 0
    parts = sorted(PARTS.split(quote)[1:], key=len, reverse=True)
    found = (_search(part, text, start) for part in parts if len(part) >= SHORTEST_PART)
    return next((match for match in found if match), None)


def _search(quote: str, text: str, start: int = 0) -> tuple[int, int] | None:
    words = quote[:LONGEST_QUOTE].split()
    match = re.compile(r"\s+".join(map(re.escape, words)), re.I).search(text, start) if words else None
    return match.span() if match else None
