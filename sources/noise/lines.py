"""Compare the lines of a page as a set: what is gone, what has come, and which follows which. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sources.noise.page_talk import skeleton

Block = tuple[str, str]
"""Place and text of one visible line."""
Change = tuple[str, str | None, str | None]
"""Place, text before, text after; None where there was or is no line."""

MOST_PAIRINGS = 900  # products of lines compared word by word at one place; beyond, order decides


def block_differences(before: Sequence[Sequence[str]], after: Sequence[Sequence[str]]) -> list[Change]:
    """What differs between two readings of a page, in the order of `after`, lines gone without successor last.

    Lines of one place are paired as before and after by likeness. A line that only moved, or whose place was only
    renamed (a heading above it changed), is no difference.
    """
    old, new = [(b[0], b[1]) for b in before], [(b[0], b[1]) for b in after]
    gone, come = unmatched(old, new)
    changes = paired(gone, come)
    lost, found = {b[0] for b in old} - {b[0] for b in new}, {b[0] for b in new} - {b[0] for b in old}
    return _without_renames(changes, lost, found)


def unmatched(before: Sequence[Block], after: Sequence[Block]) -> tuple[list[Block], list[Block]]:
    """Lines of each side without an equal on the other, in reading order. The class of an element is not compared."""
    if before == after:
        return [], []
    before, after = _apart(before, after)
    gone, come = _surplus(before, after), _surplus(after, before)
    return cancelled(gone, come, lambda line: (_unclassed(line[0]), line[1])) if gone and come else (gone, come)


def cancelled(gone: list[Block], come: list[Block], key: Callable[[Block], Any]) -> tuple[list[Block], list[Block]]:
    """Drop lines of both sides that are equal under a key, one against one; a key of None equals nothing."""
    waiting: dict[Any, list[int]] = defaultdict(list)
    for index, line in enumerate(come):
        if (known := key(line)) is not None:
            waiting[known].append(index)
    left: list[Block] = []
    met: set[int] = set()
    for line in gone:
        if matches := waiting.get(key(line)):
            met.add(matches.pop(0))
        else:
            left.append(line)
    return left, [line for index, line in enumerate(come) if index not in met]


def paired(gone: Sequence[Block], come: Sequence[Block]) -> list[Change]:
    """Lines of the same place as before and after, the most alike first; what is left over stands alone."""
    old: dict[str, list[str]] = defaultdict(list)
    new: dict[str, list[str]] = defaultdict(list)
    for place, text in gone:
        old[place].append(text)
    for place, text in come:
        new[place].append(text)
    changes: list[Change] = []
    for place in new:
        changes += _paired_texts(place, old.pop(place, []), new[place])
    return changes + [(place, text, None) for place, texts in old.items() for text in texts]


def _paired_texts(place: str, old: list[str], new: list[str]) -> list[Change]:
    if len(old) == len(new) == 1:
        return [(place, old[0], new[0])]
    before: dict[int, int] = {}
    if len(old) * len(new) <= MOST_PAIRINGS:
        olds, news = [Shape.of(text) for text in old], [Shape.of(text) for text in new]
        ranked = [(a.like(b), -abs(i - j), i, j) for i, a in enumerate(olds) for j, b in enumerate(news)]
        taken: set[int] = set()
        for _, _, i, j in sorted(ranked, reverse=True):
            if i not in taken and j not in before:
                taken.add(i)
                before[j] = i
    else:
        before = {j: j for j in range(min(len(old), len(new)))}
    changes: list[Change] = [(place, old[before[j]] if j in before else None, text) for j, text in enumerate(new)]
    used = set(before.values())
    return changes + [(place, text, None) for i, text in enumerate(old) if i not in used]


def likeness(first: str, other: str) -> float:
    """How much two lines share, from 0 to 1: 1 when only numbers and stamps differ."""
    return Shape.of(first).like(Shape.of(other))


@dataclass(frozen=True)
class Shape:
    """What of a line is compared with other lines, made once for all of them."""

    skeleton: str
    words: Counter[str]

    @classmethod
    def of(cls, text: str) -> "Shape":
        return cls(skeleton(text), Counter(text.lower().split()[:200]))

    def like(self, other: "Shape") -> float:
        if self.skeleton == other.skeleton:
            return 1.0
        common = (self.words & other.words).total()
        return 2 * common / (self.words.total() + other.words.total() or 1)


def _without_renames(changes: list[Change], lost: set[str], found: set[str]) -> list[Change]:
    """Drop pairs of a line gone and a line come that differ by the name of their place alone."""
    gone: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, (place, before, after) in enumerate(changes):
        if after is None and before is not None and place in lost:
            gone[(place.rsplit(" > ", 1)[-1], before)].append(index)
    dropped: set[int] = set()
    for index, (place, before, after) in enumerate(changes):
        if before is not None or after is None or place not in found:
            continue
        if matches := gone.get((place.rsplit(" > ", 1)[-1], after)):
            dropped |= {index, matches.pop(0)}
    return [change for index, change in enumerate(changes) if index not in dropped]


def _apart(before: Sequence[Block], after: Sequence[Block]) -> tuple[Sequence[Block], Sequence[Block]]:
    """Both sides without the lines with which they begin and end alike: nearly all of a page. What stands at the end
    stays where a line before it is the same, for of two equal lines the later one is without an equal."""
    shorter = min(len(before), len(after))
    start = next((at for at, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), shorter)
    backwards = zip(reversed(before), reversed(after), strict=False)
    end = next((at for at, (one, other) in enumerate(backwards) if one != other), shorter)
    end = min(end, shorter - start)
    rest = before[start : len(before) - end], after[start : len(after) - end]
    if {*rest[0], *rest[1]}.isdisjoint(before[len(before) - end :]):
        return rest
    return before[start:], after[start:]


def _surplus(lines: Sequence[Block], others: Sequence[Block]) -> list[Block]:
    spare = Counter(others)
    left = []
    for line in lines:
        if spare[line] > 0:
            spare[line] -= 1
        else:
            left.append(line)
    return left


def _unclassed(place: str) -> str:
    head, arrow, tail = place.rpartition(" > ")
    return place if tail.endswith(":") else f"{head}{arrow}{tail.partition('.')[0]}"
