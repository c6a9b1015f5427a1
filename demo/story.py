"""The dated facts the demo plays: studies, applications, notices, tellings, pages and rows of other lists, each as
known at a moment."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

KINDS = {"studies", "applications", "pages", "records", "notices", "told"}
FOLDER = Path(__file__).parent / "facts"


@dataclass(frozen=True)
class Told:
    """One item of one feed: who tells it, when, in which words."""

    feed: str
    at: datetime
    title: str
    text: str
    slug: str


@dataclass(frozen=True)
class Versioned:
    """A thing that changes: from each day on, the given facts hold beside the earlier ones."""

    key: str
    versions: tuple[tuple[date, Mapping[str, Any]], ...]

    def seen(self, at: datetime) -> tuple[date, dict[str, Any]] | None:
        """The day of the latest version and all facts as they stand; None before the first."""
        reached = [(on, facts) for on, facts in self.versions if on <= at.date()]
        if not reached:
            return None
        together: dict[str, Any] = {}
        for _, facts in reached:
            together |= facts
        return reached[-1][0], together


@dataclass(frozen=True)
class Story:
    """Everything that happens, and when it can be seen."""

    studies: tuple[Versioned, ...]
    applications: tuple[Versioned, ...]
    pages: tuple[Versioned, ...]
    notices: tuple[Mapping[str, Any], ...]
    told: tuple[Told, ...]
    feeds: Mapping[str, str]  # name to title
    records: tuple[Versioned, ...] = ()  # of the lists of `demo/launch.py`, each `of` one of them

    def instants(self) -> list[datetime]:
        """When what the world shows may differ from before, in order: the first moment of a day with a version or a
        notice, and each telling."""
        days = self._days() | {on for thing in self.records for on, _ in thing.versions}
        return sorted({datetime.combine(day, time(), UTC) for day in days} | {item.at for item in self.told})

    def _days(self) -> set[date]:
        days = {on for thing in (*self.studies, *self.applications, *self.pages) for on, _ in thing.versions}
        return days | {notice["publication_date"] for notice in self.notices}

    def moments(self, since: datetime) -> list[datetime]:
        """The moments after `since` at which something new can be seen, in order: one a day. The further lists are
        looked at so seldom that their days are none of them."""
        days = self._days() | {item.at.date() for item in self.told}
        evenings = (datetime.combine(day, time(23, 30), UTC) for day in sorted(days))
        return [moment for moment in evenings if moment > since]


def read_story(folder: Path = FOLDER) -> Story:
    """Read every TOML file of a folder.

    Raises ValueError at a telling of an unknown feed, a key used twice, or versions out of order.
    """
    merged: dict[str, list[Any]] = {}
    feeds: dict[str, str] = {}
    for file in sorted(folder.glob("*.toml")):
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
        feeds |= raw.pop("feeds", {})
        for kind, entries in raw.items():
            merged.setdefault(kind, []).extend(entries)
    unknown = merged.keys() - KINDS
    if unknown:
        raise ValueError(f"{folder}: expected {', '.join(sorted(KINDS))}, found {sorted(unknown)}")
    told = sorted((_told(entry, feeds) for entry in merged.get("told", [])), key=lambda item: item.at)
    return Story(
        studies=_versioned(merged.get("studies", [])),
        applications=_versioned(merged.get("applications", [])),
        pages=_versioned(merged.get("pages", [])),
        records=_versioned(merged.get("records", [])),
        notices=tuple(sorted(merged.get("notices", []), key=lambda notice: notice["publication_date"])),
        told=tuple(told),
        feeds=feeds,
    )


def _versioned(entries: Iterable[Mapping[str, Any]]) -> tuple[Versioned, ...]:
    things: dict[str, Versioned] = {}
    for entry in entries:
        lasting = {name: value for name, value in entry.items() if name != "versions"}
        key = lasting["key"]
        versions = [(facts["on"], {n: v for n, v in facts.items() if n != "on"}) for facts in entry["versions"]]
        if key in things:
            raise ValueError(f"{key}: expected once, found twice")
        if [on for on, _ in versions] != sorted({on for on, _ in versions}):
            raise ValueError(f"{key}: expected versions on different days in order, found {[on for on, _ in versions]}")
        versions[0] = (versions[0][0], lasting | versions[0][1])
        things[key] = Versioned(key, tuple(versions))
    return tuple(things.values())


def _told(entry: Mapping[str, Any], feeds: Mapping[str, str]) -> Told:
    if entry["feed"] not in feeds:
        raise ValueError(f"{entry['title']}: expected one of the feeds {sorted(feeds)}, found {entry['feed']!r}")
    words = "".join(letter if letter.isalnum() else " " for letter in entry["title"].lower()).split()
    return Told(
        feed=entry["feed"],
        at=entry["at"],
        title=entry["title"],
        text=" ".join(entry["text"].split()),
        slug=f"{entry['at']:%Y-%m-%d}-{'-'.join(words[:8])}",
    )
