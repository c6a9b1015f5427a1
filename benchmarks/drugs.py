"""Score whose drug a text speaks of: `python -m benchmarks.drugs [--parts 0,1,2] [--errors] [--fit] [--followed]`.

Given the types that a labelled text announces: is the drug that is read for each the labelled one? The sentence of an
act is that of the rules' clause where they read one of the type, else the one the encoder gives it first. Names are
compared as `benchmarks.classify` compares them. Prints how often the drug is right by kind of error, how often a drug
is read where the label names none, and the same in texts whose drugs are followed. The hold-out is never read.
"""

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.reading.prose.clean import cleaned
from monitor.reading.prose.drug_names import find_drugs
from monitor.reading.prose.drugs import Drug
from monitor.reading.prose.encoder import encoder
from monitor.reading.prose.spelling import is_english
from monitor.reading.prose.subject_weights import LEAST, WEIGHTS
from monitor.reading.prose.subjects import Candidate, Place, candidates_of, subjects_of
from monitor.reading.prose.tense import DONE, clause
from monitor.reading.prose.two_readers import readings
from monitor.vocabulary.pack import Disease, Pack, Therapy
from monitor.vocabulary.therapies import Therapies
from training.folds import part_of, read_folds
from training.items import LABELS, SHARED, corrections, digest, rows, same_drug

RIGHT, OTHER, UNSEEN, NOTHING, ABSENT = "right", "another named drug", "name not known", "nothing found", "not in text"
"""Kinds: also that the label's name is found but another is taken, is no drug to us, or stands nowhere in the text."""


STEPS = 20
"""More than the fits need."""
PENALTY = 1.0
"""How much a weight costs, so that rare features stay small."""
FOLLOWED = 0.3
"""What it adds that a drug is followed: set by hand, for the labelled texts are read without a pack."""
Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    """One labelled act: the text, the type, and every drug that the label names for it (none: not stated)."""

    id: str
    part: int
    title: str
    text: str
    published: str | None
    type: str
    drugs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """What is read of a case: its sentence, all drugs of the text, those of the rules, the candidates in order."""

    case: Case
    unit: int
    span: tuple[int, int] | None
    drugs: Sequence[Drug]
    rules: Sequence[str]
    candidates: Sequence[Candidate]

    def line(self) -> str:
        """Label and reading side by side."""
        found = ", ".join(f"{drug.written}/{drug.kind}{'/aside' * drug.aside}" for drug in self.drugs)
        order = "; ".join(f"{one.drug} {one.score:.2f}" for one in self.candidates[:3])
        case = self.case
        return (
            f"{case.id} {case.type} label {'; '.join(case.drugs) or '-'} | {order or '-'} | {self.unit} | {found}\n"
            f"    {case.title} || {case.text[:300]}"
        )


def cases(parts: Iterable[int]) -> Iterator[Case]:
    """The acts of the labelled real texts in these parts."""
    folds, wanted, mended = read_folds(), set(parts), corrections()
    pool = {row["id"]: row for row in rows(LABELS / "pool.jsonl")}
    for name in ("real", "pool"):
        for row in rows(SHARED / f"{name}.jsonl"):
            labels: Mapping[str, Any] | None = row if name == "real" else pool.get(row["id"])
            part = folds.get(row["id"], part_of(row["id"]))
            if labels is None or part not in wanted:
                continue
            body = str(row.get("text") or "")
            expected = mended.get((row["id"], digest(row["title"], body)), labels)["expected"]
            drugs: dict[str, list[str]] = defaultdict(list)
            for event in expected:
                drugs[event["type"]] += [event["drug"]] if event.get("drug") else []
            for type_, named in drugs.items():
                yield Case(row["id"], part, row["title"], body, row.get("published"), type_, tuple(named))


def place_of(case: Case, units: list[str]) -> tuple[int, tuple[int, int] | None]:
    """The sentence that tells the act, and where in it: by the rules, else (the sentence alone) by the encoder."""
    published = date.fromisoformat(case.published[:10]) if case.published else None
    acts = [act for act in readings(units, published) if act.type == case.type]
    if acts:
        act = min(acts, key=lambda act: (act.modality != DONE, act.unit))
        return act.unit, (act.start, act.end)
    filled = [number for number, unit in enumerate(units) if unit and number]
    values = encoder().read(units[0], [units[number] for number in filled]).values
    column = values[:, encoder().types.index(case.type)]
    return [0, *filled][int(column.argmax())], None


def any_right(case: Case, names: Iterable[str]) -> bool:
    """Whether one of the names is that of a labelled drug."""
    return any(drug and same_drug(drug, name) for drug in case.drugs for name in names)


def kind_of(case: Case, read: Sequence[str], named: Sequence[str]) -> str:
    """Whether one of the drugs that were read is labelled, and if not, of what kind the error is."""
    if any_right(case, read):
        return RIGHT
    whole = f"{case.title}\n{case.text}".lower()
    if not any(drug.lower() in whole for drug in case.drugs):
        return ABSENT
    if any_right(case, named):
        return OTHER
    return UNSEEN if read else NOTHING


def read_case(case: Case) -> Read:
    """What is read of one labelled act."""
    units = cleaned(case.title, case.text).units
    unit, span = place_of(case, units)
    drugs = find_drugs(units, None)
    rules = [written for written, _ in subjects_of(unit, units, drugs)]
    return Read(case, unit, span, drugs, rules, _candidates(units, drugs, unit, span))


def _candidates(
    units: Sequence[str], drugs: Sequence[Drug], unit: int, span: tuple[int, int] | None
) -> list[Candidate]:
    start, end = span or (0, len(units[unit]))
    left, right = clause(units[unit], start, end)
    return candidates_of(units, drugs, [Place(unit, left, start, end, right)])[0]


def fitted(read: Sequence[Read]) -> tuple[Table, float]:
    """The weight of each feature and the bias: ranked within each act, then scaled to what is probable.

    Rank: of the candidates of an act the labelled one shall stand first (softmax over the candidates of one act, acts
    with both right and wrong ones). Scale: what that sum and being the only one, which no ranking sees, say of a single
    candidate, right or wrong, over all of them (logistic regression). Both by Newton's steps.
    """
    tables = [table_of(each) for each in read if each.candidates]
    weights = ranked([(rows_, right) for rows_, right in tables if 0 < right.sum() < len(right)])
    names, every = list(WEIGHTS), np.concatenate([rows_ for rows_, _ in tables])
    right = np.concatenate([right for _, right in tables])
    scale, only, bias = scaled(
        np.stack([every @ weights, every[:, names.index("only")], np.ones(len(every))], 1), right
    )
    weights *= scale
    weights[names.index("only")], weights[names.index("followed")] = only, FOLLOWED
    return weights, float(bias)


def table_of(read: Read) -> tuple[Table, Table]:
    """The features of each candidate of an act, and whether it is the labelled drug."""
    rows_ = np.array([[one.features[name] for name in WEIGHTS] for one in read.candidates])
    return rows_, np.array([float(any_right(read.case, (one.drug, *one.names))) for one in read.candidates])


def ranked(tables: Sequence[tuple[Table, Table]]) -> Table:
    """The weights by which the right candidates stand before the wrong ones of their act."""
    weights = np.zeros(len(WEIGHTS))
    for _ in range(STEPS):
        slope, curve = -PENALTY * weights, PENALTY * np.eye(len(weights))
        for rows_, right in tables:
            chance = softmax(rows_ @ weights)
            wanted = right * chance / (right @ chance)
            slope += rows_.T @ (wanted - chance)
            curve += rows_.T @ (rows_ * chance[:, None]) - np.outer(rows_.T @ chance, rows_.T @ chance)
        weights += np.linalg.solve(curve, slope)
    return weights


def softmax(values: Table) -> Table:
    """Values as chances that sum to one."""
    grown = np.exp(values - values.max())
    chances: Table = grown / grown.sum()
    return chances


def scaled(rows_: Table, right: Table) -> Table:
    """The factors of these columns by which their sum is the log odds of being right."""
    found = np.zeros(rows_.shape[1])
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-rows_ @ found))
        found += np.linalg.solve((rows_.T * (chance * (1 - chance))) @ rows_, rows_.T @ (right - chance))
    return found


def crossed(read: Sequence[Read]) -> float:
    """How often the first candidate is right by weights that are fitted without its part."""
    hits, labelled = 0, [one for one in read if one.case.drugs]
    for part in {one.case.part for one in read}:
        weights, _ = fitted([one for one in read if one.case.part != part])
        for one in labelled:
            if one.case.part == part and one.candidates:
                rows_, right = table_of(one)
                hits += right[int((rows_ @ weights).argmax())] > 0
    return hits / max(len(labelled), 1)


def report(read: Sequence[Read], *, errors: bool) -> None:
    """Print how often the first candidate is the labelled drug, and by kind what went wrong."""
    counts: Counter[str] = Counter()
    wrong: dict[str, list[str]] = defaultdict(list)
    labelled = [one for one in read if one.case.drugs]
    for one in read:
        first = next(iter(one.candidates), None)
        names = (first.drug, *first.names) if first else ()
        kind = kind_of(one.case, names, [drug.written for drug in one.drugs]) if one.case.drugs else "none labelled"
        counts[kind] += 1
        if kind != RIGHT and (first or one.case.drugs):
            wrong[kind].append(one.line())
    for kind in (RIGHT, OTHER, UNSEEN, NOTHING, ABSENT):
        print(f"{kind:20} {counts[kind]:5} {counts[kind] / max(len(labelled), 1):6.3f}")
    rules = sum(any_right(one.case, one.rules) for one in labelled)
    print(f"of {len(labelled)} acts with a labelled drug; by the rules alone {rules / max(len(labelled), 1):.3f}")
    sure = [one for one in read if one.candidates and one.candidates[0].score >= LEAST]
    some = [one for one in sure if one.case.drugs]
    right = sum(any_right(one.case, (one.candidates[0].drug, *one.candidates[0].names)) for one in some)
    print(f"a score of {LEAST} or more: {len(some)} of them, {right / max(len(some), 1):.3f} right; and")
    print(f"{len(sure) - len(some)} of {len(read) - len(labelled)} whose label names no drug")
    if errors:
        for kind, lines in wrong.items():
            print(f"\n== {kind}: {len(lines)}", *lines, sep="\n")


def followed(read: Sequence[Read]) -> None:
    """Print the same with packs made of the labelled drugs: of all of them, and of one that another's text names."""
    names = sorted({drug for one in read for drug in one.case.drugs if not is_english(drug.lower().split()[0])})
    names = [name for name in dict.fromkeys(name.lower() for name in names) if len(name) > 3]
    everything = following(names)
    labelled = [one for one in read if any(drug.lower() in names for drug in one.case.drugs)]
    right = strange = wrong = 0
    for one in labelled:
        units, whole = cleaned(one.case.title, one.case.text).units, f"{one.case.title} {one.case.text}".lower()
        first = next(iter(_candidates(units, find_drugs(units, everything), one.unit, one.span)), None)
        right += bool(first and first.therapy and any_right(one.case, (first.therapy, first.drug)))
        for name in names:
            if name in whole and not any(same_drug(drug, name) for drug in one.case.drugs):
                drugs = find_drugs(units, following([name]))
                if any(drug.therapy for drug in drugs):
                    strange += 1
                    top = _candidates(units, drugs, one.unit, one.span)[0]
                    wrong += bool(top.therapy) and not any_right(one.case, (top.drug, *top.names))
    print(
        f"with a pack of {len(names)} labelled drugs: {right} of {len(labelled)} acts are given to the labelled therapy"
    )
    print(f"with a pack of one drug that a text of another names: {wrong} of {strange} acts are given to it alone")


def following(names: Sequence[str]) -> Therapies:
    """A pack that follows these drugs."""
    return Therapies(
        Pack(pack=Disease(name="labels", condition="any"), therapies=[Therapy(name=name) for name in names])
    )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", default="0,1,2", help="parts of training/folds.txt, without the hold-out")
    parser.add_argument(
        "--errors", action="store_true", help="list what went wrong; texts of others, for the eye alone"
    )
    parser.add_argument("--fit", action="store_true", help="print weights for monitor/reading/prose/subject_weights.py")
    parser.add_argument("--followed", action="store_true", help="the same with packs made of the labelled drugs")
    options = parser.parse_args()
    read = [read_case(case) for case in cases(map(int, options.parts.split(",")))]
    report(read, errors=options.errors)
    if options.followed:
        followed(read)
    if options.fit:
        weights, bias = fitted(read)
        print(*(f'    "{name}": {weight:.2f},' for name, weight in zip(WEIGHTS, weights, strict=True)), sep="\n")
        print(f"BIAS = {bias:.2f}")
        print(f"# fitted without the part that is scored: {crossed(read):.3f} right")


if __name__ == "__main__":
    main()
