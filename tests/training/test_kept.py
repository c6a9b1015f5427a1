"""A fit goes on where it was killed, and only where it would learn the same from the same."""

from dataclasses import replace
from pathlib import Path

from training.items import Labelled
from training.kept import FIRST, MODEL, ROUNDS, mark_of, prepare
from training.plan import Plan

ITEM = Labelled("x", "A title", "", None, frozenset({"approval", "recall"}), frozenset(), (), "own")
UNITS = [["A title", "A sentence."]]
WORDS = [0, 100, 1037, 2516]


def left_by(folder: Path, *marks: str) -> None:
    prepare(folder, marks)
    for name in ROUNDS:
        (folder / name).mkdir(exist_ok=True)
    for name in (FIRST, MODEL, "first/state.pt", "second/state.pt"):
        (folder / name).write_bytes(b"weights")


def test_a_fit_that_was_killed_goes_on(tmp_path: Path) -> None:
    left_by(tmp_path / "final", mark_of([ITEM], UNITS, WORDS, Plan()))

    assert prepare(tmp_path / "final", [mark_of([ITEM], UNITS, WORDS, Plan())])
    assert (tmp_path / "final" / "first" / "state.pt").exists()


def test_labels_sentences_or_numbers_that_changed_begin_anew(tmp_path: Path) -> None:
    was = mark_of([ITEM], UNITS, WORDS, Plan())
    for now in (
        mark_of([replace(ITEM, types=frozenset({"approval"}))], UNITS, WORDS, Plan()),
        mark_of([replace(ITEM, sure=False)], UNITS, WORDS, Plan()),
        mark_of([ITEM], [["A title. A sentence."]], WORDS, Plan()),
        mark_of([ITEM], UNITS, WORDS, Plan(rate=1e-4)),
        mark_of([ITEM], UNITS, WORDS[:-1], Plan()),
        mark_of([ITEM, ITEM], UNITS * 2, WORDS, Plan()),
    ):
        left_by(tmp_path, was)

        assert not prepare(tmp_path, [now])
        assert [path.name for path in tmp_path.iterdir()] == ["fitted_to.txt"]


def test_where_the_second_round_alone_learns_from_more_the_first_is_kept(tmp_path: Path) -> None:
    left_by(tmp_path, "first", "second")

    assert prepare(tmp_path, ["first", "second"])
    assert prepare(tmp_path, ["first", "more"])
    assert {path.name for path in tmp_path.iterdir()} == {"fitted_to.txt", "first", FIRST}
    assert not prepare(tmp_path, ["another", "more"])
    assert [path.name for path in tmp_path.iterdir()] == ["fitted_to.txt"]


def test_weights_of_which_nobody_knows_what_they_learnt_are_not_gone_on_with(tmp_path: Path) -> None:
    (tmp_path / FIRST).write_bytes(b"weights")

    assert not prepare(tmp_path, [mark_of([ITEM], UNITS, WORDS, Plan())])
    assert not (tmp_path / FIRST).exists()
