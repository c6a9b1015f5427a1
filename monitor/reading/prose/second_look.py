"""A second look at each candidate of a text, by what the first look found likely beside it, and one at the whole text.

A text mostly announces one thing: of a first approval and a further use, of a met goal, data without a verdict and a
publication, the likelier one makes the others less likely. Whether a text waits for a person is asked of it as a whole:
which event it is may be unclear, and each guess unlikely, where it is plain that something is told. Pure.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement
from typing import Protocol

from monitor.reading.prose.candidates import KIN, PLACES, READ, Candidate, Views
from monitor.reading.prose.features import before
from monitor.reading.prose.word_counts import ANY
from monitor.vocabulary.claims import HIGH
from monitor.vocabulary.event_types import TYPES

FLOOR = 1e-4
SUCCESSES = frozenset({"readout_met", "readout_not_met", "readout_mixed", "interim_data", "publication"})
"""Types of what a trial has shown, of which words often tell alike."""
FURTHER = "label_expansion"
GROUPS = (("ways", KIN), ("successes", SUCCESSES))
"""Types that are rivals of one another, by name."""
GUESSED, TOLD = 0.2, 0.08
"""From this probability a reading of a text that is held is one of its guesses, from that one if a rule tells it; the
likeliest always is."""
GRAVE, LIKELY = 0.15, 0.4
"""From these probabilities a critical reading, and any, is held whatever its text looks like."""
TOGETHER = ("any_likely", "any_words", "any_encoder")
"""What says of a text that it announces something in three ways: how far it does depends on the others."""
CRITICAL = frozenset(name for name, kind in TYPES.items() if kind.level == "critical")


class Weights(Protocol):
    """Weights by the name of a feature, and from which probability something is held (`judge.Judge`)."""

    @property
    def news(self) -> Mapping[str, float]: ...
    @property
    def again(self) -> Mapping[str, float]: ...
    @property
    def subject(self) -> Mapping[str, float]: ...
    @property
    def text(self) -> Mapping[str, float]: ...
    @property
    def hold(self) -> Mapping[str, float]: ...


@dataclass(frozen=True, slots=True)
class Looked:
    """Probabilities of a candidate: that it is `news` here, that the medicine is the right one if it is, that by which
    it is released (`decided_by`), and that its text announces `anything`; whether it is held if it is not released."""

    news: float
    subject: float
    likely: float
    anything: float
    held: bool


def look_again(
    candidates: Sequence[Candidate], found: Sequence[Mapping[str, float]], views: Views, weights: Weights
) -> list[Looked]:
    """What is made of each candidate of a text with these features."""
    features = looked_again(candidates, found, weights.news)
    news = [share(weights.again or weights.news, each) for each in features]
    yes = sum(own for one, own in zip(candidates, news, strict=True) if one.type in KIN)
    likely = [decided_by(one, own, yes) for one, own in zip(candidates, news, strict=True)]
    anything = (
        share(weights.text, features_of_text(views, candidates, news)) if weights.text else max(likely, default=0.0)
    )
    least = weights.hold["followed" if any(drug.therapy for drug in views.drugs) else "any"]
    held = possible(candidates, likely, anything, least)
    subjects = [share(weights.subject, each) for each in features]
    return [Looked(*each) for each in zip(news, subjects, likely, [anything] * len(news), held, strict=True)]


def as_further_uses(
    candidates: Sequence[Candidate], looked: Sequence[Looked], views: Views
) -> list[tuple[Candidate, Looked]]:
    """The same, where a rule's plain yes is one of a further use if that, guessed of the same medicine, is all but sure
    and a first yes less so, and the medicine was authorised in that place long before: the words do not say it."""
    pairs = list(zip(candidates, looked, strict=True))
    for further in [pair for pair in pairs if pair[0].type == FURTHER and not pair[0].act and pair[1].news >= HIGH]:
        plain = [pair for pair in pairs if _plain(*pair, further, views)]
        if plain:
            meant = [(replace(one, type=FURTHER), _surer(look, further[1])) for one, look in plain]
            pairs = [*(pair for pair in pairs if pair not in (further, *plain)), *meant]
    return pairs


def _surer(look: Looked, further: Looked) -> Looked:
    likely, held = max(look.likely, further.likely), look.held or further.held
    return replace(look, news=further.news, likely=likely, held=held)


FIRST = 0.75
"""From here a first yes stands, however sure a further use: of nine between 0.5 and this seven were further uses."""


def _plain(one: Candidate, look: Looked, further: tuple[Candidate, Looked], views: Views) -> bool:
    """Whether a rule's plain yes is less likely than a further use of the same medicine, authorised for long."""
    rule, same = one.type == "approval" and one.act is not None, set(one.subjects) & set(further[0].subjects)
    return bool(rule and same and look.news < min(FIRST, further[1].news) and before(one, views) == "long")


def decided_by(one: Candidate, news: float, yes: float) -> float:
    """The probability by which it is released or held: of a rule's yes about a followed medicine that of any way of it.
    Which of them it is, rules and history say, and no probability."""
    return min(yes, 1.0) if one.type in KIN and one.act and one.followed else news


def share(weights: Mapping[str, float], features: Mapping[str, float]) -> float:
    """The probability that a model gives."""
    return 1 / (1 + math.exp(-sum(weights.get(name, 0.0) * value for name, value in features.items())))


def looked_again(
    candidates: Sequence[Candidate], found: Sequence[Mapping[str, float]], first: Mapping[str, float]
) -> list[dict[str, float]]:
    """The features of each candidate with those of the second look, after a first one by these weights; what is about
    no medicine counts nothing there."""
    shares = [one.about * share(first, features) for features, one in zip(found, candidates, strict=True)]
    more = beside([one.type for one in candidates], shares)
    return [{**features, **others} for features, others in zip(found, more, strict=True)]


def beside(types: Sequence[str], first: Sequence[float]) -> list[dict[str, float]]:
    """For each candidate what the second look sees: its own probability by the first, and those of other types."""
    known = list(zip(types, first, strict=True))
    return [_beside(type_, own, [one for one in known if one[0] != type_]) for type_, own in known]


def _beside(type_: str, own: float, others: Sequence[tuple[str, float]]) -> dict[str, float]:
    rivals = {name: [share for other, share in others if type_ in some and other in some] for name, some in GROUPS}
    return {
        "beside_own": odds(own),
        "beside_sure": max(0.0, odds(own)),
        "beside_best": odds(max((share for _, share in others), default=0.0)),
        "beside_all": math.log(FLOOR + sum(share for _, share in others)),
        **{f"beside_{name}": odds(max(some, default=0.0)) for name, some in rivals.items()},
    }


def odds(share: float) -> float:
    """A probability as the logarithm of its odds, with ends."""
    held = min(max(share, FLOOR), 1 - FLOOR)
    return math.log(held / (1 - held))


def features_of_text(views: Views, candidates: Sequence[Candidate], news: Sequence[float]) -> dict[str, float]:
    """What is looked at, of readings that are about a medicine and news with these probabilities."""
    known = [(share, one) for share, one in zip(news, candidates, strict=True) if one.about]
    likeliest, best = max(known, key=lambda found: found[0], default=(0.0, None))
    heard = sorted((views.highest[PLACES[name]] for name in READ), reverse=True)
    found = {
        "constant": 1.0,
        "any_likely": odds(likeliest),
        "any_all": math.log(FLOOR + sum(share for share, _ in known)),
        "any_none": not known,
        "any_told": best is not None and best.act is not None,
        "any_words": views.counted.get(ANY, 0.0),
        "any_encoder": odds(heard[0]),
        "any_second": odds(heard[1]),
        "any_title": max(column[0] for column in views.columns),
        "any_alone": not any(views.units[1:]),
        "any_genre": bool(views.genres),
    }
    found |= {f"{one}_{two}": found[one] * found[two] for one, two in combinations_with_replacement(TOGETHER, 2)}
    return {name: float(value) for name, value in found.items() if value}


def possible(candidates: Sequence[Candidate], news: Sequence[float], of_text: float, least: float) -> list[bool]:
    """Which readings of a text are held if they are not released: where it is likely enough that it announces anything,
    the likeliest one and what is a guess of its own; elsewhere what would be grave."""
    best = max((share for one, share in zip(candidates, news, strict=True) if one.about), default=1.0)
    told = of_text >= least
    return [
        one.about and (share >= _enough(one, told) or (told and share == best))
        for one, share in zip(candidates, news, strict=True)
    ]


def _enough(one: Candidate, told: bool) -> float:
    """From which probability a reading is held of its own, in a text that is likely to announce something or not."""
    if told:
        return TOLD if one.act else GUESSED
    return GRAVE if one.type in CRITICAL else LIKELY
