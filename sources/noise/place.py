"""The lines of one place of a page that differ over the looks of a run: which stand, which move, and what is not clear
yet."""

from collections import Counter
from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

from sources.noise.learnt import Memory, change_key
from sources.noise.lines import Block, Change, likeness, paired
from sources.noise.lots import LONG_CLOSED, OFTEN, Stranger, Verdict
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


class Residue(NamedTuple):
    """What one look leaves, without what wording or memory explain."""

    gone: list[Block]  # stored lines not seen
    come: list[Block]  # lines seen that are not stored
    spare: Counter[str]  # by place, how many more lines of those that memory explains have come than gone


class Place:
    """The differing lines of one place over the looks taken: firm ones, moving ones, and those not yet clear."""

    def __init__(self, name: str, size: int, looks: Sequence[Residue]) -> None:
        self.name = name
        self.size = size  # lines that stand here
        self.looks = looks
        self.patterns: dict[str, dict[Block, Sequence[bool]]] = {"gone": {}, "come": {}}
        self.firm: dict[str, list[Block]] = {"gone": [], "come": []}
        self.moving: dict[str, list[Block]] = {"gone": [], "come": []}
        self.fresh: dict[str, list[Block]] = {"gone": [], "come": []}
        self.members: list[Block] = []  # lines with a status that belong to what is drawn by lot here
        self.unsure: dict[Block, Stranger] = {}

    def add(self, side: str, line: Block, pattern: Sequence[bool]) -> None:
        """Sort a line in by the looks that showed the difference."""
        shown = sum(pattern)
        self.patterns[side][line] = pattern
        if not all(pattern[len(pattern) - shown :]):
            self.moving[side].append(line)
        elif shown == len(pattern) or shown >= needed(line[0], line[1])[1]:
            self.firm[side].append(line)
        else:
            self.fresh[side].append(line)

    def judge(self, memory: Memory) -> tuple[list[Change], bool]:
        """The changes that stand here, and whether another look is needed."""
        restless = bool(self.moving["gone"] or self.moving["come"]) or memory.churns(self.name)
        if not restless and (self.fresh["gone"] or self.fresh["come"]):
            return [], True
        changes = self.beside_noise(memory) if restless else paired(self.firm["gone"], self.firm["come"])
        changes = self.not_replaced(changes, memory)
        return changes, bool(self.unsure) or any(len(self.looks) < wished(change, memory) for change in changes)

    def not_replaced(self, changes: list[Change], memory: Memory) -> list[Change]:
        """The changes but for lines gone in whose place all looks showed a line that comes and goes: they do too."""
        gone = [change for change in changes if change[2] is None]
        if not gone or any(look.spare[self.name] < len(gone) for look in self.looks):
            return changes
        for _, before, _ in gone:
            memory.learn_variant((self.name, before or ""))
        return [change for change in changes if change[2] is not None]

    def beside_noise(self, memory: Memory) -> list[Change]:
        """Sort the firm lines of a place that also has moving ones, and learn what moves.

        Where lines are drawn by lot, one that has come is no news while it may belong to them; where a good part of the
        lines is another at each look (related links, adverts), one more or less is none unless it tells of a status.
        """
        if self.width() >= max(2, CHURNING * self.size):
            memory.learn_place(self.name)
        elif len(self.moving["gone"]) >= max(2, CHURNING * self.size):
            memory.learn_place(self.name, narrow=True)
        lot, churning = memory.churns(self.name), memory.churns(self.name, narrow=False)
        if churning:
            self.unsettle()
        changes = self.learn_moving(memory)
        strange = {*self.unsure, *((self.name, after) for _, _, after in changes)}
        loose = {line for line in (*self.moving["come"], *self.fresh["come"]) if line not in strange}
        shown = [[line for line in look.come if line in loose] for look in self.looks]
        for _, before, after in paired(self.firm["gone"], [*self.firm["come"], *max(shown, key=len)]):
            line = (self.name, after or "")
            firm = after is not None and line not in loose
            alike = before is not None and after is not None and likeness(before, after) >= ALIKE
            if before is not None and line in loose:
                text = merged((self.name, before), [line, *versions_of(line, shown)], memory)
                changes.append((self.name, before, text))
            elif firm and lot and (not churning or alike or STATUS.search(line[1])):
                changes += [] if self.by_lot(line, memory) else [(self.name, before, after)]
            elif not churning:
                changes.append((self.name, before, after if firm else None))
            else:
                memory.learn_variant((self.name, before if before is not None else after or ""))
        return [change for change in changes if change[1] != change[2]]

    def width(self) -> int:
        """How many lines of one side are others at a look, at most."""
        return max(
            len(set(side) & set(self.moving[name]))
            for look in self.looks
            for name, side in zip(SIDES, look[:2], strict=True)
        )

    def unsettle(self) -> None:
        """At a place of coming and going, only what no look shows is gone."""
        always = set.intersection(*(set(look.gone) for look in self.looks))
        self.moving["gone"] += [line for line in self.firm["gone"] if line not in always]
        self.firm["gone"] = [line for line in self.firm["gone"] if line in always]

    def learn_moving(self, memory: Memory) -> list[Change]:
        """Learn what comes and goes here. A line with a status that has joined a lot of lines well known is news."""
        for line in (*self.moving["gone"], *self.fresh["gone"]):
            memory.learn_lot(self.name)
            memory.learn_variant(line)
        news: list[Change] = []
        for line in (*self.moving["come"], *self.fresh["come"]):
            if not STATUS.search(line[1]):
                memory.learn_member(line)
            elif not self.by_lot(line, memory):
                news.append((self.name, None, line[1]))
        return news

    def by_lot(self, line: Block, memory: Memory) -> bool:
        """Whether a line may have come here by lot. What is not clear yet joins the unsure."""
        pattern = self.patterns["come"][line]
        stranger = memory.stranger(line, pattern, self.often())
        verdict = stranger.verdict()
        if memory.has_met(line) or (line in self.fresh["come"] and stranger.closed < LONG_CLOSED):
            verdict = Verdict.MEMBER
        if verdict is Verdict.MEMBER:
            self.members.append(line)
        elif verdict is Verdict.NEWS and (pattern[0] or line in self.firm["come"]):
            return False  # what is kept as evidence is the first look
        else:
            self.unsure[line] = stranger
        return True

    def often(self) -> float:
        """At which share of the looks a line that moves here may be shown: more than nearly all that do."""
        shown = [sum(pattern) / len(pattern) for pattern in self.patterns["come"].values()]
        shown += [1 - sum(pattern) / len(pattern) for pattern in self.patterns["gone"].values()]
        shares = [share for share in shown if 0 < share < 1]
        if not shares:
            return OFTEN
        mean = sum(shares) / len(shares)
        spread = sqrt(sum((share - mean) ** 2 for share in shares) / len(shares))
        return max(OFTEN, min(mean + spread, 0.99))


def needed(place: str, *texts: str | None) -> tuple[int, int]:
    """How many looks in all, and in a row after one that showed it otherwise, must agree on lines of a place."""
    labelled, telling = place.endswith(":"), [names_facts(text) for text in texts if text]
    if labelled and any(telling):
        return LOOKS_AT_FACTS, TAIL_AT_FACTS
    return (LOOKS_AT_PROSE, TAIL_AT_PROSE) if labelled or all(telling) else (LOOKS_AT_TALK, TAIL_AT_TALK)


def lacks(change: Change, looks: Sequence[Residue], memory: Memory) -> bool:
    """Whether a change has not stood at enough looks, those of the runs before included that put it off."""
    return len(looks) + memory.waiting.get(change_key(change), 0) < needed(*change)[0]


def wished(change: Change, memory: Memory) -> int:
    """How many looks of this run a change should stand at where there is time: as at talk, for lots have lines with a
    status or a number too, but on labelled values and where only the wording or the numbers of a line are others."""
    place, before, after = change
    edited = before and after and any(map(str.isdigit, after)) and likeness(before, after) >= ALIKE
    looks = needed(*change)[0] if place.endswith(":") or edited else LOOKS_AT_TALK
    return looks - memory.waiting.get(change_key(change), 0)
