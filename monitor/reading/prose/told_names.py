"""Of which medicine a text tells, by the words that the network takes for parts of its name. Pure.

    words and how probable each is part of the name ──► names that no rule knows
        ──► the rules' choice, unless the network hears another name and not theirs

The rules know a name by its form and choose by grammar; the network has learnt from labelled texts which words name the
medicine that is told of. They err on different texts.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from monitor.reading.prose.spelling import NO_NAMES, is_english
from monitor.reading.prose.subjects import Candidate, Subject

PART = re.compile(r"\w[\w’'-]*")
WHOSE = re.compile(r"['’]s?$")
JOINED = (" ", "-", "/")
"""What stands between the words of one name."""
COMPANY_AFTER = re.compile(
    r"(?:['’]s?|[®™]?,? (?:Pharma\w*|Therapeutics|Bio\w*|Inc|Ltd|LLC|plc|PLC|Corp|Co|AG|SA|AB|A/S|GmbH|Medical|"
    r"Laboratories|Labs)\b|"
    r" ?\((?:NASDAQ|Nasdaq|NYSE|ASX|TSX|LSE|OTC|[A-Z]{2,6}:))"
)
"""What stands behind the name of a company."""
HEARD, SURE, PARTLY = 0.5, 0.8, 0.4
"""From which mean of its words a name stands that the rules chose, from which another one takes its place, and from
which a word belongs to a name that no rule knows."""


def key(word: str) -> str:
    """A word as the network's names have it: in small letters, without the s of whose."""
    return WHOSE.sub("", word.lower())


def share_of(name: str, names: Mapping[str, float]) -> float:
    """How probable it is that the words of a name are those of the medicine that is told of: their mean."""
    shares = [names.get(key(word), 0.0) for word in PART.findall(name)]
    return sum(shares) / len(shares) if shares else 0.0


def heard_of(some: Iterable[str], names: Mapping[str, float]) -> float:
    """The most probable of some names of one medicine."""
    return max((share_of(name, names) for name in some), default=0.0)


def names_in(written: str) -> list[str]:
    """The names in "brand (substance)"."""
    return [name for name in re.split(r" \(|\)", written) if name]


class Told(NamedTuple):
    """The medicines of a reading, and features for the judge: how far the network hears their names and others."""

    subjects: tuple[Subject, ...]
    heard: Mapping[str, float]


def told_of_each(
    chosen: Sequence[Sequence[Subject]],
    named: Sequence[Sequence[Candidate]],
    units: Sequence[str],
    names: Mapping[str, float],
) -> list[Told]:
    """Of each reading of a text, by what the rules chose and all that it may be about."""
    each = [told_of(some, may_be, units, names) for some, may_be in zip(chosen, named, strict=True)]
    return [Told(tuple(told), how_heard(told, may_be, names)) for told, may_be in zip(each, named, strict=True)]


def how_heard(subjects: Sequence[Subject], named: Sequence[Candidate], names: Mapping[str, float]) -> dict[str, float]:
    """How far the network hears the names of the medicine that was chosen, and those of another one."""
    if not (names and subjects and named):
        return {"drug_unheard": 1.0}
    written = subjects[0][0]
    chosen = next((one for one in named if any(name in written for name in one.names)), named[0])
    mine = heard_of((*chosen.names, *names_in(written)), names)
    beside = max((heard_of(other.names, names) for other in named if other is not chosen), default=0.0)
    return {"drug_heard": mine, "drug_heard_beside": beside, "drug_heard_less": float(mine < HEARD)}


def told_of(
    subjects: Sequence[Subject], named: Sequence[Candidate], units: Sequence[str], names: Mapping[str, float]
) -> list[Subject]:
    """The medicines of a reading: those of the rules, or where the network hears none of their names, the one that it
    hears best, if it is sure of that; where the rules have none, the one that it hears. A followed medicine gives way
    only where it stands aside: else the judge sees how little it is heard, and nothing about it gets lost."""
    if not names:
        return list(subjects)
    chosen = [one for one in named if any(name in written for name in one.names for written, _ in subjects)]
    aside = bool(chosen) and not any(map(_may_be, chosen))
    if any(therapy for _, therapy in subjects) and not aside:
        return list(subjects)
    firm = [name for one in chosen if _may_be(one) for name in one.names]
    if heard_of(firm if chosen else [name for written, _ in subjects for name in names_in(written)], names) >= HEARD:
        return list(subjects)
    known = [(heard_of(one.names, names), one.drug, one.therapy) for one in named if _may_be(one)]
    unknown: list[tuple[float, str, str | None]] = [(share_of(run, names), run, None) for run in _runs(units, names)]
    share, drug, therapy = max(known + unknown, key=lambda found: found[0], default=(0.0, "", None))
    return [(drug, therapy)] if share >= (SURE if subjects else HEARD) else list(subjects)


def _may_be(one: Candidate) -> bool:
    """Whether a drug may be what is told of: it does not only stand aside."""
    return not one.features["aside"]


def _is_name(word: str) -> bool:
    """Whether a word may be a name that somebody made: with a capital letter or a number, and no word of English or
    name of a place, person or company."""
    plain = key(word)
    if plain in NO_NAMES or not any(letter.isupper() or letter.isdigit() for letter in word):
        return False
    return not all(part.isdigit() or is_english(part) for part in plain.split("-"))


def _runs(units: Sequence[str], names: Mapping[str, float]) -> Iterator[str]:
    """Words side by side that the network takes for parts of a name, where they may be one; an owner is none."""
    for unit in units:
        runs: list[tuple[int, int]] = []
        for word in PART.finditer(unit):
            if names.get(key(word[0]), 0.0) < PARTLY or WHOSE.search(word[0]):
                continue
            begin = runs.pop()[0] if runs and unit[runs[-1][1] : word.start()] in JOINED else word.start()
            runs.append((begin, word.end()))
        yield from (unit[begin:end] for begin, end in runs if _may_be_name(unit, begin, end))


def _may_be_name(unit: str, begin: int, end: int) -> bool:
    """Whether one of the words may be a name, and none of a company or a share."""
    return any(map(_is_name, PART.findall(unit[begin:end]))) and not COMPANY_AFTER.match(unit, end)
