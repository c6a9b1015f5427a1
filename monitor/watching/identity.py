"""Is this page still the page? What a watch has learnt of it: title, headings, language, address, end, and its lines.

A page that was away for a moment (an error in the site's own frame, planned work, another language, an empty list, the
start page) is a source problem. An edit of the page is not: what stays beside the edit tells the two apart. Pure.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain, islice
from math import ceil
from typing import Any
from urllib.parse import urlsplit

from monitor.watching.chain import digest
from sources.markup import CLOSES, LANGUAGE, title_of
from sources.noise.lines import Block, Shape, likeness
from sources.noise.page_talk import quiet

LANDMARKS = ("nav", "header", "footer", "aside")
"""Places beside the text proper: their lines are those of every page of the site."""

ALIKE = 0.5  # share of common words from which two lines are versions of one
TRANSLATED = 0.9  # share of lines that a page in the same language keeps at least, if its language mark is to be moved
RENAMED = 0.8  # ... that a page keeps word for word under another title and heading
MOVED = 0.8  # ... that a page keeps at another address
RETITLED = 0.5  # ... that a page keeps under another title, or without its heading
REWRITTEN = 0.2  # ... that a long page keeps under its old title
EMPTIED = 0.35  # ... that a page keeps which has become less than half as long
LONG = 12  # lines of text proper; a shorter page may well change as a whole
SHORT = 3  # lines; of fewer none is missed
MOST_COMPARED = 400  # lines compared by their words
SEGMENTS = re.compile(r"\s+[|·•–—-]\s+|\s*[|»]\s*|\s+::\s+")


@dataclass(frozen=True)
class Marks:
    """By what a page is known. Empty values are not known; `restless` names marks that a believed page has changed,
    `lines` is the digest of all its lines as last read."""

    title: str = ""
    headings: tuple[str, ...] = ()
    language: str = ""
    address: str = ""
    closes: bool = False
    lines: str = ""
    restless: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> "Marks":
        """From what `written` gave; an empty mapping is a watch that has learnt nothing."""
        kept = {name: value for name, value in written.items() if name in cls.__dataclass_fields__}
        values: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in kept.items()}
        return cls(**values)

    def written(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self) | {
            "headings": list(self.headings),
            "restless": list(self.restless),
            "moved": list(self.moved),
        }

    def learnt(self, marks: "Marks", *, accepted: bool) -> "Marks":
        """The marks after a page with `seen` was believed. What moves by itself is no mark any more; what a person has
        accepted as moved (a page rebuilt) may move once."""
        now = {name for name in ("title", "headings", "language", "address") if _moved(name, self, marks)}
        restless = {name for name in now if not accepted or name in self.moved} | set(self.restless)
        return replace(marks, restless=tuple(sorted(restless)), moved=tuple(sorted(now | set(self.moved))))

    def same(self, marks: "Marks") -> bool:
        """Whether a page with these marks shows, word for word, what the last believed one showed."""
        return bool(self.lines) and replace(self, restless=(), moved=()) == marks

    def firm(self, name: str) -> bool:
        """Whether this mark is known and has never moved."""
        return bool(getattr(self, name)) and name not in self.restless


def marks_of(text: str, blocks: Sequence[Block], address: str, *, lines: bool = True) -> Marks:
    """The marks of a page: its source as text, its visible lines, and the address it came from in the end. Without the
    digest of all `lines` it costs a third, and is still known for a stranger."""
    language = LANGUAGE.search(text[:5_000])
    return Marks(
        title=title_of(text)[:200],
        headings=tuple(words[:200] for place, words in blocks if _is_title(place))[:3],
        language=language[1].lower() if language else "",
        address=_place_of(address),
        closes=bool(CLOSES.search(text)),
        lines=digest("\n".join(chain.from_iterable(blocks)).encode()) if lines else "",
    )


def stranger(known: Marks, before: Sequence[Block], marks: Marks, after: Sequence[Block]) -> str | None:
    """Why a page with these marks and lines is not the one known by those, or None. First failure wins."""
    renamed = known.firm("title") and not _alike(_first(known.title), _first(marks.title))
    headless = known.firm("headings") and not any(_alike(a, b) for a in known.headings for b in marks.headings)
    if known.closes and not marks.closes:
        return "half a page: without the </html> that it always had"
    elsewhere = known.firm("address") and marks.address != known.address
    if not (elsewhere and (renamed or headless)) and _stands(before, after):
        return None
    proper = text_proper(before)
    share = _share_kept(proper, after)
    if _moved("language", known, marks) and known.firm("language") and share < TRANSLATED:
        return f"another language ({marks.language}; expected {known.language}), {_lines(share, proper)}"
    if elsewhere and (renamed or headless or share < MOVED):
        return f"sent on to {marks.address}, {_lines(share, proper)}"
    if renamed and headless and _share_equal(proper, after) < RENAMED:
        return f"title {marks.title[:80]!r}; expected {known.title[:80]!r}, {_lines(share, proper)}"
    if (renamed or headless) and share < RETITLED:
        missing = f"title {known.title[:80]!r}" if renamed else f"heading {known.headings[0][:80]!r}"
        return f"expected the {missing}, found {(marks.title or 'none')[:80]!r}, {_lines(share, proper)}"
    if len(proper) >= SHORT and share < EMPTIED and 2 * len(text_proper(after)) < len(proper):
        return f"{_lines(share, proper)}, and nothing in their place"
    if len(proper) >= LONG and share < REWRITTEN:
        return _lines(share, proper)
    return None


def _stands(before: Sequence[Block], after: Sequence[Block]) -> bool:
    """Whether so many lines of the text proper are as they were that no share of them is too small: known from the
    first few, where hardly any line has gone."""
    texts = {text for _, text in after}
    kept = [line for line in before if line[1] in texts]
    wanted = ceil((len(before) - len(kept)) / (1 - TRANSLATED))
    return len(kept) >= wanted and sum(1 for _ in islice(_proper(kept), wanted)) == wanted


def _lines(share: float, proper: Sequence[Block]) -> str:
    return f"{round(len(proper) * share)} of its {len(proper)} lines left"


def _moved(name: str, known: Marks, marks: Marks) -> bool:
    old, new = getattr(known, name), getattr(marks, name)
    if name == "language":
        return bool(old and new and old[:2] != new[:2])
    return bool(old and old != new)


def text_proper(blocks: Sequence[Block]) -> list[Block]:
    """The lines of the text proper: without the site's frame, the page's own title and talk of the page itself."""
    return list(_proper(blocks))


def _proper(blocks: Iterable[Block]) -> Iterator[Block]:
    for place, text in blocks:
        if not place.startswith(LANDMARKS) and not _is_title(place) and quiet(place, text):
            yield place, text


def _is_title(place: str) -> bool:
    """Whether a line is a main heading of the page."""
    return place.endswith("h1") and place.rpartition(" > ")[2] == "h1"


def _share_kept(proper: Sequence[Block], after: Sequence[Block]) -> float:
    """The share of lines that stand on the page still, or a version of them, or another value at their label."""
    if not proper:
        return 1.0
    texts = {text for _, text in after}
    labels = {place for place, _ in after if place.endswith(":")}
    lost = [(place, text) for place, text in proper if text not in texts and place not in labels]
    fresh = [Shape.of(text) for text in list(texts - {text for _, text in proper})[:MOST_COMPARED]]
    shapes = [Shape.of(text) for _, text in lost[:MOST_COMPARED]]
    versions = sum(1 for shape in shapes if any(shape.like(other) >= ALIKE for other in fresh))
    return 1 - (len(lost) - versions) / len(proper)


def _share_equal(proper: Sequence[Block], after: Sequence[Block]) -> float:
    texts = {text for _, text in after}
    return sum(text in texts for _, text in proper) / len(proper) if proper else 1.0


def _alike(first: str, other: str) -> bool:
    a, b = first.lower(), other.lower()
    return a == b or (bool(a and b) and (a in b or b in a or likeness(a, b) >= ALIKE))


def _first(title: str) -> str:
    return SEGMENTS.split(title)[0]


def _place_of(address: str) -> str:
    """Host and path; scheme, query and a slash at the end say nothing about which page it is."""
    parts = urlsplit(address)
    return f"{parts.netloc.lower().removeprefix('www.')}{parts.path.rstrip('/')}"
