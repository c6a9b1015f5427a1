"""Tell what a page says from what moves on it by itself, without a rule per page: lines in, lines out.

1. Lines are compared as a set: a line that only moved is no difference.
2. What the page says of itself (stamps, visitors, ages, copyright) is known by its wording, what moved by itself
   before by what was learnt.
3. For the rest the page is looked at again. A line that differs between looks seconds apart is noise and keeps its
   stored text; inside a line only the moving words do. What all looks agree on is news. So is what changes once
   between two looks and then stays: a real change met in the act. One of two wordings agrees with itself by chance, so
   a line that names no status and no number, as slogans do, has to stand at more looks.
4. A lone line that changed in each of the last runs, says nothing of the matter and stands in no table is restless. A
   wording that went, came back and goes once more for the one that took its place before alternates.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sources.base import Unexpected
from sources.noise.learnt import Memory, change_key
from sources.noise.lines import Block, Change, block_differences, cancelled, likeness, paired, unmatched
from sources.noise.merge import ALIKE, merged, versions_of
from sources.noise.page_talk import STATUS, names_facts, quiet

__all__ = ["block_differences", "settled_blocks"]


LEARNING_RUNS = 3  # the first runs of a watch look twice even when nothing differs
LOOKS_AT_FACTS, TAIL_AT_FACTS = 3, 3
"""Looks, the first included, that must agree on a labelled value; looks in a row that must show a change which came
between two of them."""
LOOKS_AT_PROSE, TAIL_AT_PROSE = 7, 5
"""On any other line that names a status or a number before and after, and on a labelled value that names none."""
LOOKS_AT_TALK, TAIL_AT_TALK = 15, 13
"""On any other line that names none: one of two wordings passes once in 2 to the 14th."""
MOST_LOOKS = 16
SECONDS = 60
"""So long one run looks for what takes more looks than those at prose: where a host asks for a minute between two, the
rest is left to the next runs, and what stands there too is told then."""
SHORTEST_JUDGED = 12  # lines; a shorter page may well move as a whole
MOST_LOST = 0.6  # share of lines that may move between two looks; beyond, one of them was another page
CHURNING = 0.4  # share of a place's lines that come and go from which it is a place of coming and going
MOST_MOVED = 1_000_000  # characters of lines that differ from what is stored
SIDES = ("gone", "come")


def settled_blocks(
    stored: list[Block] | None,
    current: list[Block],
    *,
    again: Callable[[], list[Block]],
    learnt: Mapping[str, Any],
) -> tuple[list[Block], dict[str, Any]]:
    """The lines to store, and what is learnt. `again` looks once more and is called 0 to 15 times.

    Raises Unexpected when a further look shows another page.
    """
    memory = Memory.read(learnt)
    base = current if stored is None else stored
    looks = [_residue(base, current, memory)]
    sizes = Counter(place for place, _ in current)
    last = current
    accepted: list[Change] = []
    wanted = memory.runs < LEARNING_RUNS or any(looks[0])
    began, late = time.monotonic(), False
    while wanted and len(looks) < MOST_LOOKS and not late:
        last = again()
        looks.append(looks[0] if last == current else _residue(base, last, memory))
        _same_page(current, last)
        accepted, wanted = _judged(looks, sizes, memory)
        late = wanted and len(looks) >= LOOKS_AT_PROSE and time.monotonic() - began > SECONDS
    accepted = memory.put_off(accepted, lambda change: _lacks(change, looks, memory), len(looks)) if late else accepted
    restless = memory.restless(accepted)
    accepted = memory.without_alternating(accepted)
    if accepted:
        memory.note(accepted)
    memory.runs += 1
    return _patched(base, last, () if restless else accepted), memory.written()


def _same_page(first: Sequence[Block], look: Sequence[Block]) -> None:
    gone, _ = unmatched(first, look)
    if len(first) >= SHORTEST_JUDGED and len(gone) > MOST_LOST * len(first):
        raise Unexpected(
            f"expected the page of a moment ago at the further look, found {len(gone)} of its {len(first)} lines gone"
        )


Residue = tuple[list[Block], list[Block]]
"""Stored lines not seen, and lines seen that are not stored, without those wording or memory explain."""


def _residue(base: Sequence[Block], blocks: Sequence[Block], memory: Memory) -> Residue:
    gone, come = unmatched(base, blocks)
    if not gone and not come:
        return [], []
    if (letters := sum(len(text) for _, text in (*gone, *come))) > MOST_MOVED:
        raise Unexpected(f"expected at most {MOST_MOVED} characters in lines that differ, found {letters}")
    gone, come = cancelled(gone, come, lambda line: (line[0], quiet(*line)))
    gone, come = cancelled(gone, come, memory.frame)
    return (
        [line for line in gone if quiet(*line) and not memory.explains(line)],
        [line for line in come if quiet(*line) and not memory.explains(line)],
    )


def _judged(looks: Sequence[Residue], sizes: Mapping[str, int], memory: Memory) -> tuple[list[Change], bool]:
    """The changes that stand after these looks, and whether another look is needed to be sure."""
    patterns: list[dict[Block, list[bool]]] = [{}, {}]
    for number, residue in enumerate(looks):
        for side, lines in zip(patterns, residue, strict=True):
            for line in lines:
                side.setdefault(line, [False] * len(looks))[number] = True
    by_place: dict[str, _Place] = defaultdict(_Place)
    for side, name in zip(patterns, SIDES, strict=True):
        for line, pattern in side.items():
            by_place[line[0]].add(name, line, pattern)
    accepted: list[Change] = []
    wanted = False
    for place, differing in by_place.items():
        changes, more = differing.judge(place, sizes[place], looks, memory)
        accepted += changes
        wanted = wanted or more
    return accepted, wanted


class _Place:
    """The differing lines of one place over the looks taken: firm ones, moving ones, and those not yet clear."""

    def __init__(self) -> None:
        self.firm: dict[str, list[Block]] = {"gone": [], "come": []}
        self.moving: dict[str, list[Block]] = {"gone": [], "come": []}
        self.fresh: dict[str, list[Block]] = {"gone": [], "come": []}

    def add(self, side: str, line: Block, pattern: Sequence[bool]) -> None:
        """Sort a line in by the looks that showed the difference."""
        shown = sum(pattern)
        if not all(pattern[len(pattern) - shown :]):
            self.moving[side].append(line)
        elif shown == len(pattern) or shown >= _needed(line[0], line[1])[1]:
            self.firm[side].append(line)
        else:
            self.fresh[side].append(line)

    def judge(self, place: str, size: int, looks: Sequence[Residue], memory: Memory) -> tuple[list[Change], bool]:
        """The changes that stand here, among so many lines, and whether another look is needed."""
        restless = bool(self.moving["gone"] or self.moving["come"]) or memory.churns(place)
        if not restless and (self.fresh["gone"] or self.fresh["come"]):
            return [], True
        changes = (
            self.beside_noise(place, size, looks, memory) if restless else paired(self.firm["gone"], self.firm["come"])
        )
        return changes, any(_lacks(change, looks, memory) for change in changes)

    def beside_noise(self, place: str, size: int, looks: Sequence[Residue], memory: Memory) -> list[Change]:
        """Sort the firm lines of a place that also has moving ones, and learn what moves.

        Where a good part of the place's lines comes and goes (related links, adverts), one more or less is no news
        unless it tells of a status.
        """
        width = max(
            len(set(side) & set(self.moving[name])) for look in looks for name, side in zip(SIDES, look, strict=True)
        )
        if churning := memory.churns(place) or width >= max(2, CHURNING * size):
            memory.learn_place(place)
            self.unsettle(looks)
        for line in (*self.moving["gone"], *self.moving["come"], *self.fresh["gone"], *self.fresh["come"]):
            memory.learn_variant(line)
        loose = {line for line in (*self.moving["come"], *self.fresh["come"])}
        shown = [[line for line in come if line in loose] for _, come in looks]
        sample = max(shown, key=len)
        changes: list[Change] = []
        for _, before, after in paired(self.firm["gone"], [*self.firm["come"], *sample]):
            line = (place, after or "")
            if before is not None and line in loose:
                text = merged((place, before), [line, *versions_of(line, shown)], memory)
                if text != before:
                    changes.append((place, before, text))
            elif before is not None and after is not None and (not churning or likeness(before, after) >= ALIKE):
                changes.append((place, before, after))
            elif not churning or (after is not None and line not in loose and STATUS.search(after)):
                changes.append((place, before, after if line not in loose else None))
            else:
                memory.learn_variant((place, before if before is not None else after or ""))
        return [change for change in changes if change[1] != change[2]]

    def unsettle(self, looks: Sequence[Residue]) -> None:
        """At a place of coming and going, only what every look shows is firm."""
        for side, index in (("gone", 0), ("come", 1)):
            always = set.intersection(*(set(residue[index]) for residue in looks))
            self.moving[side] += [line for line in self.firm[side] if line not in always]
            self.firm[side] = [line for line in self.firm[side] if line in always]


def _needed(place: str, *texts: str | None) -> tuple[int, int]:
    """How many looks in all, and in a row after one that showed it otherwise, must agree on lines of a place."""
    labelled, telling = place.endswith(":"), [names_facts(text) for text in texts if text]
    if labelled and any(telling):
        return LOOKS_AT_FACTS, TAIL_AT_FACTS
    return (LOOKS_AT_PROSE, TAIL_AT_PROSE) if labelled or all(telling) else (LOOKS_AT_TALK, TAIL_AT_TALK)


def _lacks(change: Change, looks: Sequence[Residue], memory: Memory) -> bool:
    """Whether a change has not stood at enough looks, those of the runs before included that put it off."""
    return len(looks) + memory.waiting.get(change_key(change), 0) < _needed(*change)[0]


def _patched(base: list[Block], blocks: Sequence[Block], accepted: Sequence[Change]) -> list[Block]:
    """The stored lines with the accepted changes put in; new lines stand after the line they follow on the page."""
    if not accepted:
        return list(base)
    successor: dict[Block, list[Block | None]] = defaultdict(list)
    added: Counter[Block] = Counter()
    for place, before, after in accepted:
        if before is None and after is not None:
            added[(place, after)] += 1
        elif before is not None:
            successor[(place, before)].append(None if after is None else (place, after))
    result: list[Block] = []
    at: dict[Block, int] = {}
    for line in base:
        kept = successor[line].pop(0) if successor.get(line) else line
        if kept is not None:
            at[kept] = len(result)
            result.append(kept)
    inserted: dict[int, list[Block]] = defaultdict(list)
    anchor = -1
    for line in blocks:
        if added[line] > 0:
            added[line] -= 1
            inserted[anchor].append(line)
        elif line in at:
            anchor = at[line]
    out = list(inserted[-1])
    for index, line in enumerate(result):
        out += [line, *inserted.get(index, ())]
    return out
