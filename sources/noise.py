"""Tell what a page says from what moves on it by itself, without a rule per page. Pure: lines in, lines out.

1. Lines are compared as a set: a line that only moved is no difference.
2. What the page says of itself (stamps, visitors, ages, copyright) is known by its wording, what moved by itself
   before by what was learnt.
3. For the rest the page is looked at again. A line that differs between looks seconds apart is noise and keeps its
   stored text; inside a line only the moving words do. What all looks agree on is news. So is what changes once
   between two looks and then stays: a real change met in the act.
4. A lone line that changed in each of the last runs, says nothing of the matter and stands in no table is restless.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from hashlib import blake2s
from typing import Any

from sources.base import Unexpected
from sources.wording import STATUS, SUBSTANCE, quiet, skeleton, tokens

Block = tuple[str, str]
"""Place and text of one visible line."""
Change = tuple[str, str | None, str | None]
"""Place, text before, text after; None where there was or is no line."""

LEARNING_RUNS = 3  # the first runs of a watch look twice even when nothing differs
LOOKS_AT_FACTS = 3  # looks, the first included, that must agree on a labelled value
LOOKS_AT_PROSE = 7  # on any other line: one of two variants agrees with itself by chance
MOST_LOOKS = 8
SETTLED_TAIL = 3  # looks in a row that show a change which came between two of them
RESTLESS_RUNS = 3
MOST_LEARNT = 150  # slots and variants kept per watch; the oldest go first
ALIKE = 0.5  # share of common words from which two lines are versions of one
SHORTEST_JUDGED = 12  # lines; a shorter page may well move as a whole
MOST_LOST = 0.6  # share of lines that may move between two looks; beyond, one of them was another page
CHURNING = 0.4  # share of a place's lines that come and go from which it is a place of coming and going
SIDES = ("gone", "come")
MOST_PAIRINGS = 900  # products of lines compared word by word at one place; beyond, order decides


def block_differences(before: Sequence[Sequence[str]], after: Sequence[Sequence[str]]) -> list[Change]:
    """What differs between two readings of a page, in the order of `after`, lines gone without successor last.

    Lines of one place are paired as before and after by likeness. A line that only moved, or whose place was only
    renamed (a heading above it changed), is no difference.
    """
    old, new = [(b[0], b[1]) for b in before], [(b[0], b[1]) for b in after]
    gone, come = unmatched(old, new)
    changes = _paired(gone, come)
    lost, found = {b[0] for b in old} - {b[0] for b in new}, {b[0] for b in new} - {b[0] for b in old}
    return _without_renames(changes, lost, found)


def unmatched(before: Sequence[Block], after: Sequence[Block]) -> tuple[list[Block], list[Block]]:
    """Lines of each side without an equal on the other, in reading order. The class of an element is not compared."""
    gone, come = _surplus(before, after), _surplus(after, before)
    return _cancelled(gone, come, lambda line: (_unclassed(line[0]), line[1])) if gone and come else (gone, come)


def settled_blocks(
    stored: list[Block] | None,
    current: list[Block],
    *,
    again: Callable[[], list[Block]],
    learnt: Mapping[str, Any],
) -> tuple[list[Block], dict[str, Any]]:
    """The lines to store, and what is learnt. `again` looks once more; it is called 0 to 6 times."""
    memory = Memory.read(learnt)
    base = current if stored is None else stored
    looks = [_residue(base, current, memory)]
    sizes = Counter(place for place, _ in current)
    last = current
    accepted: list[Change] = []
    wanted = memory.runs < LEARNING_RUNS or any(looks[0])
    while wanted and len(looks) < MOST_LOOKS:
        last = again()
        looks.append(_residue(base, last, memory))
        _same_page(current, last)
        accepted, wanted = _judged(looks, sizes, memory)
    restless = memory.restless(accepted)
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


@dataclass
class Memory:
    """What earlier runs of a watch learnt of its noise. Small, and JSON when written."""

    runs: int = 0
    slots: dict[str, list[int]] = field(default_factory=dict)  # line by place and skeleton -> tokens that move
    variants: dict[str, int] = field(default_factory=dict)  # exact lines seen to come and go
    places: dict[str, int] = field(default_factory=dict)  # where lines come and go
    recent: list[list[str]] = field(default_factory=list)  # lines accepted in the last runs with any

    @classmethod
    def read(cls, learnt: Mapping[str, Any]) -> "Memory":
        """From what a former run wrote; an empty mapping is a new watch."""
        return cls(
            runs=int(learnt.get("runs", 0)),
            slots={key: list(moving) for key, moving in learnt.get("slots", {}).items()},
            variants=dict(learnt.get("variants", {})),
            places=dict(learnt.get("places", {})),
            recent=[list(keys) for keys in learnt.get("recent", [])],
        )

    def written(self) -> dict[str, Any]:
        """As JSON, the oldest entries beyond the cap left out."""
        return {
            "runs": min(self.runs, 1000),
            "slots": dict(list(self.slots.items())[-MOST_LEARNT:]),
            "variants": dict(list(self.variants.items())[-MOST_LEARNT:]),
            "places": dict(list(self.places.items())[-MOST_LEARNT:]),
            "recent": self.recent[-RESTLESS_RUNS:],
        }

    def learn_slot(self, line: Block, moving: Iterable[int]) -> None:
        """These tokens of this line move by themselves."""
        key = _slot(line)
        known = self.slots.pop(key, [])
        self.slots[key] = sorted(set(known) | set(moving))

    def learn_variant(self, line: Block) -> None:
        """This line comes and goes by itself."""
        key = _exact(line)
        self.variants.pop(key, None)
        self.variants[key] = 1

    def learn_place(self, place: str) -> None:
        """Lines come and go at this place."""
        self.places[_digest(place)] = 1

    def churns(self, place: str) -> bool:
        """Whether lines come and go at this place."""
        return _digest(place) in self.places

    def explains(self, line: Block) -> bool:
        """Whether this very line was seen to come and go. One of which only some words move is judged by the rest."""
        return _exact(line) in self.variants and _slot(line) not in self.slots

    def frame(self, line: Block) -> tuple[str, ...] | None:
        """The line without its moving tokens; None when none are known to move."""
        moving = self.slots.get(_slot(line))
        if not moving:
            return None
        hidden = set(moving)
        return (line[0], *("" if i in hidden else token for i, token in enumerate(tokens(line[1]))))

    def note(self, accepted: Sequence[Change]) -> None:
        """Keep which lines changed, for `restless`."""
        alone = [_digest(accepted[0][0])] if len(accepted) == 1 else []
        self.recent = [*self.recent, alone][-RESTLESS_RUNS:]

    def restless(self, accepted: Sequence[Change]) -> bool:
        """Whether this is one lone change at a place that changed alone in each of the last runs, and it says nothing
        of the matter."""
        if len(accepted) != 1 or len(self.recent) < RESTLESS_RUNS or accepted[0][0].endswith(":"):
            return False
        place, before, after = accepted[0]
        told = f"{before or ''} {after or ''}"
        if before is None or after is None or STATUS.search(told) or SUBSTANCE.search(told):
            return False
        return all(_digest(place) in keys for keys in self.recent)


Residue = tuple[list[Block], list[Block]]
"""Stored lines not seen, and lines seen that are not stored, without those wording or memory explain."""


def _residue(base: Sequence[Block], seen: Sequence[Block], memory: Memory) -> Residue:
    gone, come = unmatched(base, seen)
    if not gone and not come:
        return [], []
    gone, come = _cancelled(gone, come, lambda line: (line[0], quiet(*line)))
    gone, come = _cancelled(gone, come, memory.frame)
    return (
        [line for line in gone if quiet(*line) and not memory.explains(line)],
        [line for line in come if quiet(*line) and not memory.explains(line)],
    )


def _cancelled(gone: list[Block], come: list[Block], key: Callable[[Block], Any]) -> Residue:
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
        elif shown == len(pattern) or shown >= SETTLED_TAIL:
            self.firm[side].append(line)
        else:
            self.fresh[side].append(line)

    def judge(self, place: str, size: int, looks: Sequence[Residue], memory: Memory) -> tuple[list[Change], bool]:
        """The changes that stand here, among so many lines, and whether another look is needed."""
        restless = bool(self.moving["gone"] or self.moving["come"]) or memory.churns(place)
        if not restless and (self.fresh["gone"] or self.fresh["come"]):
            return [], True
        changes = (
            self.beside_noise(place, size, looks, memory) if restless else _paired(self.firm["gone"], self.firm["come"])
        )
        return changes, any(len(looks) < _looks_for(change) for change in changes)

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
        for _, before, after in _paired(self.firm["gone"], [*self.firm["come"], *sample]):
            line = (place, after or "")
            if before is not None and line in loose:
                merged = _merged((place, before), [line, *_versions(line, shown)], memory)
                if merged != before:
                    changes.append((place, before, merged))
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


def _looks_for(change: Change) -> int:
    return LOOKS_AT_FACTS if change[0].endswith(":") else LOOKS_AT_PROSE


def _versions(line: Block, shown: Sequence[Sequence[Block]]) -> list[Block]:
    """The same line as the other looks showed it: of equal skeleton, else of most common words."""
    found = []
    for lines in shown:
        if lines and line not in lines:
            found.append(max(lines[:50], key=lambda other: likeness(line[1], other[1])))
    return found


def _merged(stored: Block, versions: Sequence[Block], memory: Memory) -> str:
    """The stored text, brought up to date where the versions agree among themselves; moving words stay as stored."""
    cut = [tokens(text) for _, text in versions]
    if len(versions) < 2 or len({len(parts) for parts in cut}) != 1 or likeness(stored[1], versions[0][1]) < ALIKE:
        for line in (stored, *versions):
            memory.learn_variant(line)
        return stored[1]
    moving = {i for i, parts in enumerate(zip(*cut, strict=True)) if len(set(parts)) > 1}
    old, new = tokens(stored[1]), cut[0]
    merged: list[str] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        noise = kind == "equal" or (j1 < j2 and all(j in moving or not new[j].isalnum() for j in range(j1, j2)))
        merged += old[i1:i2] if noise else new[j1:j2]
    for line in (stored, *versions):
        if len(tokens(line[1])) == len(new):
            memory.learn_slot(line, moving)
    return "".join(merged)


def _paired(gone: Sequence[Block], come: Sequence[Block]) -> list[Change]:
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
        ranked = [(likeness(a, b), -abs(i - j), i, j) for i, a in enumerate(old) for j, b in enumerate(new)]
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


def likeness(one: str, other: str) -> float:
    """How much two lines share, from 0 to 1: 1 when only numbers and stamps differ."""
    if skeleton(one) == skeleton(other):
        return 1.0
    a, b = one.lower().split()[:200], other.lower().split()[:200]
    common = sum((Counter(a) & Counter(b)).values())
    return 2 * common / (len(a) + len(b) or 1)


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


def _patched(base: list[Block], seen: Sequence[Block], accepted: Sequence[Change]) -> list[Block]:
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
    for line in seen:
        if added[line] > 0:
            added[line] -= 1
            inserted[anchor].append(line)
        elif line in at:
            anchor = at[line]
    out = list(inserted[-1])
    for index, line in enumerate(result):
        out += [line, *inserted.get(index, ())]
    return out


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


def _digest(text: str) -> str:
    return blake2s(text.encode(), digest_size=6).hexdigest()


def _slot(line: Block) -> str:
    return _digest(f"{skeleton(line[0])}\0{skeleton(line[1])}")


def _exact(line: Block) -> str:
    return _digest(f"{line[0]}\0{line[1]}")
