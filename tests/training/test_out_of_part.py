"""What is kept of fits that had not seen a part: enough for the judge, and no text."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.folds import PARTS, part_of, read_folds
from training.items import LABELLED, OWN, ROOT, rows
from training.out_of_part import FOLDER, LEAST, Kept, keep_odds, keep_values, values_kept, words_kept


@given(st.lists(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=4), min_size=1, max_size=5))
def test_probabilities_come_back_as_far_as_the_judge_looks(
    tmp_path_factory: pytest.TempPathFactory, shares: list[list[float]]
) -> None:
    path = tmp_path_factory.mktemp("kept") / "fold_0.npz"
    told = [Kept(np.array([[share] for share in some], np.float32), np.array(some, np.float32)) for some in shares]
    keep_values(told, [f"t{n}" for n in range(len(told))], ["approval"], path)

    types, kept = values_kept(path)
    assert types == ("approval",)
    for (id_, read), (number, row) in zip(kept, enumerate(told), strict=True):
        assert id_ == f"t{number}"
        assert read.values == pytest.approx(np.clip(row.values, LEAST, 1 - LEAST), abs=0.007)
        assert read.names == pytest.approx(np.clip(row.names, LEAST, 1 - LEAST), abs=0.02)


def test_names_belong_to_the_words_of_the_text_that_was_read() -> None:
    kept = Kept(np.zeros((2, 1), np.float32), np.array([0.1, 0.9, 0.2], np.float32))

    assert kept.names_in(["Orsa's Zolbex", "", "Zolbex again"]) == pytest.approx(
        {"orsa": 0.1, "zolbex": 0.9, "again": 0.2}
    )
    assert kept.names_in(["Orsa's Zolbex", "", "Zolbex once again"]) == {}, "other words: nothing is known of them"


def test_odds_by_words_come_back(tmp_path: Path) -> None:
    keep_odds(np.array([[-3.21, 0.5]], np.float32), ["t"], ["news", "approval"], tmp_path / "words_0.npz")

    assert dict(words_kept(tmp_path)) == {"t": {"news": pytest.approx(-3.2), "approval": pytest.approx(0.5)}}


def test_what_is_kept_is_of_every_part_and_of_its_own_texts() -> None:
    frozen = read_folds()
    for part in range(PARTS):
        types, kept = values_kept(FOLDER / f"fold_{part}.npz")
        assert set(types) == set(LABELLED)
        assert {frozen.get(id_, part_of(id_)) for id_, _ in kept} == {part}


def test_the_words_of_all_own_texts_are_counted() -> None:
    own = [row for name in OWN for row in rows(ROOT / "benchmarks" / "items" / name)]
    texts = {row["id"] for row in own if row.get("source_kind") not in ("registry_diff", "page_diff")}
    assert texts <= dict(words_kept(FOLDER)).keys()
