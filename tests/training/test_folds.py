"""Parts of the labelled texts: news on one side only, frozen, and the hold-out out of reach."""

import json
from collections import Counter
from pathlib import Path

import pytest

from training.folds import PARTS, dealt, read_folds, write_folds
from training.items import (
    LABELLED,
    LABELS,
    OWN,
    PHRASINGS,
    ROOT,
    SHARED,
    Labelled,
    digest,
    elsewhere_items,
    own_items,
    phrasing_items,
    pool_items,
    real_items,
    rows,
)


def item(id_: str, title: str, *, drugs: tuple[str, ...] = (), published: str | None = None) -> Labelled:
    return Labelled(id_, title, "", published, frozenset(), frozenset(), drugs, "real")


def test_one_piece_of_news_stands_in_one_part() -> None:
    same_drug = [item(f"d{n}", f"Headline {n} of zolatrexin", drugs=("zolatrexin",)) for n in range(6)]
    retold = [
        item("r1", "Regulators clear Maxiflow inhaler for severe asthma", published="2020-01-05"),
        item("r2", "Regulators clear Maxiflow inhaler for severe asthma patients", published="2021-03-05"),
    ]
    month = [item(f"m{n}", title, published="2022-07-01") for n, title in enumerate(("One thing", "Another matter"))]

    parts = dealt([*same_drug, *retold, *month])

    for together in (same_drug, retold, month):
        assert len({parts[one.id] for one in together}) == 1, [one.title for one in together]


def test_a_part_is_kept_when_items_are_dealt_again(tmp_path: Path) -> None:
    file = tmp_path / "folds.txt"
    first = [item(f"a{n}", f"Drug number {n}", drugs=(f"substance{n}",)) for n in range(40)]
    write_folds(first, file)
    before = read_folds(file)

    write_folds([*first, *(item(f"b{n}", f"Other {n}", drugs=("substance1",)) for n in range(30))], file)

    assert {id_: part for id_, part in read_folds(file).items() if id_ in before} == before


def test_what_belongs_to_a_text_with_a_part_goes_there() -> None:
    known = [item("a1", "Drug one", drugs=("substanceone",))]
    later = item("b1", "Another word of it", drugs=("substanceone",))

    assert [dealt([*known, later], {"a1": part})["b1"] for part in range(PARTS)] == list(range(PARTS))


def test_the_frozen_parts_are_alike_in_size() -> None:
    elsewhere = {row["id"] for row in rows(LABELS / "elsewhere.jsonl")}
    parts = read_folds()
    shared = [part for id_, part in parts.items() if id_ not in elsewhere]

    assert len(shared) == 8_842
    assert all(abs(shared.count(n) - len(shared) / PARTS) < 5 for n in range(PARTS))
    assert elsewhere <= parts.keys()


def test_nothing_kept_for_scoring_is_trained_on() -> None:
    assert not {"dev.jsonl", "sealed.jsonl", "rare.jsonl"} & set(OWN)
    items = Path(__file__).parents[2] / "benchmarks" / "items"
    kept = {row["id"] for name in ("sealed.jsonl", "rare.jsonl") for row in rows(items / name)}

    assert not kept & {own.id for own in own_items()}


@pytest.mark.parametrize("name", PHRASINGS)
def test_phrasings_say_each_type_in_many_words_and_come_near_it(name: str) -> None:
    items = [row for row in rows(ROOT / "benchmarks" / "items" / name)]
    told = Counter(event["type"] for row in items for event in row["expected"])

    assert len(told) == 38
    assert min(told.values()) >= 20
    assert sum(not row["expected"] for row in items) > 300
    assert len({row["title"] for row in items}) == len({row["id"] for row in items}) == len(items)


def test_no_phrasing_is_a_title_that_is_kept_for_scoring() -> None:
    kept = ("dev.jsonl", "sealed.jsonl", "rare.jsonl", "sentences.jsonl")
    folders = (ROOT / "benchmarks" / "items", SHARED)
    titles = {
        row["title"] for name in kept for folder in folders if (folder / name).exists() for row in rows(folder / name)
    }

    assert len(titles) > 400
    assert not titles & {item.title for item in phrasing_items()}


def test_the_new_hold_out_is_apart_from_what_is_trained_on() -> None:
    ids = [{row["id"] for row in rows(LABELS / name)} for name in ("pool.jsonl", "holdout.jsonl")]

    assert len(ids[1]) == 600
    assert not ids[1] & (ids[0] | set(read_folds()))


def test_labels_of_another_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "pool.jsonl").write_text(json.dumps({"id": "c-1", "title": "New title", "text": ""}) + "\n")
    labels = tmp_path / "labels.jsonl"
    labels.write_text(json.dumps({"id": "c-1", "sha256": digest("Old title", ""), "expected": []}) + "\n")

    with pytest.raises(ValueError, match="c-1"):
        pool_items(tmp_path, labels)


def test_texts_from_elsewhere_are_joined_to_their_labels_by_hash(tmp_path: Path) -> None:
    texts, labels = tmp_path / "elsewhere.jsonl", tmp_path / "labels.jsonl"
    texts.write_text(json.dumps({"id": "e-1", "title": "Orvelomab gets its yes", "text": ""}) + "\n")
    label = {
        "id": "e-1",
        "sha256": digest("Orvelomab gets its yes", ""),
        "expected": [{"type": "approval", "drug": ""}],
    }
    labels.write_text(json.dumps(label) + "\n")

    (found,) = elsewhere_items(texts, labels)
    assert (found.types, found.origin) == ({"approval"}, "elsewhere")

    texts.write_text(json.dumps({"id": "e-1", "title": "Orvelomab gets its no", "text": ""}) + "\n")
    with pytest.raises(ValueError, match="e-1"):
        elsewhere_items(texts, labels)


def test_labels_from_elsewhere_hold_no_text() -> None:
    found = list(rows(LABELS / "elsewhere.jsonl"))

    assert {key for row in found for key in row} <= {"id", "sha256", "where", "expected", "accept", "sure"}
    assert len({row["id"] for row in found}) == len({row["sha256"] for row in found}) == len(found)
    assert {event["type"] for row in found for event in row["expected"]} <= set(LABELLED)


def test_without_the_texts_of_others_there_are_our_own(tmp_path: Path) -> None:
    assert real_items(tmp_path / "absent") == []
    assert pool_items(tmp_path / "absent") == []
    assert elsewhere_items(tmp_path / "absent.jsonl") == []
    assert len(own_items()) > 1_500
    assert {name for own in own_items() for name in own.types} <= set(LABELLED)
