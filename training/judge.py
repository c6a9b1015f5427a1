"""`python -m training.judge [--kept FOLDER] [--write]`: fit the judge to what the encoder said out of its folds.

Logistic regressions over the named features of `monitor/reading/prose/features.py` (is it news; is it, beside what else
may be, `second_look.py`; is the medicine right), cross-fitted by part for the
thresholds and fitted to all parts for what ships (`model/judge.json`). numpy alone. The hold-out is never read.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.reading.prose.candidates import KIN
from monitor.reading.prose.judge import FILE
from monitor.reading.prose.second_look import decided_by
from training.any_news import Whole, crossed_texts, whole_texts
from training.cases import NO_PART, Case, Text, cases_of, followed, labelled_rows, own_texts, texts_of
from training.out_of_part import FOLDER
from training.second_look import NAMES, Look, apart, columns, parts_of

SMALL, ROUNDS = 1e-9, 40
LOOSE, FIRM = 5.0, 20.0
"""How strongly weights are held to zero: whether it is news, and whether the medicine is right."""
RIGHT: Mapping[str, tuple[float, float]] = {"followed": (0.958, 0.978), "any": (0.975, 0.975)}
SILENT, SILENT_FOLLOWED = 0.05, 0.027
"""What the thresholds are chosen for: the share of released readings that are right, and that are but for which of the
ways of one yes it is; of items with news, and of those that name a followed medicine, how many may be neither released
nor held. Better than what is asked, as what regulators tell of themselves is released whatever the thresholds are, and
texts from elsewhere are read a little worse. Which way of a yes it is of a followed medicine, the events know by what
was authorised before."""
AGREED = tuple(
    {"value": value, "agreed": agreed}
    for value in (0.3, 0.4, 0.5, 0.6)
    for agreed in (0.8, 0.86, 0.9, 0.93, 0.95, 0.97)
)
ALONE = tuple({"alone": least} for least in (0.94, 0.95, 0.96, 0.97, 0.98, 0.99))
"""What is tried for the thresholds of release, of what a rule tells and of what the encoder alone has read.
`judge.py` says what they are."""
NARROW = 0.25
"""Features that are rarer than this spread weigh no more than they would at it: a type seen twice has taught little."""
LIGHT = 0.6
"""What our own sentences count beside real texts."""
MISSED = 1.3
"""What a piece of news counts in the first model beside what is none: to miss it is worse. Probabilities come out a
little high by that."""
ABOUT_MEDICINE = frozenset({"drug_none", "drug_followed", "drug_sure", "drug_guess", "drug_score", "drug_many"})
"""What of the medicine may say whether it is news; the rest says whose it is."""
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Table:
    """The cases as arrays."""

    names: list[str]
    values: Floats
    item: NDArray[np.int64]
    part: NDArray[np.int64]
    news: Flags
    right: Flags
    counts: Flags
    weight: Floats
    type: NDArray[np.str_]

    @property
    def of_news(self) -> Flags:
        """Which features the first model looks at."""
        return np.array([not name.startswith("drug_") or name in ABOUT_MEDICINE for name in self.names])

    @property
    def news_weight(self) -> Floats:
        """What each case counts in the first model."""
        return self.weight * np.where(self.news, MISSED, 1.0)


def table_of(cases: Sequence[Case], without: tuple[str, ...] = ()) -> Table:
    """The cases as arrays; `without` leaves out the features of these groups."""
    names = sorted({name for case in cases for name in case.features if not name.startswith(without or ("\0",))})
    names = ["constant", *(name for name in names if name != "constant")]
    place = {name: number for number, name in enumerate(names)}
    values = np.zeros((len(cases), len(names)))
    for number, case in enumerate(cases):
        for name, value in case.features.items():
            if name in place:
                values[number, place[name]] = value
    return Table(
        names,
        values,
        item=np.array([case.item for case in cases]),
        part=np.array([case.part for case in cases]),
        news=np.array([case.news for case in cases]),
        right=np.array([case.right for case in cases]),
        counts=np.array([case.counts for case in cases]),
        weight=np.array([LIGHT if case.part == NO_PART else 1.0 for case in cases]),
        type=np.array([case.one.type for case in cases]),
    )


def fitted(values: Floats, yes: Flags, counts: Floats, held: float) -> Floats:
    """Weights of a logistic regression, column 0 being the constant; `held` pulls the others to zero."""
    middle, width = values.mean(0), values.std(0)
    width = np.maximum(width, NARROW)
    middle[0], width[0] = 0.0, 1.0
    scaled, weights = (values - middle) / width, np.zeros(values.shape[1])
    pull = np.full(values.shape[1], held)
    pull[0] = SMALL
    for _ in range(ROUNDS):
        p = 1 / (1 + np.exp(-scaled @ weights))
        slope = scaled.T @ (counts * (yes - p)) - pull * weights
        step = np.linalg.solve((scaled.T * (counts * p * (1 - p))) @ scaled + np.diag(pull), slope)
        weights = weights + step
        if np.abs(step).max() < 1e-6:
            break
    plain: Floats = weights / width
    plain[0] -= float(np.sum(weights * middle / width))
    return plain


def shares(values: Floats, weights: Floats) -> Floats:
    """The probability of each row."""
    found: Floats = 1 / (1 + np.exp(-values @ weights))
    return found


def crossed(table: Table) -> tuple[Floats, Floats]:
    """For each case, by models that have not seen its part: is it news, and is the medicine right if it is?"""
    news, subject = np.zeros(len(table.news)), np.zeros(len(table.news))
    for part in parts_of(table.part):
        here, apart_of_it = table.part == part, (table.part != part) & table.counts
        news[here] = again(table, first_look(table, without=part))(apart_of_it, here)
        told = apart_of_it & table.news
        weights = fitted(table.values[told], table.right[told], table.weight[told], FIRM)
        subject[here] = shares(table.values[here], weights)
    return news, subject


def first_look(table: Table, without: int | None = None) -> Floats:
    """What the first look finds, by fits that have not seen the case (`second_look.apart`)."""
    return apart(table.part, table.counts, _look(table, table.values[:, table.of_news]), without)


def again(table: Table, first: Floats) -> Look:
    """The second look, after this first one."""
    return _look(table, seen_again(table, first))


def seen_again(table: Table, first: Floats) -> Floats:
    """What the second look sees."""
    return np.hstack([table.values[:, table.of_news], columns(table.item, table.type, first)])


def _look(table: Table, seen: Floats) -> Look:
    def look(some: Flags, others: Flags) -> Floats:
        return shares(seen[others], fitted(seen[some], table.news[some], table.news_weight[some], LOOSE))

    return look


def crossed_whole(texts: Sequence[Text], cases: Sequence[Case], news: Floats) -> tuple[Whole, Floats]:
    """The texts, and how probable it is that each announces anything, by a model that has not seen its part."""
    whole = whole_texts(texts, cases, news)
    return whole, crossed_texts(whole, lambda some, others: shares(whole.values[others], text_model(whole, some)))


def text_model(whole: Whole, some: Flags) -> Floats:
    """Weights of the model of whole texts, fitted to some of them."""
    weight = np.where(whole.scored, 1.0, LIGHT)
    return fitted(whole.values[some], whole.news[some], weight[some], LOOSE)


def thresholds(
    texts: Sequence[Text], cases: Sequence[Case], looked: tuple[Floats, Floats], seen: tuple[Whole, Floats]
) -> dict[str, Any]:
    """What a reading must reach to be released, and a text to be held; apart for medicines that are followed."""
    (news, subject), (whole, of_text) = looked, seen
    scored = np.array([case.counts and case.part != NO_PART for case in cases])
    known = np.array([case.one.followed for case in cases])
    told, held = whole.news & whole.scored, np.zeros(len(texts))
    for case in cases:  # of nothing there is nothing to hold
        held[case.item] = of_text[case.item]
    hold = {
        "any": round(float(np.quantile(held[told], SILENT)), 3),
        "followed": round(float(np.quantile(held[told & whole.followed], SILENT_FOLLOWED)), 3),
    }
    both = as_decided(cases, news) * subject
    groups = (("followed", known), ("any", ~known))
    release = {name: _most(cases, both, scored & some, RIGHT[name]) for name, some in groups}
    return {"release": release, "hold": hold}


def as_decided(cases: Sequence[Case], news: Floats) -> Floats:
    """The probabilities that release is decided by: of what a rule tells as a yes
    about a followed medicine, that of any way of it."""
    of_any: dict[int, float] = {}
    for case, likely in zip(cases, news, strict=True):
        if case.one.type in KIN:
            of_any[case.item] = min(1.0, of_any.get(case.item, 0.0) + float(likely))
    return np.array(
        [decided_by(case.one, float(own), of_any.get(case.item, 0.0)) for case, own in zip(cases, news, strict=True)]
    )


def _most(cases: Sequence[Case], both: Floats, some: Flags, aims: tuple[float, float]) -> dict[str, float]:
    """The thresholds that together release most, of those with which enough of the released readings are right; where
    none are right often enough, those that come nearest."""
    right, kin = (np.array([getattr(case, name) for case in cases]) for name in ("right", "kin"))
    readings = Readings.of(cases, both)
    chosen = some & ~readings.own  # what no threshold decides
    tried = []
    for agreed, alone in product(AGREED, ALONE):
        go = chosen & readings.released(agreed | alone)
        shares = [float(yes[go].mean()) / aim if go.any() else 0.0 for yes, aim in zip((right, kin), aims, strict=True)]
        tried.append((min(1.0, *shares), int(go.sum()), agreed | alone))
    return max(tried, key=lambda found: found[:2])[2]


@dataclass(frozen=True, slots=True)
class Readings:
    """What release is decided by, as the judge does it: whether a rule stands, whether no guard does, whether it is a
    regulator's own act, the encoder's value, the probability."""

    told: Flags
    free: Flags
    own: Flags
    value: Floats
    both: Floats

    @classmethod
    def of(cls, cases: Sequence[Case], both: Floats) -> "Readings":
        """Those of the cases, with these probabilities."""
        told, guarded, own, value = (
            np.array([getattr(case, name) for case in cases]) for name in ("told", "guarded", "own", "value")
        )
        return cls(told, ~guarded, own, value, both)

    def released(self, asked: Mapping[str, float]) -> Flags:
        """Which of them these thresholds release."""
        agreed = self.told & (self.value >= asked["value"]) & (self.both >= asked["agreed"])
        found: Flags = self.free & (agreed | self.own | (~self.told & (self.both >= asked["alone"])))
        return found


def named(names: Sequence[str], weights: Floats) -> dict[str, float]:
    """Weights by name."""
    return {name: round(float(value), 4) for name, value in zip(names, weights, strict=True) if abs(value) > 1e-4}


def main() -> None:
    """Fit, choose, and write where asked."""
    parser = argparse.ArgumentParser(prog="python -m training.judge", description=__doc__.splitlines()[0])
    parser.add_argument("--kept", type=Path, default=FOLDER)
    parser.add_argument("--write", action="store_true", help="write the weights and thresholds that ship")
    options = parser.parse_args()
    plain, pack = texts_of(options.kept), texts_of(options.kept, followed(labelled_rows()))
    texts = [*plain, *pack, *own_texts(options.kept)]
    cases = cases_of(texts)
    table = table_of(cases)
    looked = crossed(table)
    seen = crossed_whole(texts, cases, looked[0])
    chosen = thresholds(texts, cases, looked, seen)
    print(f"{len(plain)} texts, {len(cases)} candidates, {len(table.names)} features: {json.dumps(chosen)}")
    if options.write:
        FILE.write_text(json.dumps(models(table, seen[0]) | chosen, indent=1) + "\n", encoding="utf-8")


def models(table: Table, whole: Whole) -> dict[str, Any]:
    """All models, fitted to all parts; the second look, and that at whole texts, after fits without it."""
    told, seen, counts = table.counts & table.news, table.of_news, table.counts
    names, news, weight = [n for n, here in zip(table.names, seen, strict=True) if here], table.news, table.news_weight
    both = seen_again(table, first_look(table))
    return {
        "news": named(names, fitted(table.values[counts][:, seen], news[counts], weight[counts], LOOSE)),
        "again": named([*names, *NAMES], fitted(both[counts], news[counts], weight[counts], LOOSE)),
        "subject": named(table.names, fitted(table.values[told], table.right[told], table.weight[told], FIRM)),
        "text": named(whole.names, text_model(whole, whole.sure)),
    }


if __name__ == "__main__":
    main()
