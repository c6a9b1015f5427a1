"""A name is the same name with signs in it that nobody sees."""

from datetime import UTC, datetime

import pytest

from sources.base import Page
from sources.edgar import lines_of
from sources.feed import Feed, FeedOptions
from sources.named import names_one
from sources.page import Page as WebPage
from sources.records import Announcement, Passage

WRITTEN = [
    ("exa\u00adflutide", "exaflutide"),
    ("exa\ufb02utide", "exaflutide"),
    ("exa\u200bflutide", "exaflutide"),
    ("\ufeffexaflutide", "exaflutide"),
    ("EX\u2011514", "EX-514"),
    ("EX\u2010514", "EX-514"),
    ("Exa\u2060flutide\u00a0plus", "Exaflutide plus"),
]


def page(text: str) -> Page:
    return Page("https://x.example/news", datetime(2026, 1, 1, tzinfo=UTC), 200, "", "", text.encode)


@pytest.mark.parametrize(("written", "plain"), WRITTEN)
def test_an_entry_of_a_feed_is_kept_by_its_plain_name(written: str, plain: str) -> None:
    item = f"<item><title>{written} is approved</title><link>https://x.example/1</link></item>"
    rss = f'<rss version="2.0"><channel><title>News</title>{item}</channel></rss>'
    (found,) = Feed(FeedOptions(keep=(plain,)), url="https://x.example/news").parse(page(rss))
    assert isinstance(found, Announcement)
    assert found.title == f"{plain} is approved"


@pytest.mark.parametrize(("written", "plain"), WRITTEN)
def test_an_entry_is_kept_by_a_name_that_was_copied_with_its_signs(written: str, plain: str) -> None:
    item = f"<item><title>{plain} is approved</title><link>https://x.example/1</link></item>"
    rss = f'<rss version="2.0"><channel><title>News</title>{item}</channel></rss>'
    assert len(list(Feed(FeedOptions(keep=(written,)), url="https://x.example/news").parse(page(rss)))) == 1


@pytest.mark.parametrize("kept", ["EX-514", "EX 514", "EX514"])
@pytest.mark.parametrize("written", ["EX-514", "EX 514", "EX514", "ex\u2011514"])
def test_a_code_is_kept_with_and_without_its_hyphen(kept: str, written: str) -> None:
    entries = "".join(
        f"<item><title>{title} is approved</title><link>https://x.example/{number}</link></item>"
        for number, title in enumerate((written, f"{written}7", f"R{written}"))
    )
    rss = f'<rss version="2.0"><channel><title>News</title>{entries}</channel></rss>'
    found = list(Feed(FeedOptions(keep=(kept,)), url="https://x.example/news").parse(page(rss)))
    assert [entry.url for entry in found if isinstance(entry, Announcement)] == ["https://x.example/0"]


@pytest.mark.parametrize(("written", "plain"), WRITTEN)
def test_a_page_a_release_and_an_official_list_are_read_in_plain_signs(written: str, plain: str) -> None:
    html = f"<html><body><main><h1>News</h1><p>The agency approved {written} today.</p></main></body></html>"
    (found,) = WebPage(WebPage.Options(), url="https://x.example/news").parse(page(html))
    assert isinstance(found, Passage)
    assert any(plain in text for _, text in found.blocks)
    assert lines_of(f"<p>{written} works</p>") == [f"{plain} works"]
    assert names_one((plain,), f"with {written}")
    assert names_one((written,), f"with {plain}")
