"""Every source against what the world really served, where the recordings stand beside the checkout.

Read in place and never copied: each pair of files is parsed and compared, and what differs must be what truly changed.
`benchmarks/replay.py` does the same through the whole path.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import sources
from benchmarks.replay import VOCABULARY, plain, truth
from monitor.path.replay import ADAPTERS, CONTENT_TYPES, Recording, read_folder
from monitor.vocabulary.differences import RECORD
from monitor.watching.compare import compare
from monitor.watching.doorman import refusal
from sources.base import Page, Source, Unexpected
from sources.records import Content, Record

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "recorded"
CATALOG = sources.load()
FOLDERS = {
    "openfda-shortages": 2, "ema-medicines-xlsx": 2, "ctis": 3, "sec-submissions": 4, "healthcanada-shortages": 2,
}  # fmt: skip
"""Folder to how many of its newest files are read; all of them are by the benchmark."""

Kept = dict[str, tuple[type[Record], Content]]


def page(recording: Recording) -> Page:
    body = recording.path.read_bytes()
    return Page(recording.path.name, datetime(2026, 1, 1, tzinfo=UTC), 200, CONTENT_TYPES[recording.path.suffix], "",
                lambda: body)  # fmt: skip


def read(source: Source, shown: Page) -> Kept:
    found = list(source.parse(shown))
    assert not [str(problem) for problem in found if isinstance(problem, Unexpected)]
    kept: Kept = {}
    for record in found:
        assert isinstance(record, Record)
        kept.setdefault(record.key, (type(record), record.content()))
    return kept


def differences(before: Kept, after: Kept, source: Source, told: str) -> set[tuple[str, ...]]:
    """The facts of one pair, as `events.jsonl` has them."""
    facts = set()
    for key in before.keys() | after.keys():
        if key not in before or key not in after:
            was, now = ("present" if key in each else None for each in (before, after))
            facts.add((key, RECORD, plain(was), plain(now), told))
            continue
        kind = after[key][0]
        for each in compare(before[key][1], after[key][1], record=kind, paths=source.paths):
            facts.add((key, each.path, plain(each.before), plain(each.after), told))
    return facts


def series(recordings: Sequence[Recording]) -> dict[str, list[Recording]]:
    sets: dict[str, list[Recording]] = {}
    for recording in recordings:
        sets.setdefault(recording.series, []).append(recording)
    return sets


@pytest.mark.parametrize("name", FOLDERS)
def test_what_differs_between_two_recordings_is_what_truly_changed(name: str) -> None:
    folder = RECORDED / name
    if not folder.is_dir():
        pytest.skip("no recordings beside the checkout (../shared/recorded)")
    source = CATALOG[ADAPTERS[name]](CATALOG[ADAPTERS[name]].Options())
    found: set[tuple[str, ...]] = set()
    times: set[str] = set()
    for recordings in series(read_folder(folder)).values():
        good = [(r, page(r)) for r in recordings if refusal(page(r), family=source.family, median=None) is None]
        kept = [(r.at.strftime("%Y-%m-%dT%H:%M:%SZ"), read(source, shown)) for r, shown in good[-FOLDERS[name] :]]
        for (_, before), (told, after) in pairwise(kept):
            found |= differences(before, after, source, told)
            times.add(told)
    true = {fact for fact in truth(folder) if fact[4] in times}

    assert {fact for fact in found if VOCABULARY[name].fullmatch(fact[1])} == true


def test_what_is_no_answer_is_refused_by_every_source() -> None:
    folder = RECORDED / "awkward"
    if not folder.is_dir():
        pytest.skip("no recordings beside the checkout (../shared/recorded)")
    believed: list[Any] = []
    for name in sorted(set(CATALOG) - {"feed", "page"}):
        kind = CATALOG[name]
        for path in sorted(folder.iterdir()):
            shown = page(Recording("", datetime(2026, 1, 1, tzinfo=UTC), path))
            if refusal(shown, family=kind.family, median=None):
                continue
            try:
                found = list(kind(kind.Options()).parse(shown))
            except Unexpected:
                continue
            believed += [(name, path.name) for record in found if isinstance(record, Record)]
    assert believed == []


@pytest.mark.parametrize(
    ("name", "file", "rows"),
    [
        ("ema_orphans", "ema-json/orphan_designations_2026-02-03.json", 3138),
        ("ema_shortages", "ema-json/shortages_2026-02-03.json", 74),
        ("euctr", "euctr-text/fulltext_download_edited.txt", 2),
    ],
)
def test_a_recorded_list_is_read_whole(name: str, file: str, rows: int) -> None:
    path = RECORDED / file
    if not path.is_file():
        pytest.skip("no recordings beside the checkout (../shared/recorded)")
    kind = CATALOG[name]
    kept = read(kind(kind.Options()), page(Recording("", datetime(2026, 1, 1, tzinfo=UTC), path)))
    assert len(kept) == rows
