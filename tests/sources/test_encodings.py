"""Every label of the Encoding Standard is read, by the header, by the page's own word, and alike for page and feed."""

import codecs
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.watching.doorman import refusal
from sources.base import Page
from sources.encodings import CODECS, LABELS_OF, OWN_BYTES, REPLACEMENT, codec_of, decoded
from sources.feed import Feed, FeedOptions
from sources.page import Page as WebPage
from sources.records import Announcement, Passage

LETTERS = ["é", "ш", "ω", "א", "ş", "ž", "ย", "허가", "承認", "批准", "ł", "ð", "ع", "Ŵ", "ē", "ơ"]
READABLE = [label for label, codec in CODECS.items() if codec not in (REPLACEMENT, OWN_BYTES)]


def letter_of(codec: str) -> str:
    """A letter beyond ASCII that this codec can write and read again."""
    for letter in LETTERS:
        try:
            if letter.encode(codec).decode(codec) == letter:
                return letter
        except UnicodeError:
            continue
    raise AssertionError(codec)


def as_page(body: bytes, kind: str) -> Page:
    return Page("https://example.org/x", datetime(2026, 1, 1, tzinfo=UTC), 200, kind, "", lambda: body)


def test_all_labels_are_there() -> None:
    assert len(CODECS) == 228
    assert len(LABELS_OF) == 38  # gb18030 and gbk are read by one codec, as are the two that hold Hebrew
    for codec in LABELS_OF:
        assert codec in (REPLACEMENT, OWN_BYTES) or codecs.lookup(codec)


@pytest.mark.parametrize("label", READABLE)
def test_a_label_in_the_header_decides_for_page_and_feed(label: str) -> None:
    codec = CODECS[label]
    word = f"Status {letter_of(codec)}"
    html = f"<html><head><title>T</title></head><body><p>{word}</p></body></html>".encode(codec)
    feed = (
        f"<rss version='2.0'><channel><title>T</title><item><title>{word}</title><link>https://h.example/1</link></item>"
        "</channel></rss>"
    ).encode(codec)

    page = as_page(html, f"text/html; charset={label.upper()}")
    (passage,) = WebPage(WebPage.Options(), url=page.url).parse(page)
    (entry,) = Feed(FeedOptions(), url=page.url).parse(as_page(feed, f'application/xml; charset="{label}"'))

    assert refusal(page, family="html", median=None) is None
    assert isinstance(passage, Passage)
    assert passage.blocks == (("p", word),)
    assert isinstance(entry, Announcement)
    assert entry.title == word


@pytest.mark.parametrize("label", [label for label in READABLE if not CODECS[label].startswith("utf-16")])
def test_a_label_that_the_document_gives_itself_decides_where_the_header_is_silent(label: str) -> None:
    codec = CODECS[label]
    word = letter_of(codec)
    assert word in decoded(f"<html><meta charset={label}><p>{word}".encode(codec)).text
    assert word in decoded(f"<?xml version='1.0' encoding='{label}'?><rss>{word}</rss>".encode(codec)).text
    typed = f'<meta http-equiv="Content-Type" content="text/html; charset={label}">{word}'
    assert word in decoded(typed.encode(codec), "text/html; charset=made-up").text


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        (b"\xef\xbb\xbfcaf\xc3\xa9", "text/html; charset=iso-8859-1", "café"),
        ("é".encode("utf-16"), "text/html; charset=utf-8", "é"),
        (b"caf\xe9", "text/html", "café"),
        (b"caf\xe9 \x80", "text/html; charset=latin1", "café €"),
        (b"\x81", "text/html; charset=us-ascii", "\x81"),
        (b"<meta charset=utf-16><p>caf\xc3\xa9", "", "<meta charset=utf-16><p>café"),
        (b"a\x80", "text/html; charset=x-user-defined", "a\uf780"),
        # wide characters that no mark announces, whatever the label inside says
        ("<html>é".encode("utf-16-le"), "text/html", "<html>é"),
        ("<html>é".encode("utf-16-be"), "", "<html>é"),
        ("<rss>é".encode("utf-32-le"), "", "<rss>é"),
        # letters of the vendors of Japanese computers, in no standard and in every browser
        (b"\xad\xa1\xad\xea\xfc\xe2", "text/html; charset=euc-jp", "①㈱髙"),
        (b"\xa1\xc1\xa1\xdd", "text/html; charset=euc-jp", "～－"),
        (b"\x1b$B-!-j\x1b(B.", "text/html; charset=iso-2022-jp", "①㈱."),
        (b"\x1b(I65\x1b(B", "text/html; charset=iso-2022-jp", "ｶｵ"),
        (b"\x8f\xf4\xd5a\xa4\xa2", "text/html; charset=euc-jp", "\ufffdaあ"),
        (b"\x80", "text/html; charset=gb2312", "€"),
        (b"\x81\xaa\xe1", "text/html; charset=windows-1253", "\x81\ufffdα"),
        ("caf\u00e9".encode() * 40 + b"\xe9 ", "", "café" * 40 + "\ufffd "),
    ],
)
def test_what_browsers_read(body: bytes, kind: str, text: str) -> None:
    assert decoded(body, kind).text == text


def test_encodings_that_hide_markup_are_lost_text() -> None:
    for label in ("iso-2022-kr", "hz-gb-2312", "replacement"):
        page = as_page(b"<html><p>Status</p></html>", f"text/html; charset={label}")
        assert "cannot be decoded" in (refusal(page, family="html", median=None) or "")


def test_bytes_of_no_encoding_cost_no_time() -> None:
    began = time.process_time()
    for label in ("euc-jp", "gbk", "iso-2022-jp", "windows-1253", "latin1"):
        for body in (b"\xff" * 500_000, b"\xad\xa1" * 250_000, b"\x81" * 500_000):
            decoded(body, f"text/html; charset={label}")
    assert time.process_time() - began < 15


@given(st.binary(max_size=200), st.sampled_from(sorted(CODECS)))
def test_any_bytes_under_any_label_are_some_text(body: bytes, label: str) -> None:
    found = decoded(body, f"text/html; charset={label}")
    assert found.lost >= 0
    assert codec_of(label) is not None
