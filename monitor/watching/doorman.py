"""Is this page the page? A page in, the reason to refuse it out; and whether a run is too strange to believe.

Everything here is hostile text: patterns run over it must not take more than linear time, or over a bounded start."""

import re
from collections.abc import Callable

from monitor.watching.block_pages import BLOCK_MARKS, BLOCK_TEXTS, BLOCK_TITLES, NOT_THE_PAGE, NOTICE
from monitor.watching.identity import SEGMENTS
from sources.base import Family, Page
from sources.markup import excess, headings_of, is_cut, sends_on, title_of, visible

FLOOR = 0.25  # of the median size of the last good captures
SHORT = 2000  # characters of visible text; a real article is longer than a block page
SILENT = 250  # characters of visible text of a page whose marks in the source count
MOST = 0.5  # share of the text that words of block pages stand in
REPLACED = 0.001  # share of characters that could not be decoded
CHANGED = (5, 0.20)  # at least, and share of the known records
VANISHED = (2, 0.05)
SWAPPED = 2  # one day may have moved just so

FAMILIES = {
    "json": ("json",), "xml": ("xml", "rss", "atom"), "html": ("html",), "csv": ("csv", "excel"),
    "xlsx": ("spreadsheetml", "excel"),
}  # fmt: skip
LOOSE = ("", "text/plain", "application/octet-stream", "binary/octet-stream", "application/force-download")
"""Types that say nothing; the first bytes must speak."""
NAMES = {"json": "JSON", "xml": "XML", "html": "HTML", "csv": "a table as CSV", "xlsx": "a workbook"}
ZIP = b"PK\x03\x04"

OPENS_HTML = re.compile(rb"\s*<(!doctype\s+html|html|head|body)\b", re.I)
ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)")
PROLOGUE_BUT_TYPE = re.compile(rb"<\?.*?\?>|<!--.*?-->", re.S)
PROLOGUE = re.compile(rb"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(\[.*?\]\s*)?>", re.I | re.S)
LONGEST_BLOCK_PAGE = 200_000  # bytes
BOM = b"\xef\xbb\xbf"


class Implausible(Exception):
    """What came back is not believed: keep the old state. `page` is the one to keep as evidence, if it was one."""

    def __init__(self, reason: str, page: Page | None = None) -> None:
        super().__init__(reason)
        self.page = page


class Shrank(Implausible):
    """A list to which records are only ever added shows less than before."""


def refusal(page: Page, *, family: Family | str, median: int | None, accepted: bool = False) -> str | None:
    """Why this page is not believed, or None. First failure wins, in this order: empty, kind, block page, size,
    wholeness, lost characters.

    `median` is the size in bytes of the last good captures, None when there are too few. Pages the source vouched
    for are not looked at; pages of a status the adapter asked for are only checked for their kind, and so is a page
    that a person has looked at (`accepted`).
    """
    if page.unchanged:
        return None
    body, read = page.body, None if family in ("json", "xlsx") else page.decoded
    if not body.strip():
        return "empty page"
    if reason := _wrong_kind(page.content_type, body, family):
        return reason
    if read and family == "html" and (reason := excess(read.text)):
        return reason
    if page.status != 200 or accepted:
        return None
    if read and family in ("html", "any") and (reason := _blocked(body, read.text, page.url)):
        return reason
    if median is not None and len(body) < FLOOR * median:
        return f"{len(body)} bytes; expected at least {FLOOR:.0%} of the usual {median}"
    if family in WHOLE and (reason := WHOLE[family](body)):
        return reason
    if read is None:
        return None
    if family == "html" and is_cut(read.text):
        return f"half a page: {len(body)} bytes without an end"
    if read.lost > REPLACED * len(read.text):
        return f"{read.lost} of {len(read.text)} characters cannot be decoded; expected at most {REPLACED:.1%}"
    return None


def mass_change(*, known: int, changed: int, vanished: int, records: int, swapped: int = 0) -> str | None:
    """Why a run that found so much is not believed at once, or None; all are numbers of records, but for `swapped`:
    days of which day and month have changed places, where no day has moved otherwise.

    A watch of one record may change; a run without any where there were some is never believed.
    """
    if swapped >= SWAPPED:
        return f"{swapped} days moved, in each of them day and month have changed places"
    if known and not records:
        return f"no record left of {known}"
    if vanished > max(VANISHED[0], VANISHED[1] * known):
        return f"{vanished} of {known} records vanished at once"
    if changed > max(CHANGED[0], CHANGED[1] * known):
        return f"{changed} of {known} records changed at once"
    return None


def _wrong_kind(content_type: str, body: bytes, family: Family | str) -> str | None:
    if family not in FAMILIES:
        return None
    kind = content_type.split(";")[0].strip().lower()
    start = body.removeprefix(BOM).lstrip()[:2048]
    is_html = bool(OPENS_HTML.match(PROLOGUE_BUT_TYPE.sub(b"", start)))
    named = any(word in kind for word in FAMILIES[family])
    if family == "json":
        fits = start[:1] in (b"{", b"[") and (named or kind in LOOSE or kind.startswith("text/"))
    elif family == "xml":
        fits = start[:1] == b"<" and not is_html and (named or kind in LOOSE or kind.startswith("text/"))
    elif family == "csv":
        fits = start[:1] not in (b"<", b"{", b"") and (named or kind in LOOSE or kind.startswith("text/"))
    elif family == "xlsx":
        fits = start.startswith(ZIP) and (named or kind in LOOSE or "zip" in kind)
    else:
        fits = named or (kind in LOOSE and is_html)
    if fits:
        return None
    found = "an HTML page" if is_html and family != "html" else f"{kind or 'no content type'}, starting {start[:20]!r}"
    return f"expected {NAMES[family]}, found {found}"


def _blocked(body: bytes, text: str, address: str) -> str | None:
    """Why this looks like a page in another's place. Titles and headings speak for any page, words for a short one."""
    title, headings = title_of(text), headings_of(text)
    short = len(body) <= LONGEST_BLOCK_PAGE  # no block page is longer, and taking one apart costs time
    pieces, target = (visible(text, SHORT), sends_on(text, address)) if short else (None, None)
    if title and BLOCK_TITLES.fullmatch(_bare(title)):
        return f"looks like a block page: title {title[:80]!r}"
    for name in (*(_bare(part) for part in SEGMENTS.split(title[:300])), *map(_bare, headings)):
        if name and NOT_THE_PAGE.fullmatch(name[:120]):
            return f"looks like a page in its place: it calls itself {name[:80]!r}"
    if pieces is None:
        return None
    if target:
        return f"only sends on to {target[:200]} (meta refresh); expected the page itself"
    have = sum(map(len, pieces))
    if have < SILENT and (mark := next((mark for mark in BLOCK_MARKS if mark in body.lower()), None)):
        return f"looks like a block page: short, with {mark.decode()!r}"
    saying = [(piece, phrase[0]) for piece in (title.lower(), *pieces) if (phrase := BLOCK_TEXTS.search(piece))]
    telling = [(piece, words) for piece, words in saying if not NOTICE.search(piece)]
    if telling and (not have or sum(len(piece) for piece, _ in telling) > MOST * have):
        return f"looks like a block page: short, saying {telling[0][1]!r}"
    return None


def _bare(name: str) -> str:
    return name.replace("’", "'").strip(" .!…:-|–—\xa0")


def _json_cut(body: bytes) -> str | None:
    text = body.removeprefix(BOM).strip()
    closing = b"}" if text[:1] == b"{" else b"]"
    return None if text[-1:] == closing else f"half a document: expected {closing.decode()} at the end of the JSON"


def _xml_cut(body: bytes) -> str | None:
    start = PROLOGUE.sub(b"", body[:4096])
    root = ROOT.search(start)
    if root is None:
        return "expected XML with a root element, found none"
    end = body[-4096:].rstrip()
    if re.search(rb"</" + re.escape(root[1]) + rb"\s*>", end):
        return None
    if start.strip().endswith(b"/>") and start.count(b"<") == 1:
        return None  # the root is all there is
    return f"half a document: expected </{root[1].decode('ascii', 'replace')}> at the end of the XML"


WHOLE: dict[str, Callable[[bytes], str | None]] = {"json": _json_cut, "xml": _xml_cut}
