"""What a feed keeps that names no words of its own: what names the pack; in one place, and said by lint."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import sources
from monitor.settings import BUNDLED_PACK
from monitor.vocabulary.keeping import keeps_by_default
from monitor.vocabulary.pack_faults import read_pack
from sources.base import Page
from sources.feed import Feed, FeedOptions
from sources.records import Announcement

CATALOG = sources.load()
PACK = """
[pack]
name = "p"
condition = "a rare disease"
synonyms = ["ARD", "AD"]
[[therapies]]
name = "velorastat"
brands = ["Velora"]
codes = ["VLR-12"]
sponsors = ["Northwind Bio"]
trials = ["NCT09990001"]
acronyms = { STARLIGHT = "NCT09990001" }
[[therapies]]
name = "obelarsen"
followed = false
[[watches]]
name = "wire"
source = "feed"
every = "1h"
url = "https://example.org/wire.xml"
OPTIONS
"""
EVERY = {
    "a rare disease",
    "ARD",
    "velorastat",
    "Velora",
    "VLR-12",
    "STARLIGHT",
    "NCT09990001",
    "Northwind Bio",
    "obelarsen",
}


def kept(tmp_path: Path, options: str) -> Any:
    """What the watch is asked to keep, as the service reads the pack."""
    (tmp_path / "pack.toml").write_text(PACK.replace("OPTIONS", options), encoding="utf-8")
    return read_pack(tmp_path / "pack.toml", CATALOG).watches[0].options.get("keep")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("", EVERY),
        ("options = { tier = 3 }", EVERY),
        ('therapies = ["obelarsen"]', {"a rare disease", "ARD", "obelarsen"}),
        ('options = { keep = ["velora*"] }', {"velora*"}),
        ("options = { keep = [] }", set()),
    ],
)
def test_a_watch_without_words_keeps_the_names_of_the_pack(tmp_path: Path, options: str, words: set[str]) -> None:
    found = kept(tmp_path, options)

    assert set(found) == words  # two letters are a word of too much else


def titles(options: dict[str, Any]) -> list[str]:
    """What a feed of four entries keeps."""
    told = ("Velorastat approved", "FDA committee meets", "Ovelora is a town", "Something else")
    items = [{"id": str(n), "url": f"https://example.org/{n}", "title": title} for n, title in enumerate(told)]
    body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "News", "items": items}).encode()
    page = Page("https://example.org/f", datetime(2026, 1, 1, tzinfo=UTC), 200, "application/json", "", lambda: body)
    found = Feed(FeedOptions.model_validate(options), url="https://example.org/f").parse(page)
    return [one.title for one in found if isinstance(one, Announcement)]


def test_what_is_kept_also_counts_beside_the_names_and_an_empty_list_keeps_all() -> None:
    assert titles({"keep": ["velorastat", "Velora"]}) == ["Velorastat approved"]
    assert titles({"keep": ["velorastat"], "also": ["committee"]}) == ["Velorastat approved", "FDA committee meets"]
    assert len(titles({"keep": []})) == len(titles({"keep": [], "also": ["committee"]})) == len(titles({})) == 4


def test_the_bundled_feeds_of_agencies_keep_every_drug_that_is_followed() -> None:
    pack = read_pack(BUNDLED_PACK, CATALOG)
    agencies = [plan for plan in pack.watches if plan.source == "feed" and plan.options["tier"] == 1]

    assert len(agencies) > 8
    for plan in agencies:
        assert {therapy.name for therapy in pack.therapies} <= set(plan.options["keep"]), plan.name
        assert not keeps_by_default(plan, CATALOG)  # what is filled in is no longer default
