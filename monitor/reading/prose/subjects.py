"""Which of the drugs in an item an act is about, how it is written, and how sure the reading is."""

import math
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from typing import NamedTuple

from monitor.reading.prose.beside_names import A_DRUG, BEHIND, BESIDE, CALLED, COMMA, JOINED, OF, OWNED, TRIAL
from monitor.reading.prose.drugs import BRAND, CODE, GUESS, KNOWN, LOOSE, SUBSTANCE, SURE, Drug
from monitor.reading.prose.spelling import substances_among
from monitor.reading.prose.subject_weights import BIAS, WEIGHTS
from monitor.vocabulary.authorised import BRANDS, BRANDS_OF, SUBSTANCES

Subject = tuple[str, str | None]
"""A drug as written, a brand with its substance in brackets, and the pack's therapy."""


def subjects_of(unit: int, units: list[str], drugs: list[Drug], *, several: bool = True) -> list[Subject]:
    """The drugs an act in sentence `unit` is about: those named there, else in the title, else the first of the item.

    A substance or code is surer than a brand, a brand surer than a mere capital letter.
    """
    drugs = [_aside_with(drug, drugs, units) for drug in drugs]
    own = [d for d in drugs if not d.aside] or drugs
    own = [d for d in own if d.kind != GUESS] or own
    places = [[d for d in own if d.unit == unit], [d for d in own if d.unit == 0], own]
    here = next((ds for ds in places if any(d.kind != GUESS for d in ds)), None) or next(filter(None, places), [])
    if not here:
        return []
    if several and (listed := _listed(places[0], units) or _listed(here, units)):
        one_brand = {d.written for d in own if d.kind == BRAND and d not in listed}
        if listed[0].kind != SUBSTANCE or len(one_brand) != 1:  # else its two substances
            return [(d.written, d.therapy) for d in listed]
    first = _first(here)
    partner = _partner(first, unit, own, drugs, units)
    if partner is None:
        return [(first.written, first.therapy)]
    leads = partner.kind in (BRAND, GUESS) or partner.unit < first.unit
    name, substance = (partner, first) if leads else (first, partner)
    return [(f"{name.written} ({substance.written})", first.therapy or partner.therapy)]


def _first(here: list[Drug]) -> Drug:
    """The first whose name is sure; an authorised brand, where it stands before the substances of its sentence."""
    first = min(here, key=lambda d: (d.kind in LOOSE, d.unit, d.start))
    if first.kind != SUBSTANCE:
        return first
    listed = [d for d in here if d.kind == BRAND and d.unit == first.unit and d.written.split()[0].lower() in BRANDS]
    return min([first, *listed], key=lambda d: d.start)


def _partner(first: Drug, unit: int, own: list[Drug], drugs: list[Drug], units: list[str]) -> Drug | None:
    """The other name of a drug: in brackets beside it somewhere, of the same therapy, or the one brand of the title."""
    others = [d for d in sorted(drugs, key=lambda d: (d.unit != unit, d.unit)) if _differs(first, d)]
    same = [d for d in drugs if d.written == first.written]
    for other in others:
        if first.therapy and first.therapy == other.therapy:
            return other
        twins = [d for d in others if d.written == other.written]
        if any(one.unit == two.unit and _beside(units[one.unit], one, two) for one in same for two in twins):
            return other
    if len({0, first.unit, unit} & {d.unit for d in own if d.therapy}) and not first.therapy:
        return None
    near = [d for d in others if not d.aside and d.kind != first.kind and d.unit in (0, unit, 1)]
    sure = [d for d in near if d.kind != GUESS] or [d for d in near if d.unit == 0]
    apart = [d for d in sure if d.unit != first.unit]
    return apart[0] if len({d.written for d in sure}) == 1 and apart else None


def _beside(text: str, one: Drug, two: Drug) -> bool:
    """Whether one name stands in brackets or after "known as" behind the other."""
    left, right = (one, two) if one.start < two.start else (two, one)
    pairs = (joins for lefts, rights, joins in BESIDE if left.kind in lefts and right.kind in rights)
    return any(joins.fullmatch(text, left.end, right.start) for joins in pairs)


def _differs(first: Drug, other: Drug) -> bool:
    """Whether two names may be of one drug: of one therapy, or neither of two therapies nor part of one another."""
    name, other_name = first.written.lower(), other.written.lower()
    if name in other_name or other_name in name:
        return False
    if first.therapy and other.therapy:
        return first.therapy == other.therapy
    return True


def _listed(here: list[Drug], units: list[str]) -> list[Drug]:
    """Two drugs joined by "and": two events, unless they are one therapy or one combination product."""
    for left, right in pairwise(here):
        if left.unit != right.unit or (left.therapy and left.therapy == right.therapy):
            continue
        text = units[left.unit]
        alike = KNOWN in (left.kind, right.kind) or left.kind == right.kind
        if alike and JOINED.fullmatch(text, left.end, right.start):
            inside = re.search(r"\([^)]*$", text[: left.start])
            combined = inside or re.search(r"combination|together|cocktail|fixed|chloride", text)
            return [] if combined and left.kind != BRAND else _from_first(here, left, right, text)
    return []


def _from_first(here: list[Drug], left: Drug, right: Drug, text: str) -> list[Drug]:
    """The same with those that stand before them between commas."""
    listed = [left, right]
    for drug in reversed(here[: here.index(left)]):
        if (drug.unit, drug.kind) != (left.unit, left.kind) or not COMMA.fullmatch(text, drug.end, listed[0].start):
            break
        listed.insert(0, drug)
    return listed


@dataclass(frozen=True, slots=True)
class Candidate:
    """A drug that an act may be about: all its names in the text, with what speaks for it and against it.

    `drug` as a claim gives it, a brand with its substance in brackets; `features` has every name of `FEATURES`;
    `score` is how probable it is that the act is about this drug, by those features alone.
    """

    drug: str
    therapy: str | None
    names: tuple[str, ...]
    features: dict[str, float]
    score: float


class Place(NamedTuple):
    """Where an act stands: its sentence, and in it where its clause begins, its words begin and end, it ends."""

    unit: int
    left: int
    start: int
    end: int
    right: int


def candidates_of(units: Sequence[str], drugs: Sequence[Drug], places: Sequence[Place]) -> list[list[Candidate]]:
    """For each act the drugs of the text, in the order in which it may be about them."""
    groups = _groups(list(drugs), list(units))
    kinds = [_kinds(group) for group in groups]
    return [
        sorted(
            (_candidate(group, kind, groups, units, place) for group, kind in zip(groups, kinds, strict=True)),
            key=lambda candidate: -candidate.score,
        )
        for place in places
    ]


def _candidate(
    group: list[Drug], kinds: set[str], groups: Sequence[list[Drug]], units: Sequence[str], place: Place
) -> Candidate:
    unit, left, start, end, right = place
    here = [drug for drug in group if drug.unit == unit]
    inside = [drug for drug in here if left <= drug.start < right]
    best = min(inside or here or group, key=lambda drug: (drug.aside, LOOSE.count(drug.kind), drug.unit))
    others = [drug for other in groups if other is not group for drug in other if drug.unit == unit]
    titled = [drug for other in groups if other is not group for drug in other if drug.unit == 0 and not drug.aside]
    features = dict.fromkeys(WEIGHTS, 0.0) | {
        "followed": float(any(drug.therapy for drug in group)),
        "sure": float(not kinds.isdisjoint(SURE)),
        "brand": float(BRAND in kinds),
        "guess": float(kinds == {GUESS}),
        "aside": float(best.aside),
        "in_clause": float(bool(inside)),
        "in_sentence": float(bool(here)),
        "in_title": float(any(drug.unit == 0 for drug in group)),
        "before": float(any(drug.end <= start for drug in inside)),
        "after": float(any(drug.start >= end for drug in inside)),
        "between": float(min((_between(drug, others, start, end) for drug in here), default=0)),
        "trial": float(any(TRIAL.match(units[drug.unit], drug.end) for drug in group)),
        "called": float(any(CALLED.search(units[drug.unit][: drug.start]) for drug in group)),
        "a_drug": float(any(A_DRUG.search(units[drug.unit][: drug.start]) for drug in group)),
        "listed": float(any(drug.written.split()[0].lower() in BRANDS | SUBSTANCES for drug in group)),
        "of_title": float(any(drug.unit == 0 and OF.search(units[0][: drug.start]) for drug in group)),
        "owned": float(bool(OWNED.search(units[best.unit][: best.start]))),
        "two_names": float(len({_folded(drug.written) for drug in group}) > 1),
        "mentions": math.log(len(group)),
        "first": float(not any(min(_order(drug) for drug in other) < _order(group[0]) for other in groups)),
        "only": float(len(groups) == 1 and not best.aside),
        "titled_other": float(bool(titled) and all(drug.unit for drug in group)),
    }
    value = BIAS + sum(WEIGHTS[name] * amount for name, amount in features.items())
    therapy, names = next((drug.therapy for drug in group if drug.therapy), None), {drug.written: 1 for drug in group}
    return Candidate(_written(group, best), therapy, tuple(names), features, 1 / (1 + math.exp(-value)))


def _kinds(group: Sequence[Drug]) -> set[str]:
    """The kinds of its names; that one is followed says nothing of whose act it is."""
    followed = {drug.written for drug in group if drug.kind == KNOWN}
    spelt = followed and substances_among(followed)
    named = {CODE if re.search(r"\d", name) else SUBSTANCE if name in spelt else BRAND for name in followed}
    return named | {drug.kind for drug in group if drug.kind != KNOWN}


def _order(drug: Drug) -> tuple[int, int]:
    return drug.unit, drug.start


def _between(drug: Drug, others: Iterable[Drug], start: int, end: int) -> int:
    """How many other drugs stand between a drug and the act."""
    low, high = (drug.end, start) if drug.end <= start else (end, drug.start)
    return sum(low <= other.start < high for other in others)


def _written(group: Sequence[Drug], best: Drug) -> str:
    """A brand with its substance or code in brackets; else the best name alone."""
    loose = [drug.written for drug in group if drug.kind in LOOSE]
    firm = [drug.written for drug in group if drug.kind not in LOOSE]
    if loose and firm:
        return f"{loose[0]} ({firm[0] if best.kind in LOOSE else best.written})"
    second = next((w for w in firm[1:] if best.therapy and _folded(w) != _folded(best.written)), None)
    return f"{best.written} ({second})" if second else best.written


def _folded(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower().removesuffix("s")


def _groups(drugs: Sequence[Drug], units: Sequence[str]) -> list[list[Drug]]:
    """The drugs by what they mean: names of one therapy, one name in another, a name in brackets behind another, a
    substance and the one of its brands that the text names."""
    drugs = [_aside_with(drug, drugs, units) for drug in drugs]
    group, tabled = list(range(len(drugs))), _tabled(drugs)

    def join(one: int, two: int) -> None:
        low, high = sorted((group[one], group[two]))
        group[:] = [low if number == high else number for number in group]

    for one, two in combinations(range(len(drugs)), 2):
        if _same(drugs[one], drugs[two], units, tabled):
            join(one, two)
    found = [[drugs[n] for n in range(len(drugs)) if group[n] == number] for number in dict.fromkeys(group)]
    return _paired(found)


def _aside_with(drug: Drug, others: Sequence[Drug], units: Sequence[str]) -> Drug:
    """The drug, as an aside where it stands behind one that is, in brackets or with an "and"."""
    before = next((d for d in others if d.unit == drug.unit and d.aside and 0 <= drug.start - d.end < 6), None)
    behind = before is not None and BEHIND.fullmatch(units[drug.unit][before.end : drug.start])
    return replace(drug, aside=True) if behind else drug


def _tabled(drugs: Sequence[Drug]) -> set[tuple[str, str]]:
    """Substances with the one of their brands that is named beside them, as the table of the authorised knows it; both
    in lower case. Of two brands of one substance neither is meant by it alone."""
    named = {drug.written.lower() for drug in drugs if not drug.aside}
    brands = {name: BRANDS_OF[name] & named for name in named & BRANDS_OF.keys()}
    return {(name, next(iter(some))) for name, some in brands.items() if len(some) == 1}


def _same(one: Drug, two: Drug, units: Sequence[str], tabled: Collection[tuple[str, str]]) -> bool:
    """Whether two names stand for one drug."""
    if one.therapy and two.therapy:
        return one.therapy == two.therapy
    names = one.written.lower(), two.written.lower()
    if names in tabled or names[::-1] in tabled:
        return True
    short, long = sorted((_folded(one.written), _folded(two.written)), key=len)
    if short == long or (len(short) > 3 and long.startswith(short) and one.kind == two.kind):
        return True
    if one.unit != two.unit or one.aside != two.aside:
        return False
    gap = units[one.unit][one.end : two.start] if one.start < two.start else units[one.unit][two.end : one.start]
    if gap == " (" or (gap in (" ", "® ", "™ ") and one.kind in (*LOOSE, SUBSTANCE) and one.kind == two.kind):
        return True
    return one.kind != two.kind and _beside(units[one.unit], one, two)


def _paired(groups: list[list[Drug]]) -> list[list[Drug]]:
    """The same, with the one brand and the one substance or code of a text as names of one drug."""
    own = [group for group in groups if not all(drug.aside for drug in group)]
    loose = [group for group in own if {drug.kind for drug in group} == {BRAND}]
    firm = [group for group in own if not any(drug.kind in LOOSE or drug.therapy for drug in group)]
    if len(loose) != 1 or len(firm) != 1 or {d.unit for d in loose[0]} & {d.unit for d in firm[0]}:
        return groups
    both = sorted(loose[0] + firm[0], key=_order)
    return sorted([both, *(g for g in groups if g is not loose[0] and g is not firm[0])], key=lambda g: _order(g[0]))
