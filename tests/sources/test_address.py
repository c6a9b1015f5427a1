"""Addresses shown without what they keep secret."""

import pytest

from sources.http.address import without_secrets

SHOWN = {
    "https://example.org/news.xml": "https://example.org/news.xml",
    "https://example.org/a?b=1&c=two%20words": "https://example.org/a?b=1&c=two%20words",
    "https://me:hidden@example.org/feed": "https://example.org/feed",
    "https://example.org/feed?token=hidden": "https://example.org/feed",
    "https://example.org/feed?q=als&API_KEY=hidden": "https://example.org/feed?q=als",
    "https://example.org/feed?Password=hidden&page=2": "https://example.org/feed?page=2",
    "https://example.org/feed?sig=hidden&x-api-key=hidden": "https://example.org/feed",
    "http://me:hidden@[::1": "http://[::1",
    "https://example.org/feed?private_token=hidden&apiToken=hidden": "https://example.org/feed",
    "https://example.org/feed?X-Amz-Signature=hidden&q=als": "https://example.org/feed?q=als",
    "https://example.org/feed?subscription-key=hidden&hapikey=hidden": "https://example.org/feed",
    "https://example.org/feed?client.secret=hidden#top": "https://example.org/feed#top",
    "https://example.org/feed#access_token=hidden&state=1": "https://example.org/feed",
    "https://example.org/news;jsessionid=hidden/today;v=2?q=als": "https://example.org/news/today;v=2?q=als",
    "https://example.org/feed.xml;auth=hidden": "https://example.org/feed.xml",
    "https://example.org/feed.xml;v=1.2;lang=en": "https://example.org/feed.xml;v=1.2;lang=en",
    "https://example.org/feed?pw=hidden&sid=hidden&PHPSESSID=hidden&side=a": "https://example.org/feed?side=a",
    "https://example.org/feed?pageToken=ZV&next_token=2&sort_key=a&keyword=als&monkey=1": "https://example.org/feed?pageToken=ZV&next_token=2&sort_key=a&keyword=als&monkey=1",
}


@pytest.mark.parametrize("address", SHOWN)
def test_keys_and_passwords_are_left_out(address: str) -> None:
    assert without_secrets(address) == SHOWN[address]
