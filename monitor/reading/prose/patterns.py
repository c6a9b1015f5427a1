"""The language in which the rules of prose are written: groups of words, gaps, flags, and how a table of rules is read.

A pattern is searched in one sentence. `<NAME>` stands for a group of words, `~` for a short gap. Flags: `f` a plain
future is as good as done ("will stop selling"); `n` the pattern says no by itself; `w` weak.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

from sources.late_pattern import Judge, late

GAP = r"[^.;:!?]{0,70}?(?<!\w)"

WORDS = dict(
    line.split(" = ", 1)
    for line in files("monitor.reading.prose").joinpath("prose.groups").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
)
"""Groups of words by name."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to tell an event. `id` is `type.name` and outlives every edit of the patterns.

    `unless` is looked for in the sentence, `needs` in the whole item.
    """

    id: str
    type: str
    polarity: str
    pattern: re.Pattern[str]
    flags: str = ""
    unless: re.Pattern[str] | None = None
    needs: re.Pattern[str] | None = None


def expand(pattern: str) -> str:
    """A pattern with its word groups and gaps filled in; it begins, also after a gap, where a word begins."""
    while (filled := re.sub(r"<([A-Z]+)>", _group, pattern)) != pattern:
        pattern = filled
    return rf"(?<!\w)(?:{pattern.replace('~ ', '~').replace('~', GAP)})"


def _group(match: re.Match[str]) -> str:
    words = WORDS[match[1]]
    return words if match[1] == "CAPS" else rf"\b{words}\b"


def compiled(pattern: str | None, judge: Judge | None = None) -> re.Pattern[str] | None:
    """The compiled form of a pattern of this table, blind to case; made, and judged, when it is first asked."""
    return late(expand(pattern), re.I, judge) if pattern else None


def rows_of(name: str) -> Iterator[list[str]]:
    """The rows of a table of this folder, each as its cells; blank lines and comments are left out."""
    text = files("monitor.reading.prose").joinpath(name).read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            yield [cell.strip() for cell in f"{line.strip()} ".split(" | ")]


def phrases(name: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """The rows `what is written | what is read` of a table of this folder; what is written are whole words."""
    return tuple((re.compile(rf"{expand(written)}(?!\w)", re.I), read) for written, read in rows_of(name))


def table(rows: Iterable[Sequence[str]]) -> tuple[Rule, ...]:
    """Rules of rows `type.name | polarity | flags | pattern [| unless | needs]`; `-` stands for none.

    Raises ValueError with the rule where a row has too few cells or no pattern; so does a pattern that matches nothing
    at all, when it is first asked.
    """
    return tuple(_rule(*row) for row in rows)


def _rule(id_: str, *cells: str) -> Rule:
    if not 3 <= len(cells) <= 5:
        raise ValueError(f"{id_}: expected polarity, flags, pattern, unless and needs, found {len(cells)} cells")
    empty = ValueError(f"{id_}: expected patterns that need a word, found one that matches nothing at all")

    def judge(made: re.Pattern[str]) -> None:
        if made.search(""):
            raise empty

    polarity, flags, *patterns = cells
    pattern, unless, needs = (compiled(pattern, judge) for pattern in [*patterns, "", ""][:3])
    if pattern is None:
        raise empty
    return Rule(id_, id_.split(".")[0], polarity, pattern, flags.replace("-", ""), unless, needs)
