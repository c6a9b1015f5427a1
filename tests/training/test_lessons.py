"""What the fit does to texts first: names change, lines that say nothing come among the others."""

import random
import re

from training import lessons
from training.items import Labelled

NAMES = ["alphavir", "betamab", "gammatide"]
KNOWN = re.compile(r"\b(?:alphavir|betamab|gammatide)\b", re.I)


def item(*types: str) -> Labelled:
    return Labelled("x", "", "", None, frozenset(types), frozenset(), (), "own")


def test_neutral_sentences_are_numbered_where_they_stand() -> None:
    below, numbers = lessons.with_neutral("FDA approves Alphavir", ["One.", "Two."], KNOWN, NAMES, random.Random(1))

    assert 1 <= numbers.count(None) <= lessons.MOST
    assert [(n, sentence) for n, sentence in zip(numbers, below, strict=True) if n] == [(1, "One."), (2, "Two.")]
    assert not any("{" in sentence for sentence in below)


def test_every_line_can_be_filled() -> None:
    for line in (*lessons.NEUTRAL, *lessons.SOFT):
        assert "{" not in lessons.filled(line, "Alphavir", NAMES, random.Random(1))


def test_a_name_becomes_the_same_other_one_throughout() -> None:
    first, second = lessons.renamed(["ALPHAVIR wins", "Alphavir is new"], KNOWN, ["betamab"], random.Random(1))

    assert (first, second) == ("Betamab wins", "Betamab is new")


def test_the_rules_say_which_sentence_tells_the_news() -> None:
    told = ["Alphavir is a pill.", "The FDA today approved Alphavir for adults with asthma."]

    assert lessons.told_below(item("approval", "recall"), told) == {2: {"approval"}}
    assert lessons.told_below(item("recall"), told) == {}
    assert lessons.told_below(item(), told) == {}
