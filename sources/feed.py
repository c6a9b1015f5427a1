"""News feeds: RSS, Atom, RSS 1.0 and JSON Feed. One adapter; which feed, whose voice and what to keep is configuration.

Text only leaves this file, and links only to http or https. A feed that is cut short, declares entities or is an HTML
page is refused as a whole; what is merely sloppy is read as feed readers read it.
"""

import hashlib
import io
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any, ClassVar

from pydantic import Field

from sources.base import About, Fetch, Options, Page, Settled, Source, Unexpected
from sources.feed_entries import settled_entries
from sources.feed_text import MOST_ENTRIES, feed_text, folded, plain
from sources.links import known_by, web_link, without_tracking
from sources.moments import moment
from sources.payload import Json, decode, may, need
from sources.records import Announcement, Content, Record
from sources.signs import plain_signs

SUMMARY_LENGTH = 4000
TITLE_LENGTH = 500
LONGEST_KEY = 300
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

HEAD = 64 * 1024  # bytes
FIRST_ENTRY = re.compile(rb"<(?:[\w.-]+:)?(?:item|entry)[\s/>]", re.I)
STAMPS = (b"lastbuilddate", b"updated", b"pubdate", b"date")
BUILT = re.compile(
    rb"<(?:[\w.-]+:)?(lastBuildDate|updated|pubDate|date)(?:\s[^<>]*)?>\s*(?:<!\[CDATA\[)?\s*([^<\]]{4,80})", re.I
)

PATHS = {"title": "title", "published_on": "published", "summary": "summary"}


class FeedOptions(Options):
    """Whose voice the feed is and what of it counts.

    `keep`: only entries that mention one of these words or phrases, whole words, in any case; an empty list keeps all,
    and a watch of a pack that names none keeps what names the pack. `also`: words that count beside those.
    """

    tier: int = Field(
        default=4, ge=1, le=4, description="1 regulator, 2 registry, 3 sponsor, of the therapies of the watch; 4 press"
    )
    agency: str | None = None
    keep: tuple[str, ...] | None = Field(default=None, description="default: the names of the pack; []: everything")
    also: tuple[str, ...] = ()


class Feed(Source):
    """A feed of news: the newest entries only, so an absence means nothing."""

    name = "feed"
    title = "News feed"
    about = About(
        watches="RSS, Atom, JSON Feed of agencies, companies, press",
        first="approvals, results and holds, read as prose",
        lag="an hour",
        seen="recorded pages of others",
    )
    revision = 3
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
    _shown = 0  # entries of the feed as last parsed, those left out by `keep` too

    def __init__(self, options: FeedOptions, *, url: str | None = None, base_url: str | None = None) -> None:
        super().__init__(options, url=url, base_url=base_url)
        self.tier = options.tier
        self._keep = _any_of((*options.keep, *options.also)) if options.keep else None

    def pages(self, fetch: Fetch) -> Iterator[Page]:
        """The feed is one page. Raises Unexpected where the watch has no address."""
        if not self.url:
            raise Unexpected("url: expected the address of a feed, found none")
        yield fetch(self.url)

    def parse(self, page: Page) -> Iterator[Record | Unexpected]:
        """The entries in the order of the feed, each under a key of its own. Raises Unexpected for a feed without any:
        silence is not calm."""
        is_json = page.body.removeprefix(BYTE_ORDER_MARK).lstrip()[:1] == b"{"
        entries = list(_json_entries(page) if is_json else _xml_entries(page))
        self._shown = len(entries)
        if not entries:
            raise Unexpected(f"{page.url}: expected a feed with entries, found one without any")
        for entry in _told_apart(entries):
            if (
                isinstance(entry, Unexpected)
                or self._keep is None
                or self._keep.search(f"{entry.title}\n{entry.summary or ''}")
            ):
                yield entry

    def stamp(self, page: Page) -> str | None:
        """When the feed says it was built: what stands above its first entry."""
        head = FIRST_ENTRY.split(page.body[:HEAD], maxsplit=1)[0]
        stamps = {name.lower(): said for name, said in BUILT.findall(head)}
        said = next((stamps[name] for name in STAMPS if name in stamps), None)
        return said.decode("utf-8", "replace").strip()[:80] if said else None

    def settle(
        self,
        records: Sequence[Record],
        *,
        before: Mapping[str, Content],
        again: Callable[[], Sequence[Record]],
        learnt: Mapping[str, Any],
    ) -> Settled:
        """Known entries under the keys by which they are known, whatever the feed calls them today."""
        settled = settled_entries([record for record in records if isinstance(record, Announcement)], learnt)
        return replace(settled, learnt={**settled.learnt, "shown": self._shown})


@lru_cache(maxsize=256)  # a feed is looked at again and again, and asked for the same words
def _any_of(words: tuple[str, ...]) -> re.Pattern[str] | None:
    """Whether one of these stands in a text, whole words in any case, with blanks and hyphens between their parts or
    none: `EX-514` is `EX 514` and `EX514`."""
    either = "|".join(filter(None, map(_loose, words)))
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE) if either else None


def _loose(word: str) -> str:
    parts = re.findall(r"[^\W\d]+|\d+|[^\w\s-]", plain_signs(word))
    glue = [r"[\s-]*" if re.match(r"\w\w", a[-1] + b[0]) else r"\s*" for a, b in pairwise(parts)]
    return "".join(re.escape(part) + between for part, between in zip(parts, [*glue, ""], strict=True))


Entries = Iterator[Announcement | Unexpected]


def _told_apart(entries: Sequence[Announcement | Unexpected]) -> Entries:
    """Entries of one id and several links are several entries: then the link is the key, else the title."""
    times = Counter(entry.key for entry in entries if isinstance(entry, Announcement))
    links: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        if isinstance(entry, Announcement) and times[entry.key] > 1:
            links[entry.key].add(without_tracking(entry.url))
    for entry in entries:
        if isinstance(entry, Announcement) and len(links[entry.key]) > 1:
            entry = entry.model_copy(update={"key": _short(without_tracking(entry.url))})
        yield entry


def _xml_entries(page: Page) -> Entries:
    import feedparser  # noqa: PLC0415 - a fortieth of a start, which only a new feed needs

    found = feed_text(page)
    parsed = feedparser.parse(
        io.BytesIO(found.text.encode("utf-8", "replace")),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,  # only words are taken, by `plain`; cleaning markup first costs ten times that
        resolve_relative_uris=False,  # those within texts
    )
    if not parsed.version:
        raise Unexpected(f"{page.url}: expected RSS, Atom or JSON Feed, found {found.text[:80]!r}")
    read = folded if parsed.version.startswith("atom") else plain
    feed = plain(parsed.feed.get("title"), TITLE_LENGTH) or None
    entries = parsed.entries[:MOST_ENTRIES]
    rows = []
    for place, entry in enumerate(entries):
        updated = dict.get(entry, "updated")  # its own `get` answers with the date of publication
        is_text = (entry.get("title_detail") or {}).get("type") == "text/plain"
        row = _Row(
            where=f"{page.url} entry {place + 1}",
            id=entry.get("id"),
            link=entry.get("link"),
            title=(read if is_text else plain)(entry.get("title"), TITLE_LENGTH),
            summary=plain(entry.get("summary") or _content(entry), SUMMARY_LENGTH),
            published=entry.get("published") or updated,
            updated=updated,
        )
        rows.append(row)
    yield from _announcements(rows, page.url, feed)
    if found.left_out:
        yield Unexpected(f"{page.url}: only the first {MOST_ENTRIES} entries are read, {found.left_out} are left out")


def _content(entry: Mapping[str, Any]) -> str | None:
    """The first content of an entry that holds something."""
    return next((str(part["value"]) for part in entry.get("content", ()) if part.get("value")), None)


def _json_entries(page: Page) -> Entries:
    feed = decode(page)
    version = need(feed, "version", str, page.url)
    if not version.startswith("https://jsonfeed.org/version/1"):
        raise Unexpected(f"{page.url}.version: expected JSON Feed 1 or 1.1, found {version[:80]!r}")
    title = folded(need(feed, "title", str, page.url), TITLE_LENGTH)
    items = feed.get("items")
    if not isinstance(items, list):
        raise Unexpected(f"{page.url}.items: expected a list, found {type(items).__name__}")
    rows = [_item(item, f"{page.url} items[{place}]") for place, item in enumerate(items[:MOST_ENTRIES])]
    yield from _announcements(rows, page.url, title)
    if (left_out := len(items) - MOST_ENTRIES) > 0:
        yield Unexpected(f"{page.url}: only the first {MOST_ENTRIES} entries are read, {left_out} are left out")


def _item(item: Json, where: str) -> "_Row | Unexpected":
    try:
        name = item.get("id") if isinstance(item, dict) else None
        return _Row(
            where=where,
            id=str(name) if isinstance(name, int) else need(item, "id", str, where),
            link=may(item, "url", str, where) or may(item, "external_url", str, where),
            title=folded(may(item, "title", str, where), TITLE_LENGTH),  # plain text, says the format
            summary=folded(may(item, "summary", str, where) or may(item, "content_text", str, where), SUMMARY_LENGTH)
            or plain(may(item, "content_html", str, where), SUMMARY_LENGTH),
            published=may(item, "date_published", str, where),
            updated=may(item, "date_modified", str, where),
        )
    except Unexpected as problem:
        return problem


@dataclass(frozen=True)
class _Row:
    """One entry as the feed writes it, whatever the format; `title` and `summary` are text already."""

    where: str
    id: str | None
    link: str | None
    title: str | None
    summary: str | None
    published: str | None
    updated: str | None


def _announcements(rows: Sequence[_Row | Unexpected], base: str, feed: str | None) -> Entries:
    """The entries in their order. One without id and link cannot be told from others."""
    read = [row for row in rows if isinstance(row, _Row)]
    addresses = [(url := web_link(row.link, base), known_by(row.id, url)) for row in read]
    dates = [(moment(row.published), moment(row.updated)) for row in read]
    rest = zip(addresses, dates, strict=True)
    for row in rows:
        yield row if isinstance(row, Unexpected) else _announcement(row, *next(rest), base, feed)


def _announcement(
    row: _Row,
    address: tuple[str | None, str | None],
    dates: tuple[str | None, str | None],
    base: str,
    feed: str | None,
) -> Announcement | Unexpected:
    url, key = address
    heading = row.title or (row.summary or "")[:120]
    if not key or not heading:
        return Unexpected(f"{row.where}: expected an id or link, and a title or summary, found neither of one pair")
    return Announcement(
        key=_short(key),
        title=heading,
        url=url or base,
        published_on=dates[0],
        updated_on=dates[1],
        summary=row.summary or None,
        feed=feed,
    )


def _short(key: str) -> str:
    return key if len(key) <= LONGEST_KEY else hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
