"""Why a reading is what it is: what each reader says, and the words of the sentence on which the encoder leans most."""

import re
from dataclasses import asdict, dataclass

from monitor.reading.prose.candidates import PLACES, Views
from monitor.reading.prose.judge import Verdict
from monitor.reading.prose.two_readers import asked

WORDS = 3
"""So many words are shown."""
LONGEST = 60
"""Of a longer sentence only so many words are tried."""


@dataclass(frozen=True, slots=True)
class Why:
    """What is shown of a reading: the rules' view, the encoder's value, both probabilities, and words with what the
    value loses without each."""

    rules: str
    encoder: float
    news: float
    medicine: float
    words: list[tuple[str, float]]


def why(verdict: Verdict, views: Views) -> dict[str, object]:
    """The explanation of one reading, as `classify --explain` prints it."""
    one = verdict.candidate
    told = sorted({f"{act.rule}: {act.modality}" for act in views.acts if act.type == one.type})
    value = views.highest[PLACES[one.type]]
    words = _leaned_on(list(views.units), one.unit, one.type)
    seen = Why("; ".join(told) or "nothing", round(value, 3), round(verdict.news, 3), round(verdict.subject, 3), words)
    return asdict(seen)


def _leaned_on(units: list[str], unit: int, type_: str) -> list[tuple[str, float]]:
    """The words without which the sentence says least, under its title; those that change nothing are left out."""
    title, sentence = units[0], units[unit]

    def value(words: str) -> float:
        texts = [words] if unit == 0 else [title, words]
        return asked(texts, range(len(texts)))[len(texts) - 1][PLACES[type_]]

    whole = value(sentence)
    found = [
        (match[0], round(whole - value(sentence[: match.start()] + sentence[match.end() :]), 3))
        for match in list(re.finditer(r"[\w'-]+", sentence))[:LONGEST]
    ]
    return sorted((pair for pair in found if abs(pair[1]) > 0.001), key=lambda pair: -abs(pair[1]))[:WORDS]
