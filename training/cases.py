"""Labelled texts as the judge sees them: what both readers make of each, and every candidate with its labels."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from monitor.reading.prose.candidates import KIN, Candidate, Views, candidates_of
from monitor.reading.prose.clean import cleaned
from monitor.reading.prose.features import features_of
from monitor.reading.prose.judge import is_heard_of_itself, stands
from monitor.reading.prose.objections import guard
from monitor.reading.prose.two_readers import both_readers, spread, views_of
from monitor.vocabulary.drug_words import COMPANIES
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.therapies import Therapies
from training.folds import PARTS
from training.items import ELSEWHERE, LABELS, OWN, ROOT, SHARED, corrections, digest, joined, rows, same_drug
from training.out_of_part import Kept, values_kept, words_kept

NO_PART = -1
"""The part of our own sentences."""
PLAIN_WORDS = re.compile(
    r"vaccine|shot|drug|therap|treatment|pill|inhib|insulin|steroid|antibod|cell|gene\b|oral|covid|GLP-1", re.I
)


@dataclass(frozen=True, slots=True)
class Text:
    """A labelled text with what both readers make of it, and its part."""

    part: int
    row: Mapping[str, Any]
    views: Views


@dataclass(frozen=True, slots=True)
class Case:
    """A candidate of text number `item`: is it news here, is the medicine right too, are both but for which of the
    ways of one yes it is, does it count, which guard stands against it, does a rule tell it, what says the encoder?
    Is it a regulator's own act that the network hears, and does it stand however unlikely it looks (`judge.py`)?"""

    item: int
    part: int
    one: Candidate
    features: Mapping[str, float]
    news: bool
    right: bool
    kin: bool
    counts: bool
    why: str | None
    told: bool
    value: float
    own: bool
    stands: bool

    @property
    def guarded(self) -> bool:
        """Whether a guard stands against it."""
        return self.why is not None


def labelled_rows() -> dict[str, dict[str, Any]]:
    """The labelled texts by id, mended where two readers mended them."""
    mended = corrections()
    found = {}
    for row in rows(SHARED / "real.jsonl"):
        found[row["id"]] = row | mended.get((row["id"], digest(row["title"], row.get("text") or "")), {})
    for texts, labels in ((SHARED / "pool.jsonl", "pool.jsonl"), (ELSEWHERE, "elsewhere.jsonl")):
        found |= {row["id"]: text | row for row, text in joined(LABELS / labels, texts)}
    return found


def holdout_rows() -> list[dict[str, Any]]:
    """The labelled texts on which nothing is fitted or chosen."""
    pool = {row["id"]: row for row in rows(SHARED / "pool.jsonl")}
    return [pool[row["id"]] | row for row in rows(LABELS / "holdout.jsonl")]


def texts_of(cache: Path, therapies: Therapies | None = None) -> list[Text]:
    """What was kept of every part, with the texts; says of how many the text is not at hand. Raises FileNotFoundError
    where nothing is, KeyError where the words of a text were not counted."""
    labelled, found, counted, absent = labelled_rows(), [], dict(words_kept(cache)), 0
    for part in range(PARTS):
        path = cache / f"fold_{part}.npz"
        for id_, value in values_kept(path)[1] if path.exists() else ():
            if row := labelled.get(id_):
                found.append(Text(part, row, replace(seen_by(row, value, therapies), counted=counted[id_])))
            absent += row is None
    if not found:
        raise FileNotFoundError(f"{cache}: expected fold_N.npz of `python -m training cross`, found none")
    if absent:
        print(f"{absent} of {absent + len(found)} texts are not at hand: what follows is without them")
    return found


def seen_as_shipped(row: Mapping[str, Any], therapies: Therapies | None) -> Views:
    """What both readers that ship make of a text."""
    text, day = cleaned(row["title"], row.get("text") or ""), day_of(row)
    seen = both_readers(text, day, therapies, kind=row["source_kind"])
    return seen or views_of(text, day, therapies, kind=row["source_kind"], values=None)


def names_followed(views: Views) -> bool:
    """Whether a text names a medicine that is followed."""
    return any(drug.therapy for drug in views.drugs)


def own_texts(cache: Path, folder: Path = ROOT / "benchmarks" / "items") -> list[Text]:
    """Our own sentences as the encoder that ships reads them, which has seen them: in no part, and never scored. Their
    words are counted by a fit that has not."""
    found, counted = [], dict(words_kept(cache))
    for row in (row for name in OWN for row in rows(folder / name)):
        if row.get("source_kind") in ("registry_diff", "page_diff"):
            continue
        views = both_readers(cleaned(row["title"], row.get("text") or ""), day_of(row), None, kind=row["source_kind"])
        found += [Text(NO_PART, row, replace(views, counted=counted[row["id"]]))] if views else []
    return found


def followed(texts: Mapping[str, Mapping[str, Any]]) -> Therapies:
    """A pack that follows every medicine that labels name in one or two words; a maker in a label is none."""
    names: dict[str, str] = {}
    for row in texts.values():
        for event in row.get("expected", ()):
            for part in re.split(r"\s*[(),/]\s*", event.get("drug") or ""):
                maker = part.split(" ")[0].lower() in COMPANIES
                if len(part) > 3 and part.count(" ") < 2 and not maker and not PLAIN_WORDS.search(part):
                    names.setdefault(part.lower(), part)
    therapies = [{"name": name} for name in names.values()]
    about = {"name": "all", "condition": "any illness", "version": "1"}
    return Therapies(Pack.model_validate({"pack": about, "therapies": therapies, "watches": []}))


def seen_by(row: Mapping[str, Any], kept: Kept, therapies: Therapies | None) -> Views:
    """What both readers make of a text, of which this was kept."""
    text, value = cleaned(row["title"], row.get("text") or ""), kept.values
    read = 1 + sum(bool(unit) for unit in text.units[1:])
    if read != len(value):  # kept before sentences were cut as they are today
        near = [0, *(1 + round(n * (len(value) - 2) / max(1, read - 2)) for n in range(read - 1))]
        value = value[np.minimum(near, len(value) - 1)]
    values, names = spread(text.units, value.tolist()), kept.names_in(text.units)
    return views_of(text, day_of(row), therapies, kind=row["source_kind"], values=values, names=names)


def day_of(row: Mapping[str, Any]) -> date | None:
    """The day of publication."""
    return date.fromisoformat(row["published"][:10]) if row.get("published") else None


def cases_of(texts: Sequence[Text]) -> list[Case]:
    """Every candidate of the texts that is about a medicine, with what its labels say of it."""
    return [
        _case(number, text, one, features)
        for number, text in enumerate(texts)
        for candidates in [candidates_of(text.views)]
        for one, features in zip(candidates, features_of(candidates, text.views), strict=True)
        if one.about
    ]


def _case(number: int, text: Text, one: Candidate, features: Mapping[str, float]) -> Case:
    same = [event for event in text.row["expected"] if event["type"] == one.type]
    names: list[str | None] = [*_names_of(one, text.views.units)] or [None]
    kin = [event for event in text.row["expected"] if one.type in KIN and event["type"] in KIN]
    right, near = (any(same_drug(event.get("drug"), name) for event in some for name in names) for some in (same, kin))
    tolerated = not same and one.type in (text.row.get("accept") or ())
    return Case(
        number,
        text.part,
        one,
        features,
        news=bool(same),
        right=right,
        kin=right or near,
        counts=not tolerated,
        why=guard(one, text.views),
        told=one.act is not None,
        value=one.seconded,
        own=is_heard_of_itself(one, text.views),
        stands=stands(one, text.views),
    )


def _names_of(one: Candidate, units: Sequence[str]) -> Iterator[str]:
    """The medicines that a claim would name, each by every name that the text gives it."""
    for written, _ in one.subjects:
        yield written
        for other in one.named:
            if any(name in written for name in other.names):
                yield from other.names
        yield from _written_beside(written, units)


def _written_beside(name: str, units: Sequence[str]) -> Iterator[str]:
    """The other names that a text gives a medicine in brackets: "NAME (name)"."""
    mark = re.escape(name) + r"[®™]*"
    for found in re.finditer(rf"{mark}\s*\((\w[\w-]+)[^)]*\)|(\w[\w-]+)\s*\({mark}\)", " ".join(units)):
        yield found[1] or found[2]
