"""One line of which words move at every look: the stored text, brought up to date where the looks agree."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from sources.base import Unexpected
from sources.noise.learnt import Memory
from sources.noise.lines import Block, likeness
from sources.noise.page_talk import tokens

ALIKE = 0.5  # share of common words from which two lines are versions of one
MOST_MERGED = 100_000  # characters of a line of which words move at every look
MOST_MATCHED = 2000  # words and blanks between them


def versions_of(line: Block, shown: Sequence[Sequence[Block]]) -> list[Block]:
    """The same line as the other looks showed it: of equal skeleton, else of most common words."""
    versions = []
    for lines in shown:
        if lines and line not in lines:
            versions.append(max(lines[:50], key=lambda other: likeness(line[1], other[1])))
    return versions


def merged(stored: Block, versions: Sequence[Block], memory: Memory) -> str:
    """The stored text, brought up to date where the versions agree among themselves; moving words stay as stored."""
    if (longest := max(len(text) for _, text in (stored, *versions))) > MOST_MERGED:
        raise Unexpected(f"expected moving words in lines of at most {MOST_MERGED} characters, found {longest}")
    cut = [tokens(text) for _, text in versions]
    if len(versions) < 2 or len({len(parts) for parts in cut}) != 1 or likeness(stored[1], versions[0][1]) < ALIKE:
        for line in (stored, *versions):
            memory.learn_variant(line)
        return stored[1]
    moving = {i for i, parts in enumerate(zip(*cut, strict=True)) if len(set(parts)) > 1}
    old, new = tokens(stored[1]), cut[0]
    words: list[str] = []
    for kind, i1, i2, j1, j2 in opcodes(old, new):
        noise = kind == "equal" or (j1 < j2 and all(j in moving or not new[j].isalnum() for j in range(j1, j2)))
        words += old[i1:i2] if noise else new[j1:j2]
    for line in (stored, *versions):
        if len(tokens(line[1])) == len(new):
            memory.learn_slot(line, moving)
    return "".join(words)


def opcodes(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """What turns one list into the other. What lies between a common beginning and a common end is matched word by word
    unless it is long: that takes the square of its length, so it counts as one difference."""
    shorter = min(len(old), len(new))
    start = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    rest = shorter - start
    end = next((n for n in range(rest) if old[-1 - n] != new[-1 - n]), rest)
    before, after = old[start : len(old) - end], new[start : len(new) - end]
    inner = [("replace", 0, len(before), 0, len(after))]
    if max(len(before), len(after)) <= MOST_MATCHED:
        inner = list(SequenceMatcher(None, before, after, autojunk=False).get_opcodes())
    moved = [(kind, i1 + start, i2 + start, j1 + start, j2 + start) for kind, i1, i2, j1, j2 in inner]
    return [
        ("equal", 0, start, 0, start),
        *moved,
        ("equal", len(old) - end, len(old), len(new) - end, len(new)),
    ]
