"""News feeds: RSS, Atom, RSS 1.0 and JSON Feed. One adapter; which feed, whose voice and what to keep is configuration.

Text only leaves this file, and links only to http or https. A feed that is cut short, declares entities or is an HTML
page is refused as a whole.
"""

import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit
from xml.etree.ElementTree import ParseError

import feedparser
from bs4 import BeautifulSoup
from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException
from pydantic import Field

from sources.base import Fetch, Options, Page, Source, Unexpected
from sources.moments import moment
from sources.payload import Json, decode, may, need
from sources.records import Announcement, Record

TRACKING = re.compile(r"utm_\w+|gclid|fbclid|mc_cid|mc_eid|feedref|_hsenc|_hsmi|cmpid", re.IGNORECASE)
SUMMARY_LENGTH = 4000
TITLE_LENGTH = 500
MOST_ENTRIES = 2000
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
UNDEFINED_ENTITY = 11  # expat's number; `&nbsp;` in feeds is sloppy, not hostile

PATHS = {"title": "title", "published_on": "published", "summary": "summary"}


class FeedOptions(Options):
    """Whose voice the feed is and what of it counts.

    `keep`: only entries that mention one of these words or phrases, whole words, in any case; none keeps all.
    """

    tier: int = Field(default=3, ge=1, le=4, description="1 regulator, 2 registry, 3 sponsor, 4 press")
    agency: str | None = None
    keep: tuple[str, ...] = ()


class Feed(Source):
    """A feed of news: the newest entries only, so an absence means nothing."""

    name = "feed"
    title = "News feed"
    family = "any"  # XML or JSON
    complete = False
    needs_url = True
    terms = (
        "Headlines and summaries belong to the publisher of the feed; they are shown shortened, with a link to the "
        "original. Check the terms of each feed before you configure it."
    )
    record = Announcement
    paths: ClassVar[Mapping[str, str]] = PATHS
    Options = FeedOptions
    options: FeedOptions

    def __init__(self, options: FeedOptions, *, url: str | None = None, base_url: str | None = None) -> None:
        super().__init__(options, url=url, base_url=base_url)
        self.tier = options.tier
        words = "|".join(re.escape(word.strip()).replace(r"\ ", r"\s+") for word in options.keep if word.strip())
        self._keep = re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE) if words else None

    def pages(self, fetch: Fetch) -> Iterator[Page]:
        """The feed is one page."""
        if not self.url:
            raise Unexpected("url: expected the address of a feed, found none")
        yield fetch(self.url)

    def parse(self, page: Page) -> Iterator[Record | Unexpected]:
        """The entries, each once, the first of a key winning."""
        seen: set[str] = set()
        is_json = page.body.removeprefix(BYTE_ORDER_MARK).lstrip()[:1] == b"{"
        entries = _json_entries(page) if is_json else _xml_entries(page)
        for entry in entries:
            if isinstance(entry, Unexpected):
                yield entry
            elif entry.key not in seen:
                seen.add(entry.key)
                if self._keep is None or self._keep.search(f"{entry.title}\n{entry.summary or ''}"):
                    yield entry


Entries = Iterator[Announcement | Unexpected]


def _xml_entries(page: Page) -> Entries:
    body = page.body.lstrip()
    _refuse_bad_xml(body, page.url)
    parsed = feedparser.parse(io.BytesIO(body))
    if not parsed.version:
        raise Unexpected(f"{page.url}: expected RSS, Atom or JSON Feed, found {body[:80].decode('utf-8', 'replace')!r}")
    feed = plain(parsed.feed.get("title"), TITLE_LENGTH) or None
    for place, entry in enumerate(parsed.entries[:MOST_ENTRIES]):
        updated = dict.get(entry, "updated")  # its own `get` answers with the date of publication
        yield _announcement(
            page.url,
            f"{page.url} entry {place + 1}",
            feed,
            id=entry.get("id"),
            link=entry.get("link"),
            title=entry.get("title"),
            summary=entry.get("summary") or _first_content(entry),
            published=entry.get("published") or updated,
            updated=updated,
        )


def _first_content(entry: Mapping[str, Any]) -> str | None:
    return next((str(content.get("value")) for content in entry.get("content", ()) if content.get("value")), None)


def _refuse_bad_xml(body: bytes, url: str) -> None:
    """Well-formed and without entity declarations: feedparser only sets a flag and guesses on.

    An undefined `&nbsp;` stops the check there; then at least the end of the document must be in its place.
    """
    try:
        root = ElementTree.fromstring(body, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    except DefusedXmlException as problem:
        raise Unexpected(f"{url}: expected a feed, found entity declarations ({type(problem).__name__})") from None
    except (ParseError, ValueError, LookupError) as problem:
        if getattr(problem, "code", None) == UNDEFINED_ENTITY and re.search(rb"</(rss|feed|\w+:RDF)>\s*$", body):
            return
        start = body[:80].decode("utf-8", "replace")
        raise Unexpected(f"{url}: expected a whole feed, found {start!r} ({problem})") from None
    if str(root.tag).rpartition("}")[2].lower() not in ("rss", "feed", "rdf"):
        raise Unexpected(f"{url}: expected the root element rss, feed or RDF, found {str(root.tag)[:80]!r}")


def _json_entries(page: Page) -> Entries:
    feed = decode(page)
    version = need(feed, "version", str, page.url)
    if not version.startswith("https://jsonfeed.org/version/1"):
        raise Unexpected(f"{page.url}.version: expected JSON Feed 1 or 1.1, found {version[:80]!r}")
    title = plain(need(feed, "title", str, page.url), TITLE_LENGTH)
    items = feed.get("items")
    if not isinstance(items, list):
        raise Unexpected(f"{page.url}.items: expected a list, found {type(items).__name__}")
    for place, item in enumerate(items[:MOST_ENTRIES]):
        yield _item(item, page.url, f"{page.url} items[{place}]", title)


def _item(item: Json, url: str, where: str, feed: str) -> Announcement | Unexpected:
    try:
        name = item.get("id") if isinstance(item, dict) else None
        return _announcement(
            url,
            where,
            feed,
            id=str(name) if isinstance(name, int) else need(item, "id", str, where),
            link=may(item, "url", str, where) or may(item, "external_url", str, where),
            title=may(item, "title", str, where),
            summary=may(item, "summary", str, where)
            or may(item, "content_text", str, where)
            or may(item, "content_html", str, where),
            published=may(item, "date_published", str, where),
            updated=may(item, "date_modified", str, where),
        )
    except Unexpected as problem:
        return problem


def _announcement(
    base: str,
    where: str,
    feed: str | None,
    *,
    id: str | None,
    link: str | None,
    title: str | None,
    summary: str | None,
    published: str | None,
    updated: str | None,
) -> Announcement | Unexpected:
    """One entry, whatever the format; without id and link it cannot be told from others."""
    url = web_link(link, base)
    text = plain(summary, SUMMARY_LENGTH) or None
    heading = plain(title, TITLE_LENGTH) or (text or "")[:120]
    key = without_tracking(id.strip()) if id and id.strip() else without_tracking(url) if url else None
    if not key or not heading:
        return Unexpected(f"{where}: expected an id or link, and a title or summary, found neither of one pair")
    if len(key) > 300:
        key = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
    return Announcement(
        key=key,
        title=heading,
        url=url or base,
        published_on=moment(published),
        updated_on=moment(updated),
        summary=text,
        feed=feed,
    )


def plain(text: str | None, limit: int) -> str:
    """The words of a text that may hold HTML, white space folded, cut at `limit` characters."""
    if not text:
        return ""
    if "<" in text or "&" in text:
        soup = BeautifulSoup(text, "lxml")
        for hidden in soup(["script", "style", "template", "noscript"]):
            hidden.decompose()
        text = soup.get_text(" ")
    return " ".join(text.replace("\0", "").split())[:limit]


def web_link(link: str | None, base: str) -> str | None:
    """An absolute http(s) address without tracking, or None for anything else (`javascript:`, `data:`, a file)."""
    if not link:
        return None
    try:
        absolute = urljoin(base, link.strip())
        parts = urlsplit(absolute)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    return without_tracking(absolute, secure=False)


def without_tracking(address: str, *, secure: bool = True) -> str:
    """A web address without tracking parameters, with `secure` under https; any other id stays what it is.

    Feeds write one and the same entry under http and https, and with changing campaign parameters.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    if parts.scheme not in ("http", "https"):
        return address
    query = parts.query
    if query:
        pairs = parse_qsl(query, keep_blank_values=True)
        kept = [(name, value) for name, value in pairs if not TRACKING.fullmatch(name)]
        query = query if len(kept) == len(pairs) else urlencode(kept)
    return urlunsplit(("https" if secure else parts.scheme, parts.netloc.lower(), parts.path, query, parts.fragment))
