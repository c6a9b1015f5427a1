"""Why a reading is what it is: what each reader says, and the words of the sentence on which the encoder leans most."""

import re
from dataclasses import asdict, dataclass

from monitor.reading.examples import Near, examples
from monitor.reading.prose.candidates import PLACES, Views
from monitor.reading.prose.judge import Verdict
from monitor.reading.prose.two_readers import asked

WORDS = 3
"""So many words are shown."""
LONGEST = 60
"""Of a longer sentence only so many words are tried."""


@dataclass(frozen=True, slots=True)
class Why:
    """What is shown of a reading: the rules' view, the encoder's value, both probabilities, words with what the value
    loses without each, and the labelled items of our own that its sentence is most like."""

    rules: str
    encoder: float
    news: float
    medicine: float
    words: list[tuple[str, float]]
    nearest: list[Near]


def why(verdict: Verdict, views: Views) -> dict[str, object]:
    """The explanation of one reading, as `classify --explain` prints it."""
    one = verdict.candidate
    told = sorted({f"{act.rule}: {act.modality}" for act in views.acts if act.type == one.type})
    value = views.highest[PLACES[one.type]]
    words = leaned_on(views.units[one.unit], one.type)
    return asdict(
        Why(
            rules="; ".join(told) or "nothing",
            encoder=round(value, 3),
            news=round(verdict.news, 3),
            medicine=round(verdict.subject, 3),
            words=words,
            nearest=examples().nearest(views.units[one.unit]),
        )
    )


def leaned_on(sentence: str, type_: str) -> list[tuple[str, float]]:
    """The words without which the network finds a type least likely in a sentence. It is read alone: beside a title
    that tells the same no word of it would count. Words that change nothing are left out."""
    place = PLACES[type_]

    def value(words: str) -> float:
        return asked([words], [0])[0][place]

    whole = value(sentence)
    found = [
        (match[0], round(whole - value(sentence[: match.start()] + sentence[match.end() :]), 3))
        for match in list(re.finditer(r"[\w'-]+", sentence))[:LONGEST]
    ]
    return sorted((pair for pair in found if abs(pair[1]) > 0.001), key=lambda pair: -abs(pair[1]))[:WORDS]
