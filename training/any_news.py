"""The judge's look at whole texts in training: does it announce anything, by fits that have not seen its part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.reading.prose.second_look import features_of_text, possible
from training.cases import NO_PART, Case, Text, names_followed
from training.second_look import Flags, Floats, Look, parts_of


@dataclass(frozen=True, slots=True)
class Whole:
    """Texts as arrays: features by the names, parts, whether each announces anything, whether it is sure that it does
    or does not (one with nothing but what is tolerated may be either), whether it names a followed medicine."""

    names: list[str]
    values: Floats
    part: NDArray[np.int64]
    news: Flags
    sure: Flags
    followed: Flags

    @property
    def scored(self) -> Flags:
        """Which of them are real."""
        real: Flags = self.part != NO_PART
        return real


def whole_texts(texts: Sequence[Text], cases: Sequence[Case], news: Floats) -> Whole:
    """The texts whose cases are news with these probabilities, by models that have not seen their part."""
    some: list[list[int]] = [[] for _ in texts]
    for number, case in enumerate(cases):
        some[case.item].append(number)
    found = [
        features_of_text(text.views, [cases[n].one for n in numbers], news[numbers].tolist())
        for text, numbers in zip(texts, some, strict=True)
    ]
    names = ["constant", *sorted({name for features in found for name in features} - {"constant"})]
    told = [bool(text.row["expected"]) for text in texts]
    return Whole(
        names,
        np.array([[features.get(name, 0.0) for name in names] for features in found]),
        part=np.array([text.part for text in texts]),
        news=np.array(told),
        sure=np.array([yes or not text.row.get("accept") for yes, text in zip(told, texts, strict=True)]),
        followed=np.array([names_followed(text.views) for text in texts]),
    )


def crossed_texts(whole: Whole, look: Look) -> Floats:
    """Of each text how probable it is that it announces anything, by fits that have not seen its part."""
    found = np.zeros(len(whole.part))
    for part in parts_of(whole.part):
        here = whole.part == part
        found[here] = look(~here & whole.sure, here)
    own = ~whole.scored
    found[own] = look(whole.scored & whole.sure, own)
    return found


def held_by(cases: Sequence[Case], whole: Whole, news: Floats, of_text: Floats, hold: Mapping[str, float]) -> Flags:
    """Which cases are held if they are not released, by these thresholds of their texts."""
    least = np.where(whole.followed, hold["followed"], hold["any"])
    some: dict[int, list[int]] = {}
    for number, case in enumerate(cases):
        some.setdefault(case.item, []).append(number)
    held = np.zeros(len(cases), bool)
    for item, numbers in some.items():
        some_of_it, shares = [cases[n].one for n in numbers], news[numbers].tolist()
        held[numbers] = possible(some_of_it, shares, float(of_text[item]), float(least[item]))
    return held
