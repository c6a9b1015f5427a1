"""The text of a feed and of what is in it: decoded, checked for what is hostile or cut, its sloppiness left in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from sources.base import Page, Unexpected
from sources.late_pattern import late
from sources.signs import SIGNS

MOST_ENTRIES = 2000
MOST_TAGS = 120_000
MOST_TEXT = 12_000_000  # characters
DEEPEST = 100  # elements within each other, in a feed's own markup
ROOT = late(r"<((?:[\w.-]+:)?(?:rss|feed|rdf))(?=[\s/>])", re.I)
ENTRY = late(r"<(?:[\w.-]+:)?(?:item|entry)(?=[\s/>])", re.I)
HIDDEN = frozenset({"script", "style", "template", "noscript"})
SECTION, COMMENT = r"<!\[CDATA\[.*?(?:\]\]>|\Z)", r"<!--.*?(?:-->|\Z)"
"""Passed over whole; one without an end goes to the end of the text, or each of many would be sought to it."""
TAG = late(rf"{SECTION}|{COMMENT}|<(/?)[A-Za-z][^<>]*?(/?)>", re.S)
MOST_ENTITIES = 400_000
LONGEST_TAG = 100_000  # characters; an image within an address has some tens of thousands
LONG = late(rf"{SECTION}|{COMMENT}|<([^<>]{{{LONGEST_TAG}}})", re.S)
ESCAPED = late(r"&(?:lt|#0{0,9}60|#x0{0,9}3c);", re.I)
"""A tag's beginning in a text that holds HTML."""
BARE = late(rf"{SECTION}|&(?!#\d{{1,7}};|#x[0-9a-f]{{1,6}};|[a-z]\w{{1,31}};)", re.S | re.I)
"""A sign `&` that begins no entity, as in "Q&A"; sections of plain text are matched so as to be passed over."""
HALVES = late(r"(?:&#(?:x0*d[89a-f][0-9a-f]{2}|0*5[5-7]\d{3});){1,2}", re.I)
"""References to halves of characters, as writers of UTF-16 leave them (and some numbers beside them)."""
BEFORE = 4000  # characters that may stand before the root: warnings of the server's own
NOT_BEFORE = late(r"<(?:html|head|body|!doctype\s+html)\b", re.I)
CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127), " ")
UNWRITTEN = {**CONTROLS, **SIGNS}
RDF = ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
AROUND = (("<!--", "-->"), ("<?", "?>"))
MARKUP = (
    "a abbr address article aside b big blockquote body br caption center cite code dd del details div dl dt em "
    "figcaption figure font footer h1 h2 h3 h4 h5 h6 head header hr html i iframe img ins kbd label li link main mark "
    "meta nav noscript ol p pre q s samp script section small span strike strong style sub summary sup table tbody td "
    "template tfoot th thead time title tr tt u ul var video wbr"
).replace(" ", "|")
NO_MARKUP = late(rf"<(?!/?(?:{MARKUP})(?:\s*/?>|\s+[\w:-]+\s*=[^<>]*>|\s+/?>)|!--|/?[a-z][\w-]*:[\w-]+[^<>]*>)", re.I)
"""A sign `<` that begins no element of HTML: "p<alpha", "NfL<ULN in most"."""


@dataclass(frozen=True)
class FeedText:
    """The source of a feed under an XML declaration that says UTF-8, and how many entries were cut off its end."""

    text: str
    left_out: int


def feed_text(page: Page) -> FeedText:
    """The text of an XML feed, from its root to the root's end. Raises Unexpected when it declares entities, has no
    root of a feed, is cut short, or is more than a feed needs to be."""
    text = page.decoded.text.replace("\0", "")
    if len(text) > MOST_TEXT:
        raise Unexpected(f"{page.url}: expected a feed of at most {MOST_TEXT} characters, found {len(text)}")
    start = _root(text, page.url)
    name = ROOT.match(text, start) or ROOT.search(text[:BEFORE], start)
    if name is not None and NOT_BEFORE.search(text[: name.start()]):
        name = None
    if name is None:
        raise Unexpected(f"{page.url}: expected the root element rss, feed or RDF, found {text[start : start + 80]!r}")
    start = name.start()
    end = text.rfind(f"</{name[1]}")
    close = text.find(">", end)
    if end < 0 or close < 0:
        if re.match(r"<[^<>]*/>\s*\Z", text[start:]):
            end, close = start, len(text)
        else:
            raise Unexpected(f"{page.url}: expected a whole feed, found {text[:80]!r} without </{name[1]}>")
    body = text[start : close + 1]
    if (tags := body.count("<") + sum(1 for _ in ESCAPED.finditer(body))) > MOST_TAGS:
        raise Unexpected(f"{page.url}: expected a feed of at most {MOST_TAGS} tags, found {tags}")
    if (entities := body.count("&")) > MOST_ENTITIES:
        raise Unexpected(f"{page.url}: expected a feed of at most {MOST_ENTITIES} entities, found {entities}")
    if any(found[1] for found in LONG.finditer(body)):
        raise Unexpected(f"{page.url}: expected tags of at most {LONGEST_TAG} characters, found a longer one")
    _refuse_depth(body, page.url)
    entries = [found.start() for found, _ in zip(ENTRY.finditer(body), range(MOST_ENTRIES + 1), strict=False)]
    left_out = 0
    if len(entries) > MOST_ENTRIES:
        left_out = sum(1 for _ in ENTRY.finditer(body, entries[-1]))
        body = body[: entries[-1]] + ("</channel>" if name[1].lower() == "rss" else "") + f"</{name[1]}>"
    body = HALVES.sub(_whole, BARE.sub(_escaped, body))
    if name[1].lower().endswith("rdf") and "xmlns" not in body[: body.find(">")]:
        body = f"<{name[1]}{RDF}{body[len(name[0]) :]}"
    return FeedText(f'<?xml version="1.0" encoding="utf-8"?>\n{body}', left_out)


def _escaped(match: re.Match[str]) -> str:
    return "&amp;" if match[0] == "&" else match[0]


def _whole(found: re.Match[str]) -> str:
    """The character that two halves make; one half alone is none."""
    numbers = [int(n[1:], 16) if n[0] in "xX" else int(n) for n in re.findall(r"&#(\w+);", found[0])]
    text = "".join(map(chr, numbers))
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _root(text: str, url: str) -> int:
    """Where the root element begins: after declaration, comments and a document type without declarations."""
    at = 0
    while True:
        at += len(text[at:]) - len(text[at:].lstrip()) if text[at : at + 1].isspace() else 0
        for opening, closing in AROUND:
            if text.startswith(opening, at):
                end = text.find(closing, at)
                at = end + len(closing) if end >= 0 else len(text)
                break
        else:
            if text[at : at + 9].upper() != "<!DOCTYPE":
                return at
            end, subset = text.find(">", at), text.find("[", at)
            if 0 <= subset < end:
                raise Unexpected(f"{url}: expected a feed, found declarations of its own (entities and the like)")
            at = end + 1 if end >= 0 else len(text)


def _refuse_depth(body: str, url: str) -> None:
    depth = 0
    for tag in TAG.finditer(body):
        if tag[1] is None:
            continue
        depth += -1 if tag[1] else 0 if tag[2] else 1
        if depth > DEEPEST:
            raise Unexpected(f"{url}: expected a feed of at most {DEEPEST} levels, found more")


def folded(text: str | None, limit: int) -> str:
    """A plain text of plain signs, white space folded, cut at `limit` characters."""
    return " ".join((text or "").replace("\0", "").translate(UNWRITTEN).split())[:limit]


def plain(text: str | None, limit: int) -> str:
    """The words of a text that may hold HTML, white space folded, cut at `limit` characters."""
    if not text:
        return ""
    if "<" in text or "&" in text:
        words = _Words()
        parser = etree.HTMLParser(target=words, huge_tree=True)
        try:
            parser.feed(NO_MARKUP.sub("&lt;", text))
            text = parser.close()
        except etree.LxmlError:  # there is nothing in it
            text = words.close()
    return folded(text, limit)


class _Words:
    """Takes the words out of HTML as it is read: no tree is built of it."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._hidden = 0

    def start(self, tag: str, _: Mapping[str, str]) -> None:
        self._hidden += tag in HIDDEN
        self._words.append(" ")

    def end(self, tag: str) -> None:
        self._hidden -= tag in HIDDEN
        self._words.append(" ")

    def comment(self, _: str) -> None:
        self._words.append(" ")

    def data(self, text: str) -> None:
        if not self._hidden:
            self._words.append(text)

    def close(self) -> str:
        return "".join(self._words)
