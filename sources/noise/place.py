"""The lines of one place of a page that differ over the looks of a run: which stand, which move, and what is not clear
yet."""

from collections.abc import Sequence

from sources.noise.learnt import Memory, change_key
from sources.noise.lines import Block, Change, likeness, paired
from sources.noise.merge import ALIKE, merged, versions_of
from sources.noise.page_talk import STATUS, names_facts

LOOKS_AT_FACTS, TAIL_AT_FACTS = 3, 3
"""Looks, the first included, that must agree on a labelled value; looks in a row that must show a change which came
between two of them."""
LOOKS_AT_PROSE, TAIL_AT_PROSE = 7, 5
"""On any other line that names a status or a number before and after, and on a labelled value that names none."""
LOOKS_AT_TALK, TAIL_AT_TALK = 15, 13
"""On any other line that names none: one of two wordings passes once in 2 to the 14th."""
CHURNING = 0.4  # share of a place's lines that come and go from which it is a place of coming and going
SIDES = ("gone", "come")

Residue = tuple[list[Block], list[Block]]
"""Stored lines not seen, and lines seen that are not stored, without those wording or memory explain."""


class Place:
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
        elif shown == len(pattern) or shown >= needed(line[0], line[1])[1]:
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
        return changes, any(lacks(change, looks, memory) for change in changes)

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


def needed(place: str, *texts: str | None) -> tuple[int, int]:
    """How many looks in all, and in a row after one that showed it otherwise, must agree on lines of a place."""
    labelled, telling = place.endswith(":"), [names_facts(text) for text in texts if text]
    if labelled and any(telling):
        return LOOKS_AT_FACTS, TAIL_AT_FACTS
    return (LOOKS_AT_PROSE, TAIL_AT_PROSE) if labelled or all(telling) else (LOOKS_AT_TALK, TAIL_AT_TALK)


def lacks(change: Change, looks: Sequence[Residue], memory: Memory) -> bool:
    """Whether a change has not stood at enough looks, those of the runs before included that put it off."""
    return len(looks) + memory.waiting.get(change_key(change), 0) < needed(*change)[0]
