"""The language in which the rules of prose are written: groups of words, gaps, flags, and how a table of rules is read.

A pattern is searched in one sentence. `<NAME>` stands for a group of words, `~` for a short gap. Flags: `f` a plain
future is as good as done ("will stop selling"); `n` the pattern says no by itself; `w` weak.
"""

import re
from dataclasses import dataclass
from importlib.resources import files

GAP = r"[^.;:!?]{0,70}?(?<!\w)"

WORDS = dict(
    line.split(" = ", 1)
    for line in files("monitor.reading.prose").joinpath("prose.groups").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
)
"""Groups of words by name."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to tell an event. `unless` is looked for in the sentence, `needs` in the whole item."""

    type: str
    polarity: str
    pattern: re.Pattern[str]
    flags: str = ""
    unless: re.Pattern[str] | None = None
    needs: re.Pattern[str] | None = None
    name: str = ""


def expand(pattern: str) -> str:
    """A pattern with its word groups and gaps filled in; it begins, also after a gap, where a word begins."""
    while (filled := re.sub(r"<([A-Z]+)>", _group, pattern)) != pattern:
        pattern = filled
    return rf"(?<!\w)(?:{pattern.replace('~ ', '~').replace('~', GAP)})"


def _group(match: re.Match[str]) -> str:
    words = WORDS[match[1]]
    return words if match[1] == "CAPS" else rf"\b{words}\b"


def compiled(pattern: str | None) -> re.Pattern[str] | None:
    """The compiled form of a pattern of this table, blind to case."""
    return re.compile(expand(pattern), re.I) if pattern else None


def table(rows: str) -> tuple[Rule, ...]:
    """Read rows `type | polarity | flags | pattern [| unless | needs]`; `||` inside stands for nothing."""
    rules = []
    for number, line in enumerate(rows.strip().splitlines()):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        cells = [cell.strip() for cell in f"{line.strip()} ".split(" | ")]
        type_, polarity, flags, pattern, *rest = cells
        unless, needs = ([*rest, "", ""])[:2]
        flags = "" if flags == "-" else flags
        made = compiled(pattern)
        assert made is not None
        for one in filter(None, (made, compiled(unless), compiled(needs))):
            assert not one.search(""), f"{type_}.{number}: a pattern matches nothing at all"
        rules.append(Rule(type_, polarity, made, flags, compiled(unless), compiled(needs), f"{type_}.{number}"))
    return tuple(rules)
