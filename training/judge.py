"""`python -m training.judge [--cache FOLDER] [--write]`: fit the judge to what the encoder said out of its folds.

Two logistic regressions over the named features of `monitor/reading/prose/features.py`, cross-fitted by part for the
thresholds and fitted to all parts for what ships (`model/judge.json`). numpy alone. The hold-out is never read.
"""

import argparse
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.reading.prose.candidates import KIN, Candidate, Views, candidates_of
from monitor.reading.prose.clean import cleaned
from monitor.reading.prose.features import features_of
from monitor.reading.prose.judge import FILE, guard
from monitor.reading.prose.two_readers import both_readers, spread, views_of
from monitor.vocabulary.event_types import LEVELS, TYPES
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.therapies import Therapies
from training.folds import HOLDOUT
from training.items import LABELS, OWN, ROOT, SHARED, corrections, digest, rows, same_drug

CACHE = Path.home() / ".cache" / "therawatch" / "training"
SMALL, ROUNDS = 1e-9, 40
LOOSE, FIRM = 5.0, 20.0
"""How strongly weights are held to zero: whether it is news, and whether the medicine is right."""
RIGHT, SILENT = 0.95, 0.06
"""What the thresholds are chosen for: the share of released readings that are right, of items with news and no word."""
ENOUGH, FEW, NEVER = 60, 25, 0.98
"""So many readings of a level settle its threshold, so few that of all; where none will do, hardly any is released."""
NARROW = 0.25
"""Features that are rarer than this spread weigh no more than they would at it: a type seen twice has taught little."""
NO_PART, LIGHT = -1, 0.6
"""The part of our own sentences, and what they count beside real texts."""
PLAIN_WORDS = re.compile(
    r"vaccine|shot|drug|therap|treatment|pill|inhib|insulin|steroid|antibod|cell|gene\b|oral|covid", re.I
)
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Text:
    """A labelled text with what both readers make of it, and its part."""

    part: int
    row: Mapping[str, Any]
    views: Views


@dataclass(frozen=True, slots=True)
class Case:
    """A candidate of text number `item`: is it news here, is the medicine right too, does it count?"""

    item: int
    part: int
    one: Candidate
    features: Mapping[str, float]
    news: bool
    kin: bool
    right: bool
    counts: bool
    guarded: bool


def labelled_rows() -> dict[str, dict[str, Any]]:
    """The labelled texts by id, mended where two readers mended them."""
    mended = corrections()
    found = {}
    for row in rows(SHARED / "real.jsonl"):
        found[row["id"]] = row | mended.get((row["id"], digest(row["title"], row.get("text") or "")), {})
    pool = {row["id"]: row for row in rows(SHARED / "pool.jsonl")}
    return found | {row["id"]: pool[row["id"]] | row for row in rows(LABELS / "pool.jsonl")}


def texts_of(cache: Path, therapies: Therapies | None = None) -> list[Text]:
    """What was kept of every part but the hold-out, with the texts. Raises FileNotFoundError where nothing is."""
    labelled, found = labelled_rows(), []
    for part in range(HOLDOUT):
        path = cache / f"fold_{part}.npz"
        if not path.exists():
            continue
        kept = np.load(path)
        values = np.split(kept["probabilities"], np.cumsum(kept["counts"])[:-1])
        for id_, value in zip(kept["ids"], values, strict=True):
            row = labelled[str(id_)]
            found.append(Text(part, row, _views(row, value, therapies)))
    if not found:
        raise FileNotFoundError(f"{cache}: expected fold_N.npz of `python -m training cross`, found none")
    return found


def own_texts(folder: Path = ROOT / "benchmarks" / "items") -> list[Text]:
    """Our own sentences as the encoder that ships reads them, which has seen them: in no part, and never scored."""
    found = []
    for row in (row for name in OWN for row in rows(folder / name)):
        if row.get("source_kind") in ("registry_diff", "page_diff"):
            continue
        views = both_readers(cleaned(row["title"], row.get("text") or ""), day_of(row), None, kind=row["source_kind"])
        found += [Text(NO_PART, row, views)] if views else []
    return found


def followed(texts: Mapping[str, Mapping[str, Any]]) -> Therapies:
    """A pack that follows every medicine that labels name in one or two words."""
    names: dict[str, str] = {}
    for row in texts.values():
        for event in row.get("expected", ()):
            for part in re.split(r"\s*[(),/]\s*", event.get("drug") or ""):
                if len(part) > 3 and part.count(" ") < 2 and not PLAIN_WORDS.search(part):
                    names.setdefault(part.lower(), part)
    therapies = [{"name": name} for name in names.values()]
    about = {"name": "all", "condition": "any illness", "version": "1"}
    return Therapies(Pack.model_validate({"pack": about, "therapies": therapies, "watches": []}))


def _views(row: Mapping[str, Any], value: NDArray[np.float32], therapies: Therapies | None) -> Views:
    text = cleaned(row["title"], row.get("text") or "")
    read = 1 + sum(bool(unit) for unit in text.units[1:])
    if read != len(value):  # kept before sentences were cut as they are today
        near = [0, *(1 + round(n * (len(value) - 2) / max(1, read - 2)) for n in range(read - 1))]
        value = value[np.minimum(near, len(value) - 1)]
    return views_of(text, day_of(row), therapies, kind=row["source_kind"], values=spread(text.units, value.tolist()))


def day_of(row: Mapping[str, Any]) -> date | None:
    """The day of publication."""
    return date.fromisoformat(row["published"][:10]) if row.get("published") else None


def cases_of(texts: Sequence[Text]) -> list[Case]:
    """Every candidate of the texts, with what its labels say of it."""
    return [
        _case(number, text, one, features_of(one, text.views))
        for number, text in enumerate(texts)
        for one in candidates_of(text.views)
    ]


def _case(number: int, text: Text, one: Candidate, features: Mapping[str, float]) -> Case:
    same = [event for event in text.row["expected"] if event["type"] == one.type]
    names: list[str | None] = [name for name, _ in one.subjects] or [None]
    right = any(same_drug(event.get("drug"), name) for event in same for name in names)
    tolerated = not same and one.type in (text.row.get("accept") or ())
    kin = bool(same) or (one.type in KIN and any(event["type"] in KIN for event in text.row["expected"]))
    guarded = guard(one, text.views) is not None
    return Case(number, text.part, one, features, bool(same), kin, right, not tolerated, guarded)


@dataclass(frozen=True, slots=True)
class Table:
    """The cases as arrays."""

    names: list[str]
    values: Floats
    item: NDArray[np.int64]
    part: NDArray[np.int64]
    news: Flags
    kin: Flags
    right: Flags
    counts: Flags
    weight: Floats
    type: NDArray[np.str_]


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
        kin=np.array([case.kin for case in cases]),
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
    for part in np.unique(table.part[table.part != NO_PART]):
        here, apart = table.part == part, (table.part != part) & table.counts
        told = apart & table.news
        for found, some, yes, held in ((news, apart, table.news, LOOSE), (subject, told, table.right, FIRM)):
            weights = fitted(table.values[some], yes[some], table.weight[some], held)
            found[here] = shares(table.values[here], weights)
    return news, subject


def thresholds(cases: Sequence[Case], news: Floats, subject: Floats, told: Flags) -> dict[str, Any]:
    """From which probability a reading is released, by level, and from which it is held; apart for medicines that are
    followed. `told` says of each text whether it has news."""
    item, right, counts = (np.array([getattr(case, name) for case in cases]) for name in ("item", "right", "counts"))
    both, level = news * subject, np.array([TYPES[case.one.type].level for case in cases])
    free = counts & np.array([not case.guarded and case.part != NO_PART for case in cases])
    known = np.array([any(therapy for _, therapy in case.one.subjects) for case in cases])
    highest = np.zeros(len(told))
    np.maximum.at(highest, item[counts], news[counts])
    hold = float(np.quantile(highest[told], SILENT))
    release = {
        name: {one: _surest(both, right, free & some & (level == one), free & some) for one in LEVELS}
        for name, some in (("followed", known), ("any", ~known))
    }
    return {"release": release, "hold": {"any": round(hold, 3), "followed": round(hold / 2, 3)}}


def _surest(both: Floats, right: Flags, some: Flags, others: Flags) -> float:
    """The lowest probability from which enough of the readings are right: of these, where they are many enough to tell,
    else of all."""
    for chosen, least in ((some, ENOUGH), (others, FEW)):
        order = np.argsort(-both[chosen])
        p, ok, count = both[chosen][order], right[chosen][order], np.arange(1, chosen.sum() + 1)
        good = np.flatnonzero((np.cumsum(ok) / count >= RIGHT) & (count >= least))
        if len(good):
            return round(float(p[good[-1]]), 3)
    return NEVER


def weights_of(table: Table, told: Flags, yes: Flags, held: float) -> dict[str, float]:
    """Weights by name, fitted to all parts."""
    found = fitted(table.values[told], yes[told], table.weight[told], held)
    return {name: round(float(value), 4) for name, value in zip(table.names, found, strict=True) if abs(value) > 1e-4}


def main() -> None:
    """Fit, choose, and write where asked."""
    parser = argparse.ArgumentParser(prog="python -m training.judge", description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--write", action="store_true", help="write the weights and thresholds that ship")
    options = parser.parse_args()
    plain, pack = texts_of(options.cache), texts_of(options.cache, followed(labelled_rows()))
    texts = [*plain, *pack, *own_texts()]
    cases = cases_of(texts)
    table = table_of(cases)
    told = np.array([bool(text.row["expected"]) and text.part != NO_PART for text in texts])
    chosen = thresholds(cases, *crossed(table), told)
    print(f"{len(plain)} texts, {len(cases)} candidates, {len(table.names)} features: {json.dumps(chosen)}")
    if options.write:
        FILE.write_text(json.dumps(models(table) | chosen, indent=1) + "\n", encoding="utf-8")


def models(table: Table) -> dict[str, Any]:
    """The three models, fitted to all parts."""
    news, yes = table.counts & table.news, np.isin(table.type, sorted(KIN))
    return {
        "news": weights_of(table, table.counts, table.news, LOOSE),
        "kin": weights_of(table, table.counts & yes, table.kin, LOOSE),
        "subject": weights_of(table, news, table.right, FIRM),
    }


if __name__ == "__main__":
    main()
