"""Feeds: every format alike, text only, and nothing that is no feed."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

from sources.base import Page, Settled, Unexpected
from sources.feed import Feed, FeedOptions, plain
from sources.links import web_link
from sources.moments import moment
from sources.records import Announcement

URL = "https://example.org/feed.xml"


def source(**options: Any) -> Feed:
    return Feed(FeedOptions(**options), url=URL)


def page(body: bytes) -> Page:
    return Page(URL, datetime(2026, 1, 1, tzinfo=UTC), 200, "", "", lambda: body)


def rss(items: str, before: str = "") -> bytes:
    return f'<?xml version="1.0"?>{before}<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode()


def read(body: bytes, **options: Any) -> list[Announcement]:
    found = list(source(**options).parse(page(body)))
    assert not [one for one in found if isinstance(one, Unexpected)]
    return [one for one in found if isinstance(one, Announcement)]


def settled(body: bytes, learnt: dict[str, Any] | None = None) -> Settled:
    """What one look makes of a feed, with what earlier looks have learnt."""
    return source().settle(read(body), before={}, again=lambda: [], learnt=learnt or {})


def item(title: str, link: str, more: str = "") -> str:
    return f"<item><title>{title}</title><link>{link}</link>{more}</item>"


@respx.mock
def test_a_feed_is_one_page(plain_fetch: Any) -> None:
    respx.get(URL).mock(return_value=httpx.Response(200, content=rss("")))

    assert len(list(source().pages(plain_fetch))) == 1


def test_the_tier_is_what_the_options_say() -> None:
    assert (source().tier, source(tier=1).tier, Feed.tier) == (3, 1, 4)


def test_hostile_text_and_links_become_plain_or_vanish() -> None:
    (entry,) = read(
        rss(item("A &lt;script&gt;alert(1)&lt;/script&gt; B", "javascript:alert(1)", "<guid>tag:1</guid>")), tier=1
    )

    assert (entry.title, entry.url, entry.key) == ("A B", URL, "tag:1")


def test_one_entry_under_http_https_and_campaigns_is_one_record() -> None:
    links = [
        "http://Example.org/a?utm_source=rss&amp;id=3",
        "https://example.org/a?id=3&amp;gclid=x",
        "https://example.org/b",
    ]

    found = settled(rss("".join(item("A", link) for link in links)))

    assert [entry.key for entry in found.records] == ["https://example.org/a?id=3", "https://example.org/b"]
    assert found.notes == ("1 entries stand in the feed twice and count once",)


def test_only_entries_that_mention_a_kept_word_count() -> None:
    items = item("Tofersen approved", "/1") + item("PrimeCare opens a clinic", "/2") + item("On Prime  C", "/3")

    assert [entry.title for entry in read(rss(items), keep=["tofersen", "PrimeC", "Prime C"])] == [
        "Tofersen approved",
        "On Prime C",
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>Access denied</body></html>",
        b"<!doctype html><html><p>Access denied<br></html>",
        rss(item("A", "/a"))[:-8],
        rss(item("&a;", "/a"), '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'),
        rss(item("&a;", "/a"), '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'),
        rss(item("A&nbsp;B", "/a"))[:-8],
        b'{"version": "2", "title": "x", "items": []}',
        b'{"version": "https://jsonfeed.org/version/1.1", "title": "x"}',
        b"plain text",
    ],
)
def test_what_is_no_whole_feed_is_refused(body: bytes) -> None:
    with pytest.raises(Unexpected):
        list(source().parse(page(body)))


def test_a_sloppy_but_whole_feed_is_read() -> None:
    assert [entry.title for entry in read(b"\n" + rss(item("A&nbsp;B", "/a")))] == ["A B"]


def test_an_entry_that_cannot_be_told_from_others_leaves_them_alone() -> None:
    found = list(source().parse(page(rss("<item><title>A</title></item>" + item("B", "/b")))))

    assert [type(one).__name__ for one in found] == ["Unexpected", "Announcement"]


def test_json_feed_with_a_byte_order_mark_is_read() -> None:
    items = [{"id": 7, "content_text": "Only text"}, {"id": "8", "url": "https://example.org/8", "title": "T"}, {}]
    body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": items})

    found = list(source().parse(page(b"\xef\xbb\xbf" + body.encode())))

    assert [getattr(one, "key", "refused") for one in found] == ["7", "8", "refused"]


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("Tue, 25 Apr 2023 14:35:00 EDT", "2023-04-25T18:35:00Z"),
        ("Tue, 10 Jan 2023 14:35:00 EST", "2023-01-10T19:35:00Z"),
        ("Tue, 25 Apr 2023 14:35:00 +0200", "2023-04-25T12:35:00Z"),
        ("Tue, 25 Apr 2023 14:35:00 XYZ", "2023-04-25"),
        ("2023-04-25T23:35:00-04:00", "2023-04-26T03:35:00Z"),
        ("2023-04-25T14:35:00", "2023-04-25"),
        ("2023-04-25", "2023-04-25"),
        ("25 Apr 2023", "2023-04-25"),
        ("April 25, 2023", "2023-04-25"),
        ("2023-04", None),
        ("soon", None),
        ("", None),
    ],
)
def test_moments_are_brought_to_utc_and_never_invented(written: str, read_as: str | None) -> None:
    assert moment(written) == read_as


@given(st.text(max_size=60))
def test_any_text_is_a_moment_a_link_and_plain_text_or_none(text: str) -> None:
    assert moment(text) is None or moment(text)
    link = web_link(text, URL)
    assert link is None or link.startswith(("http://", "https://"))
    assert len(plain(text, 20)) <= 20
