"""Is this page the page? A page in, the reason to refuse it out; and whether a run is too strange to believe.

Everything here is hostile text: patterns run over it must not take more than linear time, or over a bounded start."""

import codecs
import re
from collections.abc import Callable

from sources.base import Family, Page

FLOOR = 0.25  # of the median size of the last good captures
SHORT = 2000  # characters of visible text; a real article is longer than a block page
OPENING = 2048  # characters of visible text that are searched for block texts
REPLACED = 0.001  # share of characters that could not be decoded
CHANGED = (5, 0.20)  # at least, and share of the known records
VANISHED = (2, 0.05)

BLOCK_TITLES = re.compile(
    r"""just\ a\ moment | attention\ required!?(\ \|\ cloudflare)? | access\ (to\ this\ page\ has\ been\ )?denied
    | (error\ )?(403|429|500|502|503|504)(\ .{0,40})? | (\d{3}\ )?(forbidden|service\ (temporarily\ )?unavailable)
    | (scheduled\ |site\ |down\ for\ |under\ )?maintenance(\ mode)? | bad\ gateway | gateway\ time-?out
    | too\ many\ requests | request\ rejected | pardon\ our\ interruption | (are\ you\ a\ )?robot(\ check)?
    | (verify\ you\ are\ |verification:?\ )?human(\ verification)? | security\ check | ddos-guard | captcha
    | incapsula | .{0,40}request\ rate\ threshold\ exceeded
    | .{0,40}your\ request\ originates\ from\ an\ undeclared\ automated\ tool""",
    re.IGNORECASE | re.VERBOSE,
)
"""Titles that are nothing but this, whatever the length of the page; punctuation around them is taken off first."""

BLOCK_TEXTS = (
    *("access denied", "reference #", "just a moment", "request unsuccessful", "captcha", "are you a robot"),
    *("i am not a robot", "i'm not a robot", "verify you are human", "verify that you are", "checking your browser"),
    *("enable javascript and cookies", "unusual traffic", "request rate threshold", "undeclared automated tool"),
    *("scheduled maintenance", "under maintenance", "service unavailable", "temporarily unavailable"),
    *(
        "request rejected",
        "pardon our interruption",
        "too many requests",
        "bad gateway",
        "the requested url was rejected",
    ),
)
"""Words at the start of a page that is short: an article may well speak of them."""

BLOCK_MARKS = (b"cf-chl", b"_incapsula_resource", b"/cdn-cgi/challenge-platform/h/", b"px-captcha", b"awswafcookie")
"""Marks in the source of a page that is short."""

FAMILIES = {"json": ("json",), "xml": ("xml", "rss", "atom"), "html": ("html",)}
LOOSE = ("", "text/plain", "application/octet-stream", "binary/octet-stream", "application/force-download")
"""Types that say nothing; the first bytes must speak."""
NAMES = {"json": "JSON", "xml": "XML", "html": "HTML"}

OPENS_HTML = re.compile(rb"\s*<(!doctype\s+html|html|head|body)\b", re.I)
CLOSES_HTML = re.compile(rb"</html\s*>", re.I)
ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)")
PROLOGUE_BUT_TYPE = re.compile(rb"<\?.*?\?>|<!--.*?-->", re.S)
PROLOGUE = re.compile(rb"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(\[.*?\]\s*)?>", re.I | re.S)
CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.I)
META_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?([\w.:-]+)", re.I)
XML_ENCODING = re.compile(rb"<\?xml[^>]+encoding\s*=\s*[\"']([\w.:-]+)", re.I)
TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.I | re.S)
INVISIBLE = re.compile(
    r"<(script|style|noscript|template|title)\b.*?(</\1\s*>|\Z)|<!--.*?(-->|\Z)|<[^<>]*>", re.I | re.S
)
NO_TEXT = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "mbcs", "oem"})
"""Codecs of Python that no page is written in, and that are slow, loud or never ready."""
LONGEST_BLOCK_PAGE = 200_000  # bytes
BOM = b"\xef\xbb\xbf"


class Implausible(Exception):
    """What came back is not believed: keep the old state. `page` is the one to keep as evidence, if it was one."""

    def __init__(self, reason: str, page: Page | None = None) -> None:
        super().__init__(reason)
        self.page = page


def refusal(page: Page, *, family: Family | str, median: int | None) -> str | None:
    """Why this page is not believed, or None. First failure wins, in this order: empty, kind, size, block page,
    wholeness, lost characters.

    `median` is the size in bytes of the last good captures, None when there are too few. Pages the source vouched
    for are not looked at; pages of a status the adapter asked for are only checked for their kind.
    """
    if page.unchanged:
        return None
    body = page.body
    if not body.strip():
        return "empty page"
    if reason := _wrong_kind(page.content_type, body, family):
        return reason
    if page.status != 200:
        return None
    if median is not None and len(body) < FLOOR * median:
        return f"{len(body)} bytes; expected at least {FLOOR:.0%} of the usual {median}"
    text, lost = _decoded(page.content_type, body)
    if family in ("html", "any") and (reason := _blocked(body, text)):
        return reason
    if family in WHOLE and (reason := WHOLE[family](body)):
        return reason
    if lost > REPLACED * len(text):
        return f"{lost} of {len(text)} characters cannot be decoded; expected at most {REPLACED:.1%}"
    return None


def mass_change(*, known: int, changed: int, vanished: int, records: int) -> str | None:
    """Why a run that found so much is not believed at once, or None; all are numbers of records.

    A watch of one record may change; a run without any where there were some is never believed.
    """
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
    else:
        fits = named or (kind in LOOSE and is_html)
    if fits:
        return None
    found = "an HTML page" if is_html and family != "html" else f"{kind or 'no content type'}, starting {start[:20]!r}"
    return f"expected {NAMES[family]}, found {found}"


def _decoded(content_type: str, body: bytes) -> tuple[str, int]:
    """The text, and how many characters of it are lost. Without a declared encoding that is not ours to judge
    unless it is UTF-8: readers of HTML guess well."""
    declared = CHARSET.search(content_type)
    meta = META_CHARSET.search(body[:2048]) or XML_ENCODING.search(body[:200])
    name = declared[1] if declared else meta[1].decode("ascii", "replace") if meta else None
    try:
        codec = codecs.lookup(name or "utf-8").name.replace("_", "-")
        text = body.decode("latin-1" if codec in NO_TEXT else codec, "replace")
    except LookupError:  # no such encoding, or one that is not of text
        return body.decode("latin-1"), 0
    if name is None and "\ufffd" in text and b"\xef\xbf\xbd" not in body:
        return body.decode("latin-1"), 0
    return text, text.count("\ufffd")


def _blocked(body: bytes, text: str) -> str | None:
    found = TITLE.search(text[:20_000])
    title = " ".join(found[1].split()) if found else ""
    if title and BLOCK_TITLES.fullmatch(title.strip(" .!…:-|")):
        return f"looks like a block page: title {title[:80]!r}"
    if len(body) > LONGEST_BLOCK_PAGE:
        return None  # no block page is that long, and taking it apart costs time
    visible = _visible(text)
    if visible is None:
        return None
    lower = body.lower()
    if mark := next((mark for mark in BLOCK_MARKS if mark in lower), None):
        return f"looks like a block page: short, with {mark.decode()!r}"
    opening = f"{title.lower()} {visible[:OPENING]}"
    if words := next((words for words in BLOCK_TEXTS if words in opening), None):
        return f"looks like a block page: short, saying {words!r}"
    return None


def _visible(text: str) -> str | None:
    """What a reader sees of a short page, in lower case; None as soon as it proves to be no short one."""
    parts: list[str] = []
    have = at = 0
    for hidden in INVISIBLE.finditer(text):
        if piece := " ".join(text[at : hidden.start()].split()):
            parts.append(piece)
            have += len(piece) + 1
            if have > SHORT:
                return None
        at = hidden.end()
    visible = " ".join([*parts, *text[at:].split()]).lower()
    return visible if len(visible) < SHORT else None


def _html_cut(body: bytes) -> str | None:
    return (
        None
        if CLOSES_HTML.search(body, max(0, len(body) - 4096)) or CLOSES_HTML.search(body)
        else (f"half a page: {len(body)} bytes without </html>")
    )


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


WHOLE: dict[str, Callable[[bytes], str | None]] = {"html": _html_cut, "json": _json_cut, "xml": _xml_cut}
