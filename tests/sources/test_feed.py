"""Feeds: every format alike, text only, and nothing that is no feed."""

import json
import time
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
    assert (source().tier, source(tier=1).tier, Feed.tier) == (4, 1, 4)


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

    assert [one.key for one in found if isinstance(one, Announcement)] == ["7", "8"]
    assert isinstance(found[-1], Unexpected)


# Which entry is which ------------------------------------------------------------------------------------------------


def dated(title: str, link: str, guid: str, day: str = "01 Mar 2026") -> str:
    stamp = f"<guid isPermaLink='false'>{guid}</guid><pubDate>{day} 10:00:00 +0000</pubDate>"
    return item(title, f"https://agency.example/{link}", stamp)


def keys(found: Settled) -> dict[str, str]:
    """Title to key."""
    return {record.title: record.key for record in found.records}


def looks(*feeds: str) -> list[Settled]:
    """One look after the other, each knowing what the ones before have learnt."""
    found: list[Settled] = []
    for items in feeds:
        found.append(settled(rss(items), found[-1].learnt if found else None))
    return found


def test_one_id_for_all_entries_hides_none() -> None:
    old = dated("Report", "1", "same") + dated("Labels", "2", "same")
    first, second = looks(old, dated("Board", "4", "same") + dated("Approval", "3", "same") + old)

    assert len(first.records) == 2
    assert len(second.records) == 4
    assert keys(second).items() >= keys(first).items()


def test_one_entry_at_a_time_under_one_id_is_a_new_entry_each_time() -> None:
    first, second = looks(dated("Report", "1", "same"), dated("Approval", "3", "same"))
    assert keys(first)["Report"] != keys(second)["Approval"]


def test_ids_made_anew_at_each_request_make_no_new_entries() -> None:
    first, second, third = looks(*(dated("Approval", "3", f"a{n}") + dated("Report", "1", f"b{n}") for n in range(3)))

    assert keys(first) == keys(second) == keys(third)
    assert second.notes == ("2 known entries came under another id",)


def test_new_ids_where_all_entries_link_to_one_page_are_known_by_title_and_date() -> None:
    first, second = looks(*(dated("Approval", "", f"a{n}") + dated("Report", "", f"b{n}") for n in range(2)))
    assert keys(first) == keys(second)


def test_an_entry_that_moves_to_another_address_under_its_id_is_the_same() -> None:
    first, second = looks(dated("Approval", "old-place", "id-1"), dated("Approval", "new-place", "id-1"))
    assert keys(first) == keys(second)


def test_an_edited_title_under_the_same_id_and_link_is_the_same_entry() -> None:
    first, second = looks(dated("Approval", "1", "id-1"), dated("CORRECTION: Approval", "1", "id-1"))
    assert list(keys(first).values()) == list(keys(second).values())


def test_two_entries_of_one_title_and_day_are_two() -> None:
    (both,) = looks(dated("Recall", "1", "a") + dated("Recall", "2", "b"))
    assert len(both.records) == 2


def test_the_newest_date_of_a_feed_is_remembered() -> None:
    first, second = looks(dated("A", "1", "a", "01 Mar 2026"), dated("B", "2", "b", "28 Feb 2026"))
    assert first.learnt["newest"] == second.learnt["newest"] == "2026-03-01T10:00:00Z"


def test_entries_beyond_what_is_read_are_counted() -> None:
    found = list(source().parse(page(rss("".join(dated("A", str(n), str(n)) for n in range(2003))))))
    assert len(found) == 2001
    assert "3 are left out" in str(found[-1])


@pytest.mark.parametrize(
    "body",
    [
        rss(""),
        b'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title></feed>',
        b'{"version": "https://jsonfeed.org/version/1", "title": "T", "items": []}',
    ],
)
def test_a_feed_without_entries_is_a_problem(body: bytes) -> None:
    with pytest.raises(Unexpected, match="found one without any"):
        list(source().parse(page(body)))


# Sloppy, but whole ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("items", "title"),
    [
        (item("Q&A on shortages & supply", "/a"), "Q&A on shortages & supply"),
        (item("A", "/a", "<media:thumbnail url='/a.jpg'/>"), "A"),
        (item("A", "/a", "<itunes:author>B</itunes:author>"), "A"),
        (item("A &eacute; &trade;", "/a"), "A é ™"),
        (item("A", "/a", "<description><p>not <br> closed</description>"), "A"),
        (item("A", "/a", "<description>\x0b\x1f</description>"), "A"),
        (item("NfL&lt;ULN in most: approval", "/a"), "NfL<ULN in most: approval"),
        (item("p&lt;0.05 and x&lt;y", "/a"), "p<0.05 and x<y"),
        (item("&lt;b&gt;Bold&lt;/b&gt; words", "/a"), "Bold words"),
        (item("<![CDATA[A <i>slanted</i> word]]>", "/a"), "A slanted word"),
    ],
)
def test_what_feed_readers_read_is_read(items: str, title: str) -> None:
    assert [entry.title for entry in read(rss(items))] == [title]


@pytest.mark.parametrize(
    "body",
    [
        b"<!-- <rss> --><!DOCTYPE rss [<!ENTITY a 'b'>]>" + rss(item("A", "/a"))[21:],
        b"<?x <rss ?><!DOCTYPE rss [<!ENTITY % a SYSTEM 'file:///etc/passwd'> %a;]>" + rss(item("A", "/a"))[21:],
        b"<!doctype rss [<!ELEMENT rss ANY>]>" + rss(item("A", "/a"))[21:],
        rss("<a>" * 200 + "</a>" * 200),
        rss("<item/>" + "<a/>" * 130_000),
        rss(item("A", "/a")) .replace(b"</channel></rss>", b""),
        b"<html><rss></rss></html>",
    ],
    ids=["comment", "instruction", "elements", "deep", "many", "cut", "page"],
)  # fmt: skip
def test_hostile_or_cut_feeds_are_refused_before_a_tree_is_built(body: bytes) -> None:
    with pytest.raises(Unexpected):
        list(source().parse(page(body)))


@pytest.mark.parametrize(
    "items",
    [
        "<![CDATA[ words " * 60_000,
        "<!-- words " * 60_000,
        "<a>" + "&bare <![CDATA[ " * 60_000,
        "<item><title>x</title><description>" + "&lt;b&gt;" * 200_000 + "</description></item>",
        "<item><title>x</title><description>" + "&#60;b>" * 200_000 + "</description></item>",
        "<item><title>x</title><description>" + "&#x003C;b>" * 200_000 + "</description></item>",
        "<item><a:" + "x" * 900_000 + "<b/></item>",
        "<item><a b='" + "x" * 900_000 + "'/></item>",
        "<item><title>" + "&eacute;" * 900_000 + "</title></item>",
    ],
    ids=["sections", "comments", "signs", "escaped", "numbered", "hexadecimal", "tag", "attribute", "entities"],
)
def test_a_feed_that_would_cost_much_costs_little(items: str) -> None:
    """Each took minutes or hundreds of MB: sections without an end, sought to the end of the text one by one; markup
    within texts; a tag of a million letters."""
    started = time.process_time()

    with pytest.raises(Unexpected):
        list(source().parse(page(rss(items))))

    assert time.process_time() - started < 3


def test_as_much_markup_as_entries_really_hold_is_read() -> None:
    image = f"<img src='data:image/png;base64,{'A' * 90_000}'>"
    entries = "".join(
        item(f"A{n}", f"/{n}", f"<description><![CDATA[{'<p>x</p>' * 40}]]></description>") for n in range(500)
    )

    assert len(read(rss(item("A", "/a", f"<description><![CDATA[{image} words]]></description>") + entries))) == 501


def test_a_document_type_without_declarations_and_a_tail_are_harmless() -> None:
    netscape = b'<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://my.netscape.com/rss-0.91.dtd">'
    body = b"\xef\xbb\xbf<!-- made -->" + netscape + rss(item("A", "/a"))[21:] + b"<!-- cached --><script></script>"
    assert [entry.title for entry in read(body)] == ["A"]


def test_json_feeds_are_plain_text_and_html_where_they_say_so() -> None:
    items = [
        {"id": "1", "title": "NfL<ULN in most", "content_text": "Fell (p<alpha) <b>so</b>"},
        {"id": "2", "title": "T", "content_html": "<p>Words &amp; <b>more</b></p>"},
    ]
    body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "A<B", "items": items})

    first, second = read(body.encode())

    assert (first.title, first.summary, first.feed) == ("NfL<ULN in most", "Fell (p<alpha) <b>so</b>", "A<B")
    assert second.summary == "Words & more"


# Moments -------------------------------------------------------------------------------------------------------------


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
        ("Tue, 04/25/2023 - 11:30", "2023-04-25"),
        ("Tuesday, March 5, 2024 - 14:00", "2024-03-05"),
        ("2024-03-05 14:00:00 UTC", "2024-03-05T14:00:00Z"),
        ("2024-03-05 14:00:00 +0000 UTC", "2024-03-05T14:00:00Z"),
        ("05/13/2020", "2020-05-13"),
        ("13/05/2020", "2020-05-13"),
        ("Wed, 05/04/2023 - 10:00", "2023-04-05"),
        ("05/04/2023", None),
        ("Mon, 05/05/2025", "2025-05-05"),
        ("5 Sept 2024 10:00:00 GMT", "2024-09-05T10:00:00Z"),
        ("mar., 05 mars 2024 14:00:00 +0100", "2024-03-05T13:00:00Z"),
        ("25. April 2023, 14:35 Uhr", "2023-04-25"),
        ("5 de marzo de 2024", "2024-03-05"),
        ("2024年3月5日", "2024-03-05"),
        ("2023년 4월 25일", "2023-04-25"),
        ("Tue, 05 Mar 2024 02:00:00 PM EST", "2024-03-05T19:00:00Z"),
        ("Tue, 05 Mar 2024 12:30:00 AM EST", "2024-03-05T05:30:00Z"),
        ("Tue Mar 05 14:00:00 EST 2024", "2024-03-05T19:00:00Z"),
        ("Tue, 5 Mar 2024 24:00:00 GMT", "2024-03-06T00:00:00Z"),
        ("Mon, 19 Aug 24 17:42:08 +0200", "2024-08-19T15:42:08Z"),
        ("Aug 15, 2019", "2019-08-15"),
        ("05.03.2024", "2024-03-05"),
        ("20240305T140000Z", "2024-03-05T14:00:00Z"),
        ("1709640000", "2024-03-05T12:00:00Z"),
        ("Tue, 5 Mar 2024 14:00:00 ET", "2024-03-05"),
        ("Tue, 31 Feb 2024 10:00:00 GMT", None),
        ("1 Jan 0001 00:00:00 GMT", None),
        ("5 March 2024 - 9 March 2024", None),
        ("2024", None),
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


HEAD_OF_FEED = '<rss version="2.0"><channel><title>T</title>'
ONE_ENTRY = "<item><title>Approved &#xD83D;&#xDE00; &#55357; now</title><link>https://h.example/1</link></item>"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"{HEAD_OF_FEED}{ONE_ENTRY}</channel></rss>", "Approved \U0001f600 \ufffd now"),
        (
            "<br />\n<b>Warning</b>: Undefined index in <b>/var/www/feed.php</b><br />\n"
            f'<?xml version="1.0"?>{HEAD_OF_FEED}<item><title>A</title><link>https://h.example/1</link></item>'
            "</channel></rss>",
            "A",
        ),
        (
            '<rdf:RDF><channel><title>T</title></channel><item rdf:about="https://h.example/1"><title>A</title>'
            "<link>https://h.example/1</link></item></rdf:RDF>",
            "A",
        ),
        (
            f"{HEAD_OF_FEED}<item><title>A\x08B\x1fC</title><link>https://h.example/1</link></item></channel></rss>",
            "A B C",
        ),
        (
            f"{HEAD_OF_FEED}<item><title>A</title><link>https://h.example/?a=1&b=2</link>"
            "<enclosure url=x length=3><enclosure url='x' url='y'/></item></channel></rss>\n<!-- cached -->",
            "A",
        ),
    ],
)
def test_what_feed_readers_forgive_is_forgiven(text: str, title: str) -> None:
    page = Page("https://h.example/f", datetime(2026, 1, 1, tzinfo=UTC), 200, "", "", lambda: text.encode())
    (entry,) = Feed(FeedOptions(), url=page.url).parse(page)
    assert isinstance(entry, Announcement)
    assert entry.title == title
    entry.model_dump_json().encode()


def test_a_page_that_shows_a_feed_is_no_feed() -> None:
    text = f"<html><body><pre>{HEAD_OF_FEED}{ONE_ENTRY}</channel></rss></pre></body></html>"
    page = Page("https://h.example/f", datetime(2026, 1, 1, tzinfo=UTC), 200, "", "", lambda: text.encode())
    with pytest.raises(Unexpected, match="expected the root element"):
        list(Feed(FeedOptions(), url=page.url).parse(page))
