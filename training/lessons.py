"""What the fit does to a text so that a sentence counts for itself: other names, and lines that say nothing.

`neutral.txt` holds sentences that announce nothing under any title; background of the kind that releases tell is among
them. `soft_titles.txt` holds titles that announce nothing themselves. Both are our own words.
"""

import random
import re
from collections.abc import Sequence
from pathlib import Path

from monitor.reading.prose.tense import DONE
from monitor.reading.prose.two_readers import readings
from training.items import Labelled

COMPANIES = (
    "Norvane",
    "Kestrel",
    "Biogen",
    "Lindqvist Pharma",
    "Orsa Therapeutics",
    "Pfizer",
    "Sorel Bio",
    "The company",
)
MOST = 2
"""Neutral sentences put into one text at most."""


def lines(name: str) -> tuple[str, ...]:
    """The lines of a file beside this one."""
    return tuple(Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines())


NEUTRAL, SOFT = lines("neutral.txt"), lines("soft_titles.txt")


def told_below(item: Labelled, below: Sequence[str]) -> dict[int, frozenset[str]]:
    """The types of an item that the rules find in the sentences below its title, by number; 0 would be the title."""
    if not item.types or not below:
        return {}
    found: dict[int, frozenset[str]] = {}
    for act in readings(["News", *below], None):
        if act.modality == DONE and act.type in item.types and act.unit > 0:
            found[act.unit] = found.get(act.unit, frozenset()) | {act.type}
    return found


def filled(line: str, drug: str, names: Sequence[str], rng: random.Random) -> str:
    """A line with names in it."""
    return line.format(company=rng.choice(COMPANIES), drug=drug, other=rng.choice(names).capitalize())


def drug_in(title: str, known: re.Pattern[str], names: Sequence[str], rng: random.Random) -> str:
    """The drug that a title names, most often; else any."""
    found = known.search(title)
    return found[0] if found and rng.random() < 0.7 else rng.choice(names).capitalize()


def soft_title(title: str, known: re.Pattern[str], names: Sequence[str], rng: random.Random) -> str:
    """A title that announces nothing, with the drug of this one."""
    return filled(rng.choice(SOFT), drug_in(title, known, names, rng), names, rng)


def with_neutral(
    title: str, below: Sequence[str], known: re.Pattern[str], names: Sequence[str], rng: random.Random
) -> tuple[list[str], list[int | None]]:
    """The sentences below a title with some that say nothing among them, and which number each had, if any."""
    drug = drug_in(title, known, names, rng)
    mixed: list[tuple[str, int | None]] = [(sentence, n) for n, sentence in enumerate(below, 1)]
    for line in rng.sample(NEUTRAL, rng.randint(1, MOST)):
        mixed.insert(rng.randint(0, len(mixed)), (filled(line, drug, names, rng), None))
    return [sentence for sentence, _ in mixed], [number for _, number in mixed]


def renamed(units: Sequence[str], known: re.Pattern[str], names: Sequence[str], rng: random.Random) -> list[str]:
    """The sentences with each known name exchanged for another, the same one throughout."""
    drawn: dict[str, str] = {}

    def other(match: re.Match[str]) -> str:
        return drawn.setdefault(match[0].lower(), rng.choice(names).capitalize())

    return [known.sub(other, unit) for unit in units]
