"""Which entry of a feed is which: ids that do not identify are seen through, by link and by title and date. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from hashlib import blake2s
from itertools import pairwise
from typing import Any

from sources.base import Settled
from sources.links import without_tracking
from sources.records import Announcement

RHYTHM = 5  # days with entries, from which a feed has a rhythm
MOST_KNOWN = 500  # entries remembered beside those that stand in the feed; the oldest go first


def settled_entries(entries: Sequence[Announcement], learnt: Mapping[str, Any]) -> Settled:
    """The entries, each once, known ones under the key by which they are known.

    The same id with another link and another title is another entry. A new id with a known link, or with a known
    title and date, is the known entry. `learnt` holds the digests of link and stamp by key, and the newest date.
    """
    known: dict[str, list[str]] = {key: list(marks) for key, marks in learnt.get("entries", {}).items()}
    links = [_link(address) for address in list(map(without_tracking, [entry.url for entry in entries]))]
    ways = Counter(links)
    by_link = {marks[0]: key for key, marks in known.items() if marks[0]}
    by_stamp = {marks[1]: key for key, marks in known.items() if marks[1]}
    taken: dict[str, Announcement] = {}
    renamed = twice = 0
    for entry, own in zip(entries, links, strict=True):
        link = own if ways[own] == 1 else ""
        key = _key(entry, link, known, by_link, by_stamp)
        if key in taken and key != entry.key:
            key = entry.key
        if key in taken:
            twice += 1
            continue
        renamed += key != entry.key
        taken[key] = entry if key == entry.key else entry.model_copy(update={"key": key})
        known.pop(key, None)
        known[key] = [link, _stamp(entry)]
    remarks = [f"{twice} entries stand in the feed twice and count once"] if twice else []
    remarks += [f"{renamed} known entries came under another id"] if renamed else []
    newest = max([*(e.published_on for e in entries if e.published_on), learnt.get("newest") or ""])
    memory = {"entries": dict(list(known.items())[-MOST_KNOWN - len(taken) :]), "newest": newest}
    if gap := _longest_gap(entries):
        memory["gap"] = gap
    return Settled(tuple(taken.values()), memory, tuple(remarks))


def _longest_gap(entries: Sequence[Announcement]) -> int | None:
    """The most days between two neighbouring entries of a feed; None for too few dated ones."""
    days = sorted({date.fromisoformat(entry.published_on[:10]) for entry in entries if entry.published_on})
    if len(days) < RHYTHM:
        return None
    return max((later - day).days for day, later in pairwise(days))


def _key(
    entry: Announcement,
    link: str,
    known: Mapping[str, Sequence[str]],
    by_link: Mapping[str, str],
    by_stamp: Mapping[str, str],
) -> str:
    """The key by which an entry is known, or the one it gets."""
    stamp = _stamp(entry)
    if (marks := known.get(entry.key)) is None:
        return by_link.get(link) or by_stamp.get(stamp) or entry.key
    if not link or not marks[0] or marks[0] == link or marks[1] == stamp:
        return entry.key
    return by_link.get(link) or without_tracking(entry.url)[:300]


def _link(address: str) -> str:
    """An entry's link as it identifies, as a short text: without scheme, `www.`, a slash or a mark at its end."""
    bare = address.partition("#")[0].rstrip("/")
    return _digest(bare.partition("://")[2].removeprefix("www."))


def _stamp(entry: Announcement) -> str:
    """Title and date as one short text; empty without a date, for titles alone repeat."""
    if not entry.published_on:
        return ""
    words = " ".join(entry.title.lower().split())
    return _digest(f"{words}\0{entry.published_on[:10]}")


def _digest(text: str) -> str:
    return blake2s(text.encode("utf-8", "replace"), digest_size=8).hexdigest()
