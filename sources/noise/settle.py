"""Tell what a page says from what moves on it by itself, without a rule per page: lines in, lines out.

1. Lines are compared as a set: a line that only moved is no difference.
2. What the page says of itself (stamps, visitors, ages, copyright) is known by its wording, what moved by itself
   before by what was learnt.
3. For the rest the page is looked at again. A line that differs between looks seconds apart is noise and keeps its
   stored text; inside a line only the moving words do. What all looks agree on is news. So is what changes once
   between two looks and then stays: a real change met in the act. One of two wordings agrees with itself by chance, so
   a line that names no status and no number, as slogans do, has to stand at more looks, and any other line without a
   label where there is time.
   Where lines are drawn by lot, a line with a status is news once it cannot have been in the lot before (`lots`).
4. A lone line that changed in each of the last runs, says nothing of the matter and stands in no table is restless. A
   wording that went, came back and goes once more for the one that took its place before alternates.
"""

import time
from collections import ChainMap, Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

from sources.base import Unexpected
from sources.noise.learnt import Memory
from sources.noise.lines import Block, Change, block_differences, cancelled, unmatched
from sources.noise.page_talk import quiet
from sources.noise.place import LOOKS_AT_PROSE, SIDES, Place, Residue, lacks

__all__ = ["block_differences", "settled_blocks"]


LEARNING_RUNS = 3  # the first runs of a watch look twice even when nothing differs
MOST_LOOKS = 16
SECONDS = 60
"""So long one run looks for what takes more looks than those at prose: where a host asks for a minute between two, the
rest is left to the next runs, and what stands there too is told then."""
SHORTEST_JUDGED = 12  # lines; a shorter page may well move as a whole
MOST_LOST = 0.6  # share of lines that may move between two looks; beyond, one of them was another page
MOST_MOVED = 1_000_000  # characters of lines that differ from what is stored


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
    accepted, places = list[Change](), list[Place]()
    wanted = memory.runs < LEARNING_RUNS or any(looks[0][:2])
    began, late = time.monotonic(), False
    while wanted and len(looks) < MOST_LOOKS and not late:
        last = again()
        looks.append(looks[0] if last == current else _residue(base, last, memory))
        _same_page(current, last)
        accepted, places, wanted = _judged(looks, sizes, memory)
        late = wanted and len(looks) >= LOOKS_AT_PROSE and time.monotonic() - began > SECONDS
    accepted = memory.put_off(accepted, lambda change: lacks(change, looks, memory), len(looks)) if late else accepted
    restless = memory.restless(accepted)
    accepted = memory.without_alternating(accepted)
    if accepted:
        memory.note(accepted)
    memory.runs += 1
    for line in chain.from_iterable(place.members for place in places):
        memory.learn_member(line)
    memory.count(len(looks), ChainMap(*(place.unsure for place in places)), accepted)
    return _patched(base, last, () if restless else accepted), memory.written()


def _same_page(first: Sequence[Block], look: Sequence[Block]) -> None:
    gone, _ = unmatched(first, look)
    if len(first) >= SHORTEST_JUDGED and len(gone) > MOST_LOST * len(first):
        raise Unexpected(
            f"expected the page of a moment ago at the further look, found {len(gone)} of its {len(first)} lines gone"
        )


def _residue(base: Sequence[Block], blocks: Sequence[Block], memory: Memory) -> Residue:
    gone, come = unmatched(base, blocks)
    if not gone and not come:
        return Residue([], [], Counter())
    if (letters := sum(len(text) for _, text in (*gone, *come))) > MOST_MOVED:
        raise Unexpected(f"expected at most {MOST_MOVED} characters in lines that differ, found {letters}")
    gone, come = cancelled(gone, come, lambda line: (line[0], quiet(*line)))
    gone, come = cancelled(gone, come, memory.frame)
    gone, come = [line for line in gone if quiet(*line)], [line for line in come if quiet(*line)]
    spare = Counter(line[0] for line in come if memory.explains(line))
    spare.subtract(line[0] for line in gone if memory.explains(line))
    return Residue(
        [line for line in gone if not memory.explains(line)],
        [line for line in come if not memory.explains(line)],
        spare,
    )


def _judged(
    looks: Sequence[Residue], sizes: Mapping[str, int], memory: Memory
) -> tuple[list[Change], list[Place], bool]:
    """The changes that stand after these looks, the places as they were judged, and whether another look is needed to
    be sure."""
    patterns: list[dict[Block, list[bool]]] = [{}, {}]
    for number, residue in enumerate(looks):
        for side, lines in zip(patterns, residue[:2], strict=True):
            for line in lines:
                side.setdefault(line, [False] * len(looks))[number] = True
    places: dict[str, Place] = {}
    for side, name in zip(patterns, SIDES, strict=True):
        for line, pattern in side.items():
            places.setdefault(line[0], Place(line[0], sizes[line[0]], looks)).add(name, line, pattern)
    accepted, wanted = list[Change](), False
    for differing in places.values():
        changes, more = differing.judge(memory)
        accepted += changes
        wanted = wanted or more
    return accepted, list(places.values()), wanted


def _patched(base: list[Block], blocks: Sequence[Block], accepted: Sequence[Change]) -> list[Block]:
    """The stored lines with the accepted changes put in; new lines stand after the line they follow on the page,
    at the end where the last look did not show them."""
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
    return [*out, *added.elements()]
