"""What the source of a page says of itself before it is parsed: title, language, end, headings, where it sends on to.

Patterns run over hostile text: each takes linear time, or a bounded start.
"""

import re
from collections import Counter
from html import unescape
from urllib.parse import urljoin

from sources.signs import SIGNS

TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.I | re.S)
LANGUAGE = re.compile(r"<html\b[^>]{0,500}?\blang\s*=\s*[\"']?([a-z]{2,3})\b", re.I)
CLOSES = re.compile(r"</html\s*>", re.I)
ENDS = re.compile(r"</(?:html|body)\s*>", re.I)
HEADING = re.compile(r"<h1\b[^>]*>(.{0,2000}?)</h1", re.I | re.S)
TAG = re.compile(r"<[^<>]*>")
HIDDEN = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style|noscript|template)\b.*?(?:</\1\s*>|\Z)", re.I | re.S)
INVISIBLE = re.compile(
    r"<(script|style|noscript|template|title)\b.*?(</\1\s*>|\Z)|<!--.*?(-->|\Z)|<[^<>]*>", re.I | re.S
)
REFRESH = re.compile(r"<meta\b(?=[^>]{0,300}?http-equiv\s*=\s*[\"']?refresh)[^>]{0,500}?content\s*=\s*"
                     r"[\"']?\s*(\d+)[\d.]*\s*[;,]\s*(?:url\s*=\s*)?[\"']?([^\"'>]+)", re.I)  # fmt: skip
SOON = 15  # seconds; a page that reloads later than that is there to be read
HEAD = 20_000  # characters in which a page says such things
OPTIONAL = frozenset(re.findall(r"\w+", "p li dt dd tr td th thead tbody tfoot colgroup option optgroup rb rt rp"))
"""Elements whose end tag may be left out; a page that writes it does so throughout."""
UNCOUNTED = frozenset(
    re.findall(r"\w+", "html head body area base br col embed hr img input link meta param source track wbr")
)
ELEMENT = re.compile(r"<(/?)([a-z][a-z0-9]*)\b[^<>]*?(/?)>", re.I)
LONG = 20_000  # characters
SPACE = re.compile(r"\s")
MOST_TEXT = 7_000_000  # characters
MOST_WEIGHT = 60 * 2**20
PER_ELEMENT, PER_ATTRIBUTE, PER_LETTER = 1300, 150, 6  # bytes of the tree and of what is read from it


def folded(text: str) -> str:
    """The text of plain signs with white space folded; piece by piece, for a list of all words of a long one takes much
    memory."""
    if text.isascii():
        blanks = (
            "\n" in text or "\t" in text or "\r" in text or "\v" in text or "\f" in text
            or "\x1c" in text or "\x1d" in text or "\x1e" in text or "\x1f" in text
        )  # fmt: skip
    else:
        text = text.translate(SIGNS)
        blanks = not text.isprintable()  # no other white space is printable
    if not blanks and "  " not in text and text[:1] != " " != text[-1:]:
        return text
    if len(text) <= LONG:
        return " ".join(text.split())
    pieces, at = [], 0
    while at < len(text):
        gap = SPACE.search(text, at + LONG)
        end = gap.start() if gap else len(text)
        pieces.append(" ".join(text[at:end].split()))
        at = end
    return " ".join(filter(None, pieces))


def excess(text: str) -> str | None:
    """Why a page is more than may be taken apart, or None. Said before anything is built from it."""
    if len(text) > MOST_TEXT:
        return f"{len(text)} characters; expected at most {MOST_TEXT}"
    elements, attributes = text.count("<") - text.count("</"), text.count("=")
    if (weight := PER_ELEMENT * elements + PER_ATTRIBUTE * attributes + PER_LETTER * len(text)) > MOST_WEIGHT:
        found = f"{elements} elements with {attributes} attributes"
        return f"{found}, about {weight >> 20} MB once read; expected at most {MOST_WEIGHT >> 20} MB"
    return None


def title_of(text: str) -> str:
    """The title of a page, white space folded; empty when there is none."""
    match = TITLE.search(text[:HEAD])
    return " ".join(unescape(match[1]).split()) if match else ""


def headings_of(text: str) -> list[str]:
    """The texts of the first three main headings (h1)."""
    matches = HEADING.finditer(text[: 10 * HEAD])
    return [" ".join(unescape(TAG.sub(" ", h1[1])).split()) for h1, _ in zip(matches, range(3), strict=False)]


def sends_on(text: str, address: str) -> str | None:
    """The other address that a page sends its reader on to by itself within seconds, or None."""
    match = REFRESH.search(HIDDEN.sub(" ", text[:HEAD]))
    if match is None or int(match[1][:4]) > SOON:
        return None
    try:
        target = urljoin(address, unescape(match[2]).strip())
    except ValueError:
        return None
    return target if target.split("#")[0] != address.split("#")[0] else None


def visible(text: str, most: int) -> list[str] | None:
    """What a reader sees of a page in lower case, cut where elements are; None as soon as it proves to be `most`
    characters or longer."""
    parts: list[str] = []
    have = at = 0
    for hidden in INVISIBLE.finditer(text):
        if piece := folded(text[at : hidden.start()]):
            parts.append(piece.lower())
            have += len(piece) + 1
            if have > most:
                return None
        at = hidden.end()
    if rest := folded(text[at:]):
        parts.append(rest.lower())
    return parts if have + len(rest) < most else None


def is_cut(text: str) -> bool:
    """Whether the source of a page stops in the middle: no end of the document, and elements or a tag left open.

    The end tags of `html` and `body` are optional in HTML, and so are those of paragraphs, list items and cells.
    """
    if ENDS.search(text, max(0, len(text) - 4096)) or ENDS.search(text):
        return False
    if text.rfind("<") > text.rfind(">"):
        return True
    opened: Counter[str] = Counter()
    closed: Counter[str] = Counter()
    for closing, name, alone in ELEMENT.findall(HIDDEN.sub(" ", text)):
        if not alone:
            (closed if closing else opened)[name.lower()] += 1
    return any(
        number > closed[name]
        for name, number in opened.items()
        if name not in UNCOUNTED and (closed[name] or name not in OPTIONAL)
    )
