"""What a fit learns from beside labels: what readers that had not seen a text made of it."""

from pathlib import Path

import numpy as np
import pytest

from training.folds import read_folds
from training.items import LABELLED, OWN, ROOT, rows
from training.out_of_part import Kept, keep_values, odds_kept
from training.taught import FILE, taught, write


def odds(share: float) -> float:
    return float(np.log(share / (1 - share)))


def kept(values: list[list[float]]) -> Kept:
    return Kept(np.array(values, np.float32), np.zeros(0, np.float32))


def test_the_highest_sentence_of_each_text_counts_and_every_folder_as_often_as_it_is_named(tmp_path: Path) -> None:
    some = {"one": [[0.2], [0.9]], "two": [[0.5], [0.1]]}
    for name, values in some.items():
        keep_values([kept(values)], ["t"], ["approval"], tmp_path / name / "fold_3.npz")
    keep_values([kept([[0.7]])], ["u"], ["approval"], tmp_path / "two" / "fold_4.npz")

    write([tmp_path / "one", tmp_path / "one", tmp_path / "two"], tmp_path / "taught.npz")
    found = dict(odds_kept(tmp_path / "taught.npz"))

    assert found["t"]["approval"] == pytest.approx((2 * odds(0.9) + odds(0.5)) / 3, abs=0.03)
    assert found["u"]["approval"] == pytest.approx(odds(0.7), abs=0.03)


def test_what_is_taught_is_of_real_texts_alone_and_of_every_type() -> None:
    own = {row["id"] for name in OWN for row in rows(ROOT / "benchmarks" / "items" / name)}

    assert FILE.exists()
    assert taught().keys().isdisjoint(own)
    assert set(next(iter(taught().values()))) == set(LABELLED)
    assert len(taught().keys() & read_folds().keys()) > len(taught()) / 2
